//! Between a `Subscription` and the contracts: what is to be asked for, what is to be changed, how what is there is shown. Pure.

use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::start::Start;
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::{Resource, ResourceExt};

use crate::grant::instant;
use crate::resources::{
    Conditions, Credentials, Delivery, Organization, Signature, Standing, Subscription, SubscriptionPhase,
    SubscriptionStatus, Webhook,
};

/// Figures that moved less than this since they were shown are not shown anew.
const WORTH_TELLING: SignedDuration = SignedDuration::from_secs(60);

/// What to ask of the exchange; what is wrong with the instant where it is none.
pub(crate) fn request(
    object: &Subscription,
    organization: &Organization,
    grant_id: String,
) -> Result<pb::SubscribeRequest, String> {
    let spec = &object.spec;
    let start = match spec.from.as_deref() {
        None | Some("now") => Start::Now(true),
        Some("beginning") => Start::Beginning(true),
        Some(text) => {
            let at: Timestamp = text
                .parse()
                .map_err(|_| format!("from is no instant: {text:?}; write it like 2026-11-01T00:00:00Z"))?;
            Start::Time(gongzhi_proto::time::to_wire(at))
        }
    };
    let name = format!("{}/{}", object.namespace().unwrap_or_default(), object.name_any());
    Ok(pb::SubscribeRequest {
        organization: Some(organization.to_wire()),
        name: name.chars().take(60).collect(),
        grant_id,
        filter: Some(filter(object)),
        way: way(&spec.delivery) as i32,
        webhook: spec.delivery.webhook.as_ref().map(webhook),
        start: Some(pb::Start { start: Some(start) }),
        nats: spec.delivery.nats.as_ref().map(|nats| pb::OverNats { in_hand: nats.in_hand.unwrap_or(1) }),
        reference: object.uid().unwrap_or_default(),
    })
}

/// What to change so that what is there becomes what is asked for; none where it is.
pub(crate) fn change(
    object: &Subscription,
    seen: &pb::Subscription,
) -> Option<pb::ChangeSubscriptionRequest> {
    let wanted_filter = filter(object);
    let wanted_webhook = object.spec.delivery.webhook.as_ref().map(webhook);
    let mut is_filter = seen.filter.clone().unwrap_or_default();
    is_filter.condition = is_filter.condition.trim().to_owned();
    let same_address = match (&wanted_webhook, &seen.webhook) {
        (Some(wanted), Some(is)) => wanted.url == is.url && wanted.allowed_networks == is.allowed_networks,
        (None, _) | (_, None) => true,
    };
    if wanted_filter == is_filter && same_address {
        return None;
    }
    Some(pb::ChangeSubscriptionRequest {
        subscription_id: seen.subscription_id.clone(),
        filter: Some(wanted_filter),
        webhook: wanted_webhook,
    })
}

fn filter(object: &Subscription) -> pb::Filter {
    let filter = &object.spec.filter;
    pb::Filter {
        area_codes: filter.areas.clone(),
        facts: filter.facts.clone(),
        audiences: filter.audiences.clone(),
        condition: filter.condition.trim().to_owned(),
    }
}

fn way(delivery: &Delivery) -> pb::DeliveryWay {
    match (&delivery.webhook, &delivery.nats) {
        (Some(_), _) => pb::DeliveryWay::Webhook,
        (None, Some(_)) => pb::DeliveryWay::Nats,
        (None, None) => pb::DeliveryWay::Pull,
    }
}

/// The word for a way in a column.
pub(crate) fn way_word(delivery: &Delivery) -> &'static str {
    match way(delivery) {
        pb::DeliveryWay::Webhook => "Webhook",
        pb::DeliveryWay::Nats => "NATS",
        pb::DeliveryWay::Pull | pb::DeliveryWay::Unspecified => "Pull",
    }
}

fn webhook(webhook: &Webhook) -> pb::Webhook {
    let scheme = match webhook.signature {
        Some(Signature::Hmac) => pb::SignatureScheme::Hmac,
        Some(Signature::Ed25519) | None => pb::SignatureScheme::Ed25519,
    };
    pb::Webhook {
        url: webhook.url.clone(),
        scheme: scheme as i32,
        allowed_networks: webhook.allowed_networks.clone(),
    }
}

