//! Topics as the contracts have them.

use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::time::to_wire;
use jiff::Timestamp;

use super::demand::Tally;
use super::state::{Gate, GateKind, Origin, Reason, Stage, Topic};

/// Seconds of a day.
const DAY: i64 = 86_400;

pub(crate) fn raised_by(reason: Reason) -> pb::RaisedBy {
    match reason {
        Reason::CasesAtOnePlace => pb::RaisedBy::CasesAtOnePlace,
        Reason::ClusterOfDemands => pb::RaisedBy::ClusterOfDemands,
    }
}

fn gate(gate: &Gate) -> pb::Gate {
    let kind = match gate.kind {
        GateKind::Safety => pb::GateKind::Safety,
        GateKind::LegalDeadline => pb::GateKind::LegalDeadline,
    };
    pb::Gate { kind: kind as i32, due_on: gate.due_on.to_string(), source: gate.source.clone() }
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// A topic as it is at an instant, with the cases behind it.
pub(crate) fn topic(id: &str, topic: &Topic, version: i64, (tally, now): (&Tally, Timestamp)) -> pb::Topic {
    let (mut merged_into, mut reason) = (String::new(), String::new());
    let (mut agenda_id, mut resolution_id) = (String::new(), String::new());
    let status = match &topic.stage {
        Stage::Open => pb::TopicStatus::Open,
        Stage::Scheduled { agenda, .. } => {
            agenda_id = agenda.to_string();
            pb::TopicStatus::Scheduled
        }
        Stage::Merged { into, reason: because } => {
            (merged_into, reason) = (into.to_string(), because.clone());
            pb::TopicStatus::Merged
        }
        Stage::Declined { reason: because } => {
            reason = because.clone();
            pb::TopicStatus::Declined
        }
        Stage::Resolved { agenda, resolution } => {
            (agenda_id, resolution_id) = (agenda.to_string(), resolution.to_string());
            pb::TopicStatus::Resolved
        }
    };
    let mut buildings = topic.buildings();
    buildings.extend(tally.buildings.iter().map(String::as_str));
    let days = (now.as_second() - tally.since(topic).as_second()).max(0) / DAY;
    let wording = topic.wording.clone();
    pb::Topic {
        topic_id: id.to_owned(),
        area_code: topic.area.to_string(),
        title: wording.as_ref().map(|words| words.title.clone()).unwrap_or_default(),
        question: wording.map(|words| words.question).unwrap_or_default(),
        category_code: topic.category.to_string(),
        status: status as i32,
        proposed_at: Some(to_wire(topic.proposed_at)),
        raised_by: match &topic.origin {
            Origin::Proposed => pb::RaisedBy::Unspecified as i32,
            Origin::Raised { reason, .. } => raised_by(*reason) as i32,
        },
        reasons: Some(pb::TopicReasons {
            households: count(topic.households.len()),
            buildings: count(buildings.len()),
            cases: tally.cases,
            reopened_cases: tally.reopened,
            days_open: i32::try_from(days).unwrap_or(i32::MAX),
        }),
        gate: topic.gate.as_ref().map(gate),
        merged_into,
        reason,
        agenda_id,
        resolution_id,
        version,
    }
}
