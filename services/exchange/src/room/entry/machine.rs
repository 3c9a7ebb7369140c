//! The law of an entry: said once, perhaps withdrawn. Pure.

use gongzhi_proto::ids::{AreaCode, DepartmentCode, RoomId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::party::Party;

/// What an organization says in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Where.
    pub room: RoomId,
    /// Who.
    pub party: Party,
    /// Who wrote it down.
    pub author: String,
    /// What.
    pub content: Content,
    /// The district that is served.
    pub district: AreaCode,
}

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// 意见
    Note(String),
    /// 研判
    Assessment {
        /// What is the case.
        finding: String,
        /// What should be done.
        proposal: String,
        /// Who should do it.
        departments: Vec<DepartmentCode>,
    },
    /// 佐证; the bytes are in the object store under the entry's id.
    Evidence {
        /// Its name.
        file_name: String,
        /// What it is by its first bytes.
        media_type: String,
        /// Its size in bytes.
        bytes: u64,
        /// SHA-256 of its bytes, in hexadecimal.
        sha256: String,
        /// What it shows.
        caption: String,
    },
}

/// An entry of a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What was said.
    pub said: Said,
    /// When.
    pub at: Timestamp,
    /// Why it was withdrawn; none while it stands.
    pub withdrawn: Option<String>,
}

/// What may be asked of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 提交
    Add(Box<Said>),
    /// 撤回
    Withdraw {
        /// Whose it is.
        by: Party,
        /// Why.
        reason: String,
    },
}

/// What can happen to an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was said.
    Added(Box<Said>),
    /// It was withdrawn.
    Withdrawn {
        /// Why.
        reason: String,
    },
}

/// How the law says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is one of this identity.
    #[error("this entry was added already")]
    AlreadyAdded,
    /// There is none.
    #[error("there is no such entry")]
    Absent,
    /// Twice.
    #[error("the entry was withdrawn already")]
    AlreadyWithdrawn,
}

impl Refusal {
    /// The word for it on the wire.
    pub fn word(&self) -> &'static str {
        match self {
            Self::AlreadyAdded => "ALREADY_ADDED",
            Self::Absent => "ABSENT",
            Self::AlreadyWithdrawn => "ALREADY_WITHDRAWN",
        }
    }
}

/// What follows from a command.
pub fn decide(entry: Option<&Entry>, command: &Command) -> Result<Vec<Event>, Refusal> {
    match (entry, command) {
        (None, Command::Add(said)) => Ok(vec![Event::Added(said.clone())]),
        (Some(_), Command::Add(_)) => Err(Refusal::AlreadyAdded),
        (None, Command::Withdraw { .. }) => Err(Refusal::Absent),
        (Some(entry), Command::Withdraw { .. }) if entry.withdrawn.is_some() => {
            Err(Refusal::AlreadyWithdrawn)
        }
        (Some(_), Command::Withdraw { reason, .. }) => Ok(vec![Event::Withdrawn { reason: reason.clone() }]),
    }
}

/// What an entry is after an event.
///
/// # Panics
/// When the event cannot follow: a history that says so is damaged, or the program is wrong.
pub fn evolve(entry: Option<Entry>, at: Timestamp, event: &Event) -> Entry {
    match (entry, event) {
        (None, Event::Added(said)) => Entry { said: said.as_ref().clone(), at, withdrawn: None },
        (Some(entry), Event::Withdrawn { reason }) => Entry { withdrawn: Some(reason.clone()), ..entry },
        (entry, event) => panic!("{event:?} cannot follow {entry:?}"),
    }
}
