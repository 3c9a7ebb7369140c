//! What the bus is told of procedures: which step was held with which counts, what was made public, and what was not.

use gongzhi_chassis::execute::Announcement;
use gongzhi_proto::Fact;
use gongzhi_proto::deliberation::v1 as pb;

use super::machine::Event;
use super::reply;
use super::state::Procedure;

pub(super) fn announce(id: &str, procedure: &Procedure, event: &Event) -> Vec<Announcement> {
    let procedure_id = id.to_owned();
    let topic_id = procedure.opening.topic.to_string();
    let area_code = procedure.opening.area.to_string();
    let fact: Fact = match event {
        Event::Opened(opening) => {
            let body = reply::body(opening.body) as i32;
            pb::ProcedureOpened { procedure_id, topic_id, area_code, body }.into()
        }
        Event::StepRecorded { record, passed } => pb::ProcedureStepRecorded {
            procedure_id,
            topic_id,
            step: reply::step(record.step) as i32,
            merged: record.merged.is_some(),
            held_on: record.held_on.to_string(),
            entitled: reply::number(record.entitled),
            present: reply::number(record.present),
            in_favour: reply::number(record.in_favour),
            passed: *passed,
        }
        .into(),
        Event::DecisionDisclosed { decision, result_due_on } => pb::DecisionDisclosed {
            procedure_id,
            topic_id,
            disclosed_on: decision.disclosure.on.to_string(),
            late: decision.late,
            result_due_on: result_due_on.to_string(),
        }
        .into(),
        Event::ResultDisclosed(result) => pb::ResultDisclosed {
            procedure_id,
            topic_id,
            disclosed_on: result.disclosure.on.to_string(),
            late: result.late,
        }
        .into(),
        Event::DisclosureOverdue { publication, due_on } => pb::DisclosureOverdue {
            procedure_id,
            topic_id,
            area_code,
            kind: reply::publication(*publication) as i32,
            due_on: due_on.to_string(),
        }
        .into(),
    };
    vec![Announcement::to_all(&procedure.opening.area, fact)]
}
