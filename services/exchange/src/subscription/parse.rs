//! Requests about subscriptions → commands, with every field error at once. What could never deliver anything is refused with the reason.

use gongzhi_chassis::deliveries::MOST_IN_HAND;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::catalogue::Entry;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::start::Start;
use gongzhi_proto::ids::{AreaCode, DepartmentCode, GrantId, SubscriptionId};
use jiff::Timestamp;

use super::{Filter, Making, Scheme, Way};
use crate::catalogue::{self, Catalogue};
use crate::condition;
use crate::delivery::address;
use crate::grant::parse::instant;
use crate::grant::{Fields, Grant};
use crate::party::Party;

/// Most areas, facts and addressees of a filter each.
const MOST: usize = 100;

/// What is asked for, before it is known from which position it begins.
pub(super) struct Wanted {
    pub(super) party: Party,
    pub(super) name: String,
    pub(super) grant: Option<GrantId>,
    pub(super) filter: Filter,
    pub(super) way: Way,
    pub(super) start: Begin,
    pub(super) in_hand: u16,
    pub(super) reference: String,
}

/// Where delivery shall begin.
pub(super) enum Begin {
    Now,
    Beginning,
    At(Timestamp),
}

pub(super) fn subscribe(
    request: &pb::SubscribeRequest,
    district: &AreaCode,
    catalogue: &Catalogue,
    now: Timestamp,
) -> Result<Wanted, Failure> {
    let mut violations = Violations::new();
    let party = Party::parse(&mut violations, "organization", request.organization.as_ref(), district);
    let name = violations.text("name", &request.name, 1, 60);
    let grant = match request.grant_id.as_str() {
        "" => None,
        id => violations.id("grant_id", id, GrantId::parse),
    };
    let filter = filter(&mut violations, &request.filter.clone().unwrap_or_default(), district, catalogue);
    let way = way(&mut violations, request);
    let start = start(&mut violations, request.start.as_ref(), now);
    let in_hand = in_hand(&mut violations, request);
    let reference = reference(&mut violations, &request.reference);
    let all = party.zip(way).zip(start);
    let ((party, way), start) = violations.open(all)?;
    Ok(Wanted { party, name, grant, filter, way, start, in_hand, reference })
}

/// What a program knows a subscription by; empty for nothing.
pub(super) fn reference(violations: &mut Violations, given: &str) -> String {
    if given.is_empty() { String::new() } else { violations.text("reference", given, 1, 100) }
}

/// Reads what a subscription shall become. `was` is what it is: whose it is, its grant and its way stay.
pub(super) fn change(
    request: &pb::ChangeSubscriptionRequest,
    was: &Making,
    catalogue: &Catalogue,
) -> Result<Wanted, Failure> {
    let mut violations = Violations::new();
    let given = request.filter.clone().unwrap_or_default();
    let filter = filter(&mut violations, &given, &was.district, catalogue);
    let way = match (&was.way, &request.webhook) {
        (way, None) => way.clone(),
        (Way::Pull | Way::Nats, Some(_)) => {
            violations
                .add("webhook", "is for subscriptions of the way WEBHOOK only; the way cannot be changed");
            was.way.clone()
        }
        (Way::Webhook { scheme, .. }, Some(webhook)) => {
            for (field, wrong) in address::wrong(&webhook.url, &webhook.allowed_networks) {
                violations.add(format!("webhook.{field}"), wrong);
            }
            let (url, networks) = (webhook.url.clone(), webhook.allowed_networks.clone());
            Way::Webhook { url, scheme: *scheme, networks }
        }
    };
    violations.finish()?;
    Ok(Wanted {
        party: was.party.clone(),
        name: was.name.clone(),
        grant: was.grant,
        filter,
        way,
        start: Begin::Now,
        in_hand: was.in_hand,
        reference: was.reference.clone(),
    })
}

