//! Who runs the programs when we are root: PostgreSQL refuses uid 0, so an existing account of `/etc/passwd`
//! does it. Knows nothing of what the account will run.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::PartsError;

/// Accounts from this number on belong to people on every system we know.
const FIRST_ORDINARY_UID: u32 = 1000;

/// An unprivileged account of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl Account {
    /// The account to run the programs with: none when we are unprivileged ourselves.
    pub(crate) fn for_children() -> Result<Option<Self>, PartsError> {
        if effective_uid() != 0 {
            return Ok(None);
        }
        let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
        Self::choose(&passwd).map(Some).ok_or(PartsError::NoAccount)
    }

    /// Chooses `postgres`, else `nobody`, else the first ordinary person.
    fn choose(passwd: &str) -> Option<Self> {
        let accounts: Vec<Self> =
            passwd.lines().filter_map(Self::parse).filter(|account| account.uid != 0).collect();
        let named = |name: &str| accounts.iter().find(|account| account.name == name);
        named("postgres")
            .or_else(|| named("nobody"))
            .or_else(|| accounts.iter().find(|account| account.uid >= FIRST_ORDINARY_UID))
            .cloned()
    }

    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Self { name, uid, gid })
    }

    /// The directory on the way to `path` (itself included) that this account cannot enter, if there is one.
    pub(crate) fn blocked_at(&self, path: &Path) -> Option<PathBuf> {
        path.ancestors()
            .find(|dir| fs::metadata(dir).is_ok_and(|found| !self.may_enter(&found)))
            .map(Into::into)
    }

    fn may_enter(&self, dir: &fs::Metadata) -> bool {
        let bit = if dir.uid() == self.uid {
            0o100
        } else if dir.gid() == self.gid {
            0o010
        } else {
            0o001
        };
        dir.permissions().mode() & bit != 0
    }

    /// Gives a directory and everything in it to this account, unless it has it already.
    pub(crate) fn own(&self, path: &Path) -> io::Result<()> {
        if fs::symlink_metadata(path)?.uid() == self.uid {
            return Ok(());
        }
        self.own_all(path)
    }

    fn own_all(&self, path: &Path) -> io::Result<()> {
        if fs::symlink_metadata(path)?.is_dir() {
            for entry in fs::read_dir(path)? {
                self.own_all(&entry?.path())?;
            }
        }
        // The directory itself comes last: a half-done work is seen as not done and is repeated.
        std::os::unix::fs::lchown(path, Some(self.uid), Some(self.gid))
    }
}

/// Makes a command run as the account, from a place everybody can enter, blind to the caller's `PG*` variables
/// and locale. Without an account it runs as the caller.
pub(crate) fn command(program: &Path, account: Option<&Account>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("LANG", "C").env("TZ", "UTC").current_dir("/");
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    if let Some(account) = account {
        command.uid(account.uid).gid(account.gid);
    }
    command
}

/// The uid whose rights this process has.
#[allow(unsafe_code)]
pub(crate) fn effective_uid() -> u32 {
    // SAFETY: geteuid takes no arguments, touches no memory of ours and cannot fail.
    unsafe { libc::geteuid() }
}

#[cfg(test)]
mod tests {
    use super::Account;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\n\
        daemon:x:1:1::/:/usr/sbin/nologin\n\
        li:x:1000:1001::/home/li:/bin/bash\n\
        nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n\
        postgres:x:101:104::/var/lib/postgresql:/bin/bash\n";

    #[test]
    fn prefers_postgres_then_nobody_then_a_person() {
        let without = |name: &str| -> String {
            PASSWD.lines().filter(|line| !line.starts_with(name)).flat_map(|line| [line, "\n"]).collect()
        };
        let chosen =
            |passwd: &str| Account::choose(passwd).map(|account| (account.name, account.uid, account.gid));
        assert_eq!(chosen(PASSWD), Some(("postgres".into(), 101, 104)));
        let passwd = without("postgres");
        assert_eq!(chosen(&passwd), Some(("nobody".into(), 65534, 65534)));
        let passwd = passwd.replace("nobody", "root").replace("65534", "0");
        assert_eq!(chosen(&passwd), Some(("li".into(), 1000, 1001)));
        assert_eq!(chosen("root:x:0:0:root:/root:/bin/bash\n"), None);
    }
}
