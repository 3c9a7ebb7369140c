//! What is told of a case. Free text stays in the service. The match is exhaustive: a new event forces a decision to publish or to keep.

use gongzhi_chassis::execute::Announcement;
use gongzhi_proto::Fact;
use gongzhi_proto::dispatch::v1 as pb;
use gongzhi_proto::time::to_wire;

use super::reply;
use super::{Case, Event};
use crate::clock::ClockKind;

/// The facts of an event; none for what is kept.
pub(crate) fn announce(id: &str, case: &Case, event: &Event) -> Vec<Announcement> {
    let place = &case.registration.place;
    fact(id, case, event).map(|fact| Announcement::to_all(&place.area, fact)).into_iter().collect()
}

#[expect(clippy::too_many_lines, reason = "one arm per event: a table, not a story")]
fn fact(id: &str, case: &Case, event: &Event) -> Option<Fact> {
    let case_id = id.to_owned();
    let grid_id = case.registration.place.grid.as_ref().map(ToString::to_string).unwrap_or_default();
    Some(match event {
        Event::CaseRegistered { registration, clock, .. } => pb::CaseRegistered {
            case_id,
            area_code: registration.place.area.to_string(),
            grid_id,
            category_code: registration.category.to_string(),
            urgency: reply::urgency(registration.urgency) as i32,
            accept_due_at: Some(to_wire(clock.due_at)),
            goal_id: registration.goal.map(|goal| goal.to_string()).unwrap_or_default(),
        }
        .into(),
        Event::ReporterJoined { reporter } => {
            pb::ReporterJoined { case_id, reporter_count: *reporter as i32 }.into()
        }
        Event::CaseAccepted { clock, late } => {
            pb::CaseAccepted { case_id, answer_due_at: Some(to_wire(clock.due_at)), late: *late }.into()
        }
        Event::ConsultationConvened => pb::ConsultationConvened { case_id }.into(),
        Event::ConsultationConcluded { outcome, .. } => {
            pb::ConsultationConcluded { case_id, outcome: reply::consultation(*outcome) as i32 }.into()
        }
        Event::CaseClimbed { rung, .. } => {
            pb::CaseClimbed { case_id, rung: reply::rung(*rung) as i32 }.into()
        }
        // The whistle tells of itself.
        Event::CaseWhistled { .. } | Event::CaseTakenBack { .. } => return None,
        Event::CaseSettled { rung, round, late, .. } => {
            pb::CaseSettled { case_id, round: *round as i32, late: *late, rung: reply::rung(*rung) as i32 }
                .into()
        }
        Event::CaseSentBack { round, clock, .. } => {
            pb::CaseSentBack { case_id, round: *round as i32, answer_due_at: Some(to_wire(clock.due_at)) }
                .into()
        }
        Event::CaseVerified { round, reporters, .. } => {
            pb::CaseVerified { case_id, round: *round as i32, reporter_count: *reporters as i32, grid_id }
                .into()
        }
        Event::CaseRated { round, reporter, rating } => pb::CaseRated {
            case_id,
            round: *round as i32,
            reporter: *reporter as i32,
            rating: rating.as_str().into(),
        }
        .into(),
        Event::CaseReopened { round, clock, .. } => {
            pb::CaseReopened { case_id, round: *round as i32, answer_due_at: Some(to_wire(clock.due_at)) }
                .into()
        }
        Event::CaseClosed { round } => pb::CaseClosed { case_id, round: *round as i32 }.into(),
        Event::CaseVoided { .. } => pb::CaseVoided { case_id }.into(),
        Event::SuspensionRequested { .. } => pb::SuspensionRequested { case_id }.into(),
        Event::SuspensionApproved { until_at } => {
            pb::SuspensionApproved { case_id, until_at: Some(to_wire(*until_at)) }.into()
        }
        Event::SuspensionRefused { .. } => pb::SuspensionRefused { case_id }.into(),
        Event::SuspensionEnded { clock, .. } => {
            // A case that is not accepted yet has no answer clock, and its accept clock is no business of the fact's.
            let answer_due_at = (clock.kind == ClockKind::Answer).then(|| to_wire(clock.due_at));
            pb::SuspensionEnded { case_id, answer_due_at }.into()
        }
        Event::ContactErased { reporter, .. } => {
            pb::ContactErased { case_id, reporter: *reporter as i32 }.into()
        }
        Event::CaseReminded { clock, due_at } => pb::CaseReminded {
            case_id,
            clock: reply::clock_kind(*clock) as i32,
            due_at: Some(to_wire(*due_at)),
        }
        .into(),
        Event::CaseOverdue { clock, due_at } => pb::CaseOverdue {
            case_id,
            clock: reply::clock_kind(*clock) as i32,
            due_at: Some(to_wire(*due_at)),
        }
        .into(),
    })
}
