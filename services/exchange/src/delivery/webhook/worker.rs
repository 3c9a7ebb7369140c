//! Delivers one subscription: reads on from its cursor, posts, moves the cursor. One post at a time per bucket, several buckets at once. What fails is
//! held, and with it what follows in its bucket; the others go on.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use gongzhi_chassis::crash;
use gongzhi_chassis::execute::{Target, Writer};
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::outbox::bucket;
use gongzhi_chassis::status::Failure;
use tokio::time::Instant;

use super::{Outcome, Sender};
use crate::delivery::cursor::{self, Move, Positions};
use crate::delivery::held::{self, Holding};
use crate::hub::{Hub, Shown, Spec};
use crate::subscription::{Command, SubscriptionKind};

/// Facts taken at once.
const BATCH: usize = 64;
/// Posts to one receiver at a time.
const AT_ONCE: usize = 8;
/// Held deliveries beyond which no more is read: the stream keeps the rest, and the cursor waits for it.
const MOST_HELD: i64 = 1_000;
/// How often the cursor of somebody whom nothing concerns is written.
const WRITE_EVERY: Duration = Duration::from_secs(2);

/// Delivers one subscription over its webhook.
pub(in crate::delivery) struct Worker {
    pub(in crate::delivery) writer: Writer,
    pub(in crate::delivery) hub: Hub,
    pub(in crate::delivery) positions: Positions,
    pub(in crate::delivery) sender: Sender,
    pub(in crate::delivery) id: String,
    pub(in crate::delivery) epoch: i32,
}

/// What became of the facts of one bucket.
#[derive(Default)]
struct Done {
    delivered: Vec<Shown>,
    held: Vec<Holding>,
    gone: bool,
}

