//! Sealing and opening of contact data. Knows no table.

use gongzhi_chassis::status::Failure;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

/// The key that encrypts the keys of records. It is the deployment's to keep; whoever has neither it nor the record's key can read nothing.
#[derive(Clone)]
pub struct MasterKey([u8; 32]);

/// A record as it is stored.
pub(crate) struct Sealed {
    pub(crate) ciphertext: Vec<u8>,
    pub(crate) wrapped_key: Vec<u8>,
}

impl MasterKey {
    /// Reads 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        let mut key = [0; 32];
        if digits.len() != 64 {
            return None;
        }
        for (byte, pair) in key.iter_mut().zip(digits.chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(key))
    }

    /// Makes a new key.
    pub fn generate() -> Result<Self, Failure> {
        Ok(Self(random()?))
    }

    /// The 64 hexadecimal digits, for safe keeping.
    pub fn to_hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Seals a text for one record. `record` names it, so that a ciphertext moved to another record does not open there.
    pub(crate) fn seal(&self, record: &str, text: &str) -> Result<Sealed, Failure> {
        let key: [u8; 32] = random()?;
        Ok(Sealed {
            ciphertext: encrypt(&key, record, text.as_bytes())?,
            wrapped_key: encrypt(&self.0, record, &key)?,
        })
    }

    /// Opens a record.
    pub(crate) fn open(&self, record: &str, sealed: &Sealed) -> Result<String, Failure> {
        let damaged = || Failure::Bug("contact data cannot be opened: another master key, or damage".into());
        let key: [u8; 32] = decrypt(&self.0, record, &sealed.wrapped_key)
            .ok_or_else(damaged)?
            .try_into()
            .map_err(|_| damaged())?;
        let text = decrypt(&key, record, &sealed.ciphertext).ok_or_else(damaged)?;
        String::from_utf8(text).map_err(|_| damaged())
    }
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
        let master = MasterKey::generate().unwrap();
        let sealed = master.seal("case/1", "敲门找张先生").unwrap();
        assert!(!sealed.ciphertext.windows(3).any(|window| "敲".as_bytes() == window));
        assert_eq!(master.open("case/1", &sealed).unwrap(), "敲门找张先生");
        assert!(master.open("case/2", &sealed).is_err(), "moved to another record");
        assert!(MasterKey::generate().unwrap().open("case/1", &sealed).is_err(), "another master key");
        let again = MasterKey::from_hex(&master.to_hex()).unwrap();
        assert_eq!(again.open("case/1", &sealed).unwrap(), "敲门找张先生");
        assert!(MasterKey::from_hex("zz").is_none());
    }
}
