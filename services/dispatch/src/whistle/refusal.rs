//! Why the law of whistles says no.

use gongzhi_proto::ids::{AreaCode, DepartmentCode};

/// Why a command on a whistle was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such whistle.
    #[error("there is no such whistle")]
    NoSuchWhistle,
    /// It was sounded before.
    #[error("the whistle was sounded already")]
    AlreadySounded,
    /// A whistle calls somebody.
    #[error("a whistle calls at least one department")]
    NoDepartment,
    /// A sub-district sounds it.
    #[error("a whistle is sounded within a sub-district, and {0} is wider")]
    AreaTooWide(AreaCode),
    /// The joint result was accepted before.
    #[error("the joint result was accepted already")]
    AlreadyAccepted,
    /// It was withdrawn.
    #[error("the whistle was withdrawn")]
    Withdrawn,
    /// It does not call this department.
    #[error("{0} is not called by this whistle")]
    NotCalled(DepartmentCode),
    /// The arbiter excused it.
    #[error("{0} is excused from this whistle")]
    Excused(DepartmentCode),
    /// It must report in first.
    #[error("{0} has not reported in yet; report in first")]
    NotReportedIn(DepartmentCode),
    /// What is done is done.
    #[error("the part of {0} is done already")]
    AlreadyDone(DepartmentCode),
    /// The arbiter decided twice.
    #[error("{0} has refused this summons twice and the arbiter decided; it cannot be refused again")]
    RefusedTooOften(DepartmentCode),
    /// There is nothing to decide.
    #[error("no refusal of {0} waits for a decision")]
    NoRefusalOpen(DepartmentCode),
    /// Its part is not done yet.
    #[error("the part of {0} is not done yet")]
    NotDone(DepartmentCode),
    /// Nobody leaves before all is done.
    #[error("not every joined department is done: {} still at work", .waiting_for.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    NotFinished {
        /// Those that are still at work.
        waiting_for: Vec<DepartmentCode>,
    },
}

impl Refusal {
    /// The word for it in error details.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::NoSuchWhistle => "NO_SUCH_WHISTLE",
            Self::AlreadySounded => "ALREADY_SOUNDED",
            Self::NoDepartment => "NO_DEPARTMENT",
            Self::AreaTooWide(_) => "AREA_TOO_WIDE",
            Self::AlreadyAccepted => "ALREADY_ACCEPTED_RESULT",
            Self::Withdrawn => "WHISTLE_WITHDRAWN",
            Self::NotCalled(_) => "NOT_CALLED",
            Self::Excused(_) => "EXCUSED",
            Self::NotReportedIn(_) => "NOT_REPORTED_IN",
            Self::AlreadyDone(_) => "ALREADY_DONE",
            Self::RefusedTooOften(_) => "REFUSED_TOO_OFTEN",
            Self::NoRefusalOpen(_) => "NO_REFUSAL_OPEN",
            Self::NotDone(_) => "NOT_DONE",
            Self::NotFinished { .. } => "NOT_FINISHED",
        }
    }
}
