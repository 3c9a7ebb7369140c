//! The law of a room: pure, total, no clock, no ids of its own.
//!
//! ```text
//! open ──call, contribute──▶ open ──close──▶ closed
//! ```

use std::collections::BTreeSet;

use gongzhi_proto::ids::{AreaCode, CaseId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::party::Party;

/// Most organizations that are called into a room: more do not judge together, they hold an assembly.
pub const MOST_CALLED: usize = 20;
/// Most entries of a room.
pub const MOST_ENTRIES: u32 = 1_000;

/// What a room is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Where.
    pub area: AreaCode,
    /// What, within the area.
    pub about: About,
}

/// What, within an area.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// One case with what hangs on it.
    Case(CaseId),
    /// Cases of a category or of what lies below it.
    Category(String),
    /// Everything that happens there.
    Place,
}

/// How a room begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// What it is called.
    pub title: String,
    /// What is to be judged.
    pub question: String,
    /// What it is about.
    pub subject: Subject,
    /// Who opens it.
    pub opener: Party,
    /// Who is called.
    pub called: BTreeSet<Party>,
    /// The district that is served.
    pub district: AreaCode,
}

/// How a room ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// What it came to.
    pub summary: String,
    /// When.
    pub at: Timestamp,
}

/// A joint judgement room (协同研判室).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// How it began; who was called later is among the called.
    pub opening: Opening,
    /// When.
    pub opened_at: Timestamp,
    /// Notes, assessments and pieces of evidence so far.
    pub entries: u32,
    /// How it ended; none while it is open.
    pub closing: Option<Closing>,
}

impl Room {
    /// True for who opened it and who is called.
    pub fn holds(&self, party: &Party) -> bool {
        self.opening.opener == *party || self.opening.called.contains(party)
    }
}

/// What may be asked of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 发起
    Open(Box<Opening>),
    /// 增邀; for who opened it.
    Call {
        /// Who opened it.
        opener: Party,
        /// Who is called.
        called: Party,
    },
    /// 发言
    Contribute {
        /// Who has something to say.
        by: Party,
    },
    /// 结束; for who opened it.
    Close {
        /// Who opened it.
        opener: Party,
        /// What it came to.
        summary: String,
    },
}

/// What can happen to a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was opened.
    Opened(Box<Opening>),
    /// One more organization was called.
    Called(Party),
    /// An organization said something; what, is an entry.
    Contributed(Party),
    /// It was closed.
    Closed {
        /// What it came to.
        summary: String,
    },
}

/// How the law says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is one of this identity.
    #[error("this room was opened already")]
    AlreadyOpened,
    /// There is none.
    #[error("there is no such room")]
    Absent,
    /// It has ended.
    #[error("the room is closed; open another one for what came after")]
    Closed,
    /// Somebody else's.
    #[error("the organization was not called into this room; who opened it can call it")]
    NotCalled,
    /// Twice.
    #[error("the organization is in this room already")]
    AlreadyCalled,
    /// A crowd.
    #[error("at most {MOST_CALLED} organizations are called into a room")]
    TooManyOrganizations,
    /// A heap.
    #[error(
        "a room holds at most {MOST_ENTRIES} entries; close it with what it came to and open another one"
    )]
    TooManyEntries,
}

impl Refusal {
    /// The word for it on the wire.
    pub fn word(&self) -> &'static str {
        match self {
            Self::AlreadyOpened => "ALREADY_OPENED",
            Self::Absent => "ABSENT",
            Self::Closed => "CLOSED",
            Self::NotCalled => "NOT_CALLED",
            Self::AlreadyCalled => "ALREADY_CALLED",
            Self::TooManyOrganizations => "TOO_MANY_ORGANIZATIONS",
            Self::TooManyEntries => "TOO_MANY_ENTRIES",
        }
    }
}

/// What follows from a command.
pub fn decide(room: Option<&Room>, command: &Command) -> Result<Vec<Event>, Refusal> {
    match (room, command) {
        (None, Command::Open(opening)) if opening.called.contains(&opening.opener) => {
            Err(Refusal::AlreadyCalled)
        }
        (None, Command::Open(opening)) if opening.called.len() > MOST_CALLED => {
            Err(Refusal::TooManyOrganizations)
        }
        (None, Command::Open(opening)) => Ok(vec![Event::Opened(opening.clone())]),
        (Some(_), Command::Open(_)) => Err(Refusal::AlreadyOpened),
        (None, Command::Call { .. } | Command::Contribute { .. } | Command::Close { .. }) => {
            Err(Refusal::Absent)
        }
        (Some(room), _) if room.closing.is_some() => Err(Refusal::Closed),
        (Some(room), Command::Call { called, .. }) if room.holds(called) => Err(Refusal::AlreadyCalled),
        (Some(room), Command::Call { .. }) if room.opening.called.len() >= MOST_CALLED => {
            Err(Refusal::TooManyOrganizations)
        }
        (Some(_), Command::Call { called, .. }) => Ok(vec![Event::Called(called.clone())]),
        (Some(room), Command::Contribute { by }) if !room.holds(by) => Err(Refusal::NotCalled),
        (Some(room), Command::Contribute { .. }) if room.entries >= MOST_ENTRIES => {
            Err(Refusal::TooManyEntries)
        }
        (Some(_), Command::Contribute { by }) => Ok(vec![Event::Contributed(by.clone())]),
        (Some(_), Command::Close { summary, .. }) => Ok(vec![Event::Closed { summary: summary.clone() }]),
    }
}

/// What a room is after an event.
///
/// # Panics
/// When the event cannot follow: a history that says so is damaged, or the program is wrong.
pub fn evolve(room: Option<Room>, at: Timestamp, event: &Event) -> Room {
    match (room, event) {
        (None, Event::Opened(opening)) => {
            Room { opening: opening.as_ref().clone(), opened_at: at, entries: 0, closing: None }
        }
        (Some(mut room), Event::Called(party)) => {
            room.opening.called.insert(party.clone());
            room
        }
        (Some(room), Event::Contributed(_)) => Room { entries: room.entries + 1, ..room },
        (Some(room), Event::Closed { summary }) => {
            Room { closing: Some(Closing { summary: summary.clone(), at }), ..room }
        }
        (room, event) => panic!("{event:?} cannot follow {room:?}"),
    }
}
