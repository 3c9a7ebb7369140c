//! The directory an instance lives in: its lock, its layout, and the note of which processes belong to it.
//! Knows nothing of how the parts are run.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{self, Path, PathBuf};
use std::time::Duration;

use crate::account::Account;
use crate::error::StartError;
use crate::parts::Part;
use crate::process::{alive, command_line, send, wait_until};
use crate::scratch::Scratch;
use crate::shared_memory;

/// The note of our processes, one `part pid` a line.
const CHILDREN: &str = "children";
/// The kernel's limit is 108 bytes with the closing zero (104 on macOS), the file's name included.
const LONGEST_SOCKET_DIR: usize = 103 - "/.s.PGSQL.5432".len();

/// A directory held by this process alone.
pub(crate) struct Home {
    /// Where everything is kept.
    pub(crate) dir: PathBuf,
    /// Where PostgreSQL puts its socket.
    pub(crate) sockets: PathBuf,
    /// The temporary directory that goes away at the end, if there is one.
    pub(crate) scratch: Option<Scratch>,
    account: Option<Account>,
    _lock: Option<File>,
}

impl Home {
    /// Takes hold of the directory, or of a temporary one.
    pub(crate) fn open(dir: Option<&Path>, account: Option<&Account>) -> Result<Self, StartError> {
        let mut home = match dir {
            None => {
                let scratch = Scratch::create(account)?;
                let dir = scratch.path.clone();
                let (sockets, account) = (dir.join("sockets"), account.cloned());
                Self { dir, sockets, scratch: Some(scratch), account, _lock: None }
            }
            Some(dir) => Self::open_lasting(dir, account)?,
        };
        if home.sockets.as_os_str().len() > LONGEST_SOCKET_DIR {
            let scratch = Scratch::create(account)?;
            home.sockets = scratch.path.join("sockets");
            home.scratch = Some(scratch);
        }
        // Whoever reaches the socket is superuser, so nobody but the account (and root) may.
        home.private(&home.sockets)?;
        Ok(home)
    }

    fn open_lasting(dir: &Path, account: Option<&Account>) -> Result<Self, StartError> {
        // Looked at before anything is made, and again when links are resolved.
        let wanted = path::absolute(dir).map_err(StartError::io("find", dir))?;
        reachable(&wanted, account)?;
        if !dir.exists() {
            fs::create_dir_all(dir).map_err(StartError::io("make", dir))?;
            let mode = if account.is_some() { 0o711 } else { 0o700 };
            fs::set_permissions(dir, fs::Permissions::from_mode(mode))
                .map_err(StartError::io("open", dir))?;
        }
        let dir = dir.canonicalize().map_err(StartError::io("find", dir))?;
        reachable(&dir, account)?;
        let lock = hold(&dir)?;
        // PostgreSQL of a killed parent may still be writing its last page.
        end_strays(&dir, libc::SIGINT);
        Ok(Self {
            sockets: dir.join("sockets"),
            dir,
            scratch: None,
            account: account.cloned(),
            _lock: Some(lock),
        })
    }

    /// Makes a directory that only the account may enter.
    pub(crate) fn private(&self, path: &Path) -> Result<(), StartError> {
        private(path, self.account.as_ref())
    }

    /// The log of a part.
    pub(crate) fn log(&self, part: Part) -> PathBuf {
        self.dir.join(format!("{part}.log"))
    }

    /// Notes which processes are ours, for whoever comes after a `kill -9`.
    pub(crate) fn note(&self, children: &[(Part, u32)]) -> Result<(), StartError> {
        let mut text = String::new();
        for (part, pid) in children {
            let _ = writeln!(text, "{part} {pid}");
        }
        let path = self.dir.join(CHILDREN);
        fs::write(&path, text).map_err(StartError::io("write", path))
    }
}

fn reachable(dir: &Path, account: Option<&Account>) -> Result<(), StartError> {
    match account.and_then(|account| Some((account.blocked_at(dir)?, account.name.clone()))) {
        Some((blocked, account)) => Err(StartError::Unreachable { blocked, account }),
        None => Ok(()),
    }
}

/// Makes a directory that only the account (without one, only we) may enter.
pub(crate) fn private(path: &Path, account: Option<&Account>) -> Result<(), StartError> {
    if !path.exists() {
        fs::create_dir(path).map_err(StartError::io("make", path))?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))
            .map_err(StartError::io("close", path))?;
    }
    account.map_or(Ok(()), |account| account.own(path)).map_err(StartError::io("hand over", path))
}

/// Writes a file that only the account (without one, only we) may read, whatever the umask of the caller.
pub(crate) fn write_private(path: &Path, text: &str, account: Option<&Account>) -> Result<(), StartError> {
    fs::write(path, text).map_err(StartError::io("write", path))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(StartError::io("close", path))?;
    account.map_or(Ok(()), |account| account.own(path)).map_err(StartError::io("hand over", path))
}

/// Locks a lasting directory. nats-server starts happily on a store that another one writes to, hence our own.
fn hold(dir: &Path) -> Result<File, StartError> {
    let path = dir.join("lock");
    let mut options = File::options();
    let mut lock = options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(StartError::io("open", &path))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = lock.read_to_string(&mut holder);
            return Err(StartError::Held { dir: dir.into(), holder: holder.trim().to_owned() });
        }
        Err(fs::TryLockError::Error(error)) => return Err(StartError::io("lock", &path)(error)),
    }
    lock.set_len(0)
        .and_then(|()| lock.rewind())
        .and_then(|()| writeln!(lock, "{}", std::process::id()))
        .map_err(StartError::io("write", path))?;
    Ok(lock)
}

/// Ends the processes noted in a directory whose holder is gone, and frees what they left in the kernel.
pub(crate) fn end_strays(dir: &Path, postgres_signal: i32) {
    let note = fs::read_to_string(dir.join(CHILDREN)).unwrap_or_default();
    // Numbers are used again: only a process that was started on this directory is ours.
    let mark = format!("{}/", dir.display());
    let ours = |pid: u32| command_line(pid).contains(&mark);
    for line in note.lines() {
        let Some((part, Ok(pid))) = line.split_once(' ').map(|(part, pid)| (part, pid.parse::<u32>())) else {
            continue;
        };
        if !ours(pid) {
            continue;
        }
        tracing::info!(part, pid, "ending a process that outlived its parent");
        send(pid, libc::SIGCONT);
        send(pid, if part == Part::Postgres.name() { postgres_signal } else { libc::SIGTERM });
        if !wait_until(Duration::from_secs(10), || !ours(pid)) {
            send(pid, libc::SIGKILL);
            wait_until(Duration::from_secs(10), || !alive(pid));
        }
    }
    shared_memory::release(&dir.join("postgres"));
}
