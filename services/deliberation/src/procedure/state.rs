//! What a procedure is: its steps with their records, and what was made public.

use std::collections::BTreeSet;

use gongzhi_proto::ids::{AreaCode, TopicId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::law::Law;

/// Whose resolution the last step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// 村民会议
    Villagers,
    /// 村民代表会议
    VillagersRepresentatives,
    /// 居民会议
    Residents,
    /// 居民代表会议
    ResidentsRepresentatives,
}

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// 党支部会提议
    Proposal,
    /// 两委会商议
    Consultation,
    /// 党员大会审议
    Review,
    /// 村民(代表)会议或居民(代表)会议决议
    Resolution,
}

impl Step {
    /// The step after it; none after the last.
    pub fn next(self) -> Option<Self> {
        match self {
            Self::Proposal => Some(Self::Consultation),
            Self::Consultation => Some(Self::Review),
            Self::Review => Some(Self::Resolution),
            Self::Resolution => None,
        }
    }
}

/// What is made public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Publication {
    /// 决议公开
    Decision,
    /// 实施结果公开
    Result,
}

/// How a procedure begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The topic.
    pub topic: TopicId,
    /// Its community.
    pub area: AreaCode,
    /// Whose resolution the last step is.
    pub body: Body,
    /// What it must reach.
    pub law: Law,
}

/// The record of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The step.
    pub step: Step,
    /// Day of the meeting.
    pub held_on: Date,
    /// Day on which it was announced, or the draft sent out.
    pub announced_on: Option<Date>,
    /// Those entitled.
    pub entitled: u32,
    /// Those present.
    pub present: u32,
    /// Those in favour.
    pub in_favour: u32,
    /// What was put forward and decided.
    pub text: String,
    /// SHA-256 of the signed paper, in hexadecimal.
    pub attachment: Option<String>,
    /// Why the second step was held together with this first one.
    pub merged: Option<String>,
}

/// A step that was held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Its record.
    pub record: Record,
    /// Whether its thresholds were reached.
    pub passed: bool,
}

/// That something was made public.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disclosure {
    /// On which day.
    pub on: Date,
    /// Where it can be read, and what it says.
    pub text: String,
    /// SHA-256 of what was posted, in hexadecimal.
    pub attachment: Option<String>,
}

/// That something was made public, as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disclosed {
    /// How.
    pub disclosure: Disclosure,
    /// Day by which it was due.
    pub due_on: Date,
    /// True when it was recorded after that day.
    pub late: bool,
}

/// Where a procedure stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 进行中
    Open {
        /// The step that is next.
        next: Step,
    },
    /// 未通过
    Failed,
    /// 已决议
    Resolved {
        /// Day by which the decision must be public.
        due_on: Date,
    },
    /// 决议已公开
    DecisionDisclosed {
        /// How.
        decision: Disclosed,
        /// Day by which the result must be public.
        due_on: Date,
    },
    /// 结果已公开
    ResultDisclosed {
        /// How the decision was made public.
        decision: Disclosed,
        /// How the result was.
        result: Disclosed,
    },
}

/// A procedure (四议两公开).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Procedure {
    /// How it began.
    pub opening: Opening,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The steps that were held.
    pub held: Vec<Held>,
    /// Where it stands.
    pub stage: Stage,
    /// Publications whose day passed without them.
    pub overdue: BTreeSet<Publication>,
}

impl Procedure {
    /// The day of the last step that was held.
    pub fn last_day(&self) -> Option<Date> {
        self.held.last().map(|held| held.record.held_on)
    }

    /// The publication that is due, and its day.
    pub fn due(&self) -> Option<(Publication, Date)> {
        match &self.stage {
            Stage::Resolved { due_on } => Some((Publication::Decision, *due_on)),
            Stage::DecisionDisclosed { due_on, .. } => Some((Publication::Result, *due_on)),
            Stage::Open { .. } | Stage::Failed | Stage::ResultDisclosed { .. } => None,
        }
    }

    /// The publication whose missing was not told yet, and its day.
    pub fn untold(&self) -> Option<(Publication, Date)> {
        self.due().filter(|(publication, _)| !self.overdue.contains(publication))
    }

    /// Whether it was resolved; none while it is open.
    pub fn outcome(&self) -> Option<bool> {
        match self.stage {
            Stage::Open { .. } => None,
            Stage::Failed => Some(false),
            Stage::Resolved { .. } | Stage::DecisionDisclosed { .. } | Stage::ResultDisclosed { .. } => {
                Some(true)
            }
        }
    }
}
