//! Requests about pools → what is asked for, with every field error at once. Nothing that names a person comes in.

use std::collections::BTreeSet;

use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::ids::{PoolId, TopicId};
use gongzhi_proto::time::from_wire;
use jiff::Timestamp;

use super::state::{Category, HouseholdRule, Pool, Quota};
use crate::household::one_spelling;
use crate::public_text::{public_line, public_text};

/// Pools on a page for which no size is asked, and most of them.
const PAGE: (i64, i64) = (50, 200);
/// Fewest and most seats of a panel.
const SEATS: (i32, i32) = (2, 200);
/// Most categories, and fewest and most features of each.
const MOST_CATEGORIES: usize = 8;
const FEATURES: (usize, usize) = (2, 20);
/// Characters of a name.
const NAME: (usize, usize) = (1, 20);

/// A pool that is asked for.
pub(super) struct Asked {
    pub(super) topic: TopicId,
    pub(super) seats: u32,
    pub(super) categories: Vec<Category>,
    pub(super) household_rule: HouseholdRule,
    pub(super) draw_source: String,
    pub(super) closes_at: Timestamp,
}

/// Takes an instant to come.
pub(crate) fn later(
    violations: &mut Violations,
    field: &str,
    given: Option<Timestamp>,
    now: Timestamp,
) -> Option<Timestamp> {
    match given {
        None => violations.add(field, "is required"),
        Some(at) if at <= now => violations.add(field, "must lie in the future"),
        Some(_) => {}
    }
    given
}

fn quota(violations: &mut Violations, field: &str, given: &pb::FeatureQuota) -> Quota {
    let feature = public_line(violations, &format!("{field}.feature"), &given.feature, NAME);
    let mut bound = |name: &str, value: i32| {
        if !(0..=SEATS.1).contains(&value) {
            violations.add(format!("{field}.{name}"), format!("must be 0 to {}", SEATS.1));
        }
        value.unsigned_abs()
    };
    let (min, max) = (bound("min", given.min), bound("max", given.max));
    if min > max {
        violations.add(format!("{field}.min"), format!("must not be more than the maximum, {max}"));
    }
    Quota { feature, min, max }
}

fn categories(violations: &mut Violations, given: &[pb::QuotaCategory], seats: i32) -> Vec<Category> {
    if given.is_empty() || given.len() > MOST_CATEGORIES {
        violations.add("categories", format!("must be 1 to {MOST_CATEGORIES}"));
    }
    let mut names = BTreeSet::new();
    let mut taken = Vec::new();
    for (nth, category) in given.iter().take(MOST_CATEGORIES).enumerate() {
        let field = format!("categories[{nth}]");
        let name = public_line(violations, &format!("{field}.name"), &category.name, NAME);
        if !names.insert(name.clone()) {
            violations.add(format!("{field}.name"), "stands there twice");
        }
        if !(FEATURES.0..=FEATURES.1).contains(&category.features.len()) {
            violations.add(format!("{field}.features"), format!("must be {} to {}", FEATURES.0, FEATURES.1));
        }
        let features = category.features.iter().take(FEATURES.1).enumerate();
        let quotas: Vec<_> = features
            .map(|(place, given)| quota(violations, &format!("{field}.features[{place}]"), given))
            .collect();
        let distinct: BTreeSet<_> = quotas.iter().map(|quota| quota.feature.as_str()).collect();
        if distinct.len() < quotas.len() {
            violations.add(format!("{field}.features"), "must have different names");
        }
        contradiction(violations, &field, &quotas, seats);
        taken.push(Category { name, quotas });
    }
    taken
}

/// Quotas that no panel can meet, whoever volunteers.
fn contradiction(violations: &mut Violations, field: &str, quotas: &[Quota], seats: i32) {
    let (least, most): (u32, u32) =
        quotas.iter().fold((0, 0), |(least, most), quota| (least + quota.min, most + quota.max));
    let seats = seats.max(0).unsigned_abs();
    if least > seats {
        violations
            .add(format!("{field}.features"), format!("want {least} members at least, of {seats} seats"));
    }
    if most < seats {
        violations
            .add(format!("{field}.features"), format!("allow {most} members at most, for {seats} seats"));
    }
}

pub(super) fn open(request: &pb::OpenPoolRequest, now: Timestamp) -> Result<Asked, Failure> {
    let mut violations = Violations::new();
    let topic = violations.id("topic_id", &request.topic_id, TopicId::parse);
    if !(SEATS.0..=SEATS.1).contains(&request.seats) {
        violations.add("seats", format!("must be {} to {}", SEATS.0, SEATS.1));
    }
    let categories = categories(&mut violations, &request.categories, request.seats);
    let rule = violations.choice::<pb::HouseholdRule>("household_rule", request.household_rule);
    let household_rule = match rule.unwrap_or_default() {
        pb::HouseholdRule::OneVolunteer => HouseholdRule::OneVolunteer,
        pb::HouseholdRule::OneMember => HouseholdRule::OneMember,
        pb::HouseholdRule::Unspecified | pb::HouseholdRule::None => HouseholdRule::None,
    };
    let draw_source = public_text(&mut violations, "draw_source", &request.draw_source, (2, 200));
    let closes_at = later(&mut violations, "closes_at", from_wire(request.closes_at.as_ref()), now);
    let (topic, closes_at) = violations.open(topic.zip(closes_at))?;
    let seats = request.seats.unsigned_abs();
    Ok(Asked { topic, seats, categories, household_rule, draw_source, closes_at })
}

