//! The law of one statement: it waits, is accepted or rejected, and may be so again when somebody has looked twice. Pure, total, no clock, no ids of its own. It does
//! not say who made it.
//!
//! ```text
//! waiting ──accept──▶ accepted ◀──▶ rejected ◀──reject── waiting        a seed begins as accepted
//! ```

use gongzhi_proto::ids::AreaCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::conversation::state::Talk;

/// Why a statement is rejected. That it is unwelcome is no reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rejection {
    /// 指向个人
    NamesAPerson,
    /// 辱骂、威胁
    Abuse,
    /// 与议题无关
    OffTopic,
    /// 与已有意见重复
    Duplicate,
    /// 一条包含多个意见
    SeveralInOne,
    /// 广告
    Advertising,
}

/// Where a statement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It waits for moderation.
    Waiting,
    /// It is judged.
    Accepted,
    /// It is not shown.
    Rejected(Rejection),
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The community.
    pub area: AreaCode,
    /// What it says.
    pub text: String,
    /// True when the organisers made it.
    pub seed: bool,
    /// Where it stands.
    pub status: Status,
}

/// What may be asked of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 提交意见
    Make {
        /// The community.
        area: AreaCode,
        /// What it says.
        text: String,
        /// True when the organisers make it.
        seed: bool,
    },
    /// 采用
    Accept,
    /// 不采用
    Reject(Rejection),
}

/// What can happen to a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was made.
    Made {
        /// The community.
        area: AreaCode,
        /// What it says.
        text: String,
        /// True when the organisers made it.
        seed: bool,
    },
    /// It was accepted.
    Accepted,
    /// It was rejected.
    Rejected(Rejection),
}

/// What a statement is decided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Floor {
    /// When statements are taken.
    pub talk: Talk,
    /// True while there may be one more that is not rejected.
    pub has_room: bool,
}

/// How the law says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is one of this number.
    #[error("this statement was made already")]
    AlreadyMade,
    /// There is none.
    #[error("there is no such statement")]
    Absent,
    /// Too late.
    #[error("the conversation has ended; the statement was not taken")]
    Ended,
    /// Enough.
    #[error("the conversation has as many statements as can be judged")]
    Full,
}

impl Refusal {
    /// The word for it on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::AlreadyMade => "ALREADY_MADE",
            Self::Absent => "NO_SUCH_STATEMENT",
            Self::Ended => "CONVERSATION_ENDED",
            Self::Full => "TOO_MANY_STATEMENTS",
        }
    }
}

/// What follows from a command.
pub fn decide(
    statement: Option<&Statement>,
    at: Timestamp,
    command: &Command,
    floor: &Floor,
) -> Result<Vec<Event>, Refusal> {
    let event = match (statement.map(|statement| statement.status), command) {
        (Some(_), Command::Make { .. }) => return Err(Refusal::AlreadyMade),
        (None, Command::Accept | Command::Reject(_)) => return Err(Refusal::Absent),
        (None, Command::Make { .. }) if !floor.talk.goes_on(at) => return Err(Refusal::Ended),
        (None, Command::Make { .. }) | (Some(Status::Rejected(_)), Command::Accept) if !floor.has_room => {
            return Err(Refusal::Full);
        }
        (None, Command::Make { area, text, seed }) => {
            Event::Made { area: area.clone(), text: text.clone(), seed: *seed }
        }
        (Some(Status::Accepted), Command::Accept) => return Ok(Vec::new()),
        (Some(Status::Rejected(known)), Command::Reject(again)) if known == *again => return Ok(Vec::new()),
        (Some(_), Command::Accept) => Event::Accepted,
        // Also after the end: what hurts somebody is taken away whenever it is seen.
        (Some(_), Command::Reject(why)) => Event::Rejected(*why),
    };
    Ok(vec![event])
}

/// What a statement is after an event.
///
/// # Panics
/// When the event cannot follow: a history that says so is damaged, or the program is wrong.
pub fn evolve(statement: Option<Statement>, event: &Event) -> Statement {
    match (statement, event) {
        (None, Event::Made { area, text, seed }) => Statement {
            area: area.clone(),
            text: text.clone(),
            seed: *seed,
            status: if *seed { Status::Accepted } else { Status::Waiting },
        },
        (Some(statement), Event::Accepted) => Statement { status: Status::Accepted, ..statement },
        (Some(statement), Event::Rejected(why)) => Statement { status: Status::Rejected(*why), ..statement },
        (statement, event) => panic!("{event:?} cannot follow {statement:?}"),
    }
}
