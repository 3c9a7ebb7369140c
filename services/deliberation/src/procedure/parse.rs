//! Requests about procedures → what is asked for, with every field error at once. Nothing that names a person comes in.

use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::ids::{AreaCode, ProcedureId, TopicId};
use jiff::civil::Date;

use super::machine::Command;
use super::state::{Body, Disclosure, Record, Step};
use crate::public_text::public_text;

/// Procedures on a page for which no size is asked, and most of them: each has long texts.
const PAGE: (i64, i64) = (20, 50);
/// Most who can be entitled: a village or community has no more.
const MOST_ENTITLED: i32 = 100_000;

/// What is asked of which procedure.
type Asked = Result<(ProcedureId, Command), Failure>;

pub(super) fn open(request: &pb::OpenProcedureRequest) -> Result<(TopicId, Body), Failure> {
    let mut violations = Violations::new();
    let topic = violations.id("topic_id", &request.topic_id, TopicId::parse);
    let body = match violations.choice::<pb::Body>("body", request.body) {
        Some(pb::Body::Villagers) => Some(Body::Villagers),
        Some(pb::Body::VillagersRepresentatives) => Some(Body::VillagersRepresentatives),
        Some(pb::Body::Residents) => Some(Body::Residents),
        Some(pb::Body::ResidentsRepresentatives) => Some(Body::ResidentsRepresentatives),
        Some(pb::Body::Owners) => {
            violations.add("body", "must not be the owners, who decide by ballot");
            None
        }
        Some(pb::Body::Unspecified) | None => None,
    };
    violations.open(topic.zip(body))
}

/// Takes a day of these two centuries.
fn day(violations: &mut Violations, field: &str, given: &str) -> Option<Date> {
    let day = given.parse::<Date>().ok().filter(|day| (2000..=2200).contains(&day.year()));
    if day.is_none() {
        violations.add(field, "must be a day like 2026-12-31");
    }
    day
}

/// Takes a SHA-256 in hexadecimal, which may be absent.
fn sha256(violations: &mut Violations, field: &str, given: &str) -> Option<String> {
    let digits = given.to_ascii_lowercase();
    if digits.is_empty() {
        return None;
    }
    if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        violations.add(field, "must be 64 hexadecimal digits, or empty");
    }
    Some(digits)
}

/// Takes a number of people.
fn heads(violations: &mut Violations, field: &str, given: i32, (least, most, what): (i32, i32, &str)) -> u32 {
    if !(least..=most).contains(&given) {
        violations.add(field, format!("must be {least} to {what}"));
    }
    u32::try_from(given).unwrap_or(0)
}

pub(super) fn record(request: &pb::RecordProcedureStepRequest) -> Asked {
    let mut violations = Violations::new();
    let id = violations.id("procedure_id", &request.procedure_id, ProcedureId::parse);
    let given = request.record.clone().unwrap_or_default();
    let step = match violations.choice::<pb::ProcedureStep>("record.step", given.step) {
        Some(pb::ProcedureStep::Proposal) => Some(Step::Proposal),
        Some(pb::ProcedureStep::Consultation) => Some(Step::Consultation),
        Some(pb::ProcedureStep::Review) => Some(Step::Review),
        Some(pb::ProcedureStep::Resolution) => Some(Step::Resolution),
        Some(pb::ProcedureStep::Unspecified) | None => None,
    };
    let held_on = day(&mut violations, "record.held_on", &given.held_on);
    let announced_on = match given.announced_on.as_str() {
        "" => None,
        announced => day(&mut violations, "record.announced_on", announced),
    };
    if announced_on.zip(held_on).is_some_and(|(announced, held)| announced > held) {
        violations.add("record.announced_on", "must not lie after the meeting");
    }
    let most = |most: i32, what: &'static str| (0, most, what);
    let all = (1, MOST_ENTITLED, "100,000");
    let entitled = heads(&mut violations, "record.entitled", given.entitled, all);
    let present = heads(
        &mut violations,
        "record.present",
        given.present,
        most(given.entitled.max(0), "those entitled"),
    );
    let in_favour = heads(
        &mut violations,
        "record.in_favour",
        given.in_favour,
        most(given.present.max(0), "those present"),
    );
    let text = public_text(&mut violations, "record.text", &given.text, (10, 2_000));
    let attachment = sha256(&mut violations, "record.attachment_sha256", &given.attachment_sha256);
    let merged = match given.merge_reason.as_str() {
        "" => None,
        reason => Some(public_text(&mut violations, "record.merge_reason", reason, (5, 200))),
    };
    let ((id, step), held_on) = violations.open(id.zip(step).zip(held_on))?;
    let record =
        Record { step, held_on, announced_on, entitled, present, in_favour, text, attachment, merged };
    Ok((id, Command::Record(Box::new(record))))
}

fn disclosure(violations: &mut Violations, given: Option<&pb::Disclosure>) -> Option<Disclosure> {
    let given = given.cloned().unwrap_or_default();
    let on = day(violations, "disclosure.disclosed_on", &given.disclosed_on);
    let text = public_text(violations, "disclosure.text", &given.text, (5, 2_000));
    let attachment = sha256(violations, "disclosure.attachment_sha256", &given.attachment_sha256);
    on.map(|on| Disclosure { on, text, attachment })
}

pub(super) fn disclose_decision(request: &pb::DiscloseDecisionRequest) -> Asked {
    let mut violations = Violations::new();
    let id = violations.id("procedure_id", &request.procedure_id, ProcedureId::parse);
    let disclosure = disclosure(&mut violations, request.disclosure.as_ref());
    let result_due_on = day(&mut violations, "result_due_on", &request.result_due_on);
    let ((id, disclosure), result_due_on) = violations.open(id.zip(disclosure).zip(result_due_on))?;
    Ok((id, Command::DiscloseDecision { disclosure, result_due_on }))
}

pub(super) fn disclose_result(request: &pb::DiscloseResultRequest) -> Asked {
    let mut violations = Violations::new();
    let id = violations.id("procedure_id", &request.procedure_id, ProcedureId::parse);
    let disclosure = disclosure(&mut violations, request.disclosure.as_ref());
    let (id, disclosure) = violations.open(id.zip(disclosure))?;
    Ok((id, Command::DiscloseResult { disclosure }))
}

pub(super) fn id(given: &str) -> Result<ProcedureId, Failure> {
    let mut violations = Violations::new();
    let id = violations.id("procedure_id", given, ProcedureId::parse);
    violations.open(id)
}

pub(super) fn list(request: &pb::ListProceduresRequest) -> Result<(AreaCode, Page), Failure> {
    let mut violations = Violations::new();
    let area = violations.id("area_code", &request.area_code, AreaCode::parse);
    let page = Page::parse(&mut violations, request.page_size, &request.page_token, PAGE.0, PAGE.1);
    Ok((violations.open(area)?, page))
}
