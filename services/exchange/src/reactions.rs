//! The exchange's own facts, for what follows from them: subscriptions end with the grant on which they hang.

use gongzhi_chassis::bus::Bus;
use gongzhi_chassis::execute::{Target, Unit};
use gongzhi_chassis::inbox;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::Fact;
use gongzhi_proto::envelope::Envelope;
use gongzhi_proto::subjects::service_filter;

use crate::subscription::{Command, SubscriptionKind, store};

/// What follows from the exchange's own facts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reactions;

impl inbox::Reactions for Reactions {
    const SOURCE: &'static str = crate::NAME;

    fn filters(&self, bus: &Bus) -> Vec<String> {
        vec![service_filter(bus.district(), crate::NAME)]
    }

    async fn handle(&self, unit: &mut Unit, envelope: &Envelope) -> Result<(), Failure> {
        let fact = envelope.fact().map_err(|error| Failure::Bug(error.to_string()))?;
        let grant_id = match fact {
            Some(Fact::GrantExpired(fact)) => fact.grant_id,
            Some(Fact::GrantRevoked(fact)) => fact.grant_id,
            // What else the exchange told of itself has had its effect when it was told.
            _ => return Ok(()),
        };
        for id in store::of_grant(unit.connection().await?, &grant_id).await? {
            unit.execute::<SubscriptionKind>(&(), Target::Existing(&id), &Command::EndWithGrant).await?;
        }
        Ok(())
    }
}
