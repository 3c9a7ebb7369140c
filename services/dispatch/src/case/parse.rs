//! Requests about cases become commands; every field error is told at once.

use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::dispatch::v1 as pb;
use gongzhi_proto::ids::{AreaCode, CaseId, CategoryCode, GridId, Level};
use gongzhi_proto::time::from_wire;

use super::Command;
use super::state::{ConsultationOutcome, Location, Place, Urgency, Verification};

/// A report that is well formed.
pub(crate) struct Report {
    pub(crate) category: CategoryCode,
    pub(crate) urgency: Urgency,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) place: Place,
    pub(crate) contact: String,
    pub(crate) distinct_from: Vec<CaseId>,
}

/// Most cases that a report may be said to differ from.
const DISTINCT_AT_MOST: usize = 50;

pub(crate) fn report(request: &pb::RegisterCaseRequest) -> Result<Report, Failure> {
    let mut violations = Violations::new();
    let category = violations.id("category_code", &request.category_code, CategoryCode::parse);
    let urgency = match pb::Urgency::try_from(request.urgency) {
        Ok(pb::Urgency::Unspecified | pb::Urgency::Normal) => Urgency::Normal,
        Ok(pb::Urgency::Urgent) => Urgency::Urgent,
        Err(_) => {
            violations.add("urgency", format!("has no value {}", request.urgency));
            Urgency::Normal
        }
    };
    let title = violations.text("title", &request.title, 2, 80);
    let description = violations.text("description", &request.description, 0, 2000);
    let place = place(&mut violations, request.place.as_ref());
    let contact = violations.text("contact", &request.contact, 0, 200);
    if request.distinct_from.len() > DISTINCT_AT_MOST {
        violations.add(
            "distinct_from",
            format!("must name at most {DISTINCT_AT_MOST} cases, names {}", request.distinct_from.len()),
        );
    }
    let named = request.distinct_from.iter().enumerate();
    let distinct_from = named
        .filter_map(|(nth, id)| violations.id(&format!("distinct_from[{nth}]"), id, CaseId::parse))
        .collect();
    let parsed = category.zip(place);
    let (category, place) = violations.open(parsed)?;
    Ok(Report { category, urgency, title, description, place, contact, distinct_from })
}

/// A place; it must name a community or something in it.
pub(crate) fn place(violations: &mut Violations, given: Option<&pb::Place>) -> Option<Place> {
    let Some(given) = given else {
        violations.add("place", "is required");
        return None;
    };
    let area = violations.id("place.area_code", &given.area_code, AreaCode::parse);
    if area.as_ref().is_some_and(|area| area.level() < Level::Community) {
        violations.add("place.area_code", "must be a community, an estate or a building");
    }
    let grid = match given.grid_id.as_str() {
        "" => None,
        id => violations.id("place.grid_id", id, GridId::parse),
    };
    let location = match (given.longitude, given.latitude) {
        (Some(longitude), Some(latitude)) => {
            if !(-180.0..=180.0).contains(&longitude) {
                violations.add("place.longitude", "must be -180 to 180 degrees");
            }
            if !(-90.0..=90.0).contains(&latitude) {
                violations.add("place.latitude", "must be -90 to 90 degrees");
            }
            Some(Location { longitude, latitude })
        }
        (None, None) => None,
        (Some(_), None) => {
            violations.add("place.latitude", "is required with longitude");
            None
        }
        (None, Some(_)) => {
            violations.add("place.longitude", "is required with latitude");
            None
        }
    };
    let spot = violations.text("place.spot", &given.spot, 0, 120);
    area.map(|area| Place { area, grid, location, spot })
}

/// A command that needs no more than the case.
pub(crate) fn bare(case_id: &str, command: Command) -> Result<(CaseId, Command), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("case_id", case_id, CaseId::parse);
    Ok((violations.open(id)?, command))
}

/// A command with a text.
pub(crate) fn with_text(
    case_id: &str,
    field: &str,
    text: &str,
    most: usize,
    command: impl FnOnce(String) -> Command,
) -> Result<(CaseId, Command), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("case_id", case_id, CaseId::parse);
    let text = violations.text(field, text, 2, most);
    Ok((violations.open(id)?, command(text)))
}

pub(crate) fn conclude(request: &pb::ConcludeConsultationRequest) -> Result<(CaseId, Command), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("case_id", &request.case_id, CaseId::parse);
    let outcome = violations.choice::<pb::ConsultationOutcome>("outcome", request.outcome);
    let minutes = violations.text("minutes", &request.minutes, 2, 1000);
    let outcome = outcome.and_then(|outcome| match outcome {
        pb::ConsultationOutcome::Unspecified => None,
        pb::ConsultationOutcome::WithinEstate => Some(ConsultationOutcome::WithinEstate),
        pb::ConsultationOutcome::BeyondEstate => Some(ConsultationOutcome::BeyondEstate),
    });
    let (id, outcome) = violations.open(id.zip(outcome))?;
    Ok((id, Command::ConcludeConsultation { outcome, minutes }))
}

pub(crate) fn verify(request: &pb::VerifyCaseRequest) -> Result<(CaseId, Command), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("case_id", &request.case_id, CaseId::parse);
    let result = violations.choice::<pb::VerificationResult>("result", request.result);
    let finding = violations.text("finding", &request.finding, 2, 500);
    let result = result.and_then(|result| match result {
        pb::VerificationResult::Unspecified => None,
        pb::VerificationResult::Confirmed => Some(Verification::Confirmed),
        pb::VerificationResult::SentBack => Some(Verification::SentBack),
    });
    let (id, result) = violations.open(id.zip(result))?;
    Ok((id, Command::Verify { result, finding }))
}

/// An erasure; its reason stays in the history for ever, so it must not say again what is erased.
pub(crate) fn erase(request: &pb::EraseContactRequest) -> Result<(CaseId, Command), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("case_id", &request.case_id, CaseId::parse);
    let reporter = u32::try_from(request.reporter).ok().filter(|reporter| *reporter > 0);
    if reporter.is_none() {
        violations.add("reporter", "must be 1 or more");
    }
    let reason = violations.text("reason", &request.reason, 2, 500);
    for found in gongzhi_scrub::find(&reason) {
        violations.add("reason", format!("holds a {}; say why without it", found.kind));
    }
    let (id, reporter) = violations.open(id.zip(reporter))?;
    Ok((id, Command::EraseContact { reporter, reason }))
}

pub(crate) fn approve(request: &pb::ApproveSuspensionRequest) -> Result<(CaseId, Command), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("case_id", &request.case_id, CaseId::parse);
    let until = from_wire(request.until_at.as_ref());
    if until.is_none() {
        violations.add("until_at", "is required");
    }
    let (id, until) = violations.open(id.zip(until))?;
    Ok((id, Command::ApproveSuspension { until }))
}
