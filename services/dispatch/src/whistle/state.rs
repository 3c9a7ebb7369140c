//! The state of a whistle: one sheet, and on it one summons per called department with clocks of its own.

use std::collections::BTreeMap;

use gongzhi_proto::ids::{AreaCode, CaseId, CategoryCode, DepartmentCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::clock::{Clock, ClockKind};

/// What a whistle is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 综合执法
    JointEnforcement,
    /// 重点工作
    PriorityWork,
    /// 应急处置: every hour counts.
    Emergency,
}

/// Who must come in person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 蓝牌: the head of the section.
    Blue,
    /// 黄牌: the deputy in charge, on the spot.
    Yellow,
    /// 红牌: the head of the department.
    Red,
}

/// How the arbiter decides a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// 维持吹哨
    Stands,
    /// 免除
    Excused,
}

/// Where a whistle stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum Phase {
    /// 响应中
    Sounded,
    /// 待验收: every joined department is done.
    Finished,
    /// 已验收
    Accepted {
        /// When.
        accepted_at: Timestamp,
        /// What was achieved.
        summary: String,
    },
    /// 已撤回
    Withdrawn {
        /// When.
        withdrawn_at: Timestamp,
        /// Why.
        reason: String,
    },
}

impl Phase {
    /// The word for it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Sounded => "sounded",
            Self::Finished => "finished",
            Self::Accepted { .. } => "accepted",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }
}

/// Where one department stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SummonsPhase {
    /// 待签收
    Called,
    /// 已签收
    SignedFor,
    /// 已联系
    Contacted,
    /// 已报到
    ReportedIn,
    /// 已完成
    Done,
    /// 已免除
    Excused,
}

/// One called department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summons {
    /// Where it stands.
    pub phase: SummonsPhase,
    /// Its clocks: sign for, contact, report in, finish; a rework adds a further finish.
    pub clocks: Vec<Clock>,
    /// Why it holds that it is not the one to come, while the arbiter has not decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_refusal: Option<String>,
    /// How often it refused.
    pub refusals: u32,
    /// How often it was reminded.
    pub reminders: u32,
    /// True from the moment it is under supervision (督办).
    pub supervised: bool,
    /// The task agreed on the shared timeline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// How often its part was sent back.
    pub reworks: u32,
}

impl Summons {
    /// True unless the arbiter excused it.
    pub fn is_joined(&self) -> bool {
        self.phase != SummonsPhase::Excused
    }

    /// The open clock of a kind.
    pub fn open_clock(&self, kind: ClockKind) -> Option<&Clock> {
        self.clocks.iter().find(|clock| clock.kind == kind && clock.is_open())
    }
}

/// A whistle (吹哨单).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Whistle {
    /// The case to which departments are called.
    pub case_id: CaseId,
    /// Where the case is.
    pub area: AreaCode,
    /// What the case is about.
    pub category: CategoryCode,
    /// What it is for.
    pub kind: Kind,
    /// Who must come in person.
    pub level: Level,
    /// What is asked.
    pub request: String,
    /// When it was sounded; every clock of every department started then.
    pub sounded_at: Timestamp,
    /// Where it stands.
    #[serde(flatten)]
    pub phase: Phase,
    /// The called departments.
    pub summonses: BTreeMap<DepartmentCode, Summons>,
    /// Until when its clocks stand still.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended_until: Option<Timestamp>,
}

impl Whistle {
    /// True until it is accepted or withdrawn.
    pub fn is_open(&self) -> bool {
        match self.phase {
            Phase::Sounded | Phase::Finished => true,
            Phase::Accepted { .. } | Phase::Withdrawn { .. } => false,
        }
    }

    /// True while the arbiter has a refusal to decide.
    pub fn has_open_refusal(&self) -> bool {
        self.is_open() && self.summonses.values().any(|summons| summons.open_refusal.is_some())
    }

    /// Every called department, the excused ones too.
    pub fn departments(&self) -> impl Iterator<Item = &DepartmentCode> {
        self.summonses.keys()
    }

    /// The joined departments that are not done, or whose refusal is open: nobody leaves before they are.
    pub fn waiting_for(&self) -> Vec<DepartmentCode> {
        let waits = |summons: &Summons| {
            summons.is_joined() && (summons.phase != SummonsPhase::Done || summons.open_refusal.is_some())
        };
        self.summonses.iter().filter(|(_, summons)| waits(summons)).map(|(code, _)| code.clone()).collect()
    }
}
