//! Fresh PostgreSQL data directories: made by initdb, tried once, and for tests copied from a template. Knows
//! nothing of running servers.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::account::{self, Account};
use crate::embedded::Durability;
use crate::error::StartError;
use crate::home;
use crate::keeper;
use crate::parts::{Parts, Program};
use crate::wheel;

/// Who may do everything in a database of ours.
pub(crate) const SUPERUSER: &str = "gongzhi";

/// With a C ctype pg_trgm would find nothing in Chinese; a libc provider works without ICU, which the wheel lacks.
const INITDB: [&str; 11] = [
    "--username=gongzhi",
    "--auth-local=trust",
    "--auth-host=reject",
    "--encoding=UTF8",
    "--locale-provider=libc",
    "--locale=C",
    "--lc-collate=C",
    "--lc-ctype=C.UTF-8",
    // The default since 18 everywhere: a page that the disk spoiled is noticed.
    "--data-checksums",
    "--no-instructions",
    "--pgdata",
];

/// Asked of every fresh cluster, one statement a line, as single-user mode wants it.
const PROBE: &str = "CREATE EXTENSION pg_trgm;\nSELECT show_trgm('共治');\nDROP EXTENSION pg_trgm;\n";

/// Makes sure the data directory holds a cluster that this program can run.
pub(crate) fn prepare(
    parts: &Parts,
    program: &Program,
    data: &Path,
    durability: Durability,
) -> Result<(), StartError> {
    let account = parts.account.as_ref();
    if let Ok(written) = fs::read_to_string(data.join("PG_VERSION")) {
        let written = written.trim().to_owned();
        if written != program.version.major.to_string() {
            return Err(StartError::OtherMajor { data: data.into(), written, found: program.version });
        }
        return home::private(data, account);
    }
    match durability {
        // A synced copy would be no faster than a synced initdb.
        Durability::Full => initialize(program, data, account, durability),
        Durability::Relaxed => {
            let template = template(parts, program)?;
            copy(&template, data, account).map_err(StartError::io("copy the template to", data))
        }
    }
}

/// The template of this program, made if there is none yet.
fn template(parts: &Parts, program: &Program) -> Result<PathBuf, StartError> {
    let mut hasher = DefaultHasher::new();
    (&program.path, INITDB, PROBE).hash(&mut hasher);
    let name = format!("template-{}-{:016x}", program.version, hasher.finish());
    let template = parts.cache.join(name);
    if template.join("PG_VERSION").exists() {
        return Ok(template);
    }
    let _lock = wheel::lock(&parts.cache).map_err(StartError::io("lock", &parts.cache))?;
    if !template.join("PG_VERSION").exists() {
        initialize(program, &template, parts.account.as_ref(), Durability::Relaxed)?;
    }
    Ok(template)
}

/// Runs initdb beside the wanted place and moves the result there: a half-made cluster never has the name.
fn initialize(
    program: &Program,
    data: &Path,
    account: Option<&Account>,
    durability: Durability,
) -> Result<(), StartError> {
    let making = data.with_extension("making");
    if making.exists() {
        fs::remove_dir_all(&making).map_err(StartError::io("remove", &making))?;
    }
    home::private(&making, account)?;
    let mut command = account::command(&program.path.with_file_name("initdb"), account);
    command.args(INITDB).arg(&making);
    if durability == Durability::Relaxed {
        command.arg("--no-sync");
    }
    let output = run(command, "").map_err(StartError::io("run the initdb beside", &program.path))?;
    if !output.status.success() {
        let log = String::from_utf8_lossy(&output.stderr).trim().replace('\n', " | ");
        return Err(StartError::Ended { program: "initdb".into(), status: output.status.to_string(), log });
    }
    probe(program, &making, account, durability)?;
    fs::rename(&making, data).map_err(StartError::io("name", data))
}

/// Asks the fresh cluster for what Chinese search stands on, before anybody builds an index on sand.
fn probe(
    program: &Program,
    data: &Path,
    account: Option<&Account>,
    durability: Durability,
) -> Result<(), StartError> {
    let mut command = account::command(&program.path, account);
    command.args(["--single", "-D"]).arg(data);
    if durability == Durability::Relaxed {
        command.args(["-c", "fsync=off"]);
    }
    command.arg("postgres");
    let output = run(command, PROBE).map_err(StartError::io("run", &program.path))?;
    let answer = String::from_utf8_lossy(&output.stdout);
    let trigrams = answer.split_once("show_trgm = \"{").is_some_and(|(_, rest)| !rest.starts_with('}'));
    if trigrams {
        return Ok(());
    }
    let answer = String::from_utf8_lossy(&output.stderr).trim().replace('\n', " | ");
    Err(StartError::Unfit { program: program.path.clone(), lacking: "pg_trgm for Chinese text", answer })
}

/// Runs a command that ends by itself, with a few lines to read.
fn run(mut command: Command, input: &str) -> io::Result<Output> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = keeper::spawn(command, Some(libc::SIGTERM))?;
    if let Some(mut pipe) = child.stdin.take() {
        // A program that ended early reads nothing; its status says more than the broken pipe.
        let _ = pipe.write_all(input.as_bytes());
    }
    child.wait_with_output()
}

/// Copies a directory of plain files, each given to the account.
fn copy(from: &Path, to: &Path, account: Option<&Account>) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target, account)?;
        } else {
            fs::copy(entry.path(), &target)?;
            give(&target, account)?;
        }
    }
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    give(to, account)
}

fn give(path: &Path, account: Option<&Account>) -> io::Result<()> {
    account.map_or(Ok(()), |account| std::os::unix::fs::chown(path, Some(account.uid), Some(account.gid)))
}
