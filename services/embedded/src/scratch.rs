//! Temporary directories that vanish: made under a lock, removed at the end, and removed by the next start if
//! their maker was killed. Knows nothing of what is kept in them.

use std::fs::{self, File, TryLockError};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::account::{Account, effective_uid};
use crate::error::StartError;
use crate::home;

/// The beginning of the name of every temporary directory of ours.
const PREFIX: &str = "gongzhi-";
/// The file its maker holds locked. Only temporary directories have it: a lasting directory that somebody named
/// `/tmp/gongzhi-demo` must never be taken for a stale one.
const LOCK: &str = "scratch.lock";
/// A longer root would leave too little of the 107 bytes a socket's path may have.
const LONGEST_ROOT: usize = 64;

/// A temporary directory held by this process.
pub(crate) struct Scratch {
    pub(crate) path: PathBuf,
    _lock: File,
}

impl Scratch {
    /// Removes what killed processes left, then makes a directory.
    pub(crate) fn create(account: Option<&Account>) -> Result<Self, StartError> {
        let root = root(account);
        reap(&root);
        let mode = if account.is_some() { 0o711 } else { 0o700 };
        loop {
            let word = format!("{:016x}", RandomState::new().hash_one(std::process::id()));
            // Nobody looks at this name, so nobody takes the directory for a stale one before it is locked.
            let making = root.join(format!(".{PREFIX}{word}"));
            match fs::DirBuilder::new().mode(mode).create(&making) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                made => made.map_err(StartError::io("make", &making))?,
            }
            // The umask of the caller may have taken away what the account needs.
            fs::set_permissions(&making, fs::Permissions::from_mode(mode))
                .map_err(StartError::io("open to the account", &making))?;
            let lock =
                File::create(making.join(LOCK)).map_err(StartError::io("make the lock of", &making))?;
            lock.try_lock().map_err(io::Error::from).map_err(StartError::io("lock", &making))?;
            let path = root.join(format!("{PREFIX}{word}"));
            fs::rename(&making, &path).map_err(StartError::io("name", &path))?;
            return Ok(Self { path, _lock: lock });
        }
    }

    /// Removes the directory with everything in it.
    pub(crate) fn remove(&self) -> Result<(), StartError> {
        remove(&self.path).map_err(StartError::io("remove", &self.path))
    }
}

fn remove(path: &Path) -> io::Result<()> {
    // A watcher may be removing the same: what it took away meanwhile is gone as wanted.
    let mut outcome = fs::remove_dir_all(path);
    while outcome.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound) && path.exists() {
        outcome = fs::remove_dir_all(path);
    }
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// The system's place for temporary things, if the account can enter it and a socket's path fits below it.
fn root(account: Option<&Account>) -> PathBuf {
    let wanted = std::env::temp_dir();
    let closed = account.is_some_and(|account| account.blocked_at(&wanted).is_some());
    if closed || wanted.as_os_str().len() > LONGEST_ROOT { PathBuf::from("/tmp") } else { wanted }
}

/// Removes the directories whose makers are gone, with the processes they left.
fn reap(root: &Path) {
    let Ok(entries) = fs::read_dir(root) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        // Others may put what they like into a public place: only a directory of our own account is looked at.
        let ours = name.to_string_lossy().starts_with(PREFIX)
            && entry.metadata().is_ok_and(|found| found.is_dir() && found.uid() == effective_uid());
        if ours {
            reap_one(&entry.path());
        }
    }
}

fn reap_one(path: &Path) {
    let Ok(lock) = File::open(path.join(LOCK)) else { return };
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => return,
    }
    tracing::info!(path = %path.display(), "removing what a killed process left");
    home::end_strays(path, libc::SIGQUIT);
    if let Err(error) = remove(path) {
        tracing::warn!(path = %path.display(), %error, "cannot remove what a killed process left");
    }
}
