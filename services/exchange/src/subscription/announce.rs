//! What the bus is told of subscriptions: that they are, not what they ask for; the owner's department hears it by its address.

use gongzhi_chassis::execute::Announcement;
use gongzhi_proto::Fact;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::time::to_wire;

use super::{Event, Subscription, Way};
use crate::grant::to_all_and;
use crate::party::Party;

pub(super) fn announce(id: &str, subscription: &Subscription, event: &Event) -> Vec<Announcement> {
    let (subscription_id, organization) = (id.to_owned(), Some(subscription.making.party.to_wire()));
    let grant_id = subscription.making.grant.map(|grant| grant.to_string()).unwrap_or_default();
    let fact: Fact = match event {
        Event::SubscriptionMade(making) => {
            let way = way(&making.way) as i32;
            pb::SubscriptionMade { subscription_id, organization, grant_id, way }.into()
        }
        Event::SubscriptionPaused { .. } => pb::SubscriptionPaused { subscription_id, organization }.into(),
        Event::SubscriptionResumed => pb::SubscriptionResumed { subscription_id, organization }.into(),
        Event::SubscriptionRewound(from) => {
            let from_at = from.not_before.map(to_wire);
            pb::SubscriptionRewound { subscription_id, organization, from_at }.into()
        }
        Event::SubscriptionEnded { .. } => {
            pb::SubscriptionEnded { subscription_id, organization, grant_id: String::new() }.into()
        }
        Event::EndedWithGrant => pb::SubscriptionEnded { subscription_id, organization, grant_id }.into(),
        Event::DeliveriesParked => pb::DeliveriesParked { subscription_id, organization }.into(),
        // What is asked for, keys, accounts and retries are between the exchange and the receiver.
        Event::SubscriptionChanged { .. }
        | Event::SigningKeyMade
        | Event::AccountIssued { .. }
        | Event::DeliveriesRetried => return Vec::new(),
    };
    let area = match &subscription.making.party {
        Party::Department(_) => &subscription.making.district,
        Party::Area(area) => area,
    };
    to_all_and(&subscription.making.party, area, &fact)
}

/// As the contracts have it.
pub(super) fn way(way: &Way) -> pb::DeliveryWay {
    match way {
        Way::Pull => pb::DeliveryWay::Pull,
        Way::Webhook { .. } => pb::DeliveryWay::Webhook,
        Way::Nats => pb::DeliveryWay::Nats,
    }
}
