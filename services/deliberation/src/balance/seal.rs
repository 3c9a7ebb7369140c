//! Seals of positions: what a party says is kept so that nobody reads it in the database, in its history or in a copy of it, before it is revealed.
//!
//! Every sealed position of a balance has the same length, and it opens only as that of its party in its round.

use gongzhi_chassis::status::Failure;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

use super::state::Position;
use crate::secrets::{Secrets, hex};

/// Whose position it is.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) balance: &'a str,
    pub(super) round: usize,
    pub(super) party: &'a str,
}

impl Place<'_> {
    fn key(&self, secrets: &Secrets) -> Result<LessSafeKey, Failure> {
        let key = UnboundKey::new(&AES_256_GCM, &secrets.digest("position", &[self.balance]));
        Ok(LessSafeKey::new(key.map_err(|_| Failure::Bug("no key can be made".into()))?))
    }

    fn bound(&self) -> Aad<String> {
        Aad::from(format!("{}/{}", self.round, self.party))
    }
}

/// Seals a position.
pub(super) fn seal(secrets: &Secrets, place: Place<'_>, position: &Position) -> Result<String, Failure> {
    let mut nonce = [0; NONCE_LEN];
    let random = SystemRandom::new();
    random.fill(&mut nonce).map_err(|_| Failure::Bug("the system gives no randomness".into()))?;
    let mut bytes = position.scores.clone();
    bytes.push(position.bottom_line);
    place
        .key(secrets)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), place.bound(), &mut bytes)
        .map_err(|_| Failure::Bug("the position could not be sealed".into()))?;
    Ok(hex(&nonce) + &hex(&bytes))
}

/// Opens a sealed position.
pub(super) fn open(secrets: &Secrets, place: Place<'_>, sealed: &str) -> Result<Position, Failure> {
    let wrong = || Failure::Bug(format!("the position of {} was sealed with another key", place.party));
    let pairs = sealed.as_bytes().chunks(2);
    let bytes: Option<Vec<u8>> =
        pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()).collect();
    let mut bytes = bytes.filter(|bytes| bytes.len() > NONCE_LEN).ok_or_else(wrong)?;
    let mut sealed = bytes.split_off(NONCE_LEN);
    let nonce = Nonce::try_assume_unique_for_key(&bytes).map_err(|_| wrong())?;
    let key = place.key(secrets)?;
    let opened = key.open_in_place(nonce, place.bound(), &mut sealed).map_err(|_| wrong())?;
    let (bottom_line, scores) = opened.split_last().ok_or_else(wrong)?;
    Ok(Position { scores: scores.to_vec(), bottom_line: *bottom_line })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_opens_as_what_it_is_and_as_nothing_else() {
        let secrets = Secrets::from_secret(b"one");
        let position = Position { scores: vec![80, 0, 100], bottom_line: 40 };
        let place = Place { balance: "b", round: 1, party: "owners" };
        let sealed = seal(&secrets, place, &position).unwrap();
        assert_eq!(open(&secrets, place, &sealed).unwrap(), position);
        assert_ne!(seal(&secrets, place, &position).unwrap(), sealed, "the same twice cannot be told");
        let least = Position { scores: vec![0, 0, 0], bottom_line: 0 };
        assert_eq!(seal(&secrets, place, &least).unwrap().len(), sealed.len());
        for other in
            [Place { balance: "c", ..place }, Place { round: 2, ..place }, Place { party: "street", ..place }]
        {
            assert!(open(&secrets, other, &sealed).is_err());
        }
        assert!(open(&Secrets::from_secret(b"two"), place, &sealed).is_err());
        for wrong in ["", "00", "zz", &sealed[..sealed.len() - 1], "码"] {
            assert!(open(&secrets, place, wrong).is_err());
        }
    }
}