fn filter(
    violations: &mut Violations,
    given: &pb::Filter,
    district: &AreaCode,
    catalogue: &Catalogue,
) -> Filter {
    for (field, length) in [
        ("filter.area_codes", given.area_codes.len()),
        ("filter.facts", given.facts.len()),
        ("filter.audiences", given.audiences.len()),
    ] {
        if length > MOST {
            violations.add(field, format!("has at most {MOST} entries"));
        }
    }
    let mut areas = Vec::new();
    for (nth, code) in given.area_codes.iter().enumerate().take(MOST) {
        let field = format!("filter.area_codes[{nth}]");
        let Some(area) = violations.id(&field, code, AreaCode::parse) else { continue };
        if !district.contains(&area) {
            violations.add(field, format!("{area} is not in {district}"));
        }
        areas.push(area);
    }
    for (nth, fact) in given.facts.iter().enumerate().take(MOST) {
        if catalogue.fact(fact).is_none() {
            violations.add(format!("filter.facts[{nth}]"), catalogue.unknown(fact));
        }
    }
    for (nth, audience) in
        given.audiences.iter().enumerate().take(MOST).filter(|(_, audience)| *audience != "all")
    {
        violations.id(&format!("filter.audiences[{nth}]"), audience, DepartmentCode::parse);
    }
    let condition = given.condition.trim().to_owned();
    if !condition.is_empty()
        && let Err(error) = condition::parse(&condition)
    {
        violations.add("filter.condition", error.to_string());
    }
    Filter { areas, facts: given.facts.clone(), audiences: given.audiences.clone(), condition }
}

fn way(violations: &mut Violations, request: &pb::SubscribeRequest) -> Option<Way> {
    let way: pb::DeliveryWay = violations.choice("way", request.way)?;
    match (way, &request.webhook) {
        (pb::DeliveryWay::Unspecified, _) => None,
        (pb::DeliveryWay::Pull | pb::DeliveryWay::Nats, Some(_)) => {
            violations.add("webhook", "is for the way WEBHOOK only");
            None
        }
        (pb::DeliveryWay::Pull, None) => Some(Way::Pull),
        (pb::DeliveryWay::Nats, None) => Some(Way::Nats),
        (pb::DeliveryWay::Webhook, None) => {
            violations.add("webhook", "is required for the way WEBHOOK");
            None
        }
        (pb::DeliveryWay::Webhook, Some(webhook)) => {
            let scheme = match pb::SignatureScheme::try_from(webhook.scheme) {
                Ok(pb::SignatureScheme::Unspecified | pb::SignatureScheme::Ed25519) => Scheme::Ed25519,
                Ok(pb::SignatureScheme::Hmac) => Scheme::Hmac,
                Err(_) => {
                    violations.add("webhook.scheme", format!("has no value {}", webhook.scheme));
                    return None;
                }
            };
            for (field, wrong) in address::wrong(&webhook.url, &webhook.allowed_networks) {
                violations.add(format!("webhook.{field}"), wrong);
            }
            let (url, networks) = (webhook.url.clone(), webhook.allowed_networks.clone());
            Some(Way::Webhook { url, scheme, networks })
        }
    }
}

/// Facts that may be with a subscriber on NATS; one where nothing is said.
fn in_hand(violations: &mut Violations, request: &pb::SubscribeRequest) -> u16 {
    let Some(nats) = &request.nats else { return 1 };
    if request.way != pb::DeliveryWay::Nats as i32 {
        violations.add("nats", "is for the way NATS only");
    }
    match u16::try_from(nats.in_hand) {
        Ok(0) => 1,
        Ok(in_hand) if in_hand <= MOST_IN_HAND => in_hand,
        _ => {
            violations.add("nats.in_hand", format!("must be 1 to {MOST_IN_HAND}, or 0 for 1"));
            1
        }
    }
}

fn start(violations: &mut Violations, given: Option<&pb::Start>, now: Timestamp) -> Option<Begin> {
    match given.and_then(|start| start.start.as_ref()) {
        None | Some(Start::Now(_)) => Some(Begin::Now),
        Some(Start::Beginning(_)) => Some(Begin::Beginning),
        Some(Start::Time(time)) => {
            let at = instant(violations, "start.time", Some(time))?;
            if at > now {
                violations.add("start.time", "lies ahead; a subscription begins in the past or now");
                return None;
            }
            Some(Begin::At(at))
        }
    }
}

