//! Who is who on NATS: an operator signs accounts, accounts sign users (the JWTs of NATS, version 2). Owns the claims, the keys, the text that makes
//! a server obey an operator, and the issuing and revoking of outsiders. Knows nothing of what is delivered to them.
//!
//! Within one account no list of permissions keeps a user from what is not its own, so every outsider has an account: without JetStream, importing
//! nothing but the three services of its one consumer, or the one by which it publishes.
//!
//! | account | what it may |
//! |---|---|
//! | main | everything with JetStream: our services |
//! | system | pushing and deleting accounts: the [`Issuer`] |
//! | one per subscriber | pull from, look at and acknowledge to the consumer that is named by the account's public key |
//! | one per publisher | ask for publication, in its own name ([`crate::requests`]) |
//!
//! The main account exports the services once, for everybody: `account_token_position` makes the server refuse an import whose token at that
//! place is not the importer's own key. The subscriber reaches them below [`API_PREFIX`] and not below `$JS.API`, where the server itself answers
//! every account that has no JetStream that it has none.

mod account;
mod claims;
mod credentials;
mod issuer;
mod keys;
mod server;

pub use account::{API_PREFIX, JETSTREAM_DOMAIN, Outside, PUBLISH, Reach, inbox_prefix};
pub use claims::{Body, Claims, Export, Import, Permissions};
pub use credentials::{account_of, read};
pub use issuer::{Issuer, Outsider};
pub use keys::{Keys, write_secret};
pub use server::configuration;

use crate::status::Failure;

/// What is told to who repeats an issue: credentials are kept nowhere.
pub fn told_once() -> Failure {
    Failure::Refused {
        reason: "CREDENTIALS_TOLD_ONCE",
        message: "the credentials were told when they were issued and are kept nowhere; issue new ones with a new idempotency key"
            .into(),
    }
}

/// What is missing where nobody issues credentials.
pub fn not_issued() -> Failure {
    Failure::Refused {
        reason: "NATS_CREDENTIALS_NOT_ISSUED",
        message: "this installation issues no NATS credentials: set GONGZHI_NATS_OPERATOR_SEED, GONGZHI_NATS_SYSTEM_CREDENTIALS and \
                  GONGZHI_NATS_CREDENTIALS"
            .into(),
    }
}
