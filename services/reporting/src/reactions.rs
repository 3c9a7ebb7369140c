//! Facts of all services → rows. Every fact of the contracts is named here: a new one does not compile until somebody decides what it means for the
//! figures. Facts have their effect in the order of the stream.

use gongzhi_chassis::bus::Bus;
use gongzhi_chassis::execute::Unit;
use gongzhi_chassis::inbox;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::Fact;
use gongzhi_proto::dispatch::v1::{self as pb, ClockKind, Rung};
use gongzhi_proto::envelope::Envelope;
use gongzhi_proto::ids::{CaseId, WhistleId};
use gongzhi_proto::subjects::stream_subjects;
use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::projection::{
    AreaRow, CaseRow, Clock, Happening, Judgement, Limits, Rating, Step, SummonsRow, have_effect, instant,
    kept,
};

/// Makes rows of facts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reactions;

impl inbox::Reactions for Reactions {
    const SOURCE: &'static str = crate::NAME;

    fn filters(&self, bus: &Bus) -> Vec<String> {
        vec![stream_subjects(bus.district())]
    }

    async fn handle(&self, unit: &mut Unit, envelope: &Envelope) -> Result<(), Failure> {
        self.handle_all(unit, &[envelope]).await
    }

    async fn handle_all(&self, unit: &mut Unit, envelopes: &[&Envelope]) -> Result<(), Failure> {
        let connection = unit.connection().await?;
        let mut steps = Vec::new();
        for envelope in envelopes {
            let fact = envelope.fact().map_err(|error| Failure::Bug(error.to_string()))?;
            // A fact of a newer program has no effect that this one could know.
            let Some(fact) = fact else { continue };
            let told = Told { envelope, at: kept(envelope.time), steps: &mut steps };
            inbox::span(Self::SOURCE, envelope).in_scope(|| told.tell(&fact))?;
            // What a code means changes with it, so what was told before is done before.
            if is_of_an_area(&fact) {
                have_effect(connection, std::mem::take(&mut steps)).await?;
                change_area(connection, &fact).await?;
            }
        }
        have_effect(connection, steps).await
    }
}

fn is_of_an_area(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::DivisionListed(_)
            | Fact::DivisionRenamed(_)
            | Fact::DivisionRecoded(_)
            | Fact::DivisionAbolished(_)
    )
}

async fn change_area(connection: &mut PgConnection, fact: &Fact) -> Result<(), Failure> {
    match fact {
        Fact::DivisionListed(fact) => AreaRow { connection, code: &fact.area_code }.listed(&fact.name).await,
        Fact::DivisionRenamed(fact) => {
            AreaRow { connection, code: &fact.area_code }.renamed(&fact.name).await
        }
        Fact::DivisionRecoded(fact) => {
            AreaRow { connection, code: &fact.area_code }.recoded(&fact.former_area_code, &fact.name).await
        }
        Fact::DivisionAbolished(fact) => AreaRow { connection, code: &fact.area_code }.abolished().await,
        _ => Ok(()),
    }
}

/// A fact that was told, and the steps of its effect.
struct Told<'a> {
    envelope: &'a Envelope,
    /// When it happened.
    at: Timestamp,
    steps: &'a mut Vec<Step>,
}

