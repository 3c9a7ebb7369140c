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
use super::nats::{self, Outside};
use super::webhook::{self, Sender, Worker};
use crate::hub::Hub;
use crate::publisher::Accounts;
use crate::subscription::Way;

/// How often what is held is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How often it is looked for accounts on NATS that nothing hangs on any more; what ended is cut off within five seconds.
const TAKE_BACK_EVERY: Duration = Duration::from_secs(1);
/// How long a worker that failed rests.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// Delivers for every subscription of the district.
#[derive(Clone)]
pub(crate) struct Workers {
    pub(crate) writer: Writer,
    pub(crate) hub: Hub,
    pub(crate) positions: Positions,
    pub(crate) sender: Sender,
    /// Where this installation issues credentials on NATS.
    pub(crate) outside: Option<Outside>,
    /// Accounts of those who publish there.
    pub(crate) publishers: Accounts,
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

    /// Delivers while the lease is held.
    async fn lead(&self, holder: Uuid) -> Result<(), Failure> {
        if Lease::take(self.writer.pool(), LEASE, holder).await?.is_none() {
            return Ok(());
        }
        // Beside each other: a receiver that takes its time must neither cost the lease nor keep anything from being stopped.
        tokio::select! {
            lost = self.keep_lease(holder) => lost,
            failed = self.retry() => failed,
            failed = self.tend() => failed,
        }
    }

    /// Renews the lease until it is lost.
    async fn keep_lease(&self, holder: Uuid) -> Result<(), Failure> {
        loop {
            tokio::time::sleep(RENEW_EVERY).await;
            if Lease::take(self.writer.pool(), LEASE, holder).await?.is_none() {
                return Ok(());
            }
        }
    }

    /// Tries what is held, whenever its time has come.
    async fn retry(&self) -> Result<(), Failure> {
        loop {
            if webhook::retry_held(&self.writer, &self.hub, &self.sender).await? == 0 {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }

    /// Keeps a worker for every subscription and takes accounts back. Dropping the set of workers ends them.
    async fn tend(&self) -> Result<(), Failure> {
        // What NATS does not answer now must not keep webhooks waiting; accounts are looked at again below.
        if let Some(outside) = &self.outside
            && let Err(failure) = outside.restore(&self.writer).await
        {
            tracing::warn!(error = %failure, "accounts on NATS could not be looked at");
        }
        if let Err(failure) = self.publishers.restore().await {
            tracing::warn!(error = %failure, "publishers on NATS could not be looked at");
        }
        let mut taken_back = None;
        let mut workers = JoinSet::new();
        let mut at_work: HashMap<(String, i32), AbortHandle> = HashMap::new();
        let mut changes = self.hub.registry().changes();
        loop {
            self.reconcile(&mut workers, &mut at_work);
            if let Some(outside) = &self.outside
                && taken_back.is_none_or(|since: tokio::time::Instant| since.elapsed() >= TAKE_BACK_EVERY)
            {
                if let Err(failure) = outside.take_back(&self.writer, None).await {
                    tracing::warn!(error = %failure, "accounts on NATS wait to be taken back");
                }
                if let Err(failure) = self.publishers.take_back(None).await {
                    tracing::warn!(error = %failure, "publishers on NATS wait to be taken back");
                }
                taken_back = Some(tokio::time::Instant::now());
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
            if at_work.contains_key(&key) {
                continue;
            }
            let handle = match (&spec.way, &self.outside) {
                (Way::Webhook { .. }, _) => workers.spawn(self.post(&key)),
                (Way::Nats, Some(outside)) => workers.spawn(self.publish(outside, &key)),
                // Fetched by its owner, or not to be delivered by this process.
                (Way::Pull, _) | (Way::Nats, None) => continue,
            };
            at_work.insert(key, handle);
        }
    }
}

impl Workers {
    /// Delivers a subscription over its webhook.
    fn post(&self, (id, epoch): &(String, i32)) -> impl Future<Output = ()> + Send + use<> {
        let worker = Worker {
            writer: self.writer.clone(),
            hub: self.hub.clone(),
            positions: self.positions.clone(),
            sender: self.sender.clone(),
            id: id.clone(),
            epoch: *epoch,
        };
        async move { rest_after(&worker.id, worker.run().await).await }
    }

    /// Delivers a subscription over NATS.
    fn publish(
        &self,
        outside: &Outside,
        (id, epoch): &(String, i32),
    ) -> impl Future<Output = ()> + Send + use<> {
        let worker = nats::Worker {
            writer: self.writer.clone(),
            hub: self.hub.clone(),
            positions: self.positions.clone(),
            outside: outside.clone(),
            id: id.clone(),
            epoch: *epoch,
        };
        async move { rest_after(&worker.id, worker.run().await).await }
    }
}

/// A worker that failed rests before it is begun again.
async fn rest_after(id: &str, ended: Result<(), Failure>) {
    if let Err(failure) = ended {
        tracing::warn!(subscription.id = id, error = %failure, "delivery waits");
        tokio::time::sleep(RETRY_AFTER).await;
    }
}

/// Name of the lease.
const LEASE: &str = "deliver";
