//! The claims of operators, accounts and users as NATS reads them, and their signing (`ed25519-nkey`). Pure: no clock, no connection.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use nkeys::KeyPair;
use serde::{Deserialize, Serialize};

use crate::status::Failure;

/// Without bound, as NATS writes it.
pub(super) const UNBOUNDED: i64 = -1;

/// What a JWT of NATS says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claims {
    /// Hash of the other claims.
    #[serde(default)]
    pub jti: String,
    /// Issued at, seconds since 1970.
    pub iat: i64,
    /// Public key that signed.
    pub iss: String,
    /// Name for people who read logs.
    #[serde(default)]
    pub name: String,
    /// Public key that it is about.
    pub sub: String,
    /// Ends at, seconds since 1970; none: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// What it is about.
    pub nats: Body,
}

/// What a JWT is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Body {
    /// Who signs accounts.
    Operator(Operator),
    /// Who signs users.
    Account(Box<Account>),
    /// Who connects.
    User(Box<User>),
    /// A request of the operator that accounts be deleted.
    Generic(Deletion),
}

/// Who signs accounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operator {
    /// Public key of the account through which servers are administered.
    pub system_account: String,
    /// Version of the claims.
    pub version: u8,
}

/// Who signs users.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// What is used of other accounts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub imports: Vec<Import>,
    /// What other accounts may use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exports: Vec<Export>,
    /// Bounds.
    #[serde(default)]
    pub limits: BTreeMap<String, serde_json::Value>,
    /// Users (`*`: all) whose JWT is void if issued at this second or before.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub revocations: BTreeMap<String, i64>,
    /// What a user may whose own JWT says nothing.
    #[serde(default)]
    pub default_permissions: Permissions,
    /// Version of the claims.
    pub version: u8,
    /// What we do not know of and keep as it is.
    #[serde(flatten)]
    pub rest: BTreeMap<String, serde_json::Value>,
}

/// Something of another account. Only services are imported here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Import {
    /// Name for people.
    #[serde(default)]
    pub name: String,
    /// Subject in the account of the exporter.
    pub subject: String,
    /// Public key of the exporter.
    pub account: String,
    /// Subject in the importing account, where it differs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub local_subject: String,
    /// `service` or `stream`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What we do not know of and keep as it is.
    #[serde(flatten)]
    pub rest: BTreeMap<String, serde_json::Value>,
}

/// Something for other accounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Export {
    /// Name for people.
    #[serde(default)]
    pub name: String,
    /// Subject, with wildcards.
    pub subject: String,
    /// `service` or `stream`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether a service answers once or with a stream.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub response_type: String,
    /// Token, counted from 1, at which the importer's own key must stand; 0: none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub account_token_position: u32,
    /// What we do not know of and keep as it is.
    #[serde(flatten)]
    pub rest: BTreeMap<String, serde_json::Value>,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Who connects.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// What may be published and subscribed.
    #[serde(flatten)]
    pub permissions: Permissions,
    /// Most subscriptions.
    pub subs: i64,
    /// Most bytes.
    pub data: i64,
    /// Largest message that may be published.
    pub payload: i64,
    /// How it may connect; empty: in every way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_connection_types: Vec<String>,
    /// Public key of the account, where one of its signing keys signed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub issuer_account: String,
    /// Version of the claims.
    pub version: u8,
}

/// Allow-lists. An empty one allows everything, so an outsider's are never empty; there are no deny-lists, which forget what nobody thought of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Permissions {
    /// Subjects that may be published to.
    #[serde(rename = "pub", default)]
    pub publish: Allowed,
    /// Subjects that may be subscribed.
    #[serde(rename = "sub", default)]
    pub subscribe: Allowed,
}

/// A list of subjects.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Allowed {
    /// What is allowed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<String>,
    /// What we do not know of and keep as it is.
    #[serde(flatten)]
    pub rest: BTreeMap<String, serde_json::Value>,
}

impl Allowed {
    pub(super) fn only(subjects: impl IntoIterator<Item = String>) -> Self {
        Self { allow: subjects.into_iter().collect(), rest: BTreeMap::new() }
    }
}

