//! The receivers of the measurement: a stream per subscription over gRPC, one HTTP server for all webhooks, a connection with credentials of its own
//! per subscription on NATS. Each notes what came and how long after it happened.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use futures::StreamExt;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::ids::AreaCode;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::demo::actor::Actor;
use crate::subscribe::nats::{Unreached, reach};

/// How often a receiver acknowledges what it has on a stream: a system would write at that moment.
const ACKNOWLEDGE_EVERY: Duration = Duration::from_secs(5);

/// One delivery.
#[derive(Clone, Copy, Debug)]
pub(super) struct Receipt {
    pub(super) subscription: usize,
    pub(super) event: Uuid,
    pub(super) lag: SignedDuration,
}

/// Everything that was received.
#[derive(Clone, Default)]
pub(super) struct Receipts(Arc<Mutex<Vec<Receipt>>>);

#[derive(Deserialize)]
struct Event {
    id: Uuid,
    time: Timestamp,
}

impl Receipts {
    /// Notes a delivery.
    fn note(&self, subscription: usize, body: &[u8]) -> Result<()> {
        let received_at = Timestamp::now();
        let event: Event = serde_json::from_slice(body).context("what came is no event")?;
        let lag = received_at.duration_since(event.time);
        let receipt = Receipt { subscription, event: event.id, lag };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(receipt);
        Ok(())
    }

    pub(super) fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub(super) fn take(&self) -> Vec<Receipt> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Receives over gRPC until it is dropped.
pub(super) async fn stream(
    actor: Actor,
    subscription_id: String,
    nth: usize,
    receipts: Receipts,
) -> Result<()> {
    let mut client = actor.deliveries();
    let request = pb::StreamRequest { subscription_id: subscription_id.clone() };
    let mut stream = client.stream(request).await?.into_inner();
    let mut acknowledged_at = Instant::now();
    while let Some(next) = stream.message().await? {
        if let Some(delivery) = next.delivery {
            receipts.note(nth, delivery.event.as_bytes())?;
        }
        if acknowledged_at.elapsed() >= ACKNOWLEDGE_EVERY {
            acknowledged_at = Instant::now();
            let subscription_id = subscription_id.clone();
            client.acknowledge(pb::AcknowledgeRequest { subscription_id, position: next.position }).await?;
        }
    }
    anyhow::bail!("the exchange ended the stream of subscription {subscription_id}")
}

/// Receives over NATS until it is dropped.
pub(super) async fn consume(
    actor: Actor,
    subscription_id: String,
    (url, district): (String, AreaCode),
    nth: usize,
    receipts: Receipts,
) -> Result<()> {
    let request = pb::IssueNatsCredentialsRequest { subscription_id };
    let issued = actor.subscriptions().issue_nats_credentials(request).await?.into_inner();
    let consumer = match reach(&url, &district, &issued.credentials.into()).await {
        Ok(consumer) => consumer,
        Err(Unreached::Void) => anyhow::bail!("NATS does not take credentials that were just issued"),
        Err(Unreached::Away(why)) => anyhow::bail!(why),
    };
    let mut messages = consumer.messages().await?;
    while let Some(message) = messages.next().await {
        let message = message?;
        receipts.note(nth, &message.payload)?;
        message.ack().await.map_err(|error| anyhow::anyhow!("{error}"))?;
    }
    anyhow::bail!("the connection to NATS has ended")
}

/// Serves the address of every webhook.
pub(super) async fn serve(listener: TcpListener, receipts: Receipts) -> Result<()> {
    async fn take(
        Path(nth): Path<usize>,
        State(receipts): State<Receipts>,
        body: Bytes,
    ) -> Result<StatusCode, (StatusCode, String)> {
        let noted = receipts.note(nth, &body);
        noted.map(|()| StatusCode::NO_CONTENT).map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))
    }
    let app = Router::new().route("/{nth}", axum::routing::post(take)).with_state(receipts);
    Ok(axum::serve(listener, app).await?)
}
