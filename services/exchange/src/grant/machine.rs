//! The law of a grant: pure, total, no clock, no ids of its own.
//!
//! ```text
//! requested ──approve──▶ approved ──time──▶ expired
//!     └────refuse──▶ refused   └──revoke──▶ revoked
//! ```
//! Who has a request or a grant may take it back at any time; it is revoked then, by itself.

use std::collections::BTreeMap;

use gongzhi_proto::ids::AreaCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::party::Party;

/// Longest time for which a grant may be asked for, in days: whoever needs it longer asks again and says what for.
pub const LONGEST_DAYS: i64 = 366;

/// What is covered of a fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fields {
    /// Every field, also those that are added later.
    All,
    /// These, by their names in the contract.
    Only(Vec<String>),
}

impl Fields {
    /// Covers what others cover, too.
    pub fn add(&mut self, others: Self) {
        match (&mut *self, others) {
            (Self::All, _) => {}
            (_, Self::All) => *self = Self::All,
            (Self::Only(names), Self::Only(others)) => names.extend(others),
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Who shall see more.
    pub grantee: Party,
    /// Facts by service and name, and what is covered of each.
    pub facts: BTreeMap<String, Fields>,
    /// Where.
    pub area: AreaCode,
    /// What for.
    pub purpose: String,
    /// Until when.
    pub until: Timestamp,
    /// Who asked.
    pub by: String,
}

/// A grant (共享授权).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// What was asked for; an approval may have brought the end forward.
    pub request: Request,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Where it stands.
    pub standing: Standing,
}

/// Where a grant stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// 待审批
    Requested,
    /// 有效
    Approved {
        /// Who approved it.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// 已驳回
    Refused {
        /// Who refused it.
        by: String,
        /// When.
        at: Timestamp,
        /// Why.
        reason: String,
    },
    /// 已到期
    Expired {
        /// When it was noticed.
        at: Timestamp,
    },
    /// 已撤销
    Revoked {
        /// Who revoked it.
        by: String,
        /// When.
        at: Timestamp,
        /// Why.
        reason: String,
    },
}

impl Grant {
    /// True while the grantee may see what it covers.
    pub fn holds_at(&self, at: Timestamp) -> bool {
        match self.standing {
            Standing::Approved { .. } => at < self.request.until,
            Standing::Requested
            | Standing::Refused { .. }
            | Standing::Expired { .. }
            | Standing::Revoked { .. } => false,
        }
    }
}

/// What may be asked of a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 申请
    Request(Request),
    /// 批准
    Approve {
        /// Who approves.
        by: String,
        /// An earlier end.
        until: Option<Timestamp>,
    },
    /// 驳回
    Refuse {
        /// Who refuses.
        by: String,
        /// Why.
        reason: String,
    },
    /// 撤销
    Revoke {
        /// Who revokes.
        by: String,
        /// Why.
        reason: String,
    },
    /// 撤回: the grantee takes it back.
    Withdraw {
        /// Who takes it back.
        by: String,
        /// Why.
        reason: String,
    },
    /// What time does by itself.
    Tick,
}

/// What can happen to a grant, in the words of its facts.
#[expect(clippy::enum_variant_names, reason = "facts are named in full")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Asked for.
    GrantRequested(Request),
    /// Approved.
    GrantApproved {
        /// Who approved it.
        by: String,
        /// Until when.
        until: Timestamp,
    },
    /// Refused.
    GrantRefused {
        /// Who refused it.
        by: String,
        /// Why.
        reason: String,
    },
    /// Came to its end by itself.
    GrantExpired,
    /// Revoked.
    GrantRevoked {
        /// Who revoked it.
        by: String,
        /// Why.
        reason: String,
    },
}

/// How the law says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is one of this identity.
    #[error("this grant was asked for already")]
    AlreadyRequested,
    /// There is none.
    #[error("there is no such grant")]
    Absent,
    /// Two people: one asks, another decides.
    #[error("who asked for a grant does not approve it: somebody else must look at it")]
    OwnRequest,
    /// It was decided already.
    #[error("the request was decided already")]
    AlreadyDecided,
    /// It gives nothing, so there is nothing to take back.
    #[error("only a grant that is approved and has not ended can be revoked")]
    NotInForce,
    /// The end has passed.
    #[error("the grant would end before it begins: choose a later end or ask anew")]
    EndsInThePast,
    /// Later than asked for.
    #[error("an approval may end earlier than was asked for, not later")]
    LaterThanAsked,
    /// Too long.
    #[error("a grant is given for at most {LONGEST_DAYS} days; ask again when it ends")]
    TooLong,
}

impl Refusal {
    /// The word for it on the wire.
    pub fn word(&self) -> &'static str {
        match self {
            Self::AlreadyRequested => "ALREADY_REQUESTED",
            Self::Absent => "ABSENT",
            Self::OwnRequest => "OWN_REQUEST",
            Self::AlreadyDecided => "ALREADY_DECIDED",
            Self::NotInForce => "NOT_IN_FORCE",
            Self::EndsInThePast => "ENDS_IN_THE_PAST",
            Self::LaterThanAsked => "LATER_THAN_ASKED",
            Self::TooLong => "TOO_LONG",
        }
    }
}

