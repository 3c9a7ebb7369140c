//! What may be asked of a case.

use gongzhi_proto::ids::WhistleId;
use jiff::Timestamp;

use super::state::{ConsultationOutcome, Rating, Registration, Verification};

/// Something that somebody wants to happen to a case.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Registers a report (登记).
    Register(Registration),
    /// A further resident reported the same thing.
    JoinReporter,
    /// Accepts it (受理).
    Accept,
    /// Convenes the three parties of the estate (三方协同).
    ConveneConsultation,
    /// Records what they concluded.
    ConcludeConsultation {
        /// What.
        outcome: ConsultationOutcome,
        /// In words.
        minutes: String,
    },
    /// Hands it one rung up the ladder (上报).
    Climb {
        /// Why.
        reason: String,
    },
    /// A whistle was sounded on it (吹哨).
    Whistle {
        /// Which.
        whistle_id: WhistleId,
    },
    /// The joint result of the whistle was accepted.
    WhistleAccepted {
        /// What was achieved.
        summary: String,
    },
    /// The whistle was withdrawn.
    WhistleWithdrawn,
    /// Declares it done (办结).
    Settle {
        /// What was done.
        summary: String,
    },
    /// Tells what was seen on the spot (核查).
    Verify {
        /// Whether it is done.
        result: Verification,
        /// What was seen.
        finding: String,
    },
    /// A reporter judged the result (回访评价). Comes over the bus, where it may be stale or come twice: it is never refused.
    RecordRating {
        /// The round that was judged.
        round: u32,
        /// Which reporter, counted from 1.
        reporter: u32,
        /// The judgement.
        rating: Rating,
    },
    /// Voids it (作废).
    Void {
        /// Why.
        reason: String,
    },
    /// Asks that its clocks stand still (缓办).
    RequestSuspension {
        /// Why.
        reason: String,
    },
    /// Lets them stand still.
    ApproveSuspension {
        /// Until when; in the future and at most 90 days away.
        until: Timestamp,
    },
    /// Lets them run on.
    RefuseSuspension {
        /// Why.
        reason: String,
    },
    /// Erases how a reporter can be reached (销毁联系方式). What the record held is destroyed in the same commit.
    EraseContact {
        /// Which reporter, counted from 1.
        reporter: u32,
        /// Why.
        reason: String,
    },
    /// Does what is due by now; nothing when nothing is.
    Tick,
}

/// A command without what it says, for asking whether it is possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the command of the same name")]
pub enum CommandKind {
    Register,
    JoinReporter,
    Accept,
    ConveneConsultation,
    ConcludeConsultation,
    Climb,
    Whistle,
    WhistleAccepted,
    WhistleWithdrawn,
    Settle,
    Verify,
    RecordRating,
    Void,
    RequestSuspension,
    ApproveSuspension,
    RefuseSuspension,
    EraseContact,
    Tick,
}

impl CommandKind {
    /// Every command, in the order of a case's life.
    pub const ALL: [Self; 18] = [
        Self::Register,
        Self::JoinReporter,
        Self::Accept,
        Self::ConveneConsultation,
        Self::ConcludeConsultation,
        Self::Climb,
        Self::Whistle,
        Self::WhistleAccepted,
        Self::WhistleWithdrawn,
        Self::Settle,
        Self::Verify,
        Self::RecordRating,
        Self::Void,
        Self::RequestSuspension,
        Self::ApproveSuspension,
        Self::RefuseSuspension,
        Self::EraseContact,
        Self::Tick,
    ];

    /// The rpc by which a person asks for it on a case that exists; none for what comes from whistles, from the bus or by itself, and
    /// for reports, which are not made on a case.
    pub const fn rpc(self) -> Option<&'static str> {
        match self {
            Self::Accept => Some("AcceptCase"),
            Self::ConveneConsultation => Some("ConveneConsultation"),
            Self::ConcludeConsultation => Some("ConcludeConsultation"),
            Self::Climb => Some("ClimbCase"),
            Self::Whistle => Some("SoundWhistle"),
            Self::Settle => Some("SettleCase"),
            Self::Verify => Some("VerifyCase"),
            Self::Void => Some("VoidCase"),
            Self::RequestSuspension => Some("RequestSuspension"),
            Self::ApproveSuspension => Some("ApproveSuspension"),
            Self::RefuseSuspension => Some("RefuseSuspension"),
            Self::EraseContact => Some("EraseContact"),
            Self::Register
            | Self::JoinReporter
            | Self::WhistleAccepted
            | Self::WhistleWithdrawn
            | Self::RecordRating
            | Self::Tick => None,
        }
    }
}

impl Command {
    /// Which command it is.
    pub const fn kind(&self) -> CommandKind {
        match self {
            Self::Register(_) => CommandKind::Register,
            Self::JoinReporter => CommandKind::JoinReporter,
            Self::Accept => CommandKind::Accept,
            Self::ConveneConsultation => CommandKind::ConveneConsultation,
            Self::ConcludeConsultation { .. } => CommandKind::ConcludeConsultation,
            Self::Climb { .. } => CommandKind::Climb,
            Self::Whistle { .. } => CommandKind::Whistle,
            Self::WhistleAccepted { .. } => CommandKind::WhistleAccepted,
            Self::WhistleWithdrawn => CommandKind::WhistleWithdrawn,
            Self::Settle { .. } => CommandKind::Settle,
            Self::Verify { .. } => CommandKind::Verify,
            Self::RecordRating { .. } => CommandKind::RecordRating,
            Self::Void { .. } => CommandKind::Void,
            Self::RequestSuspension { .. } => CommandKind::RequestSuspension,
            Self::ApproveSuspension { .. } => CommandKind::ApproveSuspension,
            Self::RefuseSuspension { .. } => CommandKind::RefuseSuspension,
            Self::EraseContact { .. } => CommandKind::EraseContact,
            Self::Tick => CommandKind::Tick,
        }
    }
}
