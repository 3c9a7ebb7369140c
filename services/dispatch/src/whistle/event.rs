//! What happened to a whistle. When it happened is stored beside the event.

use std::collections::{BTreeMap, BTreeSet};

use gongzhi_proto::ids::{AreaCode, CaseId, CategoryCode, DepartmentCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state::{Kind, Level};
use crate::clock::{Clock, ClockKind};

/// Something that happened to a whistle. Carries what was computed when it was decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are those of the command that led to it")]
pub enum Event {
    /// It was sounded; every clock of every department runs.
    WhistleSounded {
        case_id: CaseId,
        area: AreaCode,
        category: CategoryCode,
        kind: Kind,
        level: Level,
        departments: BTreeSet<DepartmentCode>,
        request: String,
        clocks: Vec<Clock>,
    },
    /// A department signed for it.
    DepartmentSignedFor { department: DepartmentCode, late: bool },
    /// A department made contact.
    DepartmentMadeContact { department: DepartmentCode, late: bool },
    /// A department reported in.
    DepartmentReportedIn { department: DepartmentCode, late: bool },
    /// A department has done its part.
    DepartmentFinished { department: DepartmentCode, summary: String, late: bool },
    /// A department handed in evidence.
    EvidenceHandedIn { department: DepartmentCode, text: String, references: Vec<String> },
    /// A department took a task.
    TaskAgreed { department: DepartmentCode, task: String },
    /// A department refused; the arbiter decides and its clocks run on.
    SummonsRefused { department: DepartmentCode, reason: String },
    /// The arbiter decided that it must come.
    SummonsUpheld { department: DepartmentCode, reason: String },
    /// The arbiter decided that it need not come.
    DepartmentExcused { department: DepartmentCode, reason: String },
    /// Its part was sent back.
    ReworkOrdered { department: DepartmentCode, reason: String, clock: Clock },
    /// Every joined department is done.
    WhistleFinished,
    /// The joint result was accepted.
    ResultAccepted { summary: String, late: bool },
    /// It was withdrawn.
    WhistleWithdrawn { reason: String },
    /// Its clocks stand still.
    ClocksSuspended { until_at: Timestamp },
    /// Its clocks run again, with what was left.
    ClocksResumed { resumed_at: Timestamp, clocks: BTreeMap<DepartmentCode, Vec<Clock>> },
    /// A department was reminded of a clock that is running out.
    DepartmentReminded { department: DepartmentCode, clock: ClockKind, due_at: Timestamp },
    /// A department let a clock run out and is under supervision.
    DepartmentSupervised { department: DepartmentCode, clock: ClockKind, due_at: Timestamp },
}

impl Event {
    /// The name of the event on timelines and in facts.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::WhistleSounded { .. } => "whistle_sounded",
            Self::DepartmentSignedFor { .. } => "department_signed_for",
            Self::DepartmentMadeContact { .. } => "department_made_contact",
            Self::DepartmentReportedIn { .. } => "department_reported_in",
            Self::DepartmentFinished { .. } => "department_finished",
            Self::EvidenceHandedIn { .. } => "evidence_handed_in",
            Self::TaskAgreed { .. } => "task_agreed",
            Self::SummonsRefused { .. } => "summons_refused",
            Self::SummonsUpheld { .. } => "summons_upheld",
            Self::DepartmentExcused { .. } => "department_excused",
            Self::ReworkOrdered { .. } => "rework_ordered",
            Self::WhistleFinished => "whistle_finished",
            Self::ResultAccepted { .. } => "result_accepted",
            Self::WhistleWithdrawn { .. } => "whistle_withdrawn",
            Self::ClocksSuspended { .. } => "clocks_suspended",
            Self::ClocksResumed { .. } => "clocks_resumed",
            Self::DepartmentReminded { .. } => "department_reminded",
            Self::DepartmentSupervised { .. } => "department_supervised",
        }
    }

    /// The department concerned; none when it concerns all of them.
    pub const fn department(&self) -> Option<&DepartmentCode> {
        match self {
            Self::DepartmentSignedFor { department, .. }
            | Self::DepartmentMadeContact { department, .. }
            | Self::DepartmentReportedIn { department, .. }
            | Self::DepartmentFinished { department, .. }
            | Self::EvidenceHandedIn { department, .. }
            | Self::TaskAgreed { department, .. }
            | Self::SummonsRefused { department, .. }
            | Self::SummonsUpheld { department, .. }
            | Self::DepartmentExcused { department, .. }
            | Self::ReworkOrdered { department, .. }
            | Self::DepartmentReminded { department, .. }
            | Self::DepartmentSupervised { department, .. } => Some(department),
            Self::WhistleSounded { .. }
            | Self::WhistleFinished
            | Self::ResultAccepted { .. }
            | Self::WhistleWithdrawn { .. }
            | Self::ClocksSuspended { .. }
            | Self::ClocksResumed { .. } => None,
        }
    }
}
