//! The state of a case. Holds no contact data: reporters are only counted.

use std::collections::BTreeSet;
use std::fmt;

use gongzhi_proto::ids::{AreaCode, CategoryCode, GoalId, GridId, Level, WhistleId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::clock::{Clock, Limit, Term};

/// Rung of the ladder on which a case is handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rung {
    /// 社区
    Community,
    /// 街道
    SubDistrict,
    /// 区
    District,
}

impl Rung {
    /// The rung above.
    pub const fn above(self) -> Option<Self> {
        match self {
            Self::Community => Some(Self::SubDistrict),
            Self::SubDistrict => Some(Self::District),
            Self::District => None,
        }
    }

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Community => "community",
            Self::SubDistrict => "sub_district",
            Self::District => "district",
        }
    }
}

impl fmt::Display for Rung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How soon a case must be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// 一般: by the category's limit in working time.
    Normal,
    /// 紧急: life or property is in danger; every hour counts.
    Urgent,
}

/// What the three parties of an estate concluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsultationOutcome {
    /// 三方自行解决
    WithinEstate,
    /// 超出小区能力
    BeyondEstate,
}

/// What was seen on the spot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    /// 核查通过
    Confirmed,
    /// 返工
    SentBack,
}

/// How a reporter judged the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rating {
    /// 满意
    Satisfied,
    /// 基本满意
    FairlySatisfied,
    /// 不满意
    NotSatisfied,
    /// 未联系上
    NotReached,
}

impl Rating {
    /// The word for it in facts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Satisfied => "satisfied",
            Self::FairlySatisfied => "fairly_satisfied",
            Self::NotSatisfied => "not_satisfied",
            Self::NotReached => "not_reached",
        }
    }
}

/// A point on the earth, in WGS 84.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Location {
    /// Degrees east.
    pub longitude: f64,
    /// Degrees north.
    pub latitude: f64,
}

/// Where a case is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Community, estate or building.
    pub area: AreaCode,
    /// Grid in which the place lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid: Option<GridId>,
    /// Where exactly on the map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// Where exactly, in words.
    pub spot: String,
}

impl Place {
    /// True when it lies in an estate, whose three parties can be convened.
    pub fn lies_in_estate(&self) -> bool {
        self.area.level() >= Level::Estate
    }
}

/// What was reported; never changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Registration {
    /// Number that people quote.
    pub case_number: String,
    /// Category code.
    pub category: CategoryCode,
    /// How soon it must be met.
    pub urgency: Urgency,
    /// One line.
    pub title: String,
    /// In full.
    pub description: String,
    /// Where it is.
    pub place: Place,
    /// The goal of a resolution that it carries out; none for what somebody reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<GoalId>,
}

/// The terms that held when the case was registered; later limits do not change them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// From acceptance to settlement.
    pub answer: Term,
    /// From reopening to settlement.
    pub reopened: Term,
    /// The least that is given to a case that is sent back.
    pub floor: Limit,
}

/// A suspension of the clocks (缓办).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// Why.
    pub reason: String,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Until when it is approved; absent while it waits for approval, and then the clocks run on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_at: Option<Timestamp>,
}

/// One reporter's judgement of the round that is followed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rated {
    /// Which reporter, counted from 1.
    pub reporter: u32,
    /// The judgement.
    pub rating: Rating,
}

/// Where a case stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum Phase {
    /// 已登记
    Registered,
    /// 处置中
    Handling,
    /// 三方协商中
    Consulting,
    /// 已吹哨
    Whistled {
        /// The whistle that is open on it.
        whistle_id: WhistleId,
    },
    /// 已办结,待核查
    Settled {
        /// What was done.
        summary: String,
    },
    /// 待回访
    FollowingUp {
        /// Judgements so far.
        ratings: Vec<Rated>,
    },
    /// 已结案
    Closed {
        /// When.
        closed_at: Timestamp,
    },
    /// 已作废
    Void {
        /// When.
        voided_at: Timestamp,
        /// Why.
        reason: String,
    },
}

impl Phase {
    /// The word for it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Handling => "handling",
            Self::Consulting => "consulting",
            Self::Whistled { .. } => "whistled",
            Self::Settled { .. } => "settled",
            Self::FollowingUp { .. } => "following_up",
            Self::Closed { .. } => "closed",
            Self::Void { .. } => "void",
        }
    }
}

/// A case (案件).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// What was reported.
    pub registration: Registration,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// Its terms.
    pub terms: Terms,
    /// Where it stands.
    #[serde(flatten)]
    pub phase: Phase,
    /// Rung of the ladder on which it is handled, or was handled last.
    pub rung: Rung,
    /// How many residents reported it.
    pub reporters: u32,
    /// How often it was handled; 1 until it is reopened.
    pub round: u32,
    /// How often the work came back: sent back on the spot, or reopened by a reporter.
    pub reworks: u32,
    /// What the three parties concluded last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consultation: Option<ConsultationOutcome>,
    /// A suspension that is asked for or approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspension: Option<Suspension>,
    /// The reporters, counted from 1, whose contact data was erased.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub erased: BTreeSet<u32>,
    /// Its clocks, oldest first; at most the last one is open.
    pub clocks: Vec<Clock>,
}

impl Case {
    /// True when the contact data of every reporter was erased.
    pub fn is_erased(&self) -> bool {
        (1..=self.reporters).all(|reporter| self.erased.contains(&reporter))
    }

    /// The clock that counts, or stands still, at the moment.
    pub fn open_clock(&self) -> Option<&Clock> {
        self.clocks.last().filter(|clock| clock.is_open())
    }

    /// Until when its clocks stand still.
    pub fn suspended_until(&self) -> Option<Timestamp> {
        self.suspension.as_ref().and_then(|suspension| suspension.until_at)
    }

    /// The whistle that is open on it.
    pub fn whistle_id(&self) -> Option<WhistleId> {
        match &self.phase {
            Phase::Whistled { whistle_id } => Some(*whistle_id),
            Phase::Registered
            | Phase::Handling
            | Phase::Consulting
            | Phase::Settled { .. }
            | Phase::FollowingUp { .. }
            | Phase::Closed { .. }
            | Phase::Void { .. } => None,
        }
    }

    /// True once nothing more can happen to it.
    pub fn has_ended(&self) -> bool {
        match &self.phase {
            Phase::Closed { .. } | Phase::Void { .. } => true,
            Phase::Registered
            | Phase::Handling
            | Phase::Consulting
            | Phase::Whistled { .. }
            | Phase::Settled { .. }
            | Phase::FollowingUp { .. } => false,
        }
    }
}
