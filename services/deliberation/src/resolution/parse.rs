//! Requests about resolutions → what is asked for, with every field error at once.

use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::ids::{
    AreaCode, BallotId, CategoryCode, DepartmentCode, GoalId, MeetingId, ProcedureId, ResolutionId, TopicId,
};
use jiff::civil::Date;
use uuid::Uuid;

use super::machine::{Basis, Draft, Kind, Status};
use crate::public_text::public_text;
use crate::topic::day;

/// Resolutions on a page for which no size is asked, and most of them.
const PAGE: (i64, i64) = (50, 200);
/// Most goals of a resolution.
const MOST_GOALS: usize = 20;
/// Most departments of a goal.
const MOST_DEPARTMENTS: usize = 20;
/// Most money of a goal, in fen: ten billion yuan.
const MOST_FEN: i64 = 1_000_000_000_000;

/// A resolution that is asked for.
pub(super) struct Asked {
    pub(super) topic: TopicId,
    pub(super) text: String,
    pub(super) basis: Basis,
    pub(super) goals: Vec<Draft>,
}

fn basis(violations: &mut Violations, given: Option<&pb::Basis>) -> Option<Basis> {
    match given.and_then(|basis| basis.basis.as_ref()) {
        Some(pb::basis::Basis::BallotId(id)) => {
            violations.id("basis.ballot_id", id, BallotId::parse).map(Basis::Ballot)
        }
        Some(pb::basis::Basis::ProcedureId(id)) => {
            violations.id("basis.procedure_id", id, ProcedureId::parse).map(Basis::Procedure)
        }
        Some(pb::basis::Basis::Motion(motion)) => {
            let meeting = violations.id("basis.motion.meeting_id", &motion.meeting_id, MeetingId::parse);
            let number = u32::try_from(motion.number).ok().filter(|number| *number > 0);
            if number.is_none() {
                violations.add("basis.motion.number", "must be 1 or more");
            }
            meeting.zip(number).map(|(meeting, number)| Basis::Motion { meeting, number })
        }
        None => {
            violations.add("basis", "is required: something that was decided");
            None
        }
    }
}

fn departments(
    violations: &mut Violations,
    field: &str,
    kind: Option<Kind>,
    given: &[String],
) -> Vec<DepartmentCode> {
    let wanted = kind == Some(Kind::Whistle);
    if wanted && (given.is_empty() || given.len() > MOST_DEPARTMENTS) {
        violations.add(field, format!("must name 1 to {MOST_DEPARTMENTS} departments"));
    }
    if kind.is_some() && !wanted && !given.is_empty() {
        violations.add(field, "are called by a whistle only");
    }
    let mut departments = Vec::new();
    for (nth, code) in given.iter().enumerate().take(MOST_DEPARTMENTS) {
        let field = format!("{field}[{nth}]");
        match violations.id(&field, code, DepartmentCode::parse) {
            Some(code) if departments.contains(&code) => violations.add(field, "is named twice"),
            Some(code) => departments.push(code),
            None => {}
        }
    }
    departments
}

fn goal(
    violations: &mut Violations,
    nth: usize,
    given: &pb::GoalDraft,
    today: Date,
    id: Uuid,
) -> Option<Draft> {
    let field = |name: &str| format!("goals[{nth}].{name}");
    let text = public_text(violations, &field("text"), &given.text, (5, 300));
    let kind = violations.choice::<pb::GoalKind>(&field("kind"), given.kind).and_then(|kind| match kind {
        pb::GoalKind::Unspecified => None,
        pb::GoalKind::Case => Some(Kind::Case),
        pb::GoalKind::Whistle => Some(Kind::Whistle),
        pb::GoalKind::OwnWork => Some(Kind::OwnWork),
    });
    let category = violations.id(&field("category_code"), &given.category_code, CategoryCode::parse);
    let departments = departments(violations, &field("department_codes"), kind, &given.department_codes);
    let due_on = day(violations, &field("due_on"), &given.due_on);
    if due_on.is_some_and(|due_on| due_on <= today) {
        violations.add(field("due_on"), "must be a day after today");
    }
    let amount_fen = u64::try_from(given.amount_fen).ok().filter(|_| given.amount_fen <= MOST_FEN);
    if amount_fen.is_none() {
        violations.add(field("amount_fen"), format!("must be 0 to {MOST_FEN}"));
    }
    let (((kind, category), due_on), amount_fen) = kind.zip(category).zip(due_on).zip(amount_fen)?;
    Some(Draft { id: GoalId(id), text, kind, category, departments, due_on, amount_fen })
}

pub(super) fn adopt(
    request: &pb::AdoptResolutionRequest,
    today: Date,
    mut new_id: impl FnMut() -> Uuid,
) -> Result<Asked, Failure> {
    let mut violations = Violations::new();
    let topic = violations.id("topic_id", &request.topic_id, TopicId::parse);
    let text = public_text(&mut violations, "text", &request.text, (5, 2_000));
    let basis = basis(&mut violations, request.basis.as_ref());
    if request.goals.is_empty() || request.goals.len() > MOST_GOALS {
        violations.add("goals", format!("must be 1 to {MOST_GOALS}, are {}", request.goals.len()));
    }
    let goals = request
        .goals
        .iter()
        .enumerate()
        .take(MOST_GOALS)
        .filter_map(|(nth, given)| goal(&mut violations, nth, given, today, new_id()))
        .collect();
    let (topic, basis) = violations.open(topic.zip(basis))?;
    Ok(Asked { topic, text, basis, goals })
}

/// A report on a goal.
pub(super) struct Report {
    pub(super) resolution: ResolutionId,
    pub(super) goal: GoalId,
    pub(super) status: Status,
    pub(super) report: String,
}

pub(super) fn report(request: &pb::ReportGoalRequest) -> Result<Report, Failure> {
    let mut violations = Violations::new();
    let resolution = violations.id("resolution_id", &request.resolution_id, ResolutionId::parse);
    let goal = violations.id("goal_id", &request.goal_id, GoalId::parse);
    let status = match pb::GoalStatus::try_from(request.status) {
        Ok(pb::GoalStatus::UnderWay) => Some(Status::UnderWay),
        Ok(pb::GoalStatus::Fulfilled) => Some(Status::Fulfilled),
        Ok(pb::GoalStatus::GivenUp) => Some(Status::GivenUp),
        Ok(pb::GoalStatus::Unspecified | pb::GoalStatus::Set) | Err(_) => {
            violations.add("status", "must be under way, fulfilled or given up");
            None
        }
    };
    let report = public_text(&mut violations, "report", &request.report, (5, 500));
    let ((resolution, goal), status) = violations.open(resolution.zip(goal).zip(status))?;
    Ok(Report { resolution, goal, status, report })
}

pub(super) fn id(given: &str) -> Result<ResolutionId, Failure> {
    let mut violations = Violations::new();
    let id = violations.id("resolution_id", given, ResolutionId::parse);
    violations.open(id)
}

pub(super) fn list(request: &pb::ListResolutionsRequest) -> Result<(AreaCode, Page), Failure> {
    let mut violations = Violations::new();
    let area = violations.id("area_code", &request.area_code, AreaCode::parse);
    let page = Page::parse(&mut violations, request.page_size, &request.page_token, PAGE.0, PAGE.1);
    Ok((violations.open(area)?, page))
}
