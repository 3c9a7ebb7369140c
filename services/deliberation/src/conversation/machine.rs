//! The law of a conversation: pure, total, no clock, no ids of its own.
//!
//! ```text
//! open ──print slips──▶ open, printed ──its time has passed, or a reason──▶ closed
//! ```

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state::{Closing, Conversation, Counts, Plan};

/// What may be asked of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 启动征集
    Open {
        /// What is asked.
        plan: Box<Plan>,
        /// True when its topic is open or scheduled.
        topic_is_open: bool,
    },
    /// 打印凭证
    PrintSlips,
    /// 结束征集
    Close {
        /// How much was said.
        counts: Counts,
        /// Why before its time.
        reason: Option<String>,
    },
}

/// What can happen to a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was opened.
    Opened(Box<Plan>),
    /// Its slips were given out to be printed.
    SlipsPrinted,
    /// It was closed.
    Closed {
        /// What may be told of how much was said.
        counts: Counts,
        /// Why before its time.
        reason: Option<String>,
    },
}

/// How the law says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is one of this identity.
    #[error("this conversation was opened already")]
    AlreadyOpened,
    /// There is none.
    #[error("there is no such conversation")]
    Absent,
    /// The topic is over.
    #[error("the topic is neither open nor scheduled")]
    TopicNotOpen,
    /// They exist.
    #[error("the slips were printed already; they are printed once, so that nobody holds a second one")]
    SlipsAlreadyPrinted,
    /// Not yet.
    #[error("the conversation goes on until its time has passed; closing it earlier takes a reason")]
    StillOpen,
    /// It is over.
    #[error("the conversation was closed")]
    Closed,
    /// Few can be told apart.
    #[error("fewer than 30 people took part: what each said could be told from the record, so there is none")]
    TooFewForExport,
}

impl Refusal {
    /// The word for it on the wire.
    pub fn word(&self) -> &'static str {
        match self {
            Self::AlreadyOpened => "ALREADY_OPENED",
            Self::Absent => "ABSENT",
            Self::TopicNotOpen => "TOPIC_NOT_OPEN",
            Self::SlipsAlreadyPrinted => "SLIPS_ALREADY_PRINTED",
            Self::StillOpen => "STILL_OPEN",
            Self::Closed => "CONVERSATION_CLOSED",
            Self::TooFewForExport => "TOO_FEW_FOR_EXPORT",
        }
    }
}

/// No record is given out of fewer people.
const FEWEST_EXPORTED: usize = 30;

/// What follows from a command.
pub fn decide(
    conversation: Option<&Conversation>,
    at: Timestamp,
    command: &Command,
) -> Result<Vec<Event>, Refusal> {
    let conversation = match (conversation, command) {
        (None, Command::Open { topic_is_open: false, .. }) => return Err(Refusal::TopicNotOpen),
        (None, Command::Open { plan, .. }) => return Ok(vec![Event::Opened(plan.clone())]),
        (Some(_), Command::Open { .. }) => return Err(Refusal::AlreadyOpened),
        (None, _) => return Err(Refusal::Absent),
        (Some(conversation), _) => conversation,
    };
    if conversation.closing.is_some() {
        return Err(Refusal::Closed);
    }
    match command {
        Command::Open { .. } => Err(Refusal::AlreadyOpened),
        Command::PrintSlips if conversation.slips_printed_at.is_some() => Err(Refusal::SlipsAlreadyPrinted),
        Command::PrintSlips => Ok(vec![Event::SlipsPrinted]),
        Command::Close { counts, reason } => {
            let early = at < conversation.plan.closes_at;
            if early && reason.is_none() {
                return Err(Refusal::StillOpen);
            }
            let reason = reason.clone().filter(|_| early);
            Ok(vec![Event::Closed { counts: counts.told(), reason }])
        }
    }
}

/// Says whether the record of a conversation in which so many took part is given out.
pub fn export(conversation: &Conversation, participants: usize) -> Result<(), Refusal> {
    if conversation.closing.is_none() {
        return Err(Refusal::StillOpen);
    }
    if participants < FEWEST_EXPORTED { Err(Refusal::TooFewForExport) } else { Ok(()) }
}

/// What a conversation is after an event.
///
/// # Panics
/// When the event cannot follow: a history that says so is damaged, or the program is wrong.
pub fn evolve(conversation: Option<Conversation>, at: Timestamp, event: &Event) -> Conversation {
    match (conversation, event) {
        (None, Event::Opened(plan)) => {
            Conversation { plan: plan.as_ref().clone(), opened_at: at, slips_printed_at: None, closing: None }
        }
        (Some(conversation), Event::SlipsPrinted) => {
            Conversation { slips_printed_at: Some(at), ..conversation }
        }
        (Some(conversation), Event::Closed { reason, .. }) => {
            Conversation { closing: Some(Closing { at, reason: reason.clone() }), ..conversation }
        }
        (conversation, event) => panic!("{event:?} cannot follow {conversation:?}"),
    }
}
