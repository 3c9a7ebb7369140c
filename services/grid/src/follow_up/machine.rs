//! The law of a follow-up visit: opened once, recorded once, withdrawn when there is no longer anything to ask about. Knows neither who visits nor who
//! is visited: a reporter is a number here.

use std::fmt;

use gongzhi_proto::ids::{AreaCode, CaseId, GridId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A follow-up visit (回访): the result of a case is brought to one of its reporters, who judges it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// What it is about.
    pub errand: Errand,
    /// When the result was ready to be brought back.
    pub opened_at: Timestamp,
    /// How far it is.
    pub stage: Stage,
}

/// What a visit is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    /// The case whose result is brought back.
    pub case: CaseId,
    /// Round of handling that is asked about.
    pub round: i32,
    /// Which reporter of the case, counted from 1.
    pub reporter: i32,
    /// Area of the case.
    pub area: AreaCode,
    /// Grid of the case; none when its place lies in none.
    pub grid: Option<GridId>,
}

/// How far a visit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It is to be made.
    Waiting,
    /// It was made.
    Recorded {
        /// When.
        at: Timestamp,
        /// How the resident judged.
        rating: Rating,
    },
    /// It is not to be made any more.
    Withdrawn {
        /// Since when.
        at: Timestamp,
    },
}

/// How the resident judges the result (满意度).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rating {
    /// 满意
    Satisfied,
    /// 基本满意
    FairlySatisfied,
    /// 不满意
    NotSatisfied,
    /// 未能联系
    NotReached,
}

/// What may be asked of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Open it.
    Open(Errand),
    /// Record that it was made.
    Record(Rating),
    /// Withdraw it unless it was made.
    Withdraw,
}

/// What can happen to a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It waits to be made.
    Opened(Errand),
    /// It was made.
    Recorded {
        /// How the resident judged.
        rating: Rating,
    },
    /// The case was reopened or voided before it was made.
    Withdrawn,
}

/// How the rules of a visit say no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing was opened.
    NotOpened,
    /// It was made before.
    AlreadyRecorded,
    /// It is not to be made any more.
    Withdrawn,
}

impl Refusal {
    /// Stable word in capitals.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotOpened => "NOT_OPENED",
            Self::AlreadyRecorded => "ALREADY_RECORDED",
            Self::Withdrawn => "VISIT_WITHDRAWN",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotOpened => "the visit was never opened; it is opened when the case is verified",
            Self::AlreadyRecorded => "the visit is recorded already; list the visits to see the rating",
            Self::Withdrawn => "the visit was withdrawn because the case was reopened or voided; nothing is to be asked any more",
        })
    }
}

/// Tells what follows from a command; nothing if it changes nothing.
pub fn decide(state: Option<&Visit>, command: &Command) -> Result<Vec<Event>, Refusal> {
    match (state.map(|visit| visit.stage), command) {
        (None, Command::Open(errand)) => Ok(vec![Event::Opened(errand.clone())]),
        (None, Command::Record(_) | Command::Withdraw) => Err(Refusal::NotOpened),
        (Some(Stage::Waiting | Stage::Recorded { .. } | Stage::Withdrawn { .. }), Command::Open(_)) => {
            Ok(Vec::new())
        }
        (Some(Stage::Waiting), Command::Record(rating)) => Ok(vec![Event::Recorded { rating: *rating }]),
        (Some(Stage::Recorded { .. }), Command::Record(_)) => Err(Refusal::AlreadyRecorded),
        (Some(Stage::Withdrawn { .. }), Command::Record(_)) => Err(Refusal::Withdrawn),
        (Some(Stage::Waiting), Command::Withdraw) => Ok(vec![Event::Withdrawn]),
        (Some(Stage::Recorded { .. } | Stage::Withdrawn { .. }), Command::Withdraw) => Ok(Vec::new()),
    }
}

/// Tells what a visit is after an event.
pub fn evolve(state: Option<Visit>, at: Timestamp, event: &Event) -> Visit {
    match (state, event) {
        (None, Event::Opened(errand)) => {
            Visit { errand: errand.clone(), opened_at: at, stage: Stage::Waiting }
        }
        (Some(visit), Event::Recorded { rating }) => {
            Visit { stage: Stage::Recorded { at, rating: *rating }, ..visit }
        }
        (Some(visit), Event::Withdrawn) => Visit { stage: Stage::Withdrawn { at }, ..visit },
        (Some(_), Event::Opened(_)) | (None, Event::Recorded { .. } | Event::Withdrawn) => {
            panic!("a visit has {event:?} at the wrong place of its history")
        }
    }
}
