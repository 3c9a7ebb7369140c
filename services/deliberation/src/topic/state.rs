//! What a topic is. What speaks for it is counted and never weighed.

use std::collections::BTreeMap;

use gongzhi_proto::ids::{AgendaId, AreaCode, CaseId, CategoryCode, ResolutionId, TopicId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Most households that are noted for one topic: a community has no more.
pub const MOST_HOUSEHOLDS: usize = 10_000;
/// Most cases that are noted for one topic: more of the same say nothing more, and every one is written into its state.
pub const MOST_CASES: usize = 50;

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
        /// Place, or community and category.
        place: String,
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

/// A case behind a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseNote {
    /// The case.
    pub case: CaseId,
    /// Where.
    pub area: AreaCode,
    /// When it was registered.
    pub registered_at: Timestamp,
}

/// What is known of a case behind a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Where.
    pub area: AreaCode,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// True once it came back after it had been closed.
    pub reopened: bool,
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
    /// Cases behind it.
    pub cases: Vec<CaseNote>,
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
    /// The cases behind it.
    pub cases: BTreeMap<String, Case>,
    /// Where it stands.
    pub stage: Stage,
}

/// What speaks for a topic, counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reasons {
    /// Households.
    pub households: usize,
    /// Buildings in which they live or in which cases were.
    pub buildings: usize,
    /// Cases.
    pub cases: usize,
    /// Cases that came back.
    pub reopened_cases: usize,
    /// Since when it is known: the first case or the proposal.
    pub since: Timestamp,
}

impl Topic {
    /// Counts what speaks for it. Only codes of buildings count as buildings.
    pub fn reasons(&self) -> Reasons {
        let building = |area: &&AreaCode| area.as_str().len() == 18;
        let areas = self.households.values().chain(self.cases.values().map(|case| &case.area));
        let buildings: std::collections::BTreeSet<_> = areas.filter(building).collect();
        Reasons {
            households: self.households.len(),
            buildings: buildings.len(),
            cases: self.cases.len(),
            reopened_cases: self.cases.values().filter(|case| case.reopened).count(),
            since: self.cases.values().map(|case| case.registered_at).fold(self.proposed_at, Timestamp::min),
        }
    }
}
