//! Requests about funds → what is asked for, with every field error at once.

use std::collections::BTreeSet;

use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::ids::{AreaCode, FundId, TopicId};
use gongzhi_proto::time::from_wire;
use jiff::Timestamp;

use super::slips;
use super::state::{Fund, MOST_PROJECTS, Project, Rule};
use crate::pool::parse::{digits, later};
use crate::public_text::{public_line, public_text};

/// Funds on a page for which no size is asked, and most of them.
const PAGE: (i64, i64) = (50, 200);
/// Most money of a fund, in fen: a hundred billion yuan.
const MOST_FEN: i64 = 10_000_000_000_000;
/// Fewest and most slips: among fewer than ten, what one approves of would point at somebody.
const SLIPS: (i32, i32) = (10, 100_000);

/// A fund that is asked for.
pub(super) struct Asked {
    pub(super) topic: TopicId,
    pub(super) amount_fen: i64,
    pub(super) rule: Rule,
    pub(super) tie_source: String,
    pub(super) closes_at: Timestamp,
}

fn money(violations: &mut Violations, field: &str, fen: i64) {
    if !(1..=MOST_FEN).contains(&fen) {
        violations.add(field, format!("must be 1 to {MOST_FEN}"));
    }
}

pub(super) fn open(request: &pb::OpenFundRequest, now: Timestamp) -> Result<Asked, Failure> {
    let mut violations = Violations::new();
    let topic = violations.id("topic_id", &request.topic_id, TopicId::parse);
    money(&mut violations, "amount_fen", request.amount_fen);
    let rule = match pb::FundRule::try_from(request.rule) {
        Ok(pb::FundRule::Unspecified | pb::FundRule::EqualShares) => Rule::EqualShares,
        Ok(pb::FundRule::EqualSharesThenGreedy) => Rule::EqualSharesThenGreedy,
        Ok(pb::FundRule::Phragmen) => Rule::Phragmen,
        Ok(pb::FundRule::Greedy) => Rule::Greedy,
        Err(_) => {
            violations.add("rule", format!("has no value {}", request.rule));
            Rule::EqualShares
        }
    };
    let tie_source = public_text(&mut violations, "tie_source", &request.tie_source, (2, 200));
    let closes_at = later(&mut violations, "closes_at", from_wire(request.closes_at.as_ref()), now);
    let (topic, closes_at) = violations.open(topic.zip(closes_at))?;
    Ok(Asked { topic, amount_fen: request.amount_fen, rule, tie_source, closes_at })
}

pub(super) fn project(request: &pb::AddProjectRequest) -> Result<(FundId, Project), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("fund_id", &request.fund_id, FundId::parse);
    let title = public_line(&mut violations, "title", &request.title, (2, 60));
    let area = violations.id("area_code", &request.area_code, AreaCode::parse);
    money(&mut violations, "cost_fen", request.cost_fen);
    let group = (!request.exclusion_group.trim().is_empty())
        .then(|| public_line(&mut violations, "exclusion_group", &request.exclusion_group, (1, 20)));
    let (id, area) = violations.open(id.zip(area))?;
    Ok((id, Project { title, area, cost_fen: request.cost_fen, group, withdrawn: None }))
}

pub(super) fn withdraw(request: &pb::WithdrawProjectRequest) -> Result<(FundId, u32, String), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("fund_id", &request.fund_id, FundId::parse);
    if request.number < 1 {
        violations.add("number", "must be the number of a project, from 1");
    }
    let reason = public_text(&mut violations, "reason", &request.reason, (10, 500));
    Ok((violations.open(id)?, request.number.unsigned_abs(), reason))
}

pub(super) fn publish(request: &pb::PublishFundRequest) -> Result<(FundId, u32), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("fund_id", &request.fund_id, FundId::parse);
    if !(SLIPS.0..=SLIPS.1).contains(&request.households) {
        violations.add("households", format!("must be {} to {}", SLIPS.0, SLIPS.1));
    }
    Ok((violations.open(id)?, request.households.unsigned_abs()))
}

fn code(violations: &mut Violations, given: &str) -> Option<String> {
    let code = slips::one_spelling(given);
    if code.is_none() {
        violations.add("code", "must be the ten symbols of a slip");
    }
    code
}

/// The code of a slip and the projects that it approves of, from the smallest number.
pub(super) fn cast(request: &pb::CastApprovalsRequest, fund: &Fund) -> Result<(String, Vec<u32>), Failure> {
    let mut violations = Violations::new();
    let code = code(&mut violations, &request.code);
    if request.projects.len() > MOST_PROJECTS {
        violations.add("projects", format!("must be {MOST_PROJECTS} at most"));
    }
    let mut projects = BTreeSet::new();
    for (nth, number) in request.projects.iter().take(MOST_PROJECTS).enumerate() {
        let field = format!("projects[{nth}]");
        let project = u32::try_from(*number).ok().and_then(|number| fund.project(number));
        match project {
            None => violations.add(field, "is no project of this fund"),
            Some(project) if project.withdrawn.is_some() => violations.add(field, "was taken back"),
            Some(_) if !projects.insert(number.unsigned_abs()) => violations.add(field, "stands there twice"),
            Some(_) => {}
        }
    }
    Ok((violations.open(code)?, projects.into_iter().collect()))
}

pub(super) fn settle(request: &pb::SettleTieRequest) -> Result<(FundId, String), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("fund_id", &request.fund_id, FundId::parse);
    let number = digits(&mut violations, &request.number, (6, 30));
    Ok((violations.open(id)?, number))
}

pub(super) fn share(request: &pb::GetMyShareRequest) -> Result<(FundId, String), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("fund_id", &request.fund_id, FundId::parse);
    let code = code(&mut violations, &request.code);
    violations.open(id.zip(code))
}

pub(super) fn id(given: &str) -> Result<FundId, Failure> {
    let mut violations = Violations::new();
    let id = violations.id("fund_id", given, FundId::parse);
    violations.open(id)
}

pub(super) fn list(request: &pb::ListFundsRequest) -> Result<(TopicId, Page), Failure> {
    let mut violations = Violations::new();
    let topic = violations.id("topic_id", &request.topic_id, TopicId::parse);
    let page = Page::parse(&mut violations, request.page_size, &request.page_token, PAGE.0, PAGE.1);
    Ok((violations.open(topic)?, page))
}
