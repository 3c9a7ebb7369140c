//! Subscriptions as the contracts have them.

use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::time::to_wire;
use jiff::Timestamp;

use super::announce::way;
use super::store::Listed;
use super::{Filter, Scheme, Standing, Way};

/// A subscription with where it stands; `stream` is the stream that is read and its newest position.
pub(super) fn subscription(
    listed: &Listed,
    stream: Option<&(String, i64)>,
    now: Timestamp,
) -> pb::Subscription {
    let making = &listed.subscription.making;
    let (status, reason) = match &listed.subscription.standing {
        Standing::Active => (pb::SubscriptionStatus::Active, String::new()),
        Standing::Paused { reason } => (pb::SubscriptionStatus::Paused, reason.clone()),
        Standing::Ended { reason } => (pb::SubscriptionStatus::Ended, reason.clone()),
    };
    pb::Subscription {
        subscription_id: listed.subscription_id.clone(),
        organization: Some(making.party.to_wire()),
        name: making.name.clone(),
        grant_id: making.grant.map(|grant| grant.to_string()).unwrap_or_default(),
        filter: Some(filter(&making.filter)),
        way: way(&making.way) as i32,
        webhook: webhook(&making.way),
        status: status as i32,
        reason,
        subscribed_at: Some(to_wire(listed.subscription.subscribed_at)),
        version: listed.version,
        progress: Some(progress(listed, stream, now)),
        nats: (making.way == Way::Nats).then(|| pb::OverNats { in_hand: making.in_hand.into() }),
        reference: making.reference.clone(),
    }
}

fn filter(filter: &Filter) -> pb::Filter {
    pb::Filter {
        area_codes: filter.areas.iter().map(ToString::to_string).collect(),
        facts: filter.facts.clone(),
        audiences: filter.audiences.clone(),
        condition: filter.condition.clone(),
    }
}

fn webhook(way: &Way) -> Option<pb::Webhook> {
    match way {
        Way::Pull | Way::Nats => None,
        Way::Webhook { url, scheme, networks } => Some(pb::Webhook {
            url: url.clone(),
            scheme: match scheme {
                Scheme::Ed25519 => pb::SignatureScheme::Ed25519,
                Scheme::Hmac => pb::SignatureScheme::Hmac,
            } as i32,
            allowed_networks: networks.clone(),
        }),
    }
}

/// The lag is counted from the latest fact that was read, or from where delivery began: what is not delivered yet happened after it, or not long before.
fn progress(listed: &Listed, stream: Option<&(String, i64)>, now: Timestamp) -> pb::Progress {
    let cursor = &listed.cursor;
    let newest = stream
        .filter(|(created, _)| *created == cursor.stream)
        .map_or(cursor.position, |(_, newest)| *newest);
    let behind = newest > cursor.position;
    let since =
        cursor.latest_at.or(listed.subscription.from.not_before).unwrap_or(listed.subscription.subscribed_at);
    let waited = now.duration_since(since).as_secs_f64().max(0.0);
    pb::Progress {
        position: cursor.position,
        newest_position: newest,
        lag_seconds: if behind { waited } else { 0.0 },
        last_delivered_at: cursor.last_delivered_at.map(to_wire),
        last_delivered_event_id: cursor.last_event_id.map(|id| id.to_string()).unwrap_or_default(),
        last_error: cursor.last_error.clone().unwrap_or_default(),
        last_error_at: cursor.last_error_at.map(to_wire),
        held: cursor.held,
        parked: cursor.parked,
        delivered: cursor.delivered,
    }
}
