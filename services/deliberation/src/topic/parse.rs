//! Requests about topics → what is asked for, with every field error at once. Nothing that names a person comes in.

use std::collections::BTreeMap;

use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::ids::{AreaCode, CategoryCode, TopicId};

use super::state::{Beginning, Gate, GateKind, Origin, Wording};
use crate::household::one_spelling;
use crate::public_text::public_text;

/// Topics on a page for which no size is asked, and most of them.
const PAGE: (i64, i64) = (50, 200);

/// Takes a community, or an estate or building of one.
pub(crate) fn within_community(violations: &mut Violations, field: &str, given: &str) -> Option<AreaCode> {
    let area = violations.id(field, given, AreaCode::parse)?;
    if area.as_str().len() >= 12 {
        return Some(area);
    }
    violations.add(field, "must be a community, an estate or a building: 12, 15 or 18 digits");
    None
}

fn wording(violations: &mut Violations, title: &str, question: &str) -> Wording {
    let title = public_text(violations, "title", title, (2, 60));
    Wording { title, question: public_text(violations, "question", question, (5, 500)) }
}

pub(super) fn propose(request: &pb::ProposeTopicRequest) -> Result<Beginning, Failure> {
    let mut violations = Violations::new();
    let area = within_community(&mut violations, "area_code", &request.area_code);
    let category = violations.id("category_code", &request.category_code, CategoryCode::parse);
    let wording = Some(wording(&mut violations, &request.title, &request.question));
    let (area, category) = violations.open(area.zip(category))?;
    Ok(Beginning {
        area,
        wording,
        category,
        origin: Origin::Proposed,
        places: BTreeMap::new(),
        noted: Vec::new(),
    })
}

pub(super) fn word(request: &pb::WordTopicRequest) -> Result<(TopicId, Wording), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("topic_id", &request.topic_id, TopicId::parse);
    let wording = wording(&mut violations, &request.title, &request.question);
    Ok((violations.open(id)?, wording))
}

/// A household that wants a topic, as it was written.
pub(super) struct Support {
    pub(super) id: TopicId,
    pub(super) household: String,
    pub(super) building: AreaCode,
}

pub(super) fn support(request: &pb::SupportTopicRequest) -> Result<Support, Failure> {
    let mut violations = Violations::new();
    let id = violations.id("topic_id", &request.topic_id, TopicId::parse);
    let household = violations.text("household", &request.household, 1, 40);
    let household = one_spelling(&household);
    let building = within_community(&mut violations, "building_code", &request.building_code);
    let (id, building) = violations.open(id.zip(building))?;
    Ok(Support { id, household, building })
}

pub(super) fn gate(request: &pb::GateTopicRequest) -> Result<(TopicId, Gate), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("topic_id", &request.topic_id, TopicId::parse);
    let given = request.gate.clone().unwrap_or_default();
    let kind = violations.choice::<pb::GateKind>("gate.kind", given.kind).and_then(|kind| match kind {
        pb::GateKind::Unspecified => None,
        pb::GateKind::Safety => Some(GateKind::Safety),
        pb::GateKind::LegalDeadline => Some(GateKind::LegalDeadline),
    });
    let due_on = day(&mut violations, "gate.due_on", &given.due_on);
    let source = public_text(&mut violations, "gate.source", &given.source, (2, 200));
    let ((id, kind), due_on) = violations.open(id.zip(kind).zip(due_on))?;
    Ok((id, Gate { kind, due_on, source }))
}

/// Takes a day of these two centuries.
pub(crate) fn day(violations: &mut Violations, field: &str, given: &str) -> Option<jiff::civil::Date> {
    let day = given.parse::<jiff::civil::Date>().ok().filter(|day| (2000..=2200).contains(&day.year()));
    if day.is_none() {
        violations.add(field, "must be a day like 2026-12-31");
    }
    day
}

pub(super) fn merge(request: &pb::MergeTopicRequest) -> Result<(TopicId, TopicId, String), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("topic_id", &request.topic_id, TopicId::parse);
    let into = violations.id("into_topic_id", &request.into_topic_id, TopicId::parse);
    let reason = public_text(&mut violations, "reason", &request.reason, (2, 500));
    let (id, into) = violations.open(id.zip(into))?;
    Ok((id, into, reason))
}

pub(super) fn decline(request: &pb::DeclineTopicRequest) -> Result<(TopicId, String), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("topic_id", &request.topic_id, TopicId::parse);
    let reason = public_text(&mut violations, "reason", &request.reason, (10, 500));
    Ok((violations.open(id)?, reason))
}

pub(super) fn id(given: &str) -> Result<TopicId, Failure> {
    let mut violations = Violations::new();
    let id = violations.id("topic_id", given, TopicId::parse);
    violations.open(id)
}

pub(super) fn list(
    request: &pb::ListTopicsRequest,
) -> Result<(AreaCode, Option<&'static str>, Page), Failure> {
    let mut violations = Violations::new();
    let area = violations.id("area_code", &request.area_code, AreaCode::parse);
    let page = Page::parse(&mut violations, request.page_size, &request.page_token, PAGE.0, PAGE.1);
    let status = match pb::TopicStatus::try_from(request.status) {
        Ok(pb::TopicStatus::Unspecified) => None,
        Ok(pb::TopicStatus::Open) => Some("open"),
        Ok(pb::TopicStatus::Scheduled) => Some("scheduled"),
        Ok(pb::TopicStatus::Merged) => Some("merged"),
        Ok(pb::TopicStatus::Declined) => Some("declined"),
        Ok(pb::TopicStatus::Resolved) => Some("resolved"),
        Err(_) => {
            violations.add("status", format!("has no value {}", request.status));
            None
        }
    };
    Ok((violations.open(area)?, status, page))
}
