//! Pools as the contracts have them.

use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::time::to_wire;

use super::state::{Category, HouseholdRule, Objective, Pool, Relaxation, Stage};

pub(super) fn number(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// A count that is told from ten on.
pub(crate) fn from_ten(count: u32) -> i32 {
    if count < 10 { 0 } else { number(count) }
}

pub(super) fn objective(objective: Objective) -> pb::LotteryObjective {
    match objective {
        Objective::Leximin => pb::LotteryObjective::Leximin,
        Objective::Maximin => pb::LotteryObjective::Maximin,
    }
}

fn status(stage: &Stage) -> pb::PoolStatus {
    match stage {
        Stage::Open => pb::PoolStatus::Open,
        Stage::Closed => pb::PoolStatus::Closed,
        Stage::Computing => pb::PoolStatus::Computing,
        Stage::Infeasible(_) => pb::PoolStatus::Infeasible,
        Stage::Failed => pb::PoolStatus::Failed,
        Stage::Published(_) => pb::PoolStatus::Published,
        Stage::Drawn(_) => pb::PoolStatus::Drawn,
        Stage::Replacing(..) => pb::PoolStatus::Replacing,
        Stage::Abandoned => pb::PoolStatus::Abandoned,
    }
}

fn category(category: &Category, counts: Option<&Vec<u32>>) -> pb::QuotaCategory {
    let members = |place: usize| counts.and_then(|counts| counts.get(place)).copied().unwrap_or(0);
    let features = category.quotas.iter().enumerate().map(|(place, quota)| pb::FeatureQuota {
        feature: quota.feature.clone(),
        min: number(quota.min),
        max: number(quota.max),
        members: number(members(place)),
    });
    pb::QuotaCategory { name: category.name.clone(), features: features.collect() }
}

fn change(change: &Relaxation) -> pb::QuotaChange {
    pb::QuotaChange {
        category: change.category.clone(),
        feature: change.feature.clone(),
        lowers: change.lowers,
        was: number(change.was),
        becomes: number(change.becomes),
    }
}

pub(super) fn pool(id: &str, pool: &Pool, version: i64) -> pb::Pool {
    let (opening, panel, lottery) = (&pool.opening, pool.panel(), pool.lottery());
    let rule = match opening.household_rule {
        HouseholdRule::OneVolunteer => pb::HouseholdRule::OneVolunteer,
        HouseholdRule::OneMember => pb::HouseholdRule::OneMember,
        HouseholdRule::None => pb::HouseholdRule::None,
    };
    let changes = match &pool.stage {
        Stage::Infeasible(changes) => changes.iter().map(change).collect(),
        _ => Vec::new(),
    };
    let replacing = match &pool.stage {
        Stage::Replacing(_, replacing) => Some(replacing),
        _ => None,
    };
    let counts = |place: usize| panel.and_then(|panel| panel.counts.get(place));
    let categories = opening.categories.iter().enumerate();
    pb::Pool {
        pool_id: id.to_owned(),
        topic_id: opening.topic.to_string(),
        area_code: opening.area.to_string(),
        seats: number(opening.seats),
        categories: categories.map(|(place, of)| category(of, counts(place))).collect(),
        household_rule: rule as i32,
        draw_source: opening.draw_source.clone(),
        closes_at: Some(to_wire(opening.closes_at)),
        status: status(&pool.stage) as i32,
        volunteers: from_ten(pool.volunteers),
        smallest_changes: changes,
        change_reasons: pool.change_reasons.clone(),
        objective: lottery.map_or(0, |lottery| objective(lottery.objective) as i32),
        tickets_sha256: lottery.map(|lottery| lottery.sha256.clone()).unwrap_or_default(),
        ticket_error: lottery.map_or(0.0, |lottery| f64::from(lottery.error_millionths) / 1e6),
        number: panel
            .and_then(|panel| panel.draws.last())
            .map(|draw| draw.number.clone())
            .unwrap_or_default(),
        panel: panel
            .map(|panel| panel.members().iter().map(|one| number(*one)).collect())
            .unwrap_or_default(),
        replacement_sha256: replacing.map(|replacing| replacing.sha256.clone()).unwrap_or_default(),
        replacement_tickets: replacing.map_or(0, |replacing| number(replacing.tickets)),
        forgotten_at: pool.forgotten_at.map(to_wire),
        version,
    }
}
