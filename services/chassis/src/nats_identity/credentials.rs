//! The text of a credentials file, as every client library of NATS reads it. Knows the form, not whose they are.

use nkeys::KeyPair;

use super::claims::{Body, Claims};
use crate::config::Secret;
use crate::status::Failure;

/// First line of every credentials file.
const BEGIN: &str = "-----BEGIN NATS USER JWT-----";

/// Writes a user's JWT and its seed.
pub(super) fn write(jwt: &str, user: &KeyPair) -> Result<Secret, Failure> {
    let seed = user.seed().map_err(|error| Failure::Bug(format!("a NATS key without a seed: {error}")))?;
    Ok(Secret::from(format!(
        "{BEGIN}\n{jwt}\n------END NATS USER JWT------\n\n\
         ************************* IMPORTANT *************************\n\
         The seed below proves identity. Keep it as secret as a password.\n\n\
         -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n\n\
         *************************************************************\n"
    )))
}

/// Reads a setting that holds credentials: the text itself or the name of a file with it.
pub fn read(setting: &Secret) -> Result<Secret, Failure> {
    let given = setting.reveal();
    if given.trim_start().starts_with("-----BEGIN") {
        return Ok(setting.clone());
    }
    // The name itself may be a secret that was put where a file was expected.
    std::fs::read_to_string(given.trim())
        .map(Secret::from)
        .map_err(|error| Failure::Bug(format!("the NATS credentials named in the settings: {error}")))
}

/// Tells the public key of the account that credentials belong to.
pub fn account_of(credentials: &Secret) -> Result<String, Failure> {
    let wrong = || Failure::Bug("these are no NATS credentials".into());
    let jwt = credentials.reveal().split(BEGIN).nth(1).and_then(|text| text.split_whitespace().next());
    let claims = Claims::read(jwt.ok_or_else(wrong)?).map_err(|_| wrong())?;
    match claims.nats {
        Body::User(user) if user.issuer_account.is_empty() => Ok(claims.iss),
        // One of the account's signing keys signed.
        Body::User(user) => Ok(user.issuer_account),
        Body::Operator(_) | Body::Account(_) | Body::Generic(_) => Err(wrong()),
    }
}
