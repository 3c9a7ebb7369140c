//! Where the programs are: the environment, then what is installed, then the pinned wheels. Knows which versions
//! are new enough, nothing of how the programs are run.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::account::{self, Account, effective_uid};
use crate::error::PartsError;
use crate::version::Version;
use crate::wheel;

/// Where Debian keeps its servers, one directory a major version, outside PATH.
const DEBIAN: &str = "/usr/lib/postgresql";

/// One of the two programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The record: PostgreSQL.
    Postgres,
    /// The bus: nats-server with JetStream.
    Nats,
}

impl Part {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Postgres, Self::Nats];

    /// The short name used in files and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Nats => "nats",
        }
    }

    /// The oldest version that works: `locale-provider` came with PostgreSQL 15, one sync per batch with
    /// nats-server 2.15.
    pub const fn oldest(self) -> Version {
        match self {
            Self::Postgres => Version::new(15, 0, 0),
            Self::Nats => Version::new(2, 15, 1),
        }
    }

    /// The file that is run.
    pub(crate) const fn file(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Nats => "nats-server",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A program that was found and answered with its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Which part it is.
    pub part: Part,
    /// The file that is run; for PostgreSQL `initdb` lies beside it.
    pub path: PathBuf,
    /// The version it names.
    pub version: Version,
}

/// The programs an instance will consist of, with the account that runs them.
#[derive(Clone, Debug)]
pub struct Parts {
    pub(crate) programs: Vec<Program>,
    pub(crate) account: Option<Account>,
    pub(crate) cache: PathBuf,
}

impl Parts {
    /// Finds the parts as the environment says, telling `progress` what is fetched.
    pub fn find(parts: &[Part], cache: Option<PathBuf>, progress: impl Fn(&str)) -> Result<Self, PartsError> {
        let mut search = Search::from_environment();
        search.cache = cache.or(search.cache);
        search.find(parts, progress)
    }

    /// The programs that were found.
    pub fn programs(&self) -> &[Program] {
        &self.programs
    }

    /// The account that runs the programs when we are root.
    pub fn account(&self) -> Option<&str> {
        self.account.as_ref().map(|account| account.name.as_str())
    }
}

/// Where to look, typed once.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// The directory with `postgres` and `initdb` that must be used.
    pub postgres_bin: Option<PathBuf>,
    /// The nats-server that must be used: the program or its directory.
    pub nats_bin: Option<PathBuf>,
    /// Directories to look through, as in `PATH`.
    pub path: Option<OsString>,
    /// Where wheels and templates are kept, instead of the usual place.
    pub cache: Option<PathBuf>,
    /// Whether installed programs are looked at.
    pub installed: Installed,
}

/// Whether installed programs are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Installed {
    /// They come before the wheels.
    #[default]
    Preferred,
    /// Only the pinned wheels count.
    Ignored,
}

impl Search {
    /// Reads the variables named at the top of this crate.
    pub fn from_environment() -> Self {
        let path = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let wheel = env::var_os("GONGZHI_PARTS").is_some_and(|value| value == "wheel");
        Self {
            postgres_bin: path("GONGZHI_PG_BIN"),
            nats_bin: path("GONGZHI_NATS_BIN"),
            path: env::var_os("PATH"),
            cache: path("GONGZHI_CACHE"),
            installed: if wheel { Installed::Ignored } else { Installed::Preferred },
        }
    }

    /// Finds the parts, telling `progress` what is fetched.
    pub fn find(&self, parts: &[Part], progress: impl Fn(&str)) -> Result<Parts, PartsError> {
        let account = Account::for_children()?;
        let cache = self.cache(account.as_ref())?;
        let mut programs = Vec::new();
        for &part in parts {
            programs.push(match self.find_installed(part, account.as_ref())? {
                Some(program) => program,
                None => {
                    let path = wheel::fetch(part, &cache, &progress)?;
                    check(part, path, account.as_ref())?
                }
            });
        }
        Ok(Parts { programs, account, cache })
    }

