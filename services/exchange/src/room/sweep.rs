//! Sweeps out bytes for which no entry stands: of calls that broke off between the bytes and the entry, and of withdrawals whose deletion was not begun. Only in the
//! object store of NATS, which is of this installation alone.

use std::time::Duration;

use futures::TryStreamExt;
use gongzhi_chassis::execute::Writer;
use gongzhi_chassis::objects::Objects;
use gongzhi_chassis::status::Failure;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::store;

/// How often it is swept.
const EVERY: Duration = Duration::from_secs(3600);
/// How old bytes are at least. No call that may still write its entry is so old; and who restored the record from an earlier day has a week to find the rest of it.
const OLD: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Files that are looked up at once.
const BATCH: usize = 500;

/// Sweeps the evidence of rooms. Several processes that do it at once do no harm.
pub struct Sweeper {
    /// Where it is recorded which entries stand.
    pub writer: Writer,
    /// Where their bytes lie.
    pub evidence: Objects,
}

impl Sweeper {
    /// Sweeps every hour until it is told to stop.
    pub(crate) async fn run(self, stop: CancellationToken) {
        // A bucket may hold what another installation recorded.
        if self.evidence.is_elsewhere() {
            return stop.cancelled().await;
        }
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
            // The store keeps its own time, whatever a story makes of ours.
            let swept = tokio::select! {
                () = stop.cancelled() => return,
                swept = self.sweep(Timestamp::now() - OLD) => swept,
            };
            match swept {
                Ok(0) => {}
                Ok(swept) => tracing::info!(swept, "files of no entry were deleted"),
                Err(failure) => tracing::warn!(error = %failure, "files of no entry wait to be swept"),
            }
        }
    }

    /// Deletes what was put there before an instant and has no entry that stands; tells how much it was.
    pub async fn sweep(&self, before: Timestamp) -> Result<usize, Failure> {
        let lying = self.evidence.list().await?;
        let mut batches = lying.try_chunks(BATCH);
        let mut swept = 0;
        while let Some(batch) = batches.try_next().await.map_err(|broken| broken.1)? {
            let old: Vec<_> =
                batch.into_iter().filter(|file| file.at < before).map(|file| file.name).collect();
            let standing = store::standing(self.writer.pool(), &old).await?;
            for name in old.into_iter().filter(|name| !standing.contains(name)) {
                self.evidence.delete(&name).await?;
                swept += 1;
            }
        }
        Ok(swept)
    }
}