/// What follows from a command.
pub fn decide(grant: Option<&Grant>, at: Timestamp, command: &Command) -> Result<Vec<Event>, Refusal> {
    match (grant, command) {
        (None, Command::Request(request)) => ask(request, at),
        (Some(_), Command::Request(_)) => Err(Refusal::AlreadyRequested),
        (
            None,
            Command::Approve { .. }
            | Command::Refuse { .. }
            | Command::Revoke { .. }
            | Command::Withdraw { .. }
            | Command::Tick,
        ) => Err(Refusal::Absent),
        (Some(grant), Command::Approve { by, until }) => approve(grant, at, by, *until),
        (Some(grant), Command::Refuse { by, reason }) => match grant.standing {
            Standing::Requested => Ok(vec![Event::GrantRefused { by: by.clone(), reason: reason.clone() }]),
            Standing::Approved { .. }
            | Standing::Refused { .. }
            | Standing::Expired { .. }
            | Standing::Revoked { .. } => Err(Refusal::AlreadyDecided),
        },
        (Some(grant), Command::Revoke { by, reason }) if grant.holds_at(at) => {
            Ok(vec![Event::GrantRevoked { by: by.clone(), reason: reason.clone() }])
        }
        (Some(_), Command::Revoke { .. }) => Err(Refusal::NotInForce),
        (Some(grant), Command::Withdraw { by, reason }) => match grant.standing {
            Standing::Requested | Standing::Approved { .. } => {
                Ok(vec![Event::GrantRevoked { by: by.clone(), reason: reason.clone() }])
            }
            // There is nothing left to take back.
            Standing::Refused { .. } | Standing::Expired { .. } | Standing::Revoked { .. } => Ok(vec![]),
        },
        (Some(grant), Command::Tick) => Ok(match grant.standing {
            Standing::Approved { .. } if grant.request.until <= at => vec![Event::GrantExpired],
            Standing::Approved { .. }
            | Standing::Requested
            | Standing::Refused { .. }
            | Standing::Expired { .. }
            | Standing::Revoked { .. } => vec![],
        }),
    }
}

fn ask(request: &Request, at: Timestamp) -> Result<Vec<Event>, Refusal> {
    let seconds = request.until.as_second() - at.as_second();
    if request.until <= at {
        Err(Refusal::EndsInThePast)
    } else if seconds > LONGEST_DAYS * 86_400 {
        Err(Refusal::TooLong)
    } else {
        Ok(vec![Event::GrantRequested(request.clone())])
    }
}

fn approve(grant: &Grant, at: Timestamp, by: &str, until: Option<Timestamp>) -> Result<Vec<Event>, Refusal> {
    match grant.standing {
        Standing::Requested => {}
        Standing::Approved { .. }
        | Standing::Refused { .. }
        | Standing::Expired { .. }
        | Standing::Revoked { .. } => return Err(Refusal::AlreadyDecided),
    }
    if grant.request.by == by {
        return Err(Refusal::OwnRequest);
    }
    let until = until.unwrap_or(grant.request.until);
    if until > grant.request.until {
        return Err(Refusal::LaterThanAsked);
    }
    if until <= at {
        return Err(Refusal::EndsInThePast);
    }
    Ok(vec![Event::GrantApproved { by: by.to_owned(), until }])
}

/// What a grant is after an event.
///
/// # Panics
/// When the event cannot follow: a history that says so is damaged, or the program is wrong.
pub fn evolve(grant: Option<Grant>, at: Timestamp, event: &Event) -> Grant {
    match (grant, event) {
        (None, Event::GrantRequested(request)) => {
            Grant { request: request.clone(), requested_at: at, standing: Standing::Requested }
        }
        (Some(mut grant), Event::GrantApproved { by, until }) => {
            grant.request.until = *until;
            Grant { standing: Standing::Approved { by: by.clone(), at }, ..grant }
        }
        (Some(grant), Event::GrantRefused { by, reason }) => {
            Grant { standing: Standing::Refused { by: by.clone(), at, reason: reason.clone() }, ..grant }
        }
        (Some(grant), Event::GrantExpired) => Grant { standing: Standing::Expired { at }, ..grant },
        (Some(grant), Event::GrantRevoked { by, reason }) => {
            Grant { standing: Standing::Revoked { by: by.clone(), at, reason: reason.clone() }, ..grant }
        }
        (grant, event) => panic!("{event:?} cannot follow {grant:?}"),
    }
}

/// The earliest instant at which something happens by itself.
pub fn next_due(grant: &Grant) -> Option<Timestamp> {
    match grant.standing {
        Standing::Approved { .. } => Some(grant.request.until),
        Standing::Requested
        | Standing::Refused { .. }
        | Standing::Expired { .. }
        | Standing::Revoked { .. } => None,
    }
}
