//! Procedures as the contracts have them.

use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::time::to_wire;
use jiff::civil::Date;

use super::law::Threshold;
use super::state::{Body, Disclosed, Held, Procedure, Publication, Stage, Step};

pub(super) fn number(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

pub(super) fn body(body: Body) -> pb::Body {
    match body {
        Body::Villagers => pb::Body::Villagers,
        Body::VillagersRepresentatives => pb::Body::VillagersRepresentatives,
        Body::Residents => pb::Body::Residents,
        Body::ResidentsRepresentatives => pb::Body::ResidentsRepresentatives,
    }
}

pub(super) fn step(step: Step) -> pb::ProcedureStep {
    match step {
        Step::Proposal => pb::ProcedureStep::Proposal,
        Step::Consultation => pb::ProcedureStep::Consultation,
        Step::Review => pb::ProcedureStep::Review,
        Step::Resolution => pb::ProcedureStep::Resolution,
    }
}

pub(super) fn publication(publication: Publication) -> pb::DisclosureKind {
    match publication {
        Publication::Decision => pb::DisclosureKind::Decision,
        Publication::Result => pb::DisclosureKind::Result,
    }
}

fn threshold(threshold: &Threshold) -> pb::ProcedureThreshold {
    pb::ProcedureThreshold {
        step: step(threshold.step) as i32,
        quorum: Some(threshold.quorum.shown()),
        approval: Some(threshold.approval.shown()),
        notice_days: i32::from(threshold.notice_days),
        source: threshold.source.clone(),
    }
}

fn record(Held { record, passed }: &Held) -> pb::StepRecord {
    pb::StepRecord {
        step: step(record.step) as i32,
        held_on: record.held_on.to_string(),
        announced_on: day(record.announced_on),
        entitled: number(record.entitled),
        present: number(record.present),
        in_favour: number(record.in_favour),
        text: record.text.clone(),
        attachment_sha256: record.attachment.clone().unwrap_or_default(),
        merge_reason: record.merged.clone().unwrap_or_default(),
        passed: *passed,
    }
}

fn disclosure(disclosed: &Disclosed) -> pb::Disclosure {
    pb::Disclosure {
        disclosed_on: disclosed.disclosure.on.to_string(),
        text: disclosed.disclosure.text.clone(),
        attachment_sha256: disclosed.disclosure.attachment.clone().unwrap_or_default(),
        late: disclosed.late,
    }
}

fn day(day: Option<Date>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

pub(super) fn procedure(id: &str, procedure: &Procedure, version: i64) -> pb::Procedure {
    let mut shown = pb::Procedure {
        procedure_id: id.to_owned(),
        topic_id: procedure.opening.topic.to_string(),
        area_code: procedure.opening.area.to_string(),
        body: body(procedure.opening.body) as i32,
        thresholds: procedure.opening.law.thresholds.iter().map(threshold).collect(),
        records: procedure.held.iter().map(record).collect(),
        overdue: procedure.overdue.iter().map(|missed| publication(*missed) as i32).collect(),
        opened_at: Some(to_wire(procedure.opened_at)),
        version,
        ..pb::Procedure::default()
    };
    let status = match &procedure.stage {
        Stage::Open { next } => {
            shown.next_step = step(*next) as i32;
            pb::ProcedureStatus::Open
        }
        Stage::Failed => pb::ProcedureStatus::Failed,
        Stage::Resolved { due_on } => {
            shown.decision_due_on = due_on.to_string();
            pb::ProcedureStatus::Resolved
        }
        Stage::DecisionDisclosed { decision, due_on } => {
            shown.decision_due_on = decision.due_on.to_string();
            shown.decision = Some(disclosure(decision));
            shown.result_due_on = due_on.to_string();
            pb::ProcedureStatus::DecisionDisclosed
        }
        Stage::ResultDisclosed { decision, result } => {
            shown.decision_due_on = decision.due_on.to_string();
            shown.decision = Some(disclosure(decision));
            shown.result_due_on = result.due_on.to_string();
            shown.result = Some(disclosure(result));
            pb::ProcedureStatus::ResultDisclosed
        }
    };
    pb::Procedure { status: status as i32, ..shown }
}
