//! Bearer tokens (RFC 7519): signing with Ed25519, verifying EdDSA, ES256 and RS256 against a JSON Web Key Set (RFC 7517), ours or another OIDC
//! issuer's. All cryptography is ring's; a JWT crate would bring a second provider or the same seventy lines as an adapter.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::signature::{self, Ed25519KeyPair, KeyPair, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use crate::caller::{Caller, PostClaim};
use crate::status::Failure;

/// What a token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// Issuer.
    pub iss: String,
    /// Identity of the person on duty.
    pub sub: String,
    /// Whom it is for.
    pub aud: Audience,
    /// Issued at, seconds since 1970.
    pub iat: i64,
    /// Ends at, seconds since 1970.
    pub exp: i64,
    /// Name for colleagues.
    #[serde(default)]
    pub name: String,
    /// Posts held.
    #[serde(default)]
    pub posts: Vec<PostClaim>,
}

/// One audience or several (RFC 7519, 4.1.3).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

/// The audience of our tokens.
pub const AUDIENCE: &str = "gongzhi";

/// Tolerated difference between the clocks of issuer and service, in seconds.
const LEEWAY_SECONDS: i64 = 30;

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    typ: String,
}

/// A set of public keys as published.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct KeySet {
    keys: Vec<Key>,
}

/// One public key; members that its kind does not have are left out.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Key {
    kty: String,
    #[serde(default)]
    kid: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    alg: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    crv: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    x: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    y: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    n: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    e: String,
}

/// Signs tokens.
pub struct Signer {
    pair: Ed25519KeyPair,
    kid: String,
}

impl Signer {
    /// Makes a new key; the bytes (PKCS #8) are for safe keeping.
    pub fn generate() -> Result<Vec<u8>, Failure> {
        let document = Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new());
        document
            .map(|document| document.as_ref().to_vec())
            .map_err(|_| Failure::Bug("the system gives no randomness".into()))
    }

    /// Takes a kept key: ours, which has its public half beside it, or one of other tools, which often has not.
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, Failure> {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(bytes)
            .map_err(|error| Failure::Bug(format!("the signing key is damaged: {error}")))?;
        let digest = ring::digest::digest(&ring::digest::SHA256, pair.public_key().as_ref());
        Ok(Self { kid: URL_SAFE_NO_PAD.encode(&digest.as_ref()[..12]), pair })
    }

    /// The public half.
    pub fn key(&self) -> Key {
        let x = URL_SAFE_NO_PAD.encode(self.pair.public_key().as_ref());
        Key {
            kty: "OKP".into(),
            kid: self.kid.clone(),
            alg: "EdDSA".into(),
            crv: "Ed25519".into(),
            x,
            ..Key::default()
        }
    }

    /// Signs what a token says.
    pub fn sign(&self, claims: &Claims) -> Result<String, Failure> {
        let header = Header { alg: "EdDSA".into(), kid: self.kid.clone(), typ: "JWT".into() };
        let encode = |json: serde_json::Result<Vec<u8>>| {
            json.map(|bytes| URL_SAFE_NO_PAD.encode(bytes)).map_err(|error| Failure::Bug(error.to_string()))
        };
        let signed =
            format!("{}.{}", encode(serde_json::to_vec(&header))?, encode(serde_json::to_vec(claims))?);
        let signature = URL_SAFE_NO_PAD.encode(self.pair.sign(signed.as_bytes()));
        Ok(format!("{signed}.{signature}"))
    }
}

impl KeySet {
    /// The set of these keys.
    pub fn new(keys: Vec<Key>) -> Self {
        Self { keys }
    }

    /// As published.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("keys in memory can be written")
    }

    /// Verifies a token's signature and reads what it says; nothing else is checked here.
    fn open(&self, token: &str) -> Option<Claims> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let fits = |key: &&Key| key.kid == header.kid || header.kid.is_empty();
        let verified = self
            .keys
            .iter()
            .filter(fits)
            .any(|key| key.verifies(&header.alg, signed.as_bytes(), &signature).is_some());
        verified.then(|| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()).flatten()
    }
}

impl Key {
    fn verifies(&self, alg: &str, signed: &[u8], signature: &[u8]) -> Option<()> {
        let part = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
        match (alg, self.kty.as_str(), self.crv.as_str()) {
            ("EdDSA", "OKP", "Ed25519") => {
                UnparsedPublicKey::new(&signature::ED25519, part(&self.x)?).verify(signed, signature).ok()
            }
            ("ES256", "EC", "P-256") => {
                let point = [vec![4], part(&self.x)?, part(&self.y)?].concat();
                UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point)
                    .verify(signed, signature)
                    .ok()
            }
            ("RS256", "RSA", _) => RsaPublicKeyComponents { n: part(&self.n)?, e: part(&self.e)? }
                .verify(&signature::RSA_PKCS1_2048_8192_SHA256, signed, signature)
                .ok(),
            _ => None,
        }
    }
}

