//! Cases as the contract shows them.

use gongzhi_proto::dispatch::v1 as pb;
use gongzhi_proto::time::to_wire;
use jiff::Timestamp;

use super::state::{ConsultationOutcome, Place, Suspension};
use super::{Case, Phase, Rung, Urgency};
use crate::clock::{Clock, ClockKind};

/// A case at a version.
pub(crate) fn case(id: &str, case: &Case, version: i64) -> pb::Case {
    let registration = &case.registration;
    pb::Case {
        case_id: id.to_owned(),
        case_number: registration.case_number.clone(),
        phase: phase(&case.phase) as i32,
        rung: rung(case.rung) as i32,
        category_code: registration.category.to_string(),
        urgency: urgency(registration.urgency) as i32,
        title: registration.title.clone(),
        description: registration.description.clone(),
        place: Some(place(&registration.place)),
        reporter_count: case.reporters as i32,
        registered_at: Some(to_wire(case.registered_at)),
        clocks: case.clocks.iter().map(clock).collect(),
        whistle_id: case.whistle_id().map(|id| id.to_string()).unwrap_or_default(),
        round: case.round as i32,
        suspension: case.suspension.as_ref().map(suspension),
        version,
        closed_at: closed_at(&case.phase).map(to_wire),
        goal_id: registration.goal.map(|goal| goal.to_string()).unwrap_or_default(),
    }
}

fn closed_at(phase: &Phase) -> Option<Timestamp> {
    match phase {
        Phase::Closed { closed_at } => Some(*closed_at),
        Phase::Void { voided_at, .. } => Some(*voided_at),
        Phase::Registered
        | Phase::Handling
        | Phase::Consulting
        | Phase::Whistled { .. }
        | Phase::Settled { .. }
        | Phase::FollowingUp { .. } => None,
    }
}

fn place(place: &Place) -> pb::Place {
    pb::Place {
        area_code: place.area.to_string(),
        grid_id: place.grid.as_ref().map(ToString::to_string).unwrap_or_default(),
        longitude: place.location.map(|location| location.longitude),
        latitude: place.location.map(|location| location.latitude),
        spot: place.spot.clone(),
    }
}

fn suspension(suspension: &Suspension) -> pb::Suspension {
    pb::Suspension {
        reason: suspension.reason.clone(),
        requested_at: Some(to_wire(suspension.requested_at)),
        until_at: suspension.until_at.map(to_wire),
    }
}

/// A clock.
pub(crate) fn clock(clock: &Clock) -> pb::Clock {
    pb::Clock {
        kind: clock_kind(clock.kind) as i32,
        started_at: Some(to_wire(clock.started_at)),
        due_at: Some(to_wire(clock.due_at)),
        stopped_at: clock.stopped_at.map(to_wire),
        overdue: clock.overdue,
        wall_time: clock.limit.is_wall_time(),
    }
}

/// What a clock measures.
pub(crate) fn clock_kind(kind: ClockKind) -> pb::ClockKind {
    match kind {
        ClockKind::Accept => pb::ClockKind::Accept,
        ClockKind::Answer => pb::ClockKind::Answer,
        ClockKind::SignFor => pb::ClockKind::SignFor,
        ClockKind::MakeContact => pb::ClockKind::MakeContact,
        ClockKind::ReportIn => pb::ClockKind::ReportIn,
        ClockKind::Finish => pb::ClockKind::Finish,
    }
}

/// Where a case stands.
pub(crate) fn phase(phase: &Phase) -> pb::CasePhase {
    match phase {
        Phase::Registered => pb::CasePhase::Registered,
        Phase::Handling => pb::CasePhase::Handling,
        Phase::Consulting => pb::CasePhase::Consulting,
        Phase::Whistled { .. } => pb::CasePhase::Whistled,
        Phase::Settled { .. } => pb::CasePhase::Settled,
        Phase::FollowingUp { .. } => pb::CasePhase::FollowingUp,
        Phase::Closed { .. } => pb::CasePhase::Closed,
        Phase::Void { .. } => pb::CasePhase::Void,
    }
}

/// The word under which a phase is kept in the index; none for no phase.
pub(crate) fn phase_name(phase: pb::CasePhase) -> &'static str {
    match phase {
        pb::CasePhase::Unspecified => "",
        pb::CasePhase::Registered => "registered",
        pb::CasePhase::Handling => "handling",
        pb::CasePhase::Consulting => "consulting",
        pb::CasePhase::Whistled => "whistled",
        pb::CasePhase::Settled => "settled",
        pb::CasePhase::FollowingUp => "following_up",
        pb::CasePhase::Closed => "closed",
        pb::CasePhase::Void => "void",
    }
}

/// The rung of the ladder.
pub(crate) fn rung(rung: Rung) -> pb::Rung {
    match rung {
        Rung::Community => pb::Rung::Community,
        Rung::SubDistrict => pb::Rung::SubDistrict,
        Rung::District => pb::Rung::District,
    }
}

/// How soon it must be met.
pub(crate) fn urgency(urgency: Urgency) -> pb::Urgency {
    match urgency {
        Urgency::Normal => pb::Urgency::Normal,
        Urgency::Urgent => pb::Urgency::Urgent,
    }
}

/// What the three parties concluded.
pub(crate) fn consultation(outcome: ConsultationOutcome) -> pb::ConsultationOutcome {
    match outcome {
        ConsultationOutcome::WithinEstate => pb::ConsultationOutcome::WithinEstate,
        ConsultationOutcome::BeyondEstate => pb::ConsultationOutcome::BeyondEstate,
    }
}
