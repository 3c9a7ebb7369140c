//! Sealing and opening of contact data. Knows no table.

use gongzhi_chassis::status::Failure;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};

/// The keys that encrypt the keys of records: the first seals, all open. They are the deployment's to keep; whoever has neither them nor the record's key can
/// read nothing.
#[derive(Clone)]
pub(crate) struct MasterKeys(Vec<[u8; 32]>);

/// A record as it is stored.
pub(crate) struct Sealed {
    pub(crate) ciphertext: Vec<u8>,
    pub(crate) wrapped_key: Vec<u8>,
}

/// A key of a record, wrapped by the key that seals.
pub(crate) enum Wrapped {
    /// It is so already.
    Already,
    /// It was wrapped by another one of our keys; so it is by the first.
    Anew(Vec<u8>),
    /// None of our keys opens it.
    Foreign,
}

impl MasterKeys {
    /// These; the first seals.
    pub(crate) fn of(keys: Vec<[u8; 32]>) -> Self {
        Self(keys)
    }

    /// With a key more that opens.
    pub(crate) fn and(mut self, key: [u8; 32]) -> Self {
        self.0.push(key);
        self
    }

    /// Seals a text for one record. `record` names it, so that a ciphertext moved to another record does not open there.
    pub(crate) fn seal(&self, record: &str, text: &str) -> Result<Sealed, Failure> {
        let key: [u8; 32] = random()?;
        Ok(Sealed {
            ciphertext: encrypt(&key, record, text.as_bytes())?,
            wrapped_key: encrypt(self.first()?, record, &key)?,
        })
    }

    /// Opens a record.
    pub(crate) fn open(&self, record: &str, sealed: &Sealed) -> Result<String, Failure> {
        let damaged = || Failure::Bug("contact data cannot be opened: another master key, or damage".into());
        let key = self.0.iter().find_map(|master| unwrap(master, record, &sealed.wrapped_key));
        let key = key.ok_or_else(damaged)?;
        let text = decrypt(&key, record, &sealed.ciphertext).ok_or_else(damaged)?;
        String::from_utf8(text).map_err(|_| damaged())
    }

    /// Wraps the key of a record by the key that seals. What the record holds is not opened.
    pub(crate) fn wrap_anew(&self, record: &str, wrapped: &[u8]) -> Result<Wrapped, Failure> {
        let first = self.first()?;
        if unwrap(first, record, wrapped).is_some() {
            return Ok(Wrapped::Already);
        }
        match self.0.iter().find_map(|master| unwrap(master, record, wrapped)) {
            Some(key) => Ok(Wrapped::Anew(encrypt(first, record, &key)?)),
            None => Ok(Wrapped::Foreign),
        }
    }

    /// Tells the key that seals from others, and not what it is.
    pub(crate) fn fingerprint(&self) -> Result<String, Failure> {
        let digits: String = self.first()?.iter().map(|byte| format!("{byte:02x}")).collect();
        let sum = digest(&SHA256, digits.as_bytes());
        Ok(sum.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect())
    }

    fn first(&self) -> Result<&[u8; 32], Failure> {
        self.0.first().ok_or_else(|| Failure::Bug("there is no master key of contact data".into()))
    }
}

/// Makes a new master key.
pub(super) fn generate() -> Result<[u8; 32], Failure> {
    random()
}

fn unwrap(master: &[u8; 32], record: &str, wrapped: &[u8]) -> Option<[u8; 32]> {
    decrypt(master, record, wrapped)?.try_into().ok()
}

fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Failure::Bug("the system gives no randomness".into()))?;
    Ok(bytes)
}

fn cipher(key: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("the key has the length of the cipher"))
}

/// The nonce stands before the ciphertext.
fn encrypt(key: &[u8; 32], record: &str, plain: &[u8]) -> Result<Vec<u8>, Failure> {
    let nonce: [u8; NONCE_LEN] = random()?;
    let mut body = plain.to_vec();
    let sealed = cipher(key).seal_in_place_append_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::from(record),
        &mut body,
    );
    sealed.map_err(|_| Failure::Bug("contact data cannot be encrypted".into()))?;
    Ok([nonce.as_slice(), &body].concat())
}

fn decrypt(key: &[u8; 32], record: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
    let mut body = body.to_vec();
    let plain = cipher(key)
        .open_in_place(Nonce::try_assume_unique_for_key(nonce).ok()?, Aad::from(record), &mut body)
        .ok()?;
    Some(plain.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_its_own_record_and_key_only() {
        let keys = MasterKeys::of(vec![generate().unwrap()]);
        let sealed = keys.seal("case/1", "敲门找张先生").unwrap();
        assert!(!sealed.ciphertext.windows(3).any(|window| "敲".as_bytes() == window));
        assert_eq!(keys.open("case/1", &sealed).unwrap(), "敲门找张先生");
        assert!(keys.open("case/2", &sealed).is_err(), "moved to another record");
        assert!(MasterKeys::of(vec![generate().unwrap()]).open("case/1", &sealed).is_err(), "another key");
        assert!(MasterKeys::of(Vec::new()).seal("case/1", "").is_err(), "no key at all");
    }

    #[test]
    fn a_fingerprint_is_what_sha256sum_says_of_the_digits() {
        // printf %s a1a1… | sha256sum
        let keys = MasterKeys::of(vec![[0xa1; 32], [0xb2; 32]]);
        assert_eq!(keys.fingerprint().unwrap(), "3490f80401886d12");
    }

    #[test]
    fn a_master_key_is_exchanged_without_opening_what_it_guards() {
        let (old, new) = (generate().unwrap(), generate().unwrap());
        let before = MasterKeys::of(vec![old]);
        let sealed = before.seal("case/1", "敲门").unwrap();
        let both = MasterKeys::of(vec![new]).and(old);
        assert_eq!(both.open("case/1", &sealed).unwrap(), "敲门", "both open");
        let Wrapped::Anew(wrapped_key) = both.wrap_anew("case/1", &sealed.wrapped_key).unwrap() else {
            panic!("it was wrapped by the former key")
        };
        let sealed = Sealed { wrapped_key, ..sealed };
        assert!(matches!(both.wrap_anew("case/1", &sealed.wrapped_key).unwrap(), Wrapped::Already));
        assert!(matches!(before.wrap_anew("case/1", &sealed.wrapped_key).unwrap(), Wrapped::Foreign));
        assert_eq!(MasterKeys::of(vec![new]).open("case/1", &sealed).unwrap(), "敲门");
        assert!(before.open("case/1", &sealed).is_err(), "the former key opens nothing any more");
    }
}