/// How what is there is shown. Figures that hardly moved stay as they were shown, so that nothing is written for them.
pub(crate) fn shown(
    object: &Subscription,
    seen: &pb::Subscription,
    credentials: Option<Credentials>,
    now: Timestamp,
) -> SubscriptionStatus {
    let was = object.status.clone().unwrap_or_default();
    let progress = seen.progress.clone().unwrap_or_default();
    let paused = seen.status() == pb::SubscriptionStatus::Paused;
    let (delivering, reason, message) = match (paused, progress.parked > 0, progress.last_error.is_empty()) {
        (true, _, _) => (
            Standing::False,
            "Paused",
            format!("paused: {}. Somebody resumes it in the portal; nothing is lost, it waits", seen.reason),
        ),
        (false, true, _) => (
            Standing::False,
            "DeliveriesParked",
            format!(
                "{} deliveries failed too often: {}. Repair the receiver, then retry them in the portal",
                progress.parked, progress.last_error
            ),
        ),
        (false, false, false) => (
            Standing::False,
            "DeliveryFails",
            format!("{}. It is tried again by itself", progress.last_error),
        ),
        (false, false, true) => (Standing::True, "Delivering", String::new()),
    };
    let conditions = Conditions::of(&was.conditions, object.meta().generation, now)
        .say("Ready", Standing::True, "InOrder", "")
        .say("Delivering", delivering, reason, message);
    let last = instant(progress.last_delivered_at.as_ref());
    SubscriptionStatus {
        observed_generation: object.meta().generation,
        phase: Some(if paused { SubscriptionPhase::Paused } else { SubscriptionPhase::Active }),
        way: way_word(&object.spec.delivery).to_owned(),
        subscription_id: Some(seen.subscription_id.clone()),
        organization: seen.organization.as_ref().map(organization_word),
        credentials,
        lag_seconds: notable_lag(was.lag_seconds, progress.lag_seconds),
        last_delivered_at: notable_instant(was.last_delivered_at.as_ref(), last),
        last_error: progress.last_error,
        held: progress.held,
        parked: progress.parked,
        conditions: conditions.list(),
    }
}

fn organization_word(organization: &pb::Organization) -> String {
    use pb::organization::Organization as Named;
    match &organization.organization {
        Some(Named::DepartmentCode(code)) => Organization::department(code).to_string(),
        Some(Named::AreaCode(code)) => Organization::area(code).to_string(),
        None => String::new(),
    }
}

/// A lag is told anew when it begins, ends, doubles or halves; below a minute it is none.
fn notable_lag(shown: i64, seconds: f64) -> i64 {
    let minute = WORTH_TELLING.as_secs();
    #[expect(clippy::cast_possible_truncation, reason = "a lag of years is long enough")]
    let is = if seconds < minute as f64 { 0 } else { seconds.min(4e9) as i64 };
    let near = shown > 0 && is > 0 && is < shown * 2 && is * 2 > shown;
    if near { shown } else { is }
}

fn notable_instant(shown: Option<&Time>, is: Option<Timestamp>) -> Option<Time> {
    match (shown, is) {
        (Some(shown), Some(is)) if is.duration_since(shown.0).abs() < WORTH_TELLING => Some(shown.clone()),
        (_, is) => is.map(Time),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_worth_telling_is_told() {
        assert_eq!((notable_lag(0, 59.9), notable_lag(0, 61.0)), (0, 61));
        assert_eq!((notable_lag(100, 150.0), notable_lag(100, 201.0), notable_lag(100, 40.0)), (100, 201, 0));
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let shown = Time(at(1_000));
        assert_eq!(notable_instant(Some(&shown), Some(at(1_030))), Some(Time(at(1_000))));
        assert_eq!(notable_instant(Some(&shown), Some(at(1_060))), Some(Time(at(1_060))));
        assert_eq!(notable_instant(None, Some(at(5))), Some(Time(at(5))));
    }
}
