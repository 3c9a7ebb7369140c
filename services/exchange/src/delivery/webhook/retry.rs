//! Tries what is held again, the oldest of every bucket when its time has come.

use std::sync::Arc;

use futures::StreamExt;
use gongzhi_chassis::execute::{Target, Writer};
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::status::Failure;

use super::{Outcome, Sender, worker};
use crate::delivery::cursor::{self, Move};
use crate::delivery::held::{self, Due};
use crate::hub::{Hub, Spec};
use crate::subscription::{Command, SubscriptionKind, Way};

/// Most deliveries of one round.
const BATCH: i64 = 200;
/// Posts at a time, over all receivers.
const AT_ONCE: usize = 16;

/// Tries what is due; tells how many were tried.
pub(in crate::delivery) async fn retry_held(
    writer: &Writer,
    hub: &Hub,
    sender: &Sender,
) -> Result<usize, Failure> {
    let specs = hub.registry().all();
    let active: Vec<_> = specs
        .values()
        .filter(|spec| spec.is_active() && matches!(spec.way, Way::Webhook { .. }))
        .map(|spec| spec.id.clone())
        .collect();
    if active.is_empty() {
        return Ok(0);
    }
    let due = held::due(writer.pool(), &active, hub.clock().now(), BATCH).await?;
    let count = due.len();
    let tries = due.into_iter().filter_map(|due| {
        let spec = specs.get(&due.subscription_id)?.clone();
        Some(retry_one(writer, hub, sender, spec, due))
    });
    let mut tries = std::pin::pin!(futures::stream::iter(tries).buffer_unordered(AT_ONCE));
    while let Some(tried) = tries.next().await {
        tried?;
    }
    Ok(count)
}

async fn retry_one(
    writer: &Writer,
    hub: &Hub,
    sender: &Sender,
    spec: Arc<Spec>,
    due: Due,
) -> Result<(), Failure> {
    let now = hub.clock().now();
    // What was held under a right that ended since is never delivered.
    if !may_still_see(hub, &spec, &due, now) {
        held::release(&mut *writer.pool().acquire().await?, &due).await?;
        return Ok(());
    }
    let id = due.event_id;
    let (outcome, _) = sender.post(&spec.id, &spec.way, &id.to_string(), &due.body, now).await?;
    gongzhi_chassis::crash::point("webhook.after_retry");
    let mut transaction = writer.pool().begin().await?;
    match outcome {
        Outcome::Accepted => {
            held::made(&mut transaction, &due, now).await?;
            // Counts only: the cursor passed when the delivery was held.
            let stream = hub.stream().map(|(stream, _)| stream).unwrap_or_default();
            let moved = Move { stream, delivered: 1, last_event_id: Some(id), at: now, ..Move::default() };
            cursor::advance(&mut transaction, &spec, &moved).await?;
            transaction.commit().await?;
        }
        Outcome::Gone => {
            transaction.rollback().await?;
            worker::pause(writer, hub, &spec.id, Some(id)).await?;
        }
        Outcome::Failed { error, rest } => {
            let next_at = held::next_attempt(due.attempts + 1, id, now);
            let next_at = next_at.map(|next| rest.map_or(next, |rest| next.max(now + rest)));
            held::failed(&mut transaction, &due, &error, next_at, now).await?;
            cursor::note_error(&mut transaction, &spec.id, &error, now).await?;
            transaction.commit().await?;
            if next_at.is_none() {
                note_park(writer, &spec.id, &due).await?;
            }
        }
    }
    Ok(())
}

/// True when the rights still let a held delivery be seen. The bytes were made when it was first seen; what is covered of them is fixed by the grant.
fn may_still_see(hub: &Hub, spec: &Spec, due: &Due, now: jiff::Timestamp) -> bool {
    spec.epoch >= due.epoch && spec.may_see_kept(&due.body, hub.catalogue(), now)
}

/// Tells the operators, once until somebody acts.
async fn note_park(writer: &Writer, id: &str, due: &Due) -> Result<(), Failure> {
    let key = format!("park:{id}:{}:{}", due.epoch, due.position);
    let admission = Admission::system(writer.service(), key);
    let told = writer
        .execute::<SubscriptionKind>(&admission, &Arc::default(), Target::Existing(id), Command::NotePark)
        .await;
    match told {
        Err(Failure::Refused { .. } | Failure::KeyReused) | Ok(_) => Ok(()),
        Err(failure) => Err(failure),
    }
}
