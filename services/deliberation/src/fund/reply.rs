//! Funds as the contracts have them.

use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::time::to_wire;

use super::state::{Decision, Fund, Project, Rule, Stage, WhyLost};

pub(super) fn number(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

pub(super) fn count(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn rule(rule: Rule) -> pb::FundRule {
    match rule {
        Rule::EqualShares => pb::FundRule::EqualShares,
        Rule::EqualSharesThenGreedy => pb::FundRule::EqualSharesThenGreedy,
        Rule::Phragmen => pb::FundRule::Phragmen,
        Rule::Greedy => pb::FundRule::Greedy,
    }
}

fn why(why: WhyLost) -> pb::WhyLost {
    match why {
        WhyLost::Withdrawn => pb::WhyLost::Withdrawn,
        WhyLost::SameGroup => pb::WhyLost::SameGroup,
        WhyLost::NoSupporters => pb::WhyLost::NoSupporters,
        WhyLost::TooLittleLeft => pb::WhyLost::TooLittleLeft,
        WhyLost::OverBudget => pb::WhyLost::OverBudget,
        WhyLost::Ended => pb::WhyLost::Ended,
    }
}

fn project(place: usize, project: &Project, decision: Option<&Decision>) -> pb::FundProject {
    let own = u32::try_from(place + 1).unwrap_or(u32::MAX);
    let lost = decision.and_then(|decision| decision.lost.iter().find(|(lost, _)| *lost == own));
    let approvals = decision.and_then(|decision| decision.approvals.get(place)).copied();
    pb::FundProject {
        number: number(own),
        title: project.title.clone(),
        area_code: project.area.to_string(),
        cost_fen: project.cost_fen,
        exclusion_group: project.group.clone().unwrap_or_default(),
        withdrawn: project.withdrawn.is_some(),
        withdrawal_reason: project.withdrawn.clone().unwrap_or_default(),
        approvals: number(approvals.unwrap_or(0)),
        won: decision.is_some_and(|decision| decision.winners.contains(&own)),
        why_lost: lost.map_or(0, |(_, because)| why(*because) as i32),
    }
}

fn decision(fund: &Fund) -> Option<&Decision> {
    if let Stage::Decided(decision) = &fund.stage { Some(decision) } else { None }
}

fn projects(fund: &Fund) -> Vec<pb::FundProject> {
    let decision = decision(fund);
    fund.projects.iter().enumerate().map(|(place, of_it)| project(place, of_it, decision)).collect()
}

fn record_sha256(fund: &Fund) -> String {
    decision(fund).map(|decision| decision.sha256.clone()).unwrap_or_default()
}

fn status(fund: &Fund) -> pb::FundStatus {
    match &fund.stage {
        Stage::Open => pb::FundStatus::Open,
        Stage::Published => pb::FundStatus::Published,
        Stage::Computing => pb::FundStatus::Computing,
        Stage::Overdue => pb::FundStatus::Overdue,
        Stage::Tied(_) => pb::FundStatus::Tied,
        Stage::Decided(_) => pb::FundStatus::Decided,
    }
}

/// What everybody may know of a fund; nothing before it is published.
pub(super) fn notice(fund: &Fund) -> Option<pb::FundNotice> {
    let opening = &fund.opening;
    (!matches!(fund.stage, Stage::Open)).then(|| pb::FundNotice {
        amount_fen: opening.amount_fen,
        rule: rule(opening.rule) as i32,
        tie_source: opening.tie_source.clone(),
        closes_at: Some(to_wire(opening.closes_at)),
        status: status(fund) as i32,
        projects: projects(fund),
        record_sha256: record_sha256(fund),
    })
}

/// A fund, with how many slips were cast so far, which is told from ten on while it is open.
pub(super) fn fund(id: &str, fund: &Fund, version: i64, cast: u32) -> pb::Fund {
    let opening = &fund.opening;
    let decision = decision(fund);
    let tied: &[u32] = if let Stage::Tied(projects) = &fund.stage { projects } else { &[] };
    let open = matches!(fund.stage, Stage::Open | Stage::Published);
    let ballots = if open && cast < 10 { 0 } else { cast.max(fund.ballots) };
    pb::Fund {
        fund_id: id.to_owned(),
        topic_id: opening.topic.to_string(),
        area_code: opening.area.to_string(),
        amount_fen: opening.amount_fen,
        rule: rule(opening.rule) as i32,
        tie_source: opening.tie_source.clone(),
        closes_at: Some(to_wire(opening.closes_at)),
        status: status(fund) as i32,
        projects: projects(fund),
        slips: number(fund.slips),
        ballots: number(ballots),
        slips_printed_at: fund.printed_at.map(to_wire),
        winners: decision.map(|it| it.winners.iter().map(|one| number(*one)).collect()).unwrap_or_default(),
        total_fen: decision.map_or(0, |decision| decision.total_fen),
        tied: tied.iter().map(|one| number(*one)).collect(),
        tie_number: fund.tie_number.clone().unwrap_or_default(),
        prefer_outcome: decision.map_or(0, |decision| number(decision.prefer_outcome)),
        prefer_greedy: decision.map_or(0, |decision| number(decision.prefer_greedy)),
        record_sha256: record_sha256(fund),
        version,
    }
}