impl Told<'_> {
    /// Reads the effect of a fact.
    #[rustfmt::skip] // A table: one line per fact.
    fn tell(mut self, fact: &Fact) -> Result<(), Failure> {
        let at = self.at;
        match fact {
            Fact::CaseRegistered(fact) => self.registered(fact),
            Fact::ReporterJoined(fact) => { let count = fact.reporter_count; self.case(&fact.case_id, move |case| case.joined(count)) }
            Fact::CaseAccepted(fact) => self.accepted(fact),
            Fact::ConsultationConvened(fact) => self.case(&fact.case_id, |case| case.consulting(true)),
            Fact::ConsultationConcluded(fact) => self.case(&fact.case_id, |case| case.consulting(false)),
            Fact::CaseClimbed(fact) => { let rung = rung(fact.rung())?; self.case(&fact.case_id, move |case| case.climbed(rung)) }
            Fact::CaseReminded(fact) => self.case(&fact.case_id, CaseRow::reminded),
            Fact::CaseOverdue(fact) => self.overdue(fact),
            Fact::CaseSettled(fact) => self.settled(fact),
            Fact::CaseSentBack(fact) => self.sent_back(fact),
            Fact::CaseVerified(fact) => { let count = fact.reporter_count; self.case(&fact.case_id, move |case| case.verified(at, count)) }
            Fact::CaseRated(fact) => self.rated(fact),
            Fact::CaseReopened(fact) => self.reopened(fact),
            Fact::CaseClosed(fact) => self.case(&fact.case_id, move |case| case.closed(at)),
            Fact::CaseVoided(fact) => self.case(&fact.case_id, move |case| case.voided(at)),
            // It moves no figure; that it happened is seen.
            Fact::ContactErased(fact) => self.note(&fact.case_id, "").map(drop),
            Fact::SuspensionRequested(fact) => self.case(&fact.case_id, |case| case.suspension_asked(true)),
            Fact::SuspensionApproved(fact) => { let until = instant(fact.until_at)?; self.case(&fact.case_id, move |case| case.suspended(until)) }
            Fact::SuspensionRefused(fact) => self.case(&fact.case_id, |case| case.suspension_asked(false)),
            Fact::SuspensionEnded(fact) => { let due_at = instant(fact.answer_due_at)?; self.case(&fact.case_id, move |case| case.resumed(at, due_at)) }
            Fact::WhistleSounded(fact) => self.whistled(fact),
            Fact::DepartmentSignedFor(f) => { let late = f.late; self.summons(f, move |row| row.signed_for(at, late)) }
            Fact::DepartmentMadeContact(f) => { let late = f.late; self.summons(f, move |row| row.contacted(at, late)) }
            Fact::DepartmentReportedIn(f) => { let late = f.late; self.summons(f, move |row| row.reported_in(at, late)) }
            Fact::DepartmentFinished(f) => { let late = f.late; self.summons(f, move |row| row.finished(at, late)) }
            Fact::DepartmentReminded(f) => self.summons(f, SummonsRow::reminded),
            Fact::DepartmentSupervised(f) => { let clock = clock(f.clock()); self.summons(f, move |row| row.supervised(clock)) }
            Fact::SummonsRefused(f) => self.summons(f, |row| row.refused(true)),
            Fact::SummonsUpheld(f) => self.summons(f, |row| row.refused(false)),
            Fact::DepartmentExcused(f) => self.summons(f, move |row| row.excused(at)),
            Fact::TaskAgreed(f) => self.summons(f, SummonsRow::task_agreed),
            Fact::EvidenceHandedIn(f) => self.summons(f, SummonsRow::evidence),
            Fact::ReworkOrdered(f) => { let due_at = instant(f.finish_due_at)?; self.summons(f, move |row| row.rework(due_at)) }
            // That all are done follows from each being done.
            Fact::WhistleFinished(fact) => self.note(&fact.case_id, "").map(drop),
            Fact::ResultAccepted(fact) => self.result_accepted(fact),
            Fact::WhistleWithdrawn(fact) => self.withdrawn(fact),
            // What counted of a visit is for the case's owner to say: the judgement itself comes as `case_rated`.
            Fact::FollowUpVisitOpened(fact) => self.note(&fact.case_id, "").map(drop),
            Fact::FollowUpVisitRecorded(fact) => self.note(&fact.case_id, "").map(drop),
            // Written at once, between what was told before and after.
            Fact::DivisionListed(_) | Fact::DivisionRenamed(_) | Fact::DivisionRecoded(_) | Fact::DivisionAbolished(_) => Ok(()),
            // Figures name departments by code; boundaries and who serves where are no figures.
            Fact::DepartmentRegistered(_) | Fact::PostGranted(_) | Fact::PostRevoked(_) => Ok(()),
            // Who may know what is no figure.
            Fact::GrantRequested(_) | Fact::GrantApproved(_) | Fact::GrantRefused(_) | Fact::GrantExpired(_) | Fact::GrantRevoked(_) => Ok(()),
            Fact::SubscriptionMade(_) | Fact::SubscriptionPaused(_) | Fact::SubscriptionResumed(_) | Fact::SubscriptionRewound(_)
            | Fact::SubscriptionEnded(_) | Fact::DeliveriesParked(_) => Ok(()),
            // A seal is kept by those who check the record.
            Fact::ChainsSealed(_) => Ok(()),
            Fact::FactTypeRegistered(_) | Fact::FactTypeRetired(_) => Ok(()),
            Fact::RoomOpened(_) | Fact::RoomOrganizationCalled(_) | Fact::RoomClosed(_) => Ok(()),
            // What a community decides is shown by deliberation; the work that comes of it is told by cases.
            Fact::TopicProposed(_) | Fact::TopicRaised(_) | Fact::TopicMerged(_) | Fact::TopicDeclined(_) | Fact::TopicScheduled(_) => Ok(()),
            Fact::AgendaPublished(_) => Ok(()),
            Fact::BallotPublished(_) | Fact::BallotClosed(_) => Ok(()),
            Fact::ResolutionAdopted(_) | Fact::GoalSet(_) | Fact::GoalProgressed(_) => Ok(()),
            Fact::PoolOpened(_) | Fact::LotteryPublished(_) | Fact::PanelDrawn(_) | Fact::MemberReplaced(_) => Ok(()),
            Fact::FundOpened(_) | Fact::FundPublished(_) | Fact::FundDecided(_) => Ok(()),
            Fact::MeetingConvened(_) | Fact::MeetingOpened(_) | Fact::MotionDecided(_) | Fact::MeetingClosed(_) => Ok(()),
            Fact::ProcedureOpened(_) | Fact::ProcedureStepRecorded(_) => Ok(()),
            Fact::DecisionDisclosed(_) | Fact::ResultDisclosed(_) | Fact::DisclosureOverdue(_) => Ok(()),
            Fact::BalanceOpened(_) | Fact::BalanceRevealed(_) | Fact::BalanceAgreed(_) => Ok(()),
            Fact::ConversationOpened(_) | Fact::ConversationClosed(_) => Ok(()),
            Fact::GridDrawn(_) | Fact::WorkerEnrolled(_) | Fact::WorkerRelieved(_) => Ok(()),
        }
    }

    fn registered(&mut self, fact: &pb::CaseRegistered) -> Result<(), Failure> {
        let (at, due_at, category) = (self.at, instant(fact.accept_due_at)?, fact.category_code.clone());
        let case = self.note(&fact.case_id, "")?;
        let change = move |row: &mut CaseRow, area| row.registered(at, area, category, due_at);
        self.steps.push(Step::Registered { case, area: fact.area_code.clone(), change: Box::new(change) });
        Ok(())
    }

    fn accepted(&mut self, fact: &pb::CaseAccepted) -> Result<(), Failure> {
        let (at, due_at, late) = (self.at, instant(fact.answer_due_at)?, fact.late);
        self.case(&fact.case_id, move |case| case.accepted(at, due_at, late))
    }

    fn overdue(&mut self, fact: &pb::CaseOverdue) -> Result<(), Failure> {
        match fact.clock() {
            ClockKind::Accept => self.case(&fact.case_id, CaseRow::accept_overdue),
            ClockKind::Answer => self.case(&fact.case_id, CaseRow::answer_overdue),
            // A case has no other clock; a publisher that says so is seen in the happenings and moves nothing.
            ClockKind::Unspecified
            | ClockKind::SignFor
            | ClockKind::MakeContact
            | ClockKind::ReportIn
            | ClockKind::Finish => self.note(&fact.case_id, "").map(drop),
        }
    }

    fn settled(&mut self, fact: &pb::CaseSettled) -> Result<(), Failure> {
        let (at, round, late, rung) = (self.at, fact.round, fact.late, rung(fact.rung())?);
        self.case(&fact.case_id, move |case| case.settled(at, round, late, rung))
    }

    fn sent_back(&mut self, fact: &pb::CaseSentBack) -> Result<(), Failure> {
        let (round, due_at) = (fact.round, instant(fact.answer_due_at)?);
        self.case(&fact.case_id, move |case| case.sent_back(round, due_at))
    }

    fn reopened(&mut self, fact: &pb::CaseReopened) -> Result<(), Failure> {
        let (round, due_at) = (fact.round, instant(fact.answer_due_at)?);
        self.case(&fact.case_id, move |case| case.reopened(round, due_at))
    }

    fn rated(&mut self, fact: &pb::CaseRated) -> Result<(), Failure> {
        let judgement = Judgement::parse(&fact.rating)?;
        let case = self.note(&fact.case_id, "")?;
        let rating = Rating::new(case, fact.round, fact.reporter, judgement, self.at);
        self.steps.push(Step::Rated { rating, area: self.envelope.area.to_string() });
        Ok(())
    }

    /// Told once per called department, each time of one summons and of the same whistle.
    fn whistled(&mut self, fact: &pb::WhistleSounded) -> Result<(), Failure> {
        let limits = Limits {
            sign_for: instant(fact.sign_for_due_at)?,
            contact: instant(fact.contact_due_at)?,
            report_in: instant(fact.report_in_due_at)?,
            finish: instant(fact.finish_due_at)?,
        };
        let (at, whistle) = (self.at, whistle_id(&fact.whistle_id)?);
        self.summons(fact, move |row| row.called(at, &limits))?;
        self.row(case_id(&fact.case_id)?, move |case| case.whistled(whistle));
        Ok(())
    }

    fn result_accepted(&mut self, fact: &pb::ResultAccepted) -> Result<(), Failure> {
        let (at, whistle) = (self.at, whistle_id(&fact.whistle_id)?);
        self.case(&fact.case_id, move |case| case.whistle_ended(whistle))?;
        self.steps.push(Step::Whistle { whistle, change: Box::new(move |row| row.accepted(at)) });
        Ok(())
    }

    fn withdrawn(&mut self, fact: &pb::WhistleWithdrawn) -> Result<(), Failure> {
        let (at, whistle) = (self.at, whistle_id(&fact.whistle_id)?);
        self.summons(fact, move |row| row.withdrawn(at))?;
        self.row(case_id(&fact.case_id)?, move |case| case.whistle_ended(whistle));
        Ok(())
    }

    /// Notes the fact as a happening of its case.
    fn note(&mut self, case: &str, department: &str) -> Result<Uuid, Failure> {
        let case_id = case_id(case)?;
        self.steps.push(Step::Note(Happening {
            area: self.envelope.area.to_string(),
            happened_at: self.at,
            event_id: self.envelope.id,
            fact: self.envelope.fact_name().to_owned(),
            case_id,
            department: department.to_owned(),
        }));
        Ok(case_id)
    }

    /// Moves the row of a case, after the fact was noted.
    fn case(
        &mut self,
        case: &str,
        change: impl FnOnce(&mut CaseRow) + Send + Sync + 'static,
    ) -> Result<(), Failure> {
        let case = self.note(case, "")?;
        self.row(case, change);
        Ok(())
    }

    fn row(&mut self, case: Uuid, change: impl FnOnce(&mut CaseRow) + Send + Sync + 'static) {
        self.steps.push(Step::Case { case, area: self.envelope.area.to_string(), change: Box::new(change) });
    }

    /// Moves the row of a summons, after the fact was noted.
    fn summons(
        &mut self,
        fact: &impl OfSummons,
        change: impl FnOnce(&mut SummonsRow) + Send + Sync + 'static,
    ) -> Result<(), Failure> {
        let (whistle, case, department) = fact.summons();
        let whistle = whistle_id(whistle)?;
        let case = self.note(case, department)?;
        self.steps.push(Step::Summons {
            whistle,
            department: department.to_owned(),
            case,
            change: Box::new(change),
        });
        Ok(())
    }
}