pub(super) fn rewind(
    request: &pb::RewindSubscriptionRequest,
    now: Timestamp,
) -> Result<(SubscriptionId, Begin), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("subscription_id", &request.subscription_id, SubscriptionId::parse);
    if request.start.as_ref().is_none_or(|start| start.start.is_none()) {
        violations.add("start", "is required: now, the beginning or an instant");
    }
    let start = start(&mut violations, request.start.as_ref(), now);
    violations.open(id.zip(start))
}

/// Reads the id of a subscription.
pub(super) fn id(given: &str) -> Result<SubscriptionId, Failure> {
    let mut violations = Violations::new();
    let id = violations.id("subscription_id", given, SubscriptionId::parse);
    violations.open(id)
}

/// Reads a subscription and a reason.
pub(super) fn with_reason(given: &str, reason: &str) -> Result<(SubscriptionId, String), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("subscription_id", given, SubscriptionId::parse);
    let reason = violations.text("reason", reason, 2, 500);
    Ok((violations.open(id)?, reason))
}

/// Fails unless rights and filter leave something that could be delivered; `grant` is the one that it hangs on.
pub(super) fn could_deliver(
    wanted: &Wanted,
    grant: Option<&Grant>,
    catalogue: &Catalogue,
    now: Timestamp,
) -> Result<(), Failure> {
    let mut violations = Violations::new();
    if let Some(grant) = grant {
        under_grant(&mut violations, wanted, grant, catalogue, now);
    } else if let Party::Area(own) = &wanted.party {
        for (nth, area) in wanted.filter.areas.iter().enumerate().filter(|(_, area)| !touch(own, area)) {
            violations.add(
                format!("filter.area_codes[{nth}]"),
                format!("{area} is not in the organization's own area {own}; that needs a grant"),
            );
        }
    }
    let facts = catalogue.facts();
    let chosen: Vec<&Entry> = facts
        .iter()
        .filter(|(name, _)| wanted.filter.facts.is_empty() || wanted.filter.facts.contains(name))
        .filter(|(name, _)| grant.is_none_or(|grant| grant.request.facts.contains_key(*name)))
        .map(|(_, entry)| entry.as_ref())
        .collect();
    if let Ok(condition) = condition::parse(&wanted.filter.condition) {
        let visible = |entry: &Entry, field: &str| match grant
            .and_then(|grant| grant.request.facts.get(&catalogue::name(entry)))
        {
            Some(Fields::Only(names)) => names.iter().any(|name| name == field),
            Some(Fields::All) | None => true,
        };
        for wrong in condition::check(&condition, &chosen, visible) {
            violations.add("filter.condition", wrong);
        }
    }
    violations.finish()
}

fn under_grant(
    violations: &mut Violations,
    wanted: &Wanted,
    grant: &Grant,
    catalogue: &Catalogue,
    now: Timestamp,
) {
    if grant.request.grantee != wanted.party {
        violations.add("grant_id", "is a grant to another organization");
    } else if !grant.holds_at(now) {
        violations.add("grant_id", format!("is not in force: it is {}", grant.standing.word()));
    }
    for (nth, fact) in wanted.filter.facts.iter().enumerate() {
        if catalogue.fact(fact).is_some() && !grant.request.facts.contains_key(fact) {
            let covered: Vec<_> = grant.request.facts.keys().map(String::as_str).collect();
            violations.add(
                format!("filter.facts[{nth}]"),
                format!("is not covered by the grant; it covers {}", covered.join(", ")),
            );
        }
    }
    for (nth, area) in wanted.filter.areas.iter().enumerate() {
        if !touch(&grant.request.area, area) {
            violations.add(
                format!("filter.area_codes[{nth}]"),
                format!("{area} is not in the grant's area {}", grant.request.area),
            );
        }
    }
}

/// True when one of two areas lies in the other, so that something can happen in both.
fn touch(one: &AreaCode, other: &AreaCode) -> bool {
    one.contains(other) || other.contains(one)
}
