//! What happened to a case. When it happened is stored beside the event.

use gongzhi_proto::ids::WhistleId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state::{ConsultationOutcome, Rating, Registration, Rung, Terms};
use crate::clock::{Clock, ClockKind};

/// Something that happened to a case. Carries what was computed when it was decided, so that no rule is needed to follow it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A report was registered; the accept clock runs.
    CaseRegistered {
        /// What was reported.
        registration: Box<Registration>,
        /// The terms it got.
        terms: Terms,
        /// The accept clock.
        clock: Clock,
    },
    /// A further resident reported the same thing.
    ReporterJoined {
        /// Which reporter this is, counted from 1.
        reporter: u32,
    },
    /// It was accepted; the answer clock runs.
    CaseAccepted {
        /// The answer clock.
        clock: Clock,
        /// True when the limit had run out by then.
        late: bool,
    },
    /// The three parties of the estate were convened.
    ConsultationConvened,
    /// They concluded.
    ConsultationConcluded {
        /// What.
        outcome: ConsultationOutcome,
        /// In words.
        minutes: String,
    },
    /// It climbed one rung.
    CaseClimbed {
        /// The rung on which it stands now.
        rung: Rung,
        /// Why.
        reason: String,
    },
    /// A whistle was sounded on it.
    CaseWhistled {
        /// Which.
        whistle_id: WhistleId,
    },
    /// The whistle was withdrawn and the sub-district handles it again.
    CaseTakenBack {
        /// Which whistle.
        whistle_id: WhistleId,
    },
    /// It was declared done.
    CaseSettled {
        /// What was done.
        summary: String,
        /// The rung that settled it.
        rung: Rung,
        /// The round that this ends.
        round: u32,
        /// True when the limit had run out by then.
        late: bool,
    },
    /// What was declared done was not.
    CaseSentBack {
        /// What was seen.
        finding: String,
        /// The round, which goes on.
        round: u32,
        /// The new answer clock.
        clock: Clock,
    },
    /// What was declared done is done.
    CaseVerified {
        /// What was seen.
        finding: String,
        /// The round.
        round: u32,
        /// How many reporters are to be visited.
        reporters: u32,
    },
    /// A reporter judged the result.
    CaseRated {
        /// The round.
        round: u32,
        /// Which reporter, counted from 1.
        reporter: u32,
        /// The judgement.
        rating: Rating,
    },
    /// A reporter was not satisfied; it is open again.
    CaseReopened {
        /// The round that begins.
        round: u32,
        /// The rung that handles it.
        rung: Rung,
        /// The new answer clock.
        clock: Clock,
    },
    /// Every reporter was visited and none was dissatisfied.
    CaseClosed {
        /// The round that this ends.
        round: u32,
    },
    /// It should never have been one.
    CaseVoided {
        /// Why.
        reason: String,
    },
    /// A suspension was asked for; the clocks run on.
    SuspensionRequested {
        /// Why.
        reason: String,
    },
    /// A suspension was approved; the clocks stand still.
    SuspensionApproved {
        /// Until when.
        until_at: Timestamp,
    },
    /// A suspension was refused.
    SuspensionRefused {
        /// Why.
        reason: String,
    },
    /// A suspension ended, by itself or because the work went on; the clocks run again.
    SuspensionEnded {
        /// From when on the clocks run again; a timer that was late does not lengthen the suspension.
        ended_at: Timestamp,
        /// The clock with what was left given back.
        clock: Clock,
    },
    /// How a reporter can be reached was erased for ever.
    ContactErased {
        /// Which reporter, counted from 1.
        reporter: u32,
        /// Why.
        reason: String,
    },
    /// A clock is about to run out.
    CaseReminded {
        /// Which.
        clock: ClockKind,
        /// When it runs out.
        due_at: Timestamp,
    },
    /// A clock ran out before the thing was done.
    CaseOverdue {
        /// Which.
        clock: ClockKind,
        /// When it ran out.
        due_at: Timestamp,
    },
}

impl Event {
    /// The name of the event on timelines and in facts.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::CaseRegistered { .. } => "case_registered",
            Self::ReporterJoined { .. } => "reporter_joined",
            Self::CaseAccepted { .. } => "case_accepted",
            Self::ConsultationConvened => "consultation_convened",
            Self::ConsultationConcluded { .. } => "consultation_concluded",
            Self::CaseClimbed { .. } => "case_climbed",
            Self::CaseWhistled { .. } => "case_whistled",
            Self::CaseTakenBack { .. } => "case_taken_back",
            Self::CaseSettled { .. } => "case_settled",
            Self::CaseSentBack { .. } => "case_sent_back",
            Self::CaseVerified { .. } => "case_verified",
            Self::CaseRated { .. } => "case_rated",
            Self::CaseReopened { .. } => "case_reopened",
            Self::CaseClosed { .. } => "case_closed",
            Self::CaseVoided { .. } => "case_voided",
            Self::SuspensionRequested { .. } => "suspension_requested",
            Self::SuspensionApproved { .. } => "suspension_approved",
            Self::SuspensionRefused { .. } => "suspension_refused",
            Self::SuspensionEnded { .. } => "suspension_ended",
            Self::ContactErased { .. } => "contact_erased",
            Self::CaseReminded { .. } => "case_reminded",
            Self::CaseOverdue { .. } => "case_overdue",
        }
    }
}