/// What a volunteer says: the household in one spelling, and of each category the place of the feature.
pub(super) fn volunteer(
    request: &pb::VolunteerRequest,
    pool: &Pool,
) -> Result<(Option<String>, Vec<usize>), Failure> {
    let mut violations = Violations::new();
    let household = match pool.opening.household_rule {
        HouseholdRule::None => {
            if !request.household.is_empty() {
                violations.add("household", "must be empty: this pool does not ask for households");
            }
            None
        }
        HouseholdRule::OneVolunteer | HouseholdRule::OneMember => {
            Some(one_spelling(&violations.text("household", &request.household, 1, 40)))
        }
    };
    let mut places = vec![None; pool.opening.categories.len()];
    for (nth, given) in request.features.iter().take(MOST_CATEGORIES + 1).enumerate() {
        let field = format!("features[{nth}]");
        let of = |category: &Category| category.name == given.category.trim();
        let Some(place) = pool.opening.categories.iter().position(of) else {
            violations.add(format!("{field}.category"), "is no category of this pool");
            continue;
        };
        let quotas = &pool.opening.categories[place].quotas;
        match quotas.iter().position(|quota| quota.feature == given.feature.trim()) {
            None => violations.add(format!("{field}.feature"), "is no feature of its category"),
            Some(_) if places[place].is_some() => {
                violations.add(format!("{field}.category"), "stands there twice");
            }
            found => places[place] = found,
        }
    }
    let missing = pool.opening.categories.iter().zip(&places).filter(|(_, place)| place.is_none());
    let missing: Vec<_> = missing.map(|(category, _)| category.name.as_str()).collect();
    if !missing.is_empty() {
        violations
            .add("features", format!("must have one of each category; missing: {}", missing.join(", ")));
    }
    if !request.consent {
        violations.add("consent", "must be true: nobody is taken in who has not agreed");
    }
    violations.finish()?;
    Ok((household, places.into_iter().flatten().collect()))
}

pub(super) fn withdraw(request: &pb::WithdrawVolunteerRequest) -> Result<(PoolId, u32), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("pool_id", &request.pool_id, PoolId::parse);
    if request.number < 1 {
        violations.add("number", "must be the number of a volunteer, from 1");
    }
    Ok((violations.open(id)?, request.number.unsigned_abs()))
}

/// What quotas are to be, and why.
pub(super) fn quotas(
    request: &pb::ChangeQuotasRequest,
    seats: u32,
) -> Result<(Vec<Category>, String), Failure> {
    let mut violations = Violations::new();
    let seats = i32::try_from(seats).unwrap_or(i32::MAX);
    let categories = categories(&mut violations, &request.categories, seats);
    let reason = public_text(&mut violations, "reason", &request.reason, (10, 500));
    violations.finish()?;
    Ok((categories, reason))
}

/// Takes a number that was drawn, of so many digits.
pub(crate) fn digits(violations: &mut Violations, given: &str, (least, most): (usize, usize)) -> String {
    let number = given.trim().to_owned();
    let wrong =
        !(least..=most).contains(&number.len()) || !number.bytes().all(|digit| digit.is_ascii_digit());
    if wrong && least == most {
        violations.add("number", format!("must be {least} digits"));
    } else if wrong {
        violations.add("number", format!("must be {least} to {most} digits"));
    }
    number
}

pub(super) fn draw(pool_id: &str, number: &str, length: (usize, usize)) -> Result<(PoolId, String), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("pool_id", pool_id, PoolId::parse);
    let number = digits(&mut violations, number, length);
    Ok((violations.open(id)?, number))
}

pub(super) fn drop_members(request: &pb::DropMembersRequest) -> Result<(PoolId, Vec<u32>), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("pool_id", &request.pool_id, PoolId::parse);
    let numbers: BTreeSet<u32> = request.numbers.iter().map(|number| number.unsigned_abs()).collect();
    let positive = request.numbers.iter().all(|number| *number > 0);
    if !(1..=SEATS.1 as usize).contains(&request.numbers.len()) || !positive {
        violations.add("numbers", "must be numbers of members, at least one");
    } else if numbers.len() < request.numbers.len() {
        violations.add("numbers", "must be different");
    }
    Ok((violations.open(id)?, numbers.into_iter().collect()))
}

pub(super) fn id(given: &str) -> Result<PoolId, Failure> {
    let mut violations = Violations::new();
    let id = violations.id("pool_id", given, PoolId::parse);
    violations.open(id)
}

pub(super) fn list(request: &pb::ListPoolsRequest) -> Result<(TopicId, Page), Failure> {
    let mut violations = Violations::new();
    let topic = violations.id("topic_id", &request.topic_id, TopicId::parse);
    let page = Page::parse(&mut violations, request.page_size, &request.page_token, PAGE.0, PAGE.1);
    Ok((violations.open(topic)?, page))
}