/// Verifies tokens of one issuer. Cloning shares keys and cache.
#[derive(Clone)]
pub struct Verifier {
    issuer: String,
    keys: Arc<RwLock<KeySet>>,
    seen: Arc<RwLock<HashMap<String, Seen>>>,
}

/// A token whose signature was verified a moment ago; saves the same work for the next request of the same person.
struct Seen {
    claims: Arc<Claims>,
    caller: Caller,
    until: Instant,
}

const SEEN_FOR: Duration = Duration::from_secs(60);
const SEEN_AT_MOST: usize = 10_000;

impl Verifier {
    /// Verifies tokens of an issuer by its keys.
    pub fn new(issuer: impl Into<String>, keys: KeySet) -> Self {
        Self { issuer: issuer.into(), keys: Arc::new(RwLock::new(keys)), seen: Arc::default() }
    }

    /// Takes the issuer's new keys.
    pub fn replace_keys(&self, keys: KeySet) {
        *self.keys.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = keys;
        self.seen.write().unwrap_or_else(|poisoned| poisoned.into_inner()).clear();
    }

    /// Tells whose token it is.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Caller, Failure> {
        let cached = {
            let seen = self.seen.read().unwrap_or_else(|poisoned| poisoned.into_inner());
            seen.get(token)
                .filter(|seen| seen.until > Instant::now())
                .map(|seen| (seen.claims.clone(), seen.caller.clone()))
        };
        let (claims, caller) = match cached {
            Some(known) => known,
            None => self.verify_signature(token)?,
        };
        if claims.exp + LEEWAY_SECONDS < now.as_second() {
            return Err(Failure::Unauthenticated("the token has ended; sign in again".into()));
        }
        Ok(caller)
    }

    fn verify_signature(&self, token: &str) -> Result<(Arc<Claims>, Caller), Failure> {
        let refuse = || Failure::Unauthenticated("the token is not valid; sign in again".into());
        let keys = self.keys.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        let claims = keys.open(token).ok_or_else(refuse)?;
        let for_us = match &claims.aud {
            Audience::One(audience) => audience == AUDIENCE,
            Audience::Several(audiences) => audiences.iter().any(|audience| audience == AUDIENCE),
        };
        if claims.iss != self.issuer || !for_us || claims.sub.is_empty() || claims.sub.starts_with("system:")
        {
            return Err(refuse());
        }
        let caller = Caller::person(claims.sub.clone(), claims.name.clone(), claims.posts.clone());
        let claims = Arc::new(claims);
        let mut seen = self.seen.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        if seen.len() >= SEEN_AT_MOST {
            seen.clear();
        }
        seen.insert(
            token.to_owned(),
            Seen { claims: claims.clone(), caller: caller.clone(), until: Instant::now() + SEEN_FOR },
        );
        Ok((claims, caller))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(exp: i64) -> Claims {
        let aud = Audience::One(AUDIENCE.into());
        Claims {
            iss: "us".into(),
            sub: "somebody".into(),
            aud,
            iat: 0,
            exp,
            name: String::new(),
            posts: Vec::new(),
        }
    }

    #[test]
    fn a_signed_token_is_verified_and_a_changed_one_is_not() {
        let signer = Signer::from_pkcs8(&Signer::generate().unwrap()).unwrap();
        let verifier = Verifier::new("us", KeySet::new(vec![signer.key()]));
        let now = Timestamp::from_second(1_000).unwrap();
        let token = signer.sign(&claims(2_000)).unwrap();
        assert_eq!(verifier.verify(&token, now).unwrap().id(), "somebody");
        let (head, signature) = token.rsplit_once('.').unwrap();
        assert!(verifier.verify(&format!("{head}x.{signature}"), now).is_err());
        assert!(
            verifier.verify(&token, Timestamp::from_second(2_031).unwrap()).is_err(),
            "a known token ends too"
        );
        for forged in ["", ".", "..", "a.b.c"] {
            assert!(verifier.verify(forged, now).is_err(), "{forged}");
        }
    }

    #[test]
    fn tokens_of_other_issuers_audiences_and_keys_are_refused() {
        let (ours, theirs) = (Signer::generate().unwrap(), Signer::generate().unwrap());
        let (ours, theirs) = (Signer::from_pkcs8(&ours).unwrap(), Signer::from_pkcs8(&theirs).unwrap());
        let verifier = Verifier::new("us", KeySet::new(vec![ours.key()]));
        let now = Timestamp::from_second(1_000).unwrap();
        assert!(verifier.verify(&theirs.sign(&claims(2_000)).unwrap(), now).is_err());
        let other = Claims { iss: "them".into(), ..claims(2_000) };
        assert!(verifier.verify(&ours.sign(&other).unwrap(), now).is_err());
        let other = Claims { aud: Audience::Several(vec!["x".into()]), ..claims(2_000) };
        assert!(verifier.verify(&ours.sign(&other).unwrap(), now).is_err());
        let other = Claims { sub: "system:dispatch".into(), ..claims(2_000) };
        assert!(
            verifier.verify(&ours.sign(&other).unwrap(), now).is_err(),
            "nobody can sign in as a service"
        );
    }
}
