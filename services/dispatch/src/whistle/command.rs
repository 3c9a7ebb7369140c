//! What may be asked of a whistle.

use std::collections::BTreeSet;

use gongzhi_proto::ids::{AreaCode, CaseId, CategoryCode, DepartmentCode};
use jiff::Timestamp;

use super::state::{Decision, Kind, Level};

/// Something that somebody wants to happen to a whistle.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of the rpc of the same name")]
pub enum Command {
    /// Sounds it (吹哨).
    Sound {
        case_id: CaseId,
        area: AreaCode,
        category: CategoryCode,
        kind: Kind,
        level: Level,
        departments: BTreeSet<DepartmentCode>,
        request: String,
    },
    /// A department signs for it (签收).
    SignFor { department: DepartmentCode },
    /// A department has contacted the sub-district (联系).
    MakeContact { department: DepartmentCode },
    /// A department reports in on the spot (报到).
    ReportIn { department: DepartmentCode },
    /// A department has done its part.
    Finish { department: DepartmentCode, summary: String },
    /// A department hands in evidence.
    HandInEvidence { department: DepartmentCode, text: String, references: Vec<String> },
    /// A department takes an agreed task.
    AgreeTask { department: DepartmentCode, task: String },
    /// A department holds that it is not the one to come (退回).
    Refuse { department: DepartmentCode, reason: String },
    /// The arbiter decides a refusal.
    DecideRefusal { department: DepartmentCode, decision: Decision, reason: String },
    /// A department's part is sent back (返工).
    OrderRework { department: DepartmentCode, reason: String },
    /// The joint result is accepted (验收).
    Accept { summary: String },
    /// It is withdrawn.
    Withdraw { reason: String },
    /// A suspension of the case was approved: its clocks stand still too.
    Suspend { until: Timestamp },
    /// The suspension ended early.
    Resume,
    /// Does what is due by now; nothing when nothing is.
    Tick,
}

/// A command without what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the command of the same name")]
pub enum CommandKind {
    Sound,
    SignFor,
    MakeContact,
    ReportIn,
    Finish,
    HandInEvidence,
    AgreeTask,
    Refuse,
    DecideRefusal,
    OrderRework,
    Accept,
    Withdraw,
    Suspend,
    Resume,
    Tick,
}

impl CommandKind {
    /// The rpc by which a person asks for it on a whistle that exists; none for what comes from the case or by itself.
    pub const fn rpc(self) -> Option<&'static str> {
        match self {
            Self::SignFor => Some("SignFor"),
            Self::MakeContact => Some("MakeContact"),
            Self::ReportIn => Some("ReportIn"),
            Self::Finish => Some("FinishSummons"),
            Self::HandInEvidence => Some("HandInEvidence"),
            Self::AgreeTask => Some("AgreeTask"),
            Self::Refuse => Some("RefuseSummons"),
            Self::DecideRefusal => Some("DecideRefusal"),
            Self::OrderRework => Some("OrderRework"),
            Self::Accept => Some("AcceptResult"),
            Self::Withdraw => Some("WithdrawWhistle"),
            Self::Sound | Self::Suspend | Self::Resume | Self::Tick => None,
        }
    }

    /// True when a department asks for it, and only for itself.
    pub const fn is_of_department(self) -> bool {
        match self {
            Self::SignFor
            | Self::MakeContact
            | Self::ReportIn
            | Self::Finish
            | Self::HandInEvidence
            | Self::Refuse => true,
            Self::Sound
            | Self::AgreeTask
            | Self::DecideRefusal
            | Self::OrderRework
            | Self::Accept
            | Self::Withdraw
            | Self::Suspend
            | Self::Resume
            | Self::Tick => false,
        }
    }
}

impl CommandKind {
    /// Every command, in the order of a whistle's life.
    pub const ALL: [Self; 15] = [
        Self::Sound,
        Self::SignFor,
        Self::MakeContact,
        Self::ReportIn,
        Self::Finish,
        Self::HandInEvidence,
        Self::AgreeTask,
        Self::Refuse,
        Self::DecideRefusal,
        Self::OrderRework,
        Self::Accept,
        Self::Withdraw,
        Self::Suspend,
        Self::Resume,
        Self::Tick,
    ];
}

impl Command {
    /// Which command it is.
    pub const fn kind(&self) -> CommandKind {
        match self {
            Self::Sound { .. } => CommandKind::Sound,
            Self::SignFor { .. } => CommandKind::SignFor,
            Self::MakeContact { .. } => CommandKind::MakeContact,
            Self::ReportIn { .. } => CommandKind::ReportIn,
            Self::Finish { .. } => CommandKind::Finish,
            Self::HandInEvidence { .. } => CommandKind::HandInEvidence,
            Self::AgreeTask { .. } => CommandKind::AgreeTask,
            Self::Refuse { .. } => CommandKind::Refuse,
            Self::DecideRefusal { .. } => CommandKind::DecideRefusal,
            Self::OrderRework { .. } => CommandKind::OrderRework,
            Self::Accept { .. } => CommandKind::Accept,
            Self::Withdraw { .. } => CommandKind::Withdraw,
            Self::Suspend { .. } => CommandKind::Suspend,
            Self::Resume => CommandKind::Resume,
            Self::Tick => CommandKind::Tick,
        }
    }

    /// The department that acts by it; none when somebody else does.
    pub fn acting(&self) -> Option<&DepartmentCode> {
        match self {
            Self::SignFor { department }
            | Self::MakeContact { department }
            | Self::ReportIn { department }
            | Self::Finish { department, .. }
            | Self::HandInEvidence { department, .. }
            | Self::Refuse { department, .. } => Some(department),
            Self::Sound { .. }
            | Self::AgreeTask { .. }
            | Self::DecideRefusal { .. }
            | Self::OrderRework { .. }
            | Self::Accept { .. }
            | Self::Withdraw { .. }
            | Self::Suspend { .. }
            | Self::Resume
            | Self::Tick => None,
        }
    }
}
