//! Delivery over NATS: an account per subscription that reaches nothing but its own consumer. What is delivered goes into a stream of its own, without the
//! fields that the rights do not cover; the facts' stream is never anybody's.

pub(crate) mod accounts;
mod worker;

pub(super) use worker::Worker;

use gongzhi_chassis::bus::{Bus, StreamLimits};
use gongzhi_chassis::config::Settings;
use gongzhi_chassis::deliveries::{BACKLOG, Deliveries};
use gongzhi_chassis::execute::{Target, Writer};
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::nats_identity::{self, Issuer, JETSTREAM_DOMAIN, Reach, inbox_prefix};
use gongzhi_chassis::status::Failure;
use gongzhi_proto::exchange::v1 as pb;
use uuid::Uuid;

use crate::hub::Registry;
use crate::subscription::{Command, SubscriptionKind};

/// Serves subscribers on NATS. Cloning shares connections.
#[derive(Clone)]
pub(crate) struct Outside {
    issuer: Issuer,
    pub(super) deliveries: Deliveries,
}

impl Outside {
    /// Makes ready to serve; none where this installation issues no credentials.
    pub(crate) async fn open(
        issuer: Option<&Issuer>,
        bus: &Bus,
        settings: &Settings,
    ) -> Result<Option<Self>, Failure> {
        let Some(issuer) = issuer else { return Ok(None) };
        let deliveries = Deliveries::new(bus.clone());
        let limits = StreamLimits {
            max_age_days: settings.stream_max_age_days,
            max_bytes: settings.stream_max_bytes,
            replicas: settings.stream_replicas,
        };
        deliveries.ensure_stream(&limits, BACKLOG).await?;
        Ok(Some(Self { issuer: issuer.clone(), deliveries }))
    }

    /// Issues credentials to a subscription and takes the former ones back. What a repeat would have to show was told once and is kept nowhere.
    pub(crate) async fn issue(
        &self,
        writer: &Writer,
        registry: &Registry,
        admission: &Admission,
        subscription: Uuid,
    ) -> Result<pb::IssueNatsCredentialsResponse, Failure> {
        let id = subscription.to_string();
        let stream = self.deliveries.stream_name();
        let outsider = self.issuer.issue(&id, Reach::Deliveries(&stream), None).await?;
        let account = outsider.account_public_key;
        let mut unit = writer.begin(admission).await?;
        let command = Command::IssueAccount { account: account.clone() };
        let done = unit.execute::<SubscriptionKind>(&(), Target::Existing(&id), &command).await;
        let kept = match done {
            Ok(_) if unit.is_repeat() => Err(nats_identity::told_once()),
            Ok(done) => {
                let at = unit.at();
                accounts::keep(unit.connection().await?, &account, &id, &outsider.account_jwt, at).await?;
                if unit.commit().await? { Ok(done.state.making.in_hand) } else { Err(Failure::Conflict) }
            }
            Err(failure) => Err(failure),
        };
        let in_hand = match kept {
            Ok(in_hand) => in_hand,
            Err(failure) => {
                // Nothing hangs on the account yet; it goes again.
                self.issuer.revoke(&account).await?;
                return Err(failure);
            }
        };
        // The former account goes before the new consumer comes: a subject has one consumer.
        self.take_back(writer, Some(&id)).await?;
        self.deliveries.open(subscription, &account, in_hand).await?;
        registry.refresh().await?;
        Ok(pb::IssueNatsCredentialsResponse {
            credentials: outsider.credentials.reveal().to_owned(),
            stream,
            durable: account.clone(),
            domain: JETSTREAM_DOMAIN.into(),
            inbox_prefix: inbox_prefix(&account),
        })
    }

    /// Takes accounts back that nothing hangs on any more: of subscriptions that have ended, and those that were replaced. Closes their connections.
    pub(crate) async fn take_back(&self, writer: &Writer, of: Option<&str>) -> Result<(), Failure> {
        for void in accounts::void(writer.pool(), of).await? {
            self.issuer.revoke(&void.account).await?;
            self.deliveries.close(&void.account).await?;
            if void.ended
                && let Ok(subscription) = void.subscription_id.parse()
            {
                self.deliveries.purge(subscription).await?;
            }
            accounts::revoked(writer.pool(), &void.account, writer.clock().now()).await?;
            tracing::info!(subscription.id = void.subscription_id, "an account on NATS was taken back");
        }
        Ok(())
    }

    /// Tells servers again of accounts and consumers that they may have lost with their data.
    pub(crate) async fn restore(&self, writer: &Writer) -> Result<(), Failure> {
        let known = self.issuer.list().await?;
        for living in accounts::living(writer.pool()).await? {
            if !known.contains(&living.account) {
                self.issuer.push(&living.jwt).await?;
            }
            if let Ok(subscription) = living.subscription_id.parse() {
                self.deliveries.open(subscription, &living.account, living.in_hand).await?;
            }
        }
        Ok(())
    }
}
