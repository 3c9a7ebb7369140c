//! The law of a topic: pure, total, no clock, no ids of its own. What speaks for a topic is counted and never weighed.
//!
//! ```text
//! open ──schedule──▶ scheduled ──resolve──▶ resolved        scheduled ──schedule──▶ scheduled (for a later session)
//!   └──merge──▶ merged      └──decline──▶ declined          scheduled ──merge, decline──▶ merged, declined
//! ```

use std::collections::BTreeMap;

use gongzhi_proto::ids::{AgendaId, AreaCode, ResolutionId, TopicId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state::{Beginning, Gate, MOST_HOUSEHOLDS, Stage, Topic, Wording};

/// What may be asked of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 提出, or raised by the system.
    Begin(Box<Beginning>),
    /// 拟定表述
    Word(Wording),
    /// 附议
    Support {
        /// Digest of the household.
        household: String,
        /// Where it lives.
        building: AreaCode,
    },
    /// 优先事由
    SetGate(Gate),
    /// 并入: itself is closed.
    MergeInto {
        /// The one that goes on.
        into: TopicId,
        /// Why.
        reason: String,
    },
    /// 吸收: takes over what speaks for another one.
    Absorb {
        /// The one that is closed.
        from: TopicId,
        /// Its households.
        households: BTreeMap<String, AreaCode>,
        /// Places whose cases were behind it.
        places: BTreeMap<String, Timestamp>,
    },
    /// 不予上会
    Decline {
        /// Why.
        reason: String,
    },
    /// 列入议程
    Schedule {
        /// Which agenda.
        agenda: AgendaId,
        /// When the session meets.
        meets_at: Timestamp,
        /// From when it may be voted on.
        votable_from: Timestamp,
    },
    /// 形成决议
    Resolve {
        /// Which.
        resolution: ResolutionId,
    },
}

/// What can happen to a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It began.
    Begun(Box<Beginning>),
    /// It has other words.
    Worded(Wording),
    /// A household wants it.
    Supported {
        /// Digest of the household.
        household: String,
        /// Where it lives.
        building: AreaCode,
    },
    /// It goes first.
    Gated(Gate),
    /// It went into another one.
    Merged {
        /// Which.
        into: TopicId,
        /// Why.
        reason: String,
    },
    /// It took over what speaks for another one.
    Absorbed {
        /// Which.
        from: TopicId,
        /// Its households.
        households: BTreeMap<String, AreaCode>,
        /// Places whose cases were behind it.
        #[serde(default)]
        places: BTreeMap<String, Timestamp>,
    },
    /// It was declined.
    Declined {
        /// Why.
        reason: String,
    },
    /// It is on an agenda.
    Scheduled {
        /// Which.
        agenda: AgendaId,
        /// When the session meets.
        meets_at: Timestamp,
        /// From when it may be voted on.
        votable_from: Timestamp,
    },
    /// It came to a resolution.
    Resolved {
        /// Which.
        resolution: ResolutionId,
    },
    /// A case was behind it: in a history of the time when topics noted their cases, which are counted when somebody looks now.
    CaseNoted {},
    /// A case behind it came back, in such a history.
    CaseReopened {},
    /// A case behind it was void, in such a history.
    CaseForgotten {},
}

/// How the law says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is one of this identity.
    #[error("this topic was proposed already")]
    AlreadyBegun,
    /// There is none.
    #[error("there is no such topic")]
    Absent,
    /// Nobody has worded it.
    #[error("the system raised this topic and nobody has worded it yet; word it first")]
    NotWorded,
    /// What is published keeps its words.
    #[error("the topic is on a published agenda and keeps its words")]
    Published,
    /// It is not on an agenda.
    #[error("the topic is on no published agenda; what was not published is not decided")]
    NotScheduled,
    /// It has ended.
    #[error("the topic was {0}; nothing more happens to it")]
    Ended(&'static str),
    /// It cannot go into itself.
    #[error("a topic cannot be merged into itself, or into one of another community")]
    CannotMerge,
    /// Too many.
    #[error("at most {MOST_HOUSEHOLDS} households are noted for a topic")]
    TooManyHouseholds,
}

impl Refusal {
    /// The word for it on the wire.
    pub fn word(&self) -> &'static str {
        match self {
            Self::AlreadyBegun => "ALREADY_BEGUN",
            Self::Absent => "ABSENT",
            Self::NotWorded => "NOT_WORDED",
            Self::Published => "PUBLISHED",
            Self::NotScheduled => "NOT_SCHEDULED",
            Self::Ended(_) => "TOPIC_ENDED",
            Self::CannotMerge => "CANNOT_MERGE",
            Self::TooManyHouseholds => "TOO_MANY_HOUSEHOLDS",
        }
    }
}

/// What follows from a command.
pub fn decide(topic: Option<&Topic>, command: &Command) -> Result<Vec<Event>, Refusal> {
    let topic = match (topic, command) {
        (None, Command::Begin(beginning)) => return Ok(vec![Event::Begun(beginning.clone())]),
        (Some(_), Command::Begin(_)) => return Err(Refusal::AlreadyBegun),
        (None, _) => return Err(Refusal::Absent),
        (Some(topic), _) => topic,
    };
    let ended = match &topic.stage {
        Stage::Open | Stage::Scheduled { .. } => None,
        Stage::Merged { .. } => Some("merged"),
        Stage::Declined { .. } => Some("declined"),
        Stage::Resolved { .. } => Some("resolved"),
    };
    match ended {
        Some(how) => Err(Refusal::Ended(how)),
        None => asked(topic, command),
    }
}

/// What follows for a topic that has not ended.
fn asked(topic: &Topic, command: &Command) -> Result<Vec<Event>, Refusal> {
    let scheduled = matches!(topic.stage, Stage::Scheduled { .. });
    match command {
        Command::Word(_) if scheduled => Err(Refusal::Published),
        Command::Word(wording) if topic.wording.as_ref() == Some(wording) => Ok(Vec::new()),
        Command::Word(wording) => Ok(vec![Event::Worded(wording.clone())]),
        Command::Support { household, .. } if topic.households.contains_key(household) => Ok(Vec::new()),
        Command::Support { .. } if topic.households.len() >= MOST_HOUSEHOLDS => {
            Err(Refusal::TooManyHouseholds)
        }
        Command::Support { household, building } => {
            Ok(vec![Event::Supported { household: household.clone(), building: building.clone() }])
        }
        Command::SetGate(gate) if topic.gate.as_ref() == Some(gate) => Ok(Vec::new()),
        Command::SetGate(gate) => Ok(vec![Event::Gated(gate.clone())]),
        Command::MergeInto { into, reason } => {
            Ok(vec![Event::Merged { into: *into, reason: reason.clone() }])
        }
        Command::Absorb { from, households, places } => {
            let (households, places) = (households.clone(), places.clone());
            Ok(vec![Event::Absorbed { from: *from, households, places }])
        }
        Command::Decline { reason } => Ok(vec![Event::Declined { reason: reason.clone() }]),
        Command::Schedule { .. } if topic.wording.is_none() => Err(Refusal::NotWorded),
        Command::Schedule { agenda, meets_at, votable_from } => {
            let (agenda, meets_at, votable_from) = (*agenda, *meets_at, *votable_from);
            Ok(vec![Event::Scheduled { agenda, meets_at, votable_from }])
        }
        Command::Resolve { .. } if !scheduled => Err(Refusal::NotScheduled),
        Command::Resolve { resolution } => Ok(vec![Event::Resolved { resolution: *resolution }]),
        Command::Begin(_) => Err(Refusal::AlreadyBegun),
    }
}
