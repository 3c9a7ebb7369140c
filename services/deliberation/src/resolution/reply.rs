//! Resolutions as the contracts have them.

use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::time::to_wire;
use jiff::civil::Date;

use super::machine::{Basis, Goal, Kind, Resolution, Status};

pub(super) fn kind(kind: Kind) -> pb::GoalKind {
    match kind {
        Kind::Case => pb::GoalKind::Case,
        Kind::Whistle => pb::GoalKind::Whistle,
        Kind::OwnWork => pb::GoalKind::OwnWork,
    }
}

pub(super) fn status(status: Status) -> pb::GoalStatus {
    match status {
        Status::Set => pb::GoalStatus::Set,
        Status::UnderWay => pb::GoalStatus::UnderWay,
        Status::Fulfilled => pb::GoalStatus::Fulfilled,
        Status::GivenUp => pb::GoalStatus::GivenUp,
    }
}

fn basis(basis: &Basis) -> pb::Basis {
    let basis = match basis {
        Basis::Ballot(ballot) => pb::basis::Basis::BallotId(ballot.to_string()),
        Basis::Procedure(procedure) => pb::basis::Basis::ProcedureId(procedure.to_string()),
        Basis::Motion { meeting, number } => pb::basis::Basis::Motion(pb::CarriedMotion {
            meeting_id: meeting.to_string(),
            number: i32::try_from(*number).unwrap_or(i32::MAX),
        }),
    };
    pb::Basis { basis: Some(basis) }
}

/// A goal on a day: one whose day has passed is late also while it is under way.
fn goal(goal: &Goal, today: Date) -> pb::Goal {
    let promise = &goal.promise;
    pb::Goal {
        goal_id: promise.id.to_string(),
        text: promise.text.clone(),
        kind: kind(promise.kind) as i32,
        category_code: promise.category.to_string(),
        department_codes: promise.departments.iter().map(ToString::to_string).collect(),
        due_on: promise.due_on.to_string(),
        amount_fen: i64::try_from(promise.amount_fen).unwrap_or(i64::MAX),
        status: status(goal.status) as i32,
        case_id: goal.case.map(|case| case.to_string()).unwrap_or_default(),
        ended_at: goal.ended_at.map(to_wire),
        late: goal.late || (goal.ended_at.is_none() && today > promise.due_on),
        report: goal.report.clone(),
    }
}

pub(super) fn resolution(id: &str, resolution: &Resolution, version: i64, today: Date) -> pb::Resolution {
    pb::Resolution {
        resolution_id: id.to_owned(),
        topic_id: resolution.topic.to_string(),
        area_code: resolution.area.to_string(),
        text: resolution.text.clone(),
        basis: Some(basis(&resolution.basis)),
        adopted_at: Some(to_wire(resolution.adopted_at)),
        goals: resolution.goals.iter().map(|one| goal(one, today)).collect(),
        version,
    }
}
