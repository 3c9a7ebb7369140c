//! The table of published facts: the closed vocabulary that publishers and consumers share. A fact that is in the contracts and not in this
//! table, or the other way round, fails a test.

use crate::json::{self, InvalidJson};
use crate::{audit, deliberation, dispatch, exchange, grid, organization};

macro_rules! facts {
    ($($service:ident { $($fact:ident = $name:literal),* $(,)? })*) => {
        /// A published fact of any service.
        #[derive(Clone, Debug, PartialEq)]
        #[allow(missing_docs)] // Each variant is documented in its contract.
        pub enum Fact {
            $($($fact($service::v1::$fact),)*)*
        }

        impl Fact {
            /// Every fact: service, name, full name of its message.
            pub const ALL: &'static [(&'static str, &'static str, &'static str)] = &[
                $($((stringify!($service), $name, concat!("gongzhi.", stringify!($service), ".v1.", stringify!($fact))),)*)*
            ];

            /// The service that publishes it.
            pub fn service(&self) -> &'static str {
                match self { $($(Self::$fact(_) => stringify!($service),)*)* }
            }

            /// Its name in subjects, logs and tables.
            pub fn name(&self) -> &'static str {
                match self { $($(Self::$fact(_) => $name,)*)* }
            }

            /// Its content as canonical proto3 JSON.
            pub fn to_json(&self) -> String {
                match self { $($(Self::$fact(fact) => json::to_json(fact),)*)* }
            }

            /// Reads the content of a fact; none for a fact that this program does not know.
            pub fn from_json(service: &str, name: &str, content: &str) -> Result<Option<Self>, InvalidJson> {
                match (service, name) {
                    $($((stringify!($service), $name) => json::from_json(content).map(|fact| Some(Self::$fact(fact))),)*)*
                    _ => Ok(None),
                }
            }
        }

        $($(impl From<$service::v1::$fact> for Fact {
            fn from(fact: $service::v1::$fact) -> Self {
                Self::$fact(fact)
            }
        })*)*
    };
}

facts! {
    audit {
        ChainsSealed = "chains_sealed",
    }
    deliberation {
        TopicProposed = "topic_proposed",
        TopicRaised = "topic_raised",
        TopicMerged = "topic_merged",
        TopicDeclined = "topic_declined",
        TopicScheduled = "topic_scheduled",
        AgendaPublished = "agenda_published",
        BallotPublished = "ballot_published",
        BallotClosed = "ballot_closed",
        ResolutionAdopted = "resolution_adopted",
        GoalSet = "goal_set",
        GoalProgressed = "goal_progressed",
        PoolOpened = "pool_opened",
        LotteryPublished = "lottery_published",
        PanelDrawn = "panel_drawn",
        MemberReplaced = "member_replaced",
        FundOpened = "fund_opened",
        FundPublished = "fund_published",
        FundDecided = "fund_decided",
        MeetingConvened = "meeting_convened",
        MeetingOpened = "meeting_opened",
        MotionDecided = "motion_decided",
        MeetingClosed = "meeting_closed",
        ProcedureOpened = "procedure_opened",
        ProcedureStepRecorded = "procedure_step_recorded",
        DecisionDisclosed = "decision_disclosed",
        ResultDisclosed = "result_disclosed",
        DisclosureOverdue = "disclosure_overdue",
        BalanceOpened = "balance_opened",
        BalanceRevealed = "balance_revealed",
        BalanceAgreed = "balance_agreed",
        ConversationOpened = "conversation_opened",
        ConversationClosed = "conversation_closed",
    }
    dispatch {
        CaseRegistered = "case_registered",
        ReporterJoined = "reporter_joined",
        CaseAccepted = "case_accepted",
        ConsultationConvened = "consultation_convened",
        ConsultationConcluded = "consultation_concluded",
        CaseClimbed = "case_climbed",
        CaseReminded = "case_reminded",
        CaseOverdue = "case_overdue",
        CaseSettled = "case_settled",
        CaseSentBack = "case_sent_back",
        CaseVerified = "case_verified",
        CaseRated = "case_rated",
        CaseReopened = "case_reopened",
        CaseClosed = "case_closed",
        CaseVoided = "case_voided",
        ContactErased = "contact_erased",
        SuspensionRequested = "suspension_requested",
        SuspensionApproved = "suspension_approved",
        SuspensionRefused = "suspension_refused",
        SuspensionEnded = "suspension_ended",
        WhistleSounded = "whistle_sounded",
        DepartmentSignedFor = "department_signed_for",
        DepartmentMadeContact = "department_made_contact",
        DepartmentReportedIn = "department_reported_in",
        DepartmentFinished = "department_finished",
        DepartmentReminded = "department_reminded",
        DepartmentSupervised = "department_supervised",
        SummonsRefused = "summons_refused",
        SummonsUpheld = "summons_upheld",
        DepartmentExcused = "department_excused",
        TaskAgreed = "task_agreed",
        EvidenceHandedIn = "evidence_handed_in",
        ReworkOrdered = "rework_ordered",
        WhistleFinished = "whistle_finished",
        ResultAccepted = "result_accepted",
        WhistleWithdrawn = "whistle_withdrawn",
    }
    exchange {
        GrantRequested = "grant_requested",
        GrantApproved = "grant_approved",
        GrantRefused = "grant_refused",
        GrantExpired = "grant_expired",
        GrantRevoked = "grant_revoked",
        SubscriptionMade = "subscription_made",
        SubscriptionPaused = "subscription_paused",
        SubscriptionResumed = "subscription_resumed",
        SubscriptionRewound = "subscription_rewound",
        SubscriptionEnded = "subscription_ended",
        DeliveriesParked = "deliveries_parked",
        FactTypeRegistered = "fact_type_registered",
        FactTypeRetired = "fact_type_retired",
        RoomOpened = "room_opened",
        RoomOrganizationCalled = "room_organization_called",
        RoomClosed = "room_closed",
    }
    grid {
        GridDrawn = "grid_drawn",
        WorkerEnrolled = "worker_enrolled",
        WorkerRelieved = "worker_relieved",
        FollowUpVisitOpened = "follow_up_visit_opened",
        FollowUpVisitRecorded = "follow_up_visit_recorded",
    }
    organization {
        DivisionListed = "division_listed",
        DivisionRenamed = "division_renamed",
        DivisionRecoded = "division_recoded",
        DivisionAbolished = "division_abolished",
        DepartmentRegistered = "department_registered",
        PostGranted = "post_granted",
        PostRevoked = "post_revoked",
    }
}
