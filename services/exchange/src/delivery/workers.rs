//! Who delivers: one process at a time, by lease, a worker for every subscription that is delivered by us and not fetched. Workers begin and end with
//! their subscriptions.

use std::collections::HashMap;
use std::time::Duration;

use gongzhi_chassis::execute::Writer;
use gongzhi_chassis::lease::{Lease, RENEW_EVERY};
use gongzhi_chassis::status::Failure;
use tokio::task::{AbortHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::cursor::Positions;
use super::webhook::{self, Sender, Worker};
use crate::hub::Hub;
use crate::subscription::Way;

/// How often what is held is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How long a worker that failed rests.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// Delivers for every subscription of the district.
#[derive(Clone)]
pub(crate) struct Workers {
    pub(crate) writer: Writer,
    pub(crate) hub: Hub,
    pub(crate) positions: Positions,
    pub(crate) sender: Sender,
}

impl Workers {
    /// Delivers until it is told to stop. Goes on trying through every outage.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let holder = Uuid::now_v7();
        loop {
            let round = tokio::select! {
                () = stop.cancelled() => break,
                round = self.lead(holder) => round,
            };
            if let Err(failure) = round {
                tracing::warn!(error = %failure, "deliveries wait");
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(RETRY_AFTER) => {}
            }
        }
        if let Ok(Some(lease)) = Lease::take(self.writer.pool(), LEASE, holder).await
            && let Err(error) = lease.give_back(self.writer.pool()).await
        {
            tracing::debug!(%error, "the lease of deliveries runs out by itself");
        }
    }

    /// Delivers while the lease is held. Dropping the set of workers ends them.
    async fn lead(&self, holder: Uuid) -> Result<(), Failure> {
        if Lease::take(self.writer.pool(), LEASE, holder).await?.is_none() {
            return Ok(());
        }
        let mut renewed = tokio::time::Instant::now();
        let mut workers = JoinSet::new();
        let mut at_work: HashMap<(String, i32), AbortHandle> = HashMap::new();
        let mut changes = self.hub.registry().changes();
        loop {
            self.reconcile(&mut workers, &mut at_work);
            let tried = webhook::retry_held(&self.writer, &self.hub, &self.sender).await?;
            if renewed.elapsed() >= RENEW_EVERY {
                if Lease::take(self.writer.pool(), LEASE, holder).await?.is_none() {
                    return Ok(());
                }
                renewed = tokio::time::Instant::now();
            }
            if tried > 0 {
                continue;
            }
            tokio::select! {
                _ = changes.changed() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                Some(_) = workers.join_next(), if !workers.is_empty() => {}
            }
        }
    }

    /// Begins workers that are missing and ends those whose subscription is no longer delivered.
    fn reconcile(&self, workers: &mut JoinSet<()>, at_work: &mut HashMap<(String, i32), AbortHandle>) {
        let specs = self.hub.registry().all();
        at_work.retain(|(id, epoch), handle| {
            let wanted = specs.get(id).is_some_and(|spec| spec.is_active() && spec.epoch == *epoch);
            if !wanted {
                handle.abort();
            }
            wanted && !handle.is_finished()
        });
        for spec in specs.values().filter(|spec| spec.is_active()) {
            let key = (spec.id.clone(), spec.epoch);
            if !matches!(spec.way, Way::Webhook { .. }) || at_work.contains_key(&key) {
                continue;
            }
            let worker = Worker {
                writer: self.writer.clone(),
                hub: self.hub.clone(),
                positions: self.positions.clone(),
                sender: self.sender.clone(),
                id: spec.id.clone(),
                epoch: spec.epoch,
            };
            let handle = workers.spawn(async move {
                if let Err(failure) = worker.run().await {
                    tracing::warn!(subscription.id = worker.id, error = %failure, "delivery waits");
                    tokio::time::sleep(RETRY_AFTER).await;
                }
            });
            at_work.insert(key, handle);
        }
    }
}

/// Name of the lease.
const LEASE: &str = "deliver";