    /// A program named in the environment must work; one that merely lies about is passed over.
    fn find_installed(&self, part: Part, account: Option<&Account>) -> Result<Option<Program>, PartsError> {
        if self.installed == Installed::Ignored {
            return Ok(None);
        }
        let named = match part {
            Part::Postgres => self.postgres_bin.as_ref(),
            Part::Nats => self.nats_bin.as_ref(),
        };
        if let Some(named) = named {
            let path = if named.is_dir() { named.join(part.file()) } else { named.clone() };
            return check(part, path, account).map(Some);
        }
        let usable = |path: PathBuf| check(part, path, account).ok();
        Ok(self.candidates(part).into_iter().find_map(usable))
    }

    fn candidates(&self, part: Part) -> Vec<PathBuf> {
        let mut dirs: Vec<PathBuf> = self.path.iter().flat_map(env::split_paths).collect();
        if part == Part::Postgres {
            let debian = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
            let major = |dir: &PathBuf| dir.file_name()?.to_str()?.parse::<u32>().ok();
            let mut majors: Vec<PathBuf> = debian.map(|entry| entry.path()).collect();
            majors.sort_by_key(|dir| std::cmp::Reverse(major(dir)));
            dirs.extend(majors.into_iter().map(|dir| dir.join("bin")));
        }
        // A link such as /usr/local/bin/postgres leads to the directory that has all the programs.
        dirs.iter().filter_map(|dir| dir.join(part.file()).canonicalize().ok()).collect()
    }

    /// The directory for wheels and templates: made if need be, ours (or root's), open to the account.
    fn cache(&self, account: Option<&Account>) -> Result<PathBuf, PartsError> {
        let path = self.cache.clone().unwrap_or_else(usual_cache);
        let cannot = |source| PartsError::Cache { path: path.clone(), source };
        let refuse = |why: String| cannot(io::Error::new(io::ErrorKind::PermissionDenied, why));
        if !path.exists() {
            fs::create_dir_all(&path).map_err(cannot)?;
            if effective_uid() == 0 {
                // Whatever the umask says: the account that runs the programs has to get in.
                fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).map_err(cannot)?;
            }
        }
        let path = path.canonicalize().map_err(cannot)?;
        let owner = fs::metadata(&path).map_err(cannot)?.uid();
        // Programs are run from here: a directory that somebody else put into a public place is not ours to trust.
        if owner != 0 && owner != effective_uid() {
            return Err(refuse(format!("it belongs to uid {owner}")));
        }
        match account.and_then(|account| Some((account.blocked_at(&path)?, &account.name))) {
            Some((blocked, name)) => Err(refuse(format!("{name} cannot enter {}", blocked.display()))),
            None => Ok(path),
        }
    }
}

/// Root's home is closed to the account that runs PostgreSQL, hence a public place for root.
fn usual_cache() -> PathBuf {
    if effective_uid() == 0 {
        return "/var/cache/gongzhi".into();
    }
    let below = |name: &str, rest: &str| {
        let base = env::var_os(name).filter(|value| !value.is_empty())?;
        let path = Path::new(&base).join(rest);
        fs::create_dir_all(&path).ok().map(|()| path)
    };
    below("XDG_CACHE_HOME", "gongzhi")
        .or_else(|| below("HOME", ".cache/gongzhi"))
        // An account without a home still gets a place; the name is its own and what is fetched is hashed.
        .unwrap_or_else(|| env::temp_dir().join(format!("cache-of-gongzhi-{}", effective_uid())))
}

/// Runs a candidate as the account that will run it: a program below root's home fails here, not at the start.
fn check(part: Part, path: PathBuf, account: Option<&Account>) -> Result<Program, PartsError> {
    let not_runnable = |path: &Path, answer: String| PartsError::NotRunnable {
        path: path.into(),
        account: account.map(|account| account.name.clone()),
        answer,
    };
    let ask = |path: &Path| {
        let output = account::command(path, account).arg("--version").output();
        let output = output.map_err(|error| not_runnable(path, error.to_string()))?;
        let answer = String::from_utf8_lossy(&output.stdout);
        let version = Version::find_in(&answer).filter(|_| output.status.success());
        let complaint = || String::from_utf8_lossy(&output.stderr).trim().to_owned();
        version.ok_or_else(|| not_runnable(path, complaint()))
    };
    let version = ask(&path)?;
    if part == Part::Postgres {
        ask(&path.with_file_name("initdb"))?;
    }
    if version < part.oldest() {
        return Err(PartsError::TooOld { path, found: version, wanted: part.oldest() });
    }
    Ok(Program { part, path, version })
}
