//! The law of a publisher's credentials: pure, total, no clock, no keys of its own.
//!
//! ```text
//! absent ──issue──▶ in force ⇄ revoked
//!                    └─issue─┘ (the former account is void)
//! ```

use gongzhi_proto::ids::AreaCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::party::Party;

/// An organization that publishes over NATS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publisher {
    /// Who.
    pub party: Party,
    /// District in which it publishes.
    pub district: AreaCode,
    /// Its newest account, by its public key.
    pub account: String,
    /// When that was issued.
    pub issued_at: Timestamp,
    /// Why it was taken back; none while it is in force.
    pub revoked: Option<String>,
}

/// What may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 签发
    Issue {
        /// To whom.
        party: Party,
        /// District in which it publishes.
        district: AreaCode,
        /// Public key of the new account.
        account: String,
    },
    /// 收回
    Revoke {
        /// Why.
        reason: String,
    },
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Credentials were issued; the ones before are void.
    CredentialsIssued {
        /// To whom.
        party: Party,
        /// District in which it publishes.
        district: AreaCode,
        /// Public key of the account.
        account: String,
    },
    /// They were taken back.
    CredentialsRevoked {
        /// Why.
        reason: String,
    },
}

/// How the law says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There never were any.
    #[error("no credentials to publish over NATS were issued to it")]
    Absent,
    /// There are none in force.
    #[error("the credentials were taken back already")]
    AlreadyRevoked,
}

impl Refusal {
    /// The word for it on the wire.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Absent => "ABSENT",
            Self::AlreadyRevoked => "ALREADY_REVOKED",
        }
    }
}

/// What follows from a command.
pub fn decide(publisher: Option<&Publisher>, command: &Command) -> Result<Vec<Event>, Refusal> {
    match (publisher, command) {
        (_, Command::Issue { party, district, account }) => Ok(vec![Event::CredentialsIssued {
            party: party.clone(),
            district: district.clone(),
            account: account.clone(),
        }]),
        (None, Command::Revoke { .. }) => Err(Refusal::Absent),
        (Some(Publisher { revoked: Some(_), .. }), Command::Revoke { .. }) => Err(Refusal::AlreadyRevoked),
        (Some(_), Command::Revoke { reason }) => {
            Ok(vec![Event::CredentialsRevoked { reason: reason.clone() }])
        }
    }
}

/// What a publisher is after an event.
///
/// # Panics
/// When the event cannot follow: a history that says so is damaged, or the program is wrong.
pub fn evolve(publisher: Option<Publisher>, at: Timestamp, event: &Event) -> Publisher {
    match (publisher, event) {
        (_, Event::CredentialsIssued { party, district, account }) => Publisher {
            party: party.clone(),
            district: district.clone(),
            account: account.clone(),
            issued_at: at,
            revoked: None,
        },
        (Some(was), Event::CredentialsRevoked { reason }) => {
            Publisher { revoked: Some(reason.clone()), ..was }
        }
        (None, event) => panic!("{event:?} cannot follow nothing"),
    }
}
