//! Signatures of webhooks, as Standard Webhooks 1.0.0 has them: what is signed, with which keys, and how a receiver knows that a body is ours.
//! Ed25519 (`v1a`) is for receivers who are to hold nothing secret, HMAC-SHA256 (`v1`) for those who know nothing else. A key is replaced by
//! signing with the old and the new one for a while.
//!
//! Pure: the time is given, no request is made, nothing is stored. When to try again is not known here.

use std::fmt;

use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use base64::engine::{DecodePaddingMode, Engine as _};
use jiff::{SignedDuration, Timestamp};
use ring::hmac;
use ring::rand::SecureRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

/// Header with the identity of the message: the same for every attempt.
pub const ID: &str = "webhook-id";
/// Header with the second of the attempt, counted from 1970.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// Header with the signatures, separated by spaces.
pub const SIGNATURE: &str = "webhook-signature";
/// How far the clocks of sender and receiver may differ, the way included.
pub const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// Signatures that are looked at: more than any change of keys needs, few enough that nobody keeps a receiver busy with them.
const LOOKED_AT: usize = 16;
/// Bytes of a new shared secret.
const SECRET_BYTES: usize = 32;
const SECRET: &str = "whsec_";
const SIGNING: &str = "whsk_";
const PUBLIC: &str = "whpk_";

/// Keys come from other programs too, some of which leave the padding out.
const KEY_TEXT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a sender signs with. Never shown by `Debug`.
pub enum SigningKey {
    /// A secret that sender and receiver share.
    Shared(SharedSecret),
    /// The secret half of an Ed25519 pair.
    Pair(SecretHalf),
}

/// What a receiver verifies with. A shared secret is one here too, so it is never shown by `Debug`.
pub enum VerifyingKey {
    /// A secret that sender and receiver share.
    Shared(SharedSecret),
    /// The public half of an Ed25519 pair.
    Public([u8; 32]),
}

/// A secret of 24 to 64 bytes.
#[derive(Clone)]
pub struct SharedSecret(Vec<u8>);

/// An Ed25519 pair and the seed from which it is made.
pub struct SecretHalf {
    seed: [u8; 32],
    pair: Ed25519KeyPair,
}