impl Worker {
    /// Delivers until the subscription is paused, rewound or ended.
    pub(in crate::delivery) async fn run(&self) -> Result<(), Failure> {
        let mut arrivals = self.hub.arrivals();
        let Some(spec) = self.spec() else { return Ok(()) };
        let Some(mut place) = self.positions.of(&self.hub, &spec).await? else {
            let _ = tokio::time::timeout(WRITE_EVERY, arrivals.changed()).await;
            return Ok(());
        };
        let (mut written, mut written_at) = (place.position, Instant::now());
        let mut something_held = true;
        while let Some(spec) = self.spec() {
            let mut blocked = HashSet::new();
            if something_held {
                let (buckets, count) = held::blocked(self.writer.pool(), &self.id).await?;
                something_held = count > 0;
                blocked.extend(buckets);
                if count >= MOST_HELD {
                    tokio::time::sleep(WRITE_EVERY).await;
                    continue;
                }
            }
            arrivals.mark_unchanged();
            let read = self.hub.read(&spec, &place, BATCH).await?;
            let went_on = read.position > place.position;
            place.position = read.position;
            let idle = read.facts.is_empty();
            let mut moved = Move {
                stream: place.stream.clone(),
                position: read.position,
                latest_at: read.latest_at,
                ..Move::default()
            };
            if !idle {
                let done = self.deliver(&spec, read.facts, &blocked).await?;
                something_held |= !done.held.is_empty();
                self.settle(&spec, &mut moved, done).await?;
                (written, written_at) = (place.position, Instant::now());
            } else if place.position > written && written_at.elapsed() >= WRITE_EVERY {
                let mut connection = self.writer.pool().acquire().await?;
                moved.at = self.hub.clock().now();
                cursor::advance(&mut connection, &spec, &moved).await?;
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

    /// Posts facts, bucket by bucket.
    async fn deliver(&self, spec: &Spec, facts: Vec<Shown>, blocked: &HashSet<i16>) -> Result<Done, Failure> {
        let mut buckets: BTreeMap<i16, Vec<Shown>> = BTreeMap::new();
        for shown in facts {
            buckets.entry(bucket(&shown.seen.envelope.subject)).or_default().push(shown);
        }
        let posts = buckets.into_iter().map(|(bucket, facts)| {
            let waits = blocked.contains(&bucket);
            async move {
                if waits {
                    let wait = |shown| Holding { shown, error: None, next_at: None };
                    return Ok(Done { held: facts.into_iter().map(wait).collect(), ..Done::default() });
                }
                self.deliver_in_order(spec, facts).await
            }
        });
        let mut all = Done::default();
        let mut posts = std::pin::pin!(futures::stream::iter(posts).buffer_unordered(AT_ONCE));
        while let Some(done) = posts.next().await {
            let done: Done = done?;
            all.delivered.extend(done.delivered);
            all.held.extend(done.held);
            all.gone |= done.gone;
        }
        Ok(all)
    }

    /// Posts the facts of one bucket one after the other; from the first one that fails on, all are held.
    async fn deliver_in_order(&self, _spec: &Spec, facts: Vec<Shown>) -> Result<Done, Failure> {
        let mut done = Done::default();
        let mut facts = facts.into_iter();
        for shown in facts.by_ref() {
            // Asked again for every single fact: what ended while the ones before were posted is not delivered any more.
            let now = self.hub.clock().now();
            let Some(spec) = self.spec() else {
                done.held.push(Holding { shown, error: None, next_at: None });
                break;
            };
            if spec.may_see(&shown.seen, now).is_none() {
                continue;
            }
            let id = shown.seen.envelope.id;
            let (outcome, _) =
                self.sender.post(&self.id, &spec.way, &id.to_string(), &shown.body, now).await?;
            crash::point("webhook.after_post");
            match outcome {
                Outcome::Accepted => done.delivered.push(shown),
                Outcome::Gone => {
                    done.gone = true;
                    let error = Some("410: the receiver is gone".to_owned());
                    // Not at once: until the pause has come through, it would be called again.
                    done.held.push(Holding { shown, error, next_at: held::next_attempt(1, id, now) });
                    break;
                }
                Outcome::Failed { error, rest } => {
                    let next_at = held::next_attempt(1, id, now).max(rest.map(|rest| now + rest));
                    done.held.push(Holding { shown, error: Some(error), next_at });
                    break;
                }
            }
        }
        done.held.extend(facts.map(|shown| Holding { shown, error: None, next_at: None }));
        Ok(done)
    }

    /// Writes what became of a batch, the cursor last, in one commit.
    async fn settle(&self, spec: &Spec, moved: &mut Move, done: Done) -> Result<(), Failure> {
        let newest = done.delivered.iter().max_by_key(|shown| shown.seen.position);
        moved.last_event_id = newest.map(|shown| shown.seen.envelope.id);
        moved.delivered = i64::try_from(done.delivered.len()).unwrap_or(i64::MAX);
        moved.at = self.hub.clock().now();
        let mut transaction = self.writer.pool().begin().await?;
        held::hold(&mut transaction, spec, &done.held).await?;
        if !cursor::advance(&mut transaction, spec, moved).await? {
            // It was rewound or the stream rebuilt meanwhile: what was held is of before.
            return Ok(());
        }
        if let Some(error) = done.held.iter().find_map(|holding| holding.error.as_deref()) {
            cursor::note_error(&mut transaction, &self.id, error, moved.at).await?;
        }
        crash::point("webhook.before_cursor");
        transaction.commit().await?;
        if done.gone {
            pause(&self.writer, &self.hub, &self.id, moved.last_event_id).await?;
        }
        Ok(())
    }
}

/// Pauses a subscription whose receiver said that it is gone. Its owner may resume it.
pub(super) async fn pause(
    writer: &Writer,
    hub: &Hub,
    id: &str,
    event: Option<uuid::Uuid>,
) -> Result<(), Failure> {
    let reason = "接收端答复 410,已自动暂停 (the receiver answered 410 Gone)".into();
    let admission = Admission::system(writer.service(), format!("gone:{id}:{event:?}:{}", hub.clock().now()));
    let paused = writer
        .execute::<SubscriptionKind>(
            &admission,
            &Arc::default(),
            Target::Existing(id),
            Command::Pause { reason },
        )
        .await;
    hub.registry().refresh().await?;
    match paused {
        // Somebody paused or ended it first.
        Err(Failure::Refused { .. }) | Ok(_) => Ok(()),
        Err(failure) => Err(failure),
    }
}
