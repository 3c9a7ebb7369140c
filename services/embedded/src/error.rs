//! What can go wrong while parts are found and started. Knows no remedy beyond the words of its messages.

use std::io;
use std::path::PathBuf;

use crate::parts::Part;
use crate::version::Version;

/// Why a program could not be found or fetched.
#[derive(Debug, thiserror::Error)]
pub enum PartsError {
    /// A program named in the environment, or one just fetched, does not answer `--version`.
    #[error("{} does not run{}: {answer}", path.display(), account.as_ref().map(|name| format!(" as {name}")).unwrap_or_default())]
    NotRunnable {
        /// The program.
        path: PathBuf,
        /// The account it was tried with, when that is not the caller's own.
        account: Option<String>,
        /// What came instead of a version.
        answer: String,
    },
    /// A program named in the environment is older than what works.
    #[error("{} is version {found}, at least {wanted} is needed", path.display())]
    TooOld {
        /// The program.
        path: PathBuf,
        /// Its version.
        found: Version,
        /// The oldest version that works.
        wanted: Version,
    },
    /// Neither an installed program nor Python's pip, which would fetch one.
    #[error("no {part} and no pip to fetch it: install Python 3 with pip, or run elsewhere: {command}")]
    NoPip {
        /// The part that is missing.
        part: Part,
        /// The command that could not be run.
        command: String,
    },
    /// Pip ran and failed.
    #[error("{part} could not be fetched by: {command}: {answer}")]
    Fetch {
        /// The part that is missing.
        part: Part,
        /// The command that failed.
        command: String,
        /// The last words of pip.
        answer: String,
    },
    /// No place to keep what is fetched.
    #[error("the cache directory {} cannot be used", path.display())]
    Cache {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// PostgreSQL refuses to run as root, and `/etc/passwd` names nobody else.
    #[error("running as root, and /etc/passwd has no ordinary account to run postgres with")]
    NoAccount,
}

/// Why an instance could not be started, stopped or restarted.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A program was not found.
    #[error(transparent)]
    Parts(#[from] PartsError),
    /// Another living process holds the directory.
    #[error("{} is in use by process {holder}", dir.display())]
    Held {
        /// The directory.
        dir: PathBuf,
        /// The process that wrote its number into the lock.
        holder: String,
    },
    /// The unprivileged account cannot get into the directory.
    #[error("{} cannot be entered by {account}, who runs the programs: choose a directory such as /var/lib/gongzhi", blocked.display())]
    Unreachable {
        /// The directory that is closed, the wanted one or one above it.
        blocked: PathBuf,
        /// The account that runs the programs.
        account: String,
    },
    /// The directory was written by another major version of PostgreSQL.
    #[error("{} was written by PostgreSQL {written}, found was {found}: set GONGZHI_PG_BIN to a PostgreSQL {written}", data.display())]
    OtherMajor {
        /// The data directory.
        data: PathBuf,
        /// The major version that wrote it.
        written: String,
        /// The version of the program that was found.
        found: Version,
    },
    /// A fresh database does not do what every database of ours must do.
    #[error("{} makes databases that lack {lacking}: {answer}", program.display())]
    Unfit {
        /// The program.
        program: PathBuf,
        /// What is missing.
        lacking: &'static str,
        /// What the program said.
        answer: String,
    },
    /// A program ended before it was ready.
    #[error("{program} ended with {status}: {log}")]
    Ended {
        /// The program.
        program: String,
        /// How it ended.
        status: String,
        /// The end of its log.
        log: String,
    },
    /// A program did not become ready in time.
    #[error("{part} was not ready after {seconds} s: {log}")]
    NotReady {
        /// The part.
        part: Part,
        /// How long it was waited for.
        seconds: u64,
        /// The end of its log.
        log: String,
    },
    /// The part was not asked for at the start.
    #[error("{0} is not part of this instance")]
    Absent(Part),
    /// The system refused a file or a process.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl StartError {
    /// Makes a function that says what was tried when the system refused.
    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }
}