/// The three headers of a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headers {
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`.
    pub timestamp: String,
    /// `webhook-signature`.
    pub signature: String,
}

/// A text that is not a key. Does not repeat the text: it may be a key with one letter wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// Another beginning than `whsec_`, `whsk_` or `whpk_`, or one that is not for this purpose.
    #[error("a key begins with {0}")]
    Prefix(&'static str),
    /// Not base64 after the beginning.
    #[error("a key is base64 after its prefix")]
    Base64,
    /// Too short or too long.
    #[error("a shared secret has 24 to 64 bytes, a secret half 64 or its seed of 32, a public half 32")]
    Length,
    /// A secret half whose public part belongs to another.
    #[error("the halves of the key do not belong together")]
    Halves,
}

/// An identity that cannot be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the identity of a message has one letter at least, visible ASCII only and no full stop")]
pub struct InvalidMessageId;

/// Why a webhook is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    /// The identity could be read in two ways.
    #[error(transparent)]
    MessageId(#[from] InvalidMessageId),
    /// The time is not a number of seconds.
    #[error("the timestamp is not a number of seconds")]
    Timestamp,
    /// Sent too long ago.
    #[error("the timestamp is too old")]
    TooOld,
    /// Sent in the future.
    #[error("the timestamp is too new")]
    TooNew,
    /// No signature was made with one of the keys.
    #[error("no signature matches")]
    NoMatch,
}

/// Signs an attempt to deliver a body. With several keys every one of them signs, the preferred one first.
pub fn sign(keys: &[SigningKey], id: &str, at: Timestamp, body: &[u8]) -> Result<Headers, InvalidMessageId> {
    check_id(id)?;
    let timestamp = at.as_second().to_string();
    let content = content(id, &timestamp, body);
    let signatures: Vec<_> = keys.iter().map(|key| key.sign(&content)).collect();
    Ok(Headers { id: id.to_owned(), timestamp, signature: signatures.join(" ") })
}

/// Believes a webhook when one of its signatures was made with one of the keys and its time is near.
pub fn verify(
    keys: &[VerifyingKey],
    headers: &Headers,
    body: &[u8],
    now: Timestamp,
) -> Result<(), Unverified> {
    check_id(&headers.id)?;
    check_time(&headers.timestamp, now)?;
    let content = content(&headers.id, &headers.timestamp, body);
    let mut signatures = headers.signature.split(' ').take(LOOKED_AT).filter_map(|one| one.split_once(','));
    let matches = signatures.any(|(version, signature)| {
        // A version that is not known may be one of a later time; another may match.
        STANDARD
            .decode(signature)
            .is_ok_and(|signature| keys.iter().any(|key| key.made(version, &content, &signature)))
    });
    if matches { Ok(()) } else { Err(Unverified::NoMatch) }
}

/// A full stop in the identity would let what is signed be read in two ways.
fn check_id(id: &str) -> Result<(), InvalidMessageId> {
    let fits = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'.');
    if fits { Ok(()) } else { Err(InvalidMessageId) }
}

fn check_time(timestamp: &str, now: Timestamp) -> Result<(), Unverified> {
    // Digits only: the type of numbers would take a plus sign too.
    let digits = timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let second = timestamp.parse().ok().filter(|_| digits).ok_or(Unverified::Timestamp)?;
    let sent = Timestamp::from_second(second).map_err(|_| Unverified::Timestamp)?;
    match now.duration_since(sent) {
        age if age > TOLERANCE => Err(Unverified::TooOld),
        age if age < -TOLERANCE => Err(Unverified::TooNew),
        _ => Ok(()),
    }
}

fn content(id: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat()
}

impl SigningKey {
    /// Makes a new shared secret; none when the machine gives no randomness.
    pub fn new_shared(random: &dyn SecureRandom) -> Option<Self> {
        let mut secret = vec![0; SECRET_BYTES];
        random.fill(&mut secret).ok()?;
        Some(Self::Shared(SharedSecret(secret)))
    }

    /// Makes a new pair; none when the machine gives no randomness.
    pub fn new_pair(random: &dyn SecureRandom) -> Option<Self> {
        let mut seed = [0; 32];
        random.fill(&mut seed).ok()?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).ok()?;
        Some(Self::Pair(SecretHalf { seed, pair }))
    }

    /// Reads `whsec_…` or `whsk_…`: the seed and the public half, or the seed alone.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        if let Some(text) = text.strip_prefix(SECRET) {
            return SharedSecret::parse(text).map(Self::Shared);
        }
        let text = text.strip_prefix(SIGNING).ok_or(InvalidKey::Prefix("whsec_ or whsk_"))?;
        let bytes = KEY_TEXT.decode(text).map_err(|_| InvalidKey::Base64)?;
        let (seed, public) = bytes.split_first_chunk::<32>().ok_or(InvalidKey::Length)?;
        let pair = match public.len() {
            0 => Ed25519KeyPair::from_seed_unchecked(seed),
            32 => Ed25519KeyPair::from_seed_and_public_key(seed, public),
            _ => return Err(InvalidKey::Length),
        };
        Ok(Self::Pair(SecretHalf { seed: *seed, pair: pair.map_err(|_| InvalidKey::Halves)? }))
    }

    /// The key as text, for a store that keeps secrets.
    pub fn expose(&self) -> String {
        match self {
            Self::Shared(secret) => secret.expose(),
            Self::Pair(SecretHalf { seed, pair }) => {
                let bytes = [&seed[..], pair.public_key().as_ref()].concat();
                format!("{SIGNING}{}", STANDARD.encode(bytes))
            }
        }
    }

    /// What the receiver is given.
    pub fn verifying_key(&self) -> VerifyingKey {
        match self {
            Self::Shared(secret) => VerifyingKey::Shared(secret.clone()),
            Self::Pair(SecretHalf { pair, .. }) => {
                let public = pair.public_key().as_ref().try_into();
                VerifyingKey::Public(public.expect("a public half has 32 bytes"))
            }
        }
    }

    fn sign(&self, content: &[u8]) -> String {
        match self {
            Self::Shared(secret) => format!("v1,{}", STANDARD.encode(hmac::sign(&secret.key(), content))),
            Self::Pair(SecretHalf { pair, .. }) => format!("v1a,{}", STANDARD.encode(pair.sign(content))),
        }
    }
}

impl VerifyingKey {
    /// Reads `whsec_…` or `whpk_…`.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        if let Some(text) = text.strip_prefix(SECRET) {
            return SharedSecret::parse(text).map(Self::Shared);
        }
        let text = text.strip_prefix(PUBLIC).ok_or(InvalidKey::Prefix("whsec_ or whpk_"))?;
        let bytes = KEY_TEXT.decode(text).map_err(|_| InvalidKey::Base64)?;
        bytes.try_into().map(Self::Public).map_err(|_| InvalidKey::Length)
    }

    /// The key as text, for the receiver.
    pub fn expose(&self) -> String {
        match self {
            Self::Shared(secret) => secret.expose(),
            Self::Public(public) => format!("{PUBLIC}{}", STANDARD.encode(public)),
        }
    }

    /// True when the signature was made with the other half of this key. Compares in constant time.
    fn made(&self, version: &str, content: &[u8], signature: &[u8]) -> bool {
        match (version, self) {
            ("v1", Self::Shared(secret)) => hmac::verify(&secret.key(), content, signature).is_ok(),
            ("v1a", Self::Public(public)) => {
                UnparsedPublicKey::new(&ED25519, public).verify(content, signature).is_ok()
            }
            _ => false,
        }
    }
}

impl SharedSecret {
    fn parse(text: &str) -> Result<Self, InvalidKey> {
        let bytes = KEY_TEXT.decode(text).map_err(|_| InvalidKey::Base64)?;
        if (24..=64).contains(&bytes.len()) { Ok(Self(bytes)) } else { Err(InvalidKey::Length) }
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.0)
    }

    fn expose(&self) -> String {
        format!("{SECRET}{}", STANDARD.encode(&self.0))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shared(_) => "SigningKey::Shared(hidden)",
            Self::Pair(_) => "SigningKey::Pair(hidden)",
        })
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shared(_) => f.write_str("VerifyingKey::Shared(hidden)"),
            Self::Public(_) => write!(f, "VerifyingKey({})", self.expose()),
        }
    }
}
