//! The keys of a private server's operator: made once, kept beside the server's data, read by nobody else.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use nkeys::KeyPair;

use super::account;
use super::claims::{Account, Body, Claims, Operator, User};
use super::credentials;
use super::issuer::Issuer;
use crate::clock::Clock;
use crate::config::Secret;
use crate::status::Failure;

/// An operator with the two accounts that every server of ours has.
pub struct Keys {
    operator: KeyPair,
    main: KeyPair,
    system: KeyPair,
}

impl Keys {
    /// Makes new ones.
    pub fn generate() -> Self {
        Self {
            operator: KeyPair::new_operator(),
            main: KeyPair::new_account(),
            system: KeyPair::new_account(),
        }
    }

    /// Reads what was kept; none when nothing is there.
    pub fn read(path: &Path) -> Result<Option<Self>, Failure> {
        let wrong = |what: &dyn std::fmt::Display| {
            Failure::Bug(format!("the NATS keys in {} cannot be read: {what}", path.display()))
        };
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(wrong(&error)),
        };
        let seeds: Vec<_> = text.lines().map(KeyPair::from_seed).collect();
        match <[_; 3]>::try_from(seeds) {
            Ok([Ok(operator), Ok(main), Ok(system)]) => Ok(Some(Self { operator, main, system })),
            _ => Err(wrong(&"three seeds are expected")),
        }
    }

    /// Keeps them where only this user can read them. What is kept already is never written over: it is all that opens the data beside it.
    pub fn keep(&self, path: &Path) -> Result<(), Failure> {
        let failed = |error: std::io::Error| {
            Failure::Bug(format!("the NATS keys cannot be kept in {}: {error}", path.display()))
        };
        let mut text = String::new();
        for key in [&self.operator, &self.main, &self.system] {
            text += &key.seed().map_err(|error| Failure::Bug(error.to_string()))?;
            text.push('\n');
        }
        // Linked, not renamed: a name that is taken stays as it is.
        let aside = write_aside(path, &text).map_err(failed)?;
        let linked = fs::hard_link(&aside, path);
        fs::remove_file(&aside).and(linked).map_err(failed)
    }

    /// Seed of the operator, for the settings of those who issue on servers elsewhere.
    pub fn operator_seed(&self) -> Result<Secret, Failure> {
        self.operator.seed().map(Secret::from).map_err(|error| Failure::Bug(error.to_string()))
    }

    /// Public key of the main account.
    pub fn main_account(&self) -> String {
        self.main.public_key()
    }

    /// Makes credentials of one of our own processes in the main account.
    pub fn credentials(&self, name: &str, now: Timestamp) -> Result<Secret, Failure> {
        user(&self.main, &KeyPair::new_user(), name, account::own_user(), None, now)
    }

    /// Makes credentials in the system account.
    pub fn system_credentials(&self, now: Timestamp) -> Result<Secret, Failure> {
        user(&self.system, &KeyPair::new_user(), "issuer", account::own_user(), None, now)
    }

    /// The issuer of outsiders on the server at `url`. Servers judge by their own time, so the issuer has the system's.
    pub fn issuer(&self, url: &str) -> Result<Issuer, Failure> {
        let clock = Clock::system();
        let system = self.system_credentials(clock.now())?;
        Ok(Issuer::new(self.operator.clone(), self.main_account(), url.to_owned(), system, clock))
    }

    /// Public key of the system account, and the JWTs that a server is started with: operator, main account, system account.
    pub(super) fn founding(&self, now: Timestamp) -> Result<Founding, Failure> {
        let system_account = self.system.public_key();
        let operator = Operator { system_account: system_account.clone(), version: account::VERSION };
        let sign = |key: &KeyPair, name: &str, body| {
            Claims::about(key.public_key(), name, body).sign(&self.operator, now)
        };
        let account = |account: Account| Body::Account(Box::new(account));
        Ok(Founding {
            operator: sign(&self.operator, "gongzhi", Body::Operator(operator))?,
            main: (self.main_account(), sign(&self.main, "main", account(account::main()))?),
            system: (system_account, sign(&self.system, "system", account(account::system()))?),
        })
    }
}

/// Writes a secret where only this user can read it, over what was there.
pub fn write_secret(path: &Path, secret: &Secret) -> Result<(), Failure> {
    write_aside(path, secret.reveal()).and_then(|aside| fs::rename(aside, path)).map_err(|error| {
        Failure::Bug(format!("a secret of NATS cannot be kept in {}: {error}", path.display()))
    })
}

/// Writes a private file beside its later name, which never holds half of it.
fn write_aside(path: &Path, text: &str) -> std::io::Result<PathBuf> {
    let aside = path.with_extension("making");
    let _ = fs::remove_file(&aside);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(aside)
}

/// What a server is started with.
pub(super) struct Founding {
    pub(super) operator: String,
    pub(super) main: (String, String),
    pub(super) system: (String, String),
}

/// Makes a user of an account: its JWT and seed as credentials.
pub(super) fn user(
    account: &KeyPair,
    key: &KeyPair,
    name: &str,
    user: User,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<Secret, Failure> {
    let mut claims = Claims::about(key.public_key(), name, Body::User(Box::new(user)));
    claims.exp = expires_at.map(Timestamp::as_second);
    credentials::write(&claims.sign(account, now)?, key)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn keys_are_kept_once_for_this_user_only() {
        let dir = std::env::temp_dir().join(format!("nats-keys-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let path = dir.join("keys");
        assert!(Keys::read(&path).unwrap().is_none());
        let keys = Keys::generate();
        keys.keep(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Keys::read(&path).unwrap().unwrap().main_account(), keys.main_account());
        for _ in 0..2 {
            write_secret(&dir.join("seed"), &keys.operator_seed().unwrap()).unwrap();
        }
        assert_eq!(fs::metadata(dir.join("seed")).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(Keys::generate().keep(&path).is_err(), "what is kept is not written over");
        fs::write(&path, "SO\n").unwrap();
        assert!(Keys::read(&path).is_err());
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn credentials_tell_their_account_and_are_never_printed() {
        let keys = Keys::generate();
        let credentials = keys.credentials("us", Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(credentials::account_of(&credentials).unwrap(), keys.main_account());
        assert_eq!(format!("{credentials:?}"), "(hidden)");
        assert!(credentials::account_of(&Secret::from("nothing".to_owned())).is_err());
        assert!(credentials::read(&Secret::from("/no/such/file".to_owned())).is_err());
    }
}