/// Accounts that are to be deleted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Deletion {
    /// Their public keys.
    pub accounts: Vec<String>,
    /// Version of the claims.
    pub version: u8,
}

/// The header of every JWT of NATS.
const HEADER: &str = r#"{"typ":"JWT","alg":"ed25519-nkey"}"#;

impl Claims {
    /// Claims about a key, to be signed.
    pub fn about(sub: String, name: &str, nats: Body) -> Self {
        Self { jti: String::new(), iat: 0, iss: String::new(), name: name.into(), sub, exp: None, nats }
    }

    /// Signs with an issuer's key.
    pub fn sign(mut self, issuer: &KeyPair, now: Timestamp) -> Result<String, Failure> {
        self.iss = issuer.public_key();
        self.iat = now.as_second();
        self.jti = String::new();
        let digest = ring::digest::digest(&ring::digest::SHA512_256, &to_json(&self)?);
        self.jti = BASE32_NOPAD.encode(digest.as_ref());
        let signed =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(to_json(&self)?));
        let signature = issuer
            .sign(signed.as_bytes())
            .map_err(|error| Failure::Bug(format!("a NATS key cannot sign: {error}")))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// Reads a JWT that its own issuer signed; whether the issuer is one of ours is for the caller to see.
    pub fn read(jwt: &str) -> Result<Self, Failure> {
        let wrong = || Failure::Bus("a JWT of NATS cannot be read".into());
        let (signed, signature) = jwt.trim().rsplit_once('.').ok_or_else(wrong)?;
        let (_, body) = signed.split_once('.').ok_or_else(wrong)?;
        let body = URL_SAFE_NO_PAD.decode(body).map_err(|_| wrong())?;
        let claims: Self = serde_json::from_slice(&body).map_err(|_| wrong())?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| wrong())?;
        KeyPair::from_public_key(&claims.iss)
            .and_then(|issuer| issuer.verify(signed.as_bytes(), &signature))
            .map_err(|_| Failure::Bus("a JWT of NATS was not signed by its issuer".into()))?;
        Ok(claims)
    }
}

fn to_json(claims: &Claims) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(claims).map_err(|error| Failure::Bug(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deletion() -> Claims {
        let body = Deletion { accounts: vec!["A".into()], version: 2 };
        Claims::about("sub".into(), "name", Body::Generic(body))
    }

    #[test]
    fn what_was_signed_is_read_and_what_was_changed_is_not() {
        let issuer = KeyPair::new_operator();
        let now = Timestamp::from_second(1_000).unwrap();
        let jwt = deletion().sign(&issuer, now).unwrap();
        let read = Claims::read(&jwt).unwrap();
        assert_eq!((read.iss.as_str(), read.iat, read.jti.len()), (issuer.public_key().as_str(), 1_000, 52));
        assert_eq!(read.nats, deletion().nats);
        assert_eq!(jwt, deletion().sign(&issuer, now).unwrap(), "the same claims give the same JWT");
        let parts: Vec<_> = jwt.split('.').collect();
        let other = deletion().sign(&KeyPair::new_operator(), now).unwrap();
        let forged = format!("{}.{}.{}", parts[0], other.split('.').nth(1).unwrap(), parts[2]);
        for wrong in [forged.as_str(), "", "a.b", "a.b.c"] {
            assert!(Claims::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_others_wrote_into_an_account_is_kept() {
        let text = r#"{"iat":1,"iss":"O","sub":"A","name":"m","jti":"","nats":{"type":"account","version":2,"limits":{"conn":-1},
            "exports":[{"name":"x","subject":"x.*","type":"service","response_threshold":5}],
            "default_permissions":{"pub":{"deny":["y"]},"sub":{}},"tags":["t"],"signing_keys":["K"]}}"#;
        let claims: Claims = serde_json::from_str(text).unwrap();
        let again = serde_json::to_value(&claims).unwrap();
        assert_eq!(again["nats"]["tags"][0], "t");
        assert_eq!(again["nats"]["signing_keys"][0], "K");
        assert_eq!(again["nats"]["exports"][0]["response_threshold"], 5);
        assert_eq!(again["nats"]["default_permissions"]["pub"]["deny"][0], "y");
        assert_eq!(again["nats"]["type"], "account");
    }
}
