//! The contract's words for a visit, and ours: requests become commands and searches, with every field error at once; visits become replies. Knows no
//! SQL.

use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::grid::v1 as pb;
use gongzhi_proto::ids::{AreaCode, CaseId, Level, VisitId};
use gongzhi_proto::time::to_wire;

use super::machine::{Command, Rating, Stage, Visit};
use super::store::{Position, Search, Wanted};

/// Visits on a page for which no size is asked, and most of them.
const PAGE: (i64, i64) = (100, 500);

pub(super) fn record(request: &pb::RecordFollowUpVisitRequest) -> Result<(VisitId, Command), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("visit_id", &request.visit_id, VisitId::parse);
    let rating = violations.choice::<pb::Rating>("rating", request.rating).and_then(|rating| match rating {
        pb::Rating::Unspecified => None,
        pb::Rating::Satisfied => Some(Rating::Satisfied),
        pb::Rating::FairlySatisfied => Some(Rating::FairlySatisfied),
        pb::Rating::NotSatisfied => Some(Rating::NotSatisfied),
        pb::Rating::NotReached => Some(Rating::NotReached),
    });
    violations.open(id.zip(rating.map(Command::Record)))
}

pub(super) fn search(request: &pb::ListFollowUpVisitsRequest) -> Result<(Search, Page), Failure> {
    let mut violations = Violations::new();
    let area = violations.id("area_code", &request.area_code, AreaCode::parse);
    let case = match request.case_id.as_str() {
        "" => None,
        given => violations.id("case_id", given, CaseId::parse),
    };
    let page = Page::parse(&mut violations, request.page_size, &request.page_token, PAGE.0, PAGE.1);
    // A token that could not be opened was noted already and left an empty key.
    let after = page.after.as_deref().filter(|key| !key.is_empty()).and_then(|key| {
        let position = position(key);
        if position.is_none() {
            violations.add("page_token", "must be the next_page_token of an answer");
        }
        position
    });
    let wanted = if request.waiting_only { Wanted::Waiting } else { Wanted::All };
    violations.open(area.map(|area| (Search { area, case, wanted, after }, page)))
}

fn position(key: &str) -> Option<Position> {
    let (recorded, rest) = key.split_once('/')?;
    let (opened_at, id) = rest.split_once('/')?;
    Some(Position {
        recorded: recorded.parse().ok()?,
        opened_at: opened_at.parse().ok()?,
        id: VisitId::parse(id).ok()?,
    })
}

pub(super) fn key(id: VisitId, visit: &Visit) -> String {
    let recorded = matches!(visit.stage, Stage::Recorded { .. });
    format!("{recorded}/{}/{id}", visit.opened_at)
}

pub(super) fn visit(id: &str, visit: &Visit) -> pb::FollowUpVisit {
    let (recorded_at, rating) = match visit.stage {
        Stage::Recorded { at, rating } => (Some(to_wire(at)), self::rating(rating)),
        Stage::Waiting | Stage::Withdrawn { .. } => (None, pb::Rating::Unspecified),
    };
    let errand = &visit.errand;
    pb::FollowUpVisit {
        visit_id: id.to_owned(),
        case_id: errand.case.to_string(),
        round: errand.round,
        reporter: errand.reporter,
        area_code: errand.area.at(Level::Community).as_ref().unwrap_or(&errand.area).to_string(),
        grid_id: errand.grid.as_ref().map(ToString::to_string).unwrap_or_default(),
        opened_at: Some(to_wire(visit.opened_at)),
        recorded_at,
        rating: rating.into(),
    }
}

pub(super) fn rating(rating: Rating) -> pb::Rating {
    match rating {
        Rating::Satisfied => pb::Rating::Satisfied,
        Rating::FairlySatisfied => pb::Rating::FairlySatisfied,
        Rating::NotSatisfied => pb::Rating::NotSatisfied,
        Rating::NotReached => pb::Rating::NotReached,
    }
}
