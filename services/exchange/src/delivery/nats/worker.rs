//! Delivers one subscription into the stream from which its account pulls: reads on from its cursor, publishes in order, moves the cursor. What the
//! stream does not take because the subscriber does not fetch stays where it is: in the facts' stream, behind the cursor.

use std::sync::Arc;
use std::time::Duration;

use gongzhi_chassis::crash;
use gongzhi_chassis::deliveries::Delivery;
use gongzhi_chassis::execute::Writer;
use gongzhi_chassis::status::Failure;
use tokio::time::Instant;
use uuid::Uuid;

use super::Outside;
use crate::delivery::cursor::{self, Move, Positions};
use crate::hub::{Hub, Shown, Spec};

/// Facts taken at once.
const BATCH: usize = 256;
/// How often the cursor of somebody whom nothing concerns is written, and how long a full stream is left alone.
const WRITE_EVERY: Duration = Duration::from_secs(2);

/// Delivers one subscription over NATS.
pub(in crate::delivery) struct Worker {
    pub(in crate::delivery) writer: Writer,
    pub(in crate::delivery) hub: Hub,
    pub(in crate::delivery) positions: Positions,
    pub(in crate::delivery) outside: Outside,
    pub(in crate::delivery) id: String,
    pub(in crate::delivery) epoch: i32,
}

impl Worker {
    /// Delivers until the subscription is paused, rewound or ended.
    pub(in crate::delivery) async fn run(&self) -> Result<(), Failure> {
        let mut arrivals = self.hub.arrivals();
        let Some(spec) = self.spec() else { return Ok(()) };
        let Ok(subscription) = self.id.parse::<Uuid>() else { return Ok(()) };
        let Some(mut place) = self.positions.of(&self.hub, &spec).await? else {
            let _ = tokio::time::timeout(WRITE_EVERY, arrivals.changed()).await;
            return Ok(());
        };
        let (mut written, mut written_at) = (place.position, Instant::now());
        while let Some(spec) = self.spec() {
            arrivals.mark_unchanged();
            let read = self.hub.read(&spec, &place, BATCH).await?;
            let went_on = read.position > place.position;
            let mut moved = Move {
                stream: place.stream.clone(),
                position: read.position,
                latest_at: read.latest_at,
                ..Move::default()
            };
            if !read.facts.is_empty() {
                if !self.publish(subscription, &spec, &read.facts).await? {
                    self.note_full().await?;
                    tokio::time::sleep(WRITE_EVERY).await;
                    continue;
                }
                crash::point("nats.after_publish");
                moved.delivered = i64::try_from(read.facts.len()).unwrap_or(i64::MAX);
                moved.last_event_id = read.facts.last().map(|shown| shown.seen.envelope.id);
            }
            place.position = read.position;
            let due = moved.delivered > 0 || written_at.elapsed() >= WRITE_EVERY;
            if place.position > written && due {
                moved.at = self.hub.clock().now();
                let mut connection = self.writer.pool().acquire().await?;
                if !cursor::advance(&mut connection, &spec, &moved).await? {
                    return Ok(());
                }
                (written, written_at) = (place.position, Instant::now());
            }
            if !went_on {
                let _ = tokio::time::timeout(WRITE_EVERY, arrivals.changed()).await;
            }
        }
        Ok(())
    }

    /// The subscription while it is to be delivered by this worker.
    fn spec(&self) -> Option<Arc<Spec>> {
        self.hub.registry().get(&self.id).filter(|spec| spec.is_active() && spec.epoch == self.epoch)
    }

    /// Publishes in order; false when the subscriber has too much waiting.
    async fn publish(&self, subscription: Uuid, spec: &Spec, facts: &[Shown]) -> Result<bool, Failure> {
        let delivery = |shown: &Shown| Delivery {
            subscription,
            // The server knows one message per id; what a rewind delivers again is another message.
            id: Uuid::new_v5(&shown.seen.envelope.id, &spec.epoch.to_be_bytes()),
            body: shown.body.clone(),
        };
        let delivered = self.outside.deliveries.publish(facts.iter().map(delivery).collect()).await?;
        Ok(delivered.full.is_empty())
    }

    async fn note_full(&self) -> Result<(), Failure> {
        let mut connection = self.writer.pool().acquire().await?;
        let why = "too much waits to be fetched; delivery goes on when the subscriber fetches";
        cursor::note_error(&mut connection, &self.id, why, self.hub.clock().now()).await?;
        Ok(())
    }
}
