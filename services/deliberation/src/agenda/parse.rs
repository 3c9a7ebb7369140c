//! Requests about agendas → what is asked for, with every field error at once.

use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::ids::{AgendaId, AreaCode, TopicId};
use gongzhi_proto::time::from_wire;
use jiff::Timestamp;

use super::machine::Reordering;
use crate::public_text::public_text;

/// Agendas on a page for which no size is asked, and most of them.
const PAGE: (i64, i64) = (50, 200);
/// Most places of an agenda: who decides more in one session decides nothing well.
const MOST_PLACES: i32 = 20;

/// An agenda that is asked for.
pub(super) struct Asked {
    pub(super) area: AreaCode,
    pub(super) title: String,
    pub(super) meets_at: Timestamp,
    pub(super) lot_source: String,
    pub(super) places: usize,
}

pub(super) fn draw_up(request: &pb::DrawUpAgendaRequest, now: Timestamp) -> Result<Asked, Failure> {
    let mut violations = Violations::new();
    let area = violations.id("area_code", &request.area_code, AreaCode::parse);
    if area.as_ref().is_some_and(|area| area.as_str().len() != 12) {
        violations.add("area_code", "must be a community: 12 digits");
    }
    let title = public_text(&mut violations, "title", &request.title, (2, 60));
    let lot_source = public_text(&mut violations, "lot_source", &request.lot_source, (2, 200));
    let meets_at = from_wire(request.meets_at.as_ref());
    match meets_at {
        None => violations.add("meets_at", "is required"),
        Some(meets_at) if meets_at <= now => violations.add("meets_at", "must lie in the future"),
        Some(_) => {}
    }
    if !(1..=MOST_PLACES).contains(&request.places) {
        violations.add("places", format!("must be 1 to {MOST_PLACES}"));
    }
    let (area, meets_at) = violations.open(area.zip(meets_at))?;
    let places = usize::try_from(request.places).unwrap_or(1);
    Ok(Asked { area, title, meets_at, lot_source, places })
}

pub(super) fn id(given: &str) -> Result<AgendaId, Failure> {
    let mut violations = Violations::new();
    let id = violations.id("agenda_id", given, AgendaId::parse);
    violations.open(id)
}

pub(super) fn lot(request: &pb::DrawAgendaLotRequest) -> Result<(AgendaId, String), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("agenda_id", &request.agenda_id, AgendaId::parse);
    let number = request.number.trim().to_owned();
    if !(1..=30).contains(&number.len()) || !number.bytes().all(|digit| digit.is_ascii_digit()) {
        violations.add("number", "must be 1 to 30 digits");
    }
    Ok((violations.open(id)?, number))
}

pub(super) fn reorder(request: &pb::ReorderAgendaRequest) -> Result<(AgendaId, Reordering), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("agenda_id", &request.agenda_id, AgendaId::parse);
    let reason = public_text(&mut violations, "reason", &request.reason, (10, 500));
    if request.topic_ids.is_empty() || request.topic_ids.len() > MOST_PLACES as usize {
        violations.add("topic_ids", format!("must be 1 to {MOST_PLACES}"));
    }
    let order = (0..)
        .zip(request.topic_ids.iter().take(MOST_PLACES as usize))
        .filter_map(|(nth, topic)| violations.id(&format!("topic_ids[{nth}]"), topic, TopicId::parse))
        .collect();
    Ok((violations.open(id)?, Reordering { order, reason }))
}

pub(super) fn list(request: &pb::ListAgendasRequest) -> Result<(AreaCode, Page), Failure> {
    let mut violations = Violations::new();
    let area = violations.id("area_code", &request.area_code, AreaCode::parse);
    let page = Page::parse(&mut violations, request.page_size, &request.page_token, PAGE.0, PAGE.1);
    Ok((violations.open(area)?, page))
}