/// A fact about one department under a whistle.
trait OfSummons {
    /// Whistle, case, department.
    fn summons(&self) -> (&str, &str, &str);
}

macro_rules! of_summons {
    ($($fact:ident),* $(,)?) => {
        $(impl OfSummons for pb::$fact {
            fn summons(&self) -> (&str, &str, &str) {
                (&self.whistle_id, &self.case_id, &self.department_code)
            }
        })*
    };
}

of_summons!(
    WhistleSounded,
    DepartmentSignedFor,
    DepartmentMadeContact,
    DepartmentReportedIn,
    DepartmentFinished,
    DepartmentReminded,
    DepartmentSupervised,
    SummonsRefused,
    SummonsUpheld,
    DepartmentExcused,
    TaskAgreed,
    EvidenceHandedIn,
    ReworkOrdered,
    WhistleWithdrawn,
);

fn case_id(text: &str) -> Result<Uuid, Failure> {
    CaseId::parse(text).map(|id| id.0).map_err(|error| Failure::Bug(format!("the case is {error}")))
}

fn whistle_id(text: &str) -> Result<Uuid, Failure> {
    WhistleId::parse(text).map(|id| id.0).map_err(|error| Failure::Bug(format!("the whistle is {error}")))
}

fn rung(rung: Rung) -> Result<&'static str, Failure> {
    match rung {
        Rung::Community => Ok("community"),
        Rung::SubDistrict => Ok("sub_district"),
        Rung::District => Ok("district"),
        Rung::Unspecified => Err(Failure::Bug("the fact does not say on which rung".into())),
    }
}

/// A department's clock; none for clocks of cases, which supervise nobody.
fn clock(kind: ClockKind) -> Option<Clock> {
    match kind {
        ClockKind::SignFor => Some(Clock::SignFor),
        ClockKind::MakeContact => Some(Clock::Contact),
        ClockKind::ReportIn => Some(Clock::ReportIn),
        ClockKind::Finish => Some(Clock::Finish),
        ClockKind::Unspecified | ClockKind::Accept | ClockKind::Answer => None,
    }
}
