//! Why the law of cases says no.

use gongzhi_proto::ids::{AreaCode, CategoryCode, GridId, WhistleId};
use jiff::Timestamp;

use super::state::Rung;

/// Why a command on a case was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such case.
    #[error("there is no such case")]
    NoSuchCase,
    /// The case is registered already.
    #[error("the case is registered already")]
    AlreadyRegistered,
    /// The category is not on the list.
    #[error("{0} is not a category")]
    UnknownCategory(CategoryCode),
    /// A case needs a community, an estate or a building.
    #[error("a case lies in a community, an estate or a building, and {0} is none")]
    AreaTooWide(AreaCode),
    /// The grid belongs to another community.
    #[error("grid {0} does not belong to the community of the place")]
    GridElsewhere(GridId),
    /// The case must be accepted first.
    #[error("the case is not accepted yet")]
    NotAccepted,
    /// The case was accepted before.
    #[error("the case is accepted already")]
    AlreadyAccepted,
    /// The three parties must conclude first.
    #[error("the three parties have not concluded yet")]
    ConsultationOpen,
    /// No consultation is open.
    #[error("no consultation is open")]
    NoConsultation,
    /// The case does not lie in an estate.
    #[error("the case does not lie in an estate")]
    NotInEstate,
    /// Only the community convenes the three parties.
    #[error("only the community convenes the three parties, and the case stands at the {0}")]
    NotAtCommunity(Rung),
    /// In an estate the three parties must first find that it is beyond them.
    #[error("the three parties of the estate must first find that it is beyond them")]
    ConsultationFirst,
    /// There is no rung above the district.
    #[error("there is no rung above the district")]
    AtTop,
    /// Only the sub-district sounds a whistle.
    #[error("only the sub-district sounds a whistle, and the case stands at the {0}")]
    NotAtSubDistrict(Rung),
    /// A whistle must be accepted or withdrawn first.
    #[error("whistle {0} is open on the case")]
    WhistleOpen(WhistleId),
    /// No whistle is open.
    #[error("no whistle is open on the case")]
    NoWhistle,
    /// The case is not declared done.
    #[error("the case is not declared done")]
    NotSettled,
    /// The case was declared done before.
    #[error("the case is declared done already")]
    AlreadySettled,
    /// The case was verified before.
    #[error("the case is verified already and its reporters are being visited")]
    AlreadyVerified,
    /// The case is declared done; a new report makes a new case.
    #[error("the case is declared done already; a new report makes a new case")]
    ReportAnew,
    /// A suspension waits for approval.
    #[error("a suspension waits for approval already")]
    SuspensionPending,
    /// The clocks stand still already.
    #[error("the clocks stand still until {0} already")]
    AlreadySuspended(Timestamp),
    /// No suspension waits for approval.
    #[error("no suspension waits for approval")]
    NoSuspensionRequested,
    /// A suspension ends in the future and within 90 days.
    #[error("a suspension ends after now and not after {latest}")]
    UntilOutOfRange {
        /// The latest instant that could be approved.
        latest: Timestamp,
    },
    /// The case has fewer reporters.
    #[error("the case has no reporter {0}")]
    NoSuchReporter(u32),
    /// How the reporter can be reached was erased.
    #[error("how reporter {0} can be reached was erased on request and cannot be read any more")]
    ContactErased(u32),
    /// The case is closed; a new report makes a new case.
    #[error("the case is closed; a new report makes a new case")]
    Closed,
    /// The case is void; a new report makes a new case.
    #[error("the case is void; a new report makes a new case")]
    Void,
}

impl Refusal {
    /// The word for it in error details.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::NoSuchCase => "NO_SUCH_CASE",
            Self::AlreadyRegistered => "ALREADY_REGISTERED",
            Self::UnknownCategory(_) => "UNKNOWN_CATEGORY",
            Self::AreaTooWide(_) => "AREA_TOO_WIDE",
            Self::GridElsewhere(_) => "GRID_ELSEWHERE",
            Self::NotAccepted => "NOT_ACCEPTED",
            Self::AlreadyAccepted => "ALREADY_ACCEPTED",
            Self::ConsultationOpen => "CONSULTATION_OPEN",
            Self::NoConsultation => "NO_CONSULTATION",
            Self::NotInEstate => "NOT_IN_ESTATE",
            Self::NotAtCommunity(_) => "NOT_AT_COMMUNITY",
            Self::ConsultationFirst => "CONSULTATION_FIRST",
            Self::AtTop => "AT_TOP",
            Self::NotAtSubDistrict(_) => "NOT_AT_SUB_DISTRICT",
            Self::WhistleOpen(_) => "WHISTLE_OPEN",
            Self::NoWhistle => "NO_WHISTLE",
            Self::NotSettled => "NOT_SETTLED",
            Self::AlreadySettled => "ALREADY_SETTLED",
            Self::AlreadyVerified => "ALREADY_VERIFIED",
            Self::ReportAnew => "REPORT_ANEW",
            Self::SuspensionPending => "SUSPENSION_PENDING",
            Self::AlreadySuspended(_) => "ALREADY_SUSPENDED",
            Self::NoSuspensionRequested => "NO_SUSPENSION_REQUESTED",
            Self::UntilOutOfRange { .. } => "UNTIL_OUT_OF_RANGE",
            Self::NoSuchReporter(_) => "NO_SUCH_REPORTER",
            Self::ContactErased(_) => "CONTACT_ERASED",
            Self::Closed => "CASE_CLOSED",
            Self::Void => "CASE_VOID",
        }
    }
}
