//! Keys of this service: digests of households that nobody can turn back, codes of slips, and the seal under a record. All of them are made from one secret.
//!
//! The secret is the deployment's first master key of contact data or, where it gave none at first, one that is made once and kept in the database; kept there it guards against a look into
//! other tables alone, and no more.

use std::fmt::Write as _;

use gongzhi_chassis::config::{ContactKeys, Root};
use gongzhi_chassis::execute::Writer;
use gongzhi_chassis::run::Context;
use gongzhi_chassis::status::Failure;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair};

/// Keys, each for one use.
#[derive(Clone)]
pub(crate) struct Secrets {
    root: hmac::Key,
}

impl Secrets {
    /// The keys of this deployment.
    pub(crate) async fn of(context: &Context, writer: &Writer) -> Result<Self, Failure> {
        match context.settings.contact_keys.as_ref().map(ContactKeys::root) {
            Some(root) => Self::from_root(root, kept(writer).await?),
            None => Ok(Self::from_secret(make(writer).await?.as_bytes())),
        }
    }

    fn from_root(root: &Root, kept: Option<String>) -> Result<Self, Failure> {
        Ok(match (root, kept) {
            (Root::Of(secret), _) => Self::from_secret(secret.reveal().as_bytes()),
            (Root::Itself(root), _) => Self { root: hmac::Key::new(hmac::HMAC_SHA256, root) },
            (Root::Kept, Some(kept)) => Self::from_secret(kept.as_bytes()),
            (Root::Kept, None) => {
                let message = "GONGZHI_CONTACT_KEY says deliberation:kept, and the database keeps no secret of deliberation; set the key alone";
                return Err(Failure::Bug(message.into()));
            }
        })
    }

    pub(crate) fn from_secret(secret: &[u8]) -> Self {
        let root = hmac::Key::new(hmac::HMAC_SHA256, secret);
        Self { root: hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&root, b"deliberation").as_ref()) }
    }

    /// The digest of a text for a use: the same for the same, and without the key it cannot be found by trying.
    pub(crate) fn digest(&self, usage: &str, parts: &[&str]) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&self.root, usage.as_bytes()).as_ref());
        let mut context = hmac::Context::with_key(&key);
        for part in parts {
            // The length keeps what follows from being taken for a part of this.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut digest = [0; 32];
        digest.copy_from_slice(context.sign().as_ref());
        digest
    }

    /// The digest by which a repeat of a request is known, where nobody is to find by trying what was in it.
    pub(crate) fn request(&self, digest: &[u8]) -> [u8; 32] {
        self.digest("request", &[&hex(digest)])
    }

    /// The digest of a household of a community.
    pub(crate) fn household(&self, community: &str, household: &str) -> String {
        hex(&self.digest("household", &[community, household])[..16])
    }

    /// The pair of keys with which records are sealed.
    fn seal(&self) -> Result<Ed25519KeyPair, Failure> {
        Ed25519KeyPair::from_seed_unchecked(&self.digest("seal", &[]))
            .map_err(|error| Failure::Bug(format!("no key can be made: {error}")))
    }

    /// The seal under a text, and the public key to it, in hexadecimal.
    pub(crate) fn sealed(&self, text: &[u8]) -> Result<(String, String), Failure> {
        let pair = self.seal()?;
        Ok((hex(pair.sign(text).as_ref()), hex(pair.public_key().as_ref())))
    }
}

/// The secret that is kept in the database.
async fn kept(writer: &Writer) -> Result<Option<String>, Failure> {
    Ok(sqlx::query_scalar("select hex from secrets where id = 1").fetch_optional(writer.pool()).await?)
}

/// Makes a secret and keeps it.
async fn make(writer: &Writer) -> Result<String, Failure> {
    let mut bytes = [0; 32];
    let random = SystemRandom::new();
    random.fill(&mut bytes).map_err(|_| Failure::Bug("the system gives no randomness".into()))?;
    // Of several processes that start at once, one makes it. What the others read must be a statement of its own: the one that waits for the first still sees what
    // was there before.
    sqlx::query("insert into secrets (id, hex) values (1, $1) on conflict do nothing")
        .bind(hex(&bytes))
        .execute(writer.pool())
        .await?;
    kept(writer).await?.ok_or_else(|| Failure::Bug("the secret that was kept is gone".into()))
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// SHA-256 of bytes, in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_household_is_counted_once_and_read_by_nobody() {
        let (ours, others) = (Secrets::from_secret(b"one"), Secrets::from_secret(b"two"));
        let digest = ours.household("330105001052", "3-2-501");
        assert_eq!(digest, ours.household("330105001052", "3-2-501"));
        assert_eq!(digest.len(), 32);
        assert_ne!(digest, ours.household("330105001053", "3-2-501"), "another community");
        assert_ne!(digest, ours.household("330105001052", "3-2-502"), "another door");
        assert_ne!(digest, others.household("330105001052", "3-2-501"), "another key");
        assert_ne!(ours.digest("a", &["bc"]), ours.digest("a", &["b", "c"]));
    }

    #[test]
    fn what_is_made_stays_when_the_master_key_is_exchanged() {
        let first = "a1".repeat(32);
        // As the runbook makes it.
        let root = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, first.as_bytes()), b"deliberation");
        let after = format!("{},deliberation:{}", "b2".repeat(32), hex(root.as_ref()));
        let of = |text: &str| {
            Secrets::from_root(text.parse::<ContactKeys>().unwrap().root(), Some("kept once".into()))
        };
        let household = |text: &str| of(text).unwrap().household("330105001052", "3-2-501");
        assert_eq!(household(&first), household(&after));
        assert_eq!(
            household(&first),
            Secrets::from_secret(first.as_bytes()).household("330105001052", "3-2-501")
        );
        assert_ne!(household(&first), household(&"b2".repeat(32)));
        // A district that began without a key stays with what its database keeps, and only where it is told to.
        let kept = Secrets::from_secret(b"kept once").household("330105001052", "3-2-501");
        assert_eq!(household(&format!("{first},deliberation:kept")), kept);
        assert_ne!(household(&first), kept);
        assert!(Secrets::from_root(&Root::Kept, None).is_err());
    }

    #[test]
    fn a_seal_is_checked_with_the_public_key() {
        let (seal, key) = Secrets::from_secret(b"one").sealed(b"record").unwrap();
        let bytes = |hex: &str| {
            (0..hex.len() / 2)
                .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
                .collect::<Vec<_>>()
        };
        let key = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, bytes(&key));
        assert!(key.verify(b"record", &bytes(&seal)).is_ok());
        assert!(key.verify(b"recorD", &bytes(&seal)).is_err());
    }
}
