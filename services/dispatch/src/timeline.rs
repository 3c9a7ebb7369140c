//! The history of a case and of its whistles as one timeline. The timeline is the audit file itself, read and put into words; nothing is kept for it.

use gongzhi_chassis::history::{self, Entry};
use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::dispatch::v1 as pb;
use gongzhi_proto::time::to_wire;
use sqlx::PgPool;

use crate::case;
use crate::case::reply::{clock_kind, consultation};
use crate::whistle;

/// A page of the timeline of a case, oldest first, and the token of the next page.
pub(crate) async fn of_case(
    pool: &PgPool,
    case_id: &str,
    page: &Page,
) -> Result<(Vec<pb::TimelineEntry>, String), Failure> {
    let whistles = whistle::store::of_case(pool, case_id).await?;
    let mut aggregates = vec![("case", case_id)];
    aggregates.extend(whistles.iter().map(|id| ("whistle", id.as_str())));
    let mut entries = history::read(pool, &aggregates, page.after.as_deref(), page.limit()).await?;
    let next_page_token = page.cut(&mut entries, Entry::key);
    let shown = entries.iter().map(shown).collect::<Result<_, _>>()?;
    Ok((shown, next_page_token))
}

fn shown(entry: &Entry) -> Result<pb::TimelineEntry, Failure> {
    let unreadable = |error: serde_json::Error| {
        Failure::Bug(format!(
            "version {} of {} {} cannot be read: {error}",
            entry.version, entry.kind, entry.id
        ))
    };
    let mut shown = pb::TimelineEntry {
        at: Some(to_wire(entry.at)),
        aggregate: entry.kind.clone(),
        aggregate_id: entry.id.clone(),
        version: entry.version,
        actor: entry.actor.clone(),
        ..pb::TimelineEntry::default()
    };
    match entry.kind.as_str() {
        "case" => {
            let event: case::Event = serde_json::from_str(&entry.event).map_err(unreadable)?;
            shown.event = event.name().into();
            of_case_event(&event, &mut shown);
        }
        _ => {
            let event: whistle::Event = serde_json::from_str(&entry.event).map_err(unreadable)?;
            shown.event = event.name().into();
            of_whistle_event(&event, &mut shown);
        }
    }
    Ok(shown)
}

fn of_case_event(event: &case::Event, shown: &mut pb::TimelineEntry) {
    use case::Event;
    match event {
        Event::CaseRegistered { registration, .. } => shown.text.clone_from(&registration.title),
        Event::ReporterJoined { reporter } => shown.outcome = reporter.to_string(),
        Event::CaseAccepted { late, .. } => shown.late = *late,
        Event::ConsultationConcluded { outcome, minutes } => {
            shown.outcome = consultation(*outcome)
                .as_str_name()
                .trim_start_matches("CONSULTATION_OUTCOME_")
                .to_lowercase();
            shown.text.clone_from(minutes);
        }
        Event::CaseClimbed { rung, reason } => {
            shown.outcome = rung.as_str().into();
            shown.text.clone_from(reason);
        }
        Event::CaseSettled { summary, rung, late, .. } => {
            shown.outcome = rung.as_str().into();
            shown.late = *late;
            shown.text.clone_from(summary);
        }
        Event::CaseSentBack { finding, .. } | Event::CaseVerified { finding, .. } => {
            shown.text.clone_from(finding)
        }
        Event::CaseRated { rating, .. } => shown.outcome = rating.as_str().into(),
        Event::CaseReopened { round, .. } | Event::CaseClosed { round } => shown.outcome = round.to_string(),
        Event::CaseVoided { reason }
        | Event::SuspensionRequested { reason }
        | Event::SuspensionRefused { reason } => shown.text.clone_from(reason),
        Event::ContactErased { reporter, reason } => {
            shown.outcome = reporter.to_string();
            shown.text.clone_from(reason);
        }
        Event::SuspensionApproved { until_at } => shown.outcome = until_at.to_string(),
        Event::CaseReminded { clock, .. } => shown.clock = clock_kind(*clock) as i32,
        Event::CaseOverdue { clock, .. } => {
            shown.clock = clock_kind(*clock) as i32;
            shown.late = true;
        }
        Event::ConsultationConvened
        | Event::CaseWhistled { .. }
        | Event::CaseTakenBack { .. }
        | Event::SuspensionEnded { .. } => {}
    }
}

fn of_whistle_event(event: &whistle::Event, shown: &mut pb::TimelineEntry) {
    use whistle::Event;
    if let Some(department) = event.department() {
        shown.department_code = department.to_string();
    }
    match event {
        Event::WhistleSounded { request, departments, .. } => {
            shown.text.clone_from(request);
            shown.outcome = departments.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        }
        Event::DepartmentSignedFor { late, .. }
        | Event::DepartmentMadeContact { late, .. }
        | Event::DepartmentReportedIn { late, .. } => shown.late = *late,
        Event::DepartmentFinished { summary, late, .. } => {
            shown.late = *late;
            shown.text.clone_from(summary);
        }
        Event::EvidenceHandedIn { text, references, .. } => {
            shown.text.clone_from(text);
            shown.references.clone_from(references);
        }
        Event::TaskAgreed { task, .. } => shown.text.clone_from(task),
        Event::SummonsRefused { reason, .. }
        | Event::SummonsUpheld { reason, .. }
        | Event::DepartmentExcused { reason, .. }
        | Event::ReworkOrdered { reason, .. }
        | Event::WhistleWithdrawn { reason } => shown.text.clone_from(reason),
        Event::ResultAccepted { summary, late } => {
            shown.late = *late;
            shown.text.clone_from(summary);
        }
        Event::ClocksSuspended { until_at } => shown.outcome = until_at.to_string(),
        Event::DepartmentReminded { clock, .. } => shown.clock = clock_kind(*clock) as i32,
        Event::DepartmentSupervised { clock, .. } => {
            shown.clock = clock_kind(*clock) as i32;
            shown.late = true;
        }
        Event::WhistleFinished | Event::ClocksResumed { .. } => {}
    }
}
