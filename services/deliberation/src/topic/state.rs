//! What a topic is. What speaks for it is counted and never weighed.

use std::collections::{BTreeMap, BTreeSet};

use gongzhi_proto::ids::{AgendaId, AreaCode, CategoryCode, ResolutionId, TopicId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Most households that are noted for one topic: a community has no more.
pub const MOST_HOUSEHOLDS: usize = 10_000;

/// The words of a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// What it is called.
    pub title: String,
    /// What is to be decided.
    pub question: String,
}

/// Why the system raised a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// 同一地点多发
    CasesAtOnePlace,
    /// 同类诉求集中
    ClusterOfDemands,
}

/// Where a topic comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A person proposed it.
    Proposed,
    /// The system raised it.
    Raised {
        /// Why.
        reason: Reason,
        /// So many cases had come together.
        #[serde(default)]
        cases: u32,
        /// Where, in a history of the time when topics noted their cases; it is among the places of the topic now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<String>,
    },
}

/// What lets a topic go before the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateKind {
    /// 安全
    Safety,
    /// 法定时限
    LegalDeadline,
}

/// A gate: it goes first, by its date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// Why.
    pub kind: GateKind,
    /// Day by which it must be decided.
    pub due_on: Date,
    /// Where that is written.
    pub source: String,
}

/// Where a topic stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It waits.
    Open,
    /// It is on a published agenda.
    Scheduled {
        /// Which.
        agenda: AgendaId,
        /// When the session meets.
        meets_at: Timestamp,
        /// From when it may be voted on.
        votable_from: Timestamp,
    },
    /// It went into another one.
    Merged {
        /// Which.
        into: TopicId,
        /// Why.
        reason: String,
    },
    /// It was declined.
    Declined {
        /// Why.
        reason: String,
    },
    /// It came to a resolution.
    Resolved {
        /// On which agenda it was.
        agenda: AgendaId,
        /// Which.
        resolution: ResolutionId,
    },
}

/// How a topic begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beginning {
    /// Where: a community, an estate or a building.
    pub area: AreaCode,
    /// Its words; none while the system raised it and nobody has worded it.
    pub wording: Option<Wording>,
    /// Category of the matter.
    pub category: CategoryCode,
    /// Where it comes from.
    pub origin: Origin,
    /// Places, or communities with a category, whose cases are behind it, each with the instant from which they count.
    #[serde(default)]
    pub places: BTreeMap<String, Timestamp>,
    /// Cases behind it, in a history of the time when topics noted them.
    #[serde(default, rename = "cases", skip_serializing_if = "Vec::is_empty")]
    pub noted: Vec<Noted>,
}

/// A case as a topic noted it once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// When it was registered.
    pub registered_at: Timestamp,
}

/// A topic (议题).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// Where.
    pub area: AreaCode,
    /// Its words.
    pub wording: Option<Wording>,
    /// Category of the matter.
    pub category: CategoryCode,
    /// Where it comes from.
    pub origin: Origin,
    /// When.
    pub proposed_at: Timestamp,
    /// What lets it go first.
    pub gate: Option<Gate>,
    /// Digests of the households that want it, with where they live.
    pub households: BTreeMap<String, AreaCode>,
    /// Places, or communities with a category, whose cases are behind it, each with the instant from which they count. The cases themselves are in no topic: they
    /// are counted when somebody looks.
    pub places: BTreeMap<String, Timestamp>,
    /// Where it stands.
    pub stage: Stage,
    /// When it was declined or resolved: later cases are not behind it.
    pub ended_at: Option<Timestamp>,
}

impl Topic {
    /// Codes of the buildings in which households live that want it. Only codes of buildings count as buildings.
    pub fn buildings(&self) -> BTreeSet<&str> {
        self.households.values().map(AreaCode::as_str).filter(|code| code.len() == 18).collect()
    }
}
