//! What is told of a whistle, and to whom: what calls, warns or binds a department is addressed to it, everything else to the area. The match is
//! exhaustive: a new event forces a decision to publish or to keep.

use gongzhi_chassis::execute::Announcement;
use gongzhi_proto::Fact;
use gongzhi_proto::dispatch::v1 as pb;
use gongzhi_proto::ids::DepartmentCode;
use gongzhi_proto::subjects::Audience;
use gongzhi_proto::time::to_wire;
use jiff::Timestamp;

use super::{Event, Whistle, reply};
use crate::case::reply::clock_kind;
use crate::clock::{Clock, ClockKind};

/// The facts of an event; none for what is kept.
#[expect(clippy::too_many_lines, reason = "one arm per event: a table, not a story")]
pub(crate) fn announce(id: &str, whistle: &Whistle, event: &Event) -> Vec<Announcement> {
    let (whistle_id, case_id) = (id.to_owned(), whistle.case_id.to_string());
    let to_all = |fact: Fact| vec![Announcement::to_all(&whistle.area, fact)];
    let to = |department: &DepartmentCode, fact: Fact| Announcement {
        fact: fact.into(),
        area: whistle.area.clone(),
        audience: Audience::Department(department.clone()),
    };
    match event {
        Event::WhistleSounded { departments, clocks, .. } => departments
            .iter()
            .map(|department| to(department, sounded(id, whistle, department, clocks)))
            .collect(),
        Event::DepartmentSignedFor { department, late } => to_all(
            pb::DepartmentSignedFor {
                whistle_id,
                case_id,
                department_code: department.to_string(),
                late: *late,
            }
            .into(),
        ),
        Event::DepartmentMadeContact { department, late } => to_all(
            pb::DepartmentMadeContact {
                whistle_id,
                case_id,
                department_code: department.to_string(),
                late: *late,
            }
            .into(),
        ),
        Event::DepartmentReportedIn { department, late } => to_all(
            pb::DepartmentReportedIn {
                whistle_id,
                case_id,
                department_code: department.to_string(),
                late: *late,
            }
            .into(),
        ),
        Event::DepartmentFinished { department, late, .. } => to_all(
            pb::DepartmentFinished {
                whistle_id,
                case_id,
                department_code: department.to_string(),
                late: *late,
            }
            .into(),
        ),
        Event::EvidenceHandedIn { department, references, .. } => {
            let reference_count = references.len() as i32;
            to_all(
                pb::EvidenceHandedIn {
                    whistle_id,
                    case_id,
                    department_code: department.to_string(),
                    reference_count,
                }
                .into(),
            )
        }
        Event::SummonsRefused { department, .. } => {
            to_all(pb::SummonsRefused { whistle_id, case_id, department_code: department.to_string() }.into())
        }
        Event::TaskAgreed { department, .. } => {
            vec![to(
                department,
                pb::TaskAgreed { whistle_id, case_id, department_code: department.to_string() }.into(),
            )]
        }
        Event::SummonsUpheld { department, .. } => {
            vec![to(
                department,
                pb::SummonsUpheld { whistle_id, case_id, department_code: department.to_string() }.into(),
            )]
        }
        Event::DepartmentExcused { department, .. } => {
            vec![to(
                department,
                pb::DepartmentExcused { whistle_id, case_id, department_code: department.to_string() }.into(),
            )]
        }
        Event::ReworkOrdered { department, clock, .. } => {
            let finish_due_at = Some(to_wire(clock.due_at));
            vec![to(
                department,
                pb::ReworkOrdered {
                    whistle_id,
                    case_id,
                    department_code: department.to_string(),
                    finish_due_at,
                }
                .into(),
            )]
        }
        Event::DepartmentReminded { department, clock, due_at } => {
            vec![to(department, reminded(id, whistle, department, *clock, *due_at))]
        }
        Event::DepartmentSupervised { department, clock, due_at } => {
            vec![to(department, supervised(id, whistle, department, *clock, *due_at))]
        }
        Event::WhistleFinished => to_all(pb::WhistleFinished { whistle_id, case_id }.into()),
        Event::ResultAccepted { late, .. } => {
            to_all(pb::ResultAccepted { whistle_id, case_id, late: *late }.into())
        }
        Event::WhistleWithdrawn { .. } => {
            let withdrawn = |department: &DepartmentCode| {
                let fact = pb::WhistleWithdrawn {
                    whistle_id: whistle_id.clone(),
                    case_id: case_id.clone(),
                    department_code: department.to_string(),
                };
                to(department, fact.into())
            };
            whistle.departments().map(withdrawn).collect()
        }
        // The case tells of the suspension.
        Event::ClocksSuspended { .. } | Event::ClocksResumed { .. } => Vec::new(),
    }
}

fn sounded(id: &str, whistle: &Whistle, department: &DepartmentCode, clocks: &[Clock]) -> Fact {
    let due = |kind| clocks.iter().find(|clock| clock.kind == kind).map(|clock| to_wire(clock.due_at));
    pb::WhistleSounded {
        whistle_id: id.to_owned(),
        case_id: whistle.case_id.to_string(),
        department_code: department.to_string(),
        department_codes: whistle.departments().map(ToString::to_string).collect(),
        kind: reply::kind(whistle.kind) as i32,
        level: reply::level(whistle.level) as i32,
        category_code: whistle.category.to_string(),
        sign_for_due_at: due(ClockKind::SignFor),
        contact_due_at: due(ClockKind::MakeContact),
        report_in_due_at: due(ClockKind::ReportIn),
        finish_due_at: due(ClockKind::Finish),
    }
    .into()
}

fn reminded(
    id: &str,
    whistle: &Whistle,
    department: &DepartmentCode,
    clock: ClockKind,
    due_at: Timestamp,
) -> Fact {
    let (clock, due_at) = (clock_kind(clock) as i32, Some(to_wire(due_at)));
    pb::DepartmentReminded {
        whistle_id: id.to_owned(),
        case_id: whistle.case_id.to_string(),
        department_code: department.to_string(),
        clock,
        due_at,
    }
    .into()
}

fn supervised(
    id: &str,
    whistle: &Whistle,
    department: &DepartmentCode,
    clock: ClockKind,
    due_at: Timestamp,
) -> Fact {
    let (clock, due_at) = (clock_kind(clock) as i32, Some(to_wire(due_at)));
    pb::DepartmentSupervised {
        whistle_id: id.to_owned(),
        case_id: whistle.case_id.to_string(),
        department_code: department.to_string(),
        clock,
        due_at,
    }
    .into()
}
