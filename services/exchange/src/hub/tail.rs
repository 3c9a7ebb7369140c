//! Reads the stream as it grows, for everybody in the process.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use gongzhi_chassis::reading::Received;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::subjects::stream_subjects;
use tokio_util::sync::CancellationToken;

use super::Hub;
use super::milestone::{self, Filling};
use super::seen::Seen;

/// Most facts taken at once.
const BATCH: usize = 500;
/// How long a batch waits for company, in all: what wakes a thousand deliveries should not do so for every single fact, and a steady trickle should not
/// hold the first one back until the batch is full.
const LINGER: Duration = Duration::from_millis(10);
/// How long the reader waits after a failure of database or broker.
const RETRY_AFTER: Duration = Duration::from_millis(500);
/// How often it is looked whether the stream is still the same.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Facts that are read again at a start, so that those who were a little behind find them in memory.
const BEFORE: i64 = 10_000;

impl Hub {
    /// Reads until it is told to stop. Goes on trying through every outage of database and broker.
    pub(crate) async fn tail(self, stop: CancellationToken) {
        let mut filling = Filling::default();
        loop {
            let round = tokio::select! {
                () = stop.cancelled() => break,
                round = self.read_on(&mut filling) => round,
            };
            if let Err(failure) = round {
                tracing::warn!(error = %failure, "the hub waits");
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(RETRY_AFTER) => {}
            }
        }
    }

    /// Reads until something fails or the stream is another.
    async fn read_on(&self, filling: &mut Filling) -> Result<(), Failure> {
        let extent = self.bus.extent().await?;
        let (first, last) = (to_position(extent.first), to_position(extent.last));
        let start = {
            let ring = self.memory.ring();
            // The same stream is read on from where reading broke off.
            if ring.stream == extent.created && ring.newest >= first - 1 { Some(ring.newest) } else { None }
        };
        let start = match start {
            Some(start) => start,
            None => {
                let noted = milestone::noted_to(&self.pool, &extent.created, first).await?;
                let start = noted.min(last - BEFORE).max(first - 1).max(0);
                *filling = Filling::default();
                self.memory.start(&extent.created, start, last);
                start
            }
        };
        let all = vec![stream_subjects(self.bus.district())];
        let mut messages = self.bus.read_behind(all, &extent.created, start.unsigned_abs()).await?;
        loop {
            let Ok(first) = tokio::time::timeout(LOOK_EVERY, messages.next()).await else {
                if self.bus.extent().await?.created != extent.created {
                    return Ok(());
                }
                continue;
            };
            let Some(first) = first.transpose()? else { return Ok(()) };
            let mut batch = vec![first];
            let until = tokio::time::Instant::now() + LINGER;
            // What was gathered is taken even when the next message fails: it shows again at the next reading.
            while batch.len() < BATCH {
                match tokio::time::timeout_at(until, messages.next()).await {
                    Ok(Some(Ok(next))) => batch.push(next),
                    Ok(None | Some(Err(_))) | Err(_) => break,
                }
            }
            self.take(&extent.created, batch, filling).await?;
        }
    }

    async fn take(&self, stream: &str, batch: Vec<Received>, filling: &mut Filling) -> Result<(), Failure> {
        let Some(end) = batch.last() else { return Ok(()) };
        let (last, unread) = (to_position(end.sequence), to_position(end.behind));
        let catalogue = self.catalogue();
        catalogue.prepare(&batch).await?;
        let facts: Vec<_> =
            batch.iter().filter_map(|received| Seen::read(received, catalogue)).map(Arc::new).collect();
        // The exchange's own facts say that rights changed; they act before what comes with them is delivered to anybody.
        if facts.iter().any(|seen| seen.fact.starts_with("exchange.")) {
            self.registry.refresh().await?;
        }
        for seen in &facts {
            filling.see(seen.position, seen.envelope.time);
        }
        self.memory.take(facts, last);
        let noted = filling.note(&self.pool, stream).await;
        // Also where they were not: whoever looks for an instant then finds an earlier place, and what it reads comes twice.
        self.memory.left(unread);
        noted
    }
}

fn to_position(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}
