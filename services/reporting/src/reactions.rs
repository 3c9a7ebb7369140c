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
use sqlx::PgConnection;
use uuid::Uuid;

use crate::projection::{AreaRow, CaseRow, Judgement, Limits, SummonsRow, instant, note};

/// Makes rows of facts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reactions;

impl inbox::Reactions for Reactions {
    const SOURCE: &'static str = crate::NAME;

    fn filters(&self, bus: &Bus) -> Vec<String> {
        vec![stream_subjects(bus.district())]
    }

    async fn handle(&self, unit: &mut Unit, envelope: &Envelope) -> Result<(), Failure> {
        let fact = envelope.fact().map_err(|error| Failure::Bug(error.to_string()))?;
        // A fact of a newer program has no effect that this one could know.
        let Some(fact) = fact else { return Ok(()) };
        Told { connection: unit.connection().await?, envelope }.tell(&fact).await
    }
}

/// A fact that was told, and where its effect goes.
struct Told<'a> {
    connection: &'a mut PgConnection,
    envelope: &'a Envelope,
}

impl Told<'_> {
    /// Has the effect of a fact.
    #[rustfmt::skip] // A table: one line per fact.
    async fn tell(mut self, fact: &Fact) -> Result<(), Failure> {
        match fact {
            Fact::CaseRegistered(fact) => self.registered(fact).await,
            Fact::ReporterJoined(fact) => self.case(&fact.case_id).await?.joined(fact.reporter_count).await,
            Fact::CaseAccepted(fact) => self.accepted(fact).await,
            Fact::ConsultationConvened(fact) => self.case(&fact.case_id).await?.consulting(true).await,
            Fact::ConsultationConcluded(fact) => self.case(&fact.case_id).await?.consulting(false).await,
            Fact::CaseClimbed(fact) => self.case(&fact.case_id).await?.climbed(rung(fact.rung())?).await,
            Fact::CaseReminded(fact) => self.case(&fact.case_id).await?.reminded().await,
            Fact::CaseOverdue(fact) => self.overdue(fact).await,
            Fact::CaseSettled(fact) => self.settled(fact).await,
            Fact::CaseSentBack(fact) => self.sent_back(fact).await,
            Fact::CaseVerified(fact) => self.case(&fact.case_id).await?.verified(fact.reporter_count).await,
            Fact::CaseRated(fact) => self.rated(fact).await,
            Fact::CaseReopened(fact) => self.reopened(fact).await,
            Fact::CaseClosed(fact) => self.case(&fact.case_id).await?.closed().await,
            Fact::CaseVoided(fact) => self.case(&fact.case_id).await?.voided().await,
            // It moves no figure; that it happened is seen.
            Fact::ContactErased(fact) => self.note(&fact.case_id, "").await.map(drop),
            Fact::SuspensionRequested(fact) => self.case(&fact.case_id).await?.suspension_asked(true).await,
            Fact::SuspensionApproved(fact) => self.suspended(fact).await,
            Fact::SuspensionRefused(fact) => self.case(&fact.case_id).await?.suspension_asked(false).await,
            Fact::SuspensionEnded(fact) => self.resumed(fact).await,
            Fact::WhistleSounded(fact) => self.whistled(fact).await,
            Fact::DepartmentSignedFor(f) => self.summons(f).await?.signed_for(f.late).await,
            Fact::DepartmentMadeContact(f) => self.summons(f).await?.contacted(f.late).await,
            Fact::DepartmentReportedIn(f) => self.summons(f).await?.reported_in(f.late).await,
            Fact::DepartmentFinished(f) => self.summons(f).await?.finished(f.late).await,
            Fact::DepartmentReminded(f) => self.summons(f).await?.reminded().await,
            Fact::DepartmentSupervised(f) => self.summons(f).await?.supervised(clock(f.clock())).await,
            Fact::SummonsRefused(f) => self.summons(f).await?.refused(true).await,
            Fact::SummonsUpheld(f) => self.summons(f).await?.refused(false).await,
            Fact::DepartmentExcused(f) => self.summons(f).await?.excused().await,
            Fact::TaskAgreed(f) => self.summons(f).await?.task_agreed().await,
            Fact::EvidenceHandedIn(f) => self.summons(f).await?.evidence().await,
            Fact::ReworkOrdered(f) => self.summons(f).await?.rework(instant(f.finish_due_at)?).await,
            // That all are done follows from each being done.
            Fact::WhistleFinished(fact) => self.note(&fact.case_id, "").await.map(drop),
            Fact::ResultAccepted(fact) => self.result_accepted(fact).await,
            Fact::WhistleWithdrawn(fact) => self.withdrawn(fact).await,
            // What counted of a visit is for the case's owner to say: the judgement itself comes as `case_rated`.
            Fact::FollowUpVisitOpened(fact) => self.note(&fact.case_id, "").await.map(drop),
            Fact::FollowUpVisitRecorded(fact) => self.note(&fact.case_id, "").await.map(drop),
            Fact::DivisionListed(fact) => self.area(&fact.area_code).listed(&fact.name).await,
            Fact::DivisionRenamed(fact) => self.area(&fact.area_code).renamed(&fact.name).await,
            Fact::DivisionRecoded(fact) => self.area(&fact.area_code).recoded(&fact.former_area_code, &fact.name).await,
            Fact::DivisionAbolished(fact) => self.area(&fact.area_code).abolished().await,
            // Figures name departments by code; boundaries and who serves where are no figures.
            Fact::DepartmentRegistered(_) | Fact::PostGranted(_) | Fact::PostRevoked(_) => Ok(()),
            // Who may know what is no figure.
            Fact::GrantRequested(_) | Fact::GrantApproved(_) | Fact::GrantRefused(_) | Fact::GrantExpired(_) | Fact::GrantRevoked(_) => Ok(()),
            Fact::SubscriptionMade(_) | Fact::SubscriptionPaused(_) | Fact::SubscriptionResumed(_) | Fact::SubscriptionRewound(_)
            | Fact::SubscriptionEnded(_) | Fact::DeliveriesParked(_) => Ok(()),
            // A seal is kept by those who check the record.
            Fact::ChainsSealed(_) => Ok(()),
            Fact::GridDrawn(_) | Fact::WorkerEnrolled(_) | Fact::WorkerRelieved(_) => Ok(()),
        }
    }

    async fn registered(&mut self, fact: &pb::CaseRegistered) -> Result<(), Failure> {
        let due_at = instant(fact.accept_due_at)?;
        self.case(&fact.case_id).await?.registered(&fact.area_code, &fact.category_code, due_at).await
    }

    async fn accepted(&mut self, fact: &pb::CaseAccepted) -> Result<(), Failure> {
        let due_at = instant(fact.answer_due_at)?;
        self.case(&fact.case_id).await?.accepted(due_at, fact.late).await
    }

    async fn overdue(&mut self, fact: &pb::CaseOverdue) -> Result<(), Failure> {
        let mut case = self.case(&fact.case_id).await?;
        match fact.clock() {
            ClockKind::Accept => case.accept_overdue().await,
            ClockKind::Answer => case.answer_overdue().await,
            // A case has no other clock; a publisher that says so is seen in the happenings and moves nothing.
            ClockKind::Unspecified
            | ClockKind::SignFor
            | ClockKind::MakeContact
            | ClockKind::ReportIn
            | ClockKind::Finish => Ok(()),
        }
    }

    async fn settled(&mut self, fact: &pb::CaseSettled) -> Result<(), Failure> {
        let rung = rung(fact.rung())?;
        self.case(&fact.case_id).await?.settled(fact.round, fact.late, rung).await
    }

    async fn sent_back(&mut self, fact: &pb::CaseSentBack) -> Result<(), Failure> {
        let due_at = instant(fact.answer_due_at)?;
        self.case(&fact.case_id).await?.sent_back(fact.round, due_at).await
    }

    async fn reopened(&mut self, fact: &pb::CaseReopened) -> Result<(), Failure> {
        let due_at = instant(fact.answer_due_at)?;
        self.case(&fact.case_id).await?.reopened(fact.round, due_at).await
    }

    async fn rated(&mut self, fact: &pb::CaseRated) -> Result<(), Failure> {
        let judgement = Judgement::parse(&fact.rating)?;
        self.case(&fact.case_id).await?.rated(fact.round, fact.reporter, judgement).await
    }

    async fn suspended(&mut self, fact: &pb::SuspensionApproved) -> Result<(), Failure> {
        let until_at = instant(fact.until_at)?;
        self.case(&fact.case_id).await?.suspended(until_at).await
    }

    async fn resumed(&mut self, fact: &pb::SuspensionEnded) -> Result<(), Failure> {
        let due_at = instant(fact.answer_due_at)?;
        self.case(&fact.case_id).await?.resumed(due_at).await
    }

    /// Told once per called department, each time of one summons and of the same whistle.
    async fn whistled(&mut self, fact: &pb::WhistleSounded) -> Result<(), Failure> {
        let limits = Limits {
            sign_for: instant(fact.sign_for_due_at)?,
            contact: instant(fact.contact_due_at)?,
            report_in: instant(fact.report_in_due_at)?,
            finish: instant(fact.finish_due_at)?,
        };
        self.summons(fact).await?.called(&limits).await?;
        self.row(case_id(&fact.case_id)?).whistled(whistle_id(&fact.whistle_id)?).await
    }

    async fn result_accepted(&mut self, fact: &pb::ResultAccepted) -> Result<(), Failure> {
        let whistle = whistle_id(&fact.whistle_id)?;
        self.case(&fact.case_id).await?.whistle_ended(whistle).await?;
        SummonsRow::accepted(self.connection, whistle, self.envelope.time).await
    }

    async fn withdrawn(&mut self, fact: &pb::WhistleWithdrawn) -> Result<(), Failure> {
        self.summons(fact).await?.withdrawn().await?;
        self.row(case_id(&fact.case_id)?).whistle_ended(whistle_id(&fact.whistle_id)?).await
    }

    /// Notes the fact as a happening of its case.
    async fn note(&mut self, case: &str, department: &str) -> Result<Uuid, Failure> {
        let case = case_id(case)?;
        note(self.connection, self.envelope, case, department).await?;
        Ok(case)
    }

    /// The row of a case, after the fact was noted.
    async fn case(&mut self, case: &str) -> Result<CaseRow<'_>, Failure> {
        let case = self.note(case, "").await?;
        Ok(self.row(case))
    }

    fn row(&mut self, case: Uuid) -> CaseRow<'_> {
        CaseRow {
            connection: self.connection,
            case,
            area: self.envelope.area.as_str(),
            at: self.envelope.time,
        }
    }

    /// The row of a summons, after the fact was noted.
    async fn summons<'s>(&'s mut self, fact: &'s impl OfSummons) -> Result<SummonsRow<'s>, Failure> {
        let (whistle, case, department) = fact.summons();
        let whistle = whistle_id(whistle)?;
        let case = self.note(case, department).await?;
        Ok(SummonsRow { connection: self.connection, whistle, department, case, at: self.envelope.time })
    }

    fn area<'s>(&'s mut self, code: &'s str) -> AreaRow<'s> {
        AreaRow { connection: self.connection, code }
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

/// The column prefix of a department's clock; empty for clocks of cases, which supervise nobody.
fn clock(kind: ClockKind) -> &'static str {
    match kind {
        ClockKind::SignFor => "sign_for",
        ClockKind::MakeContact => "contact",
        ClockKind::ReportIn => "report_in",
        ClockKind::Finish => "finish",
        ClockKind::Unspecified | ClockKind::Accept | ClockKind::Answer => "",
    }
}
