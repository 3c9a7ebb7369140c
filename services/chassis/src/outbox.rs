//! The outbox and its relay: facts go to JetStream in commit order per bucket, in atomic batches; a cursor per bucket moves after the server has
//! acknowledged. One relay per service, by lease.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use gongzhi_proto::envelope::Envelope;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row as _};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::bus::{BATCH, Bus, Outgoing, Published};
use crate::crash;
use crate::execute::Writer;
use crate::lease::{Lease, RENEW_EVERY};
use crate::metrics;
use crate::status::Failure;

/// Buckets of an outbox. Facts of one aggregate share a bucket, so their order is the order of their commits.
pub const BUCKETS: u64 = 64;
/// How long the relay waits for a wake-up before it looks by itself: commits of other processes do not wake it.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long the relay waits for company once it is woken: each batch costs broker and database the same, however many facts are in it.
const LINGER: Duration = Duration::from_millis(10);
/// How long it waits while many come: their number makes up for the wait, and what the broker saves is left to those who write.
const LINGER_IN_A_CROWD: Duration = Duration::from_millis(60);
/// From how many facts in a batch on there is a crowd.
const CROWD: usize = 32;
/// Most facts of one bucket that are read for a batch: in a crowd a bucket has a sixty-fourth of it, and what is read beyond that is sorted and thrown away.
const OF_A_BUCKET: usize = 64;
/// Most batches between two looks at the lease.
const BATCHES: usize = 8;
/// How long the relay waits after a failure.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// One fact as it is written.
pub(crate) struct Row {
    pub(crate) bucket: i16,
    pub(crate) event_id: Uuid,
    pub(crate) subject: String,
    pub(crate) body: Vec<u8>,
}

impl Row {
    pub(crate) fn of(envelope: &Envelope, aggregate_id: &str) -> Result<Self, Failure> {
        let subject = envelope.bus_subject().map_err(|error| Failure::Bug(error.to_string()))?.to_string();
        Ok(Self { bucket: bucket(aggregate_id), event_id: envelope.id, subject, body: envelope.to_bytes() })
    }
}

/// The bucket of an aggregate: a hash that stays the same for ever (FNV-1a, 64 bit), because the order of what is relayed hangs on it.
pub fn bucket(aggregate_id: &str) -> i16 {
    let hash = aggregate_id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash % BUCKETS) as i16
}

/// Identity of a fact: the same whenever it is computed, so that a rebuilt stream has the same ids.
pub(crate) fn event_id(kind: &str, id: &str, version: i64, nth: usize) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("gongzhi:{kind}/{id}/{version}/{nth}").as_bytes())
}

/// Relays a service's outbox until it is told to stop. Goes on trying through every outage of database and broker.
pub async fn relay(writer: Writer, bus: Bus, stop: CancellationToken) {
    let (pool, wake) = (writer.pool().clone(), writer.wake_relay());
    let holder = Uuid::now_v7();
    let mut lease: Option<(Lease, Instant)> = None;
    loop {
        let relayed = match take_or_renew(&pool, holder, &mut lease).await {
            Ok(Some(lease)) => relay_batches(&writer, &bus, &lease).await,
            Ok(None) => Ok(Relayed { facts: 0, more_wait: false }),
            Err(error) => Err(error),
        };
        let (wait, linger) = match relayed {
            Ok(Relayed { more_wait: true, .. }) => (Duration::ZERO, LINGER),
            Ok(Relayed { facts, .. }) if facts >= CROWD => (LOOK_EVERY, LINGER_IN_A_CROWD),
            Ok(_) => (LOOK_EVERY, LINGER),
            Err(failure) => {
                let source = std::error::Error::source(&failure).map(ToString::to_string).unwrap_or_default();
                tracing::warn!(service = writer.service(), error = %failure, source, "relay waits");
                (RETRY_AFTER, LINGER)
            }
        };
        tokio::select! {
            () = stop.cancelled() => break,
            () = wake.notified(), if wait == LOOK_EVERY => tokio::time::sleep(linger).await,
            () = tokio::time::sleep(wait) => {}
        }
    }
    if let Some((lease, _)) = lease
        && let Err(error) = lease.give_back(&pool).await
    {
        tracing::debug!(%error, "the relay's lease runs out by itself");
    }
}

async fn take_or_renew(
    pool: &PgPool,
    holder: Uuid,
    held: &mut Option<(Lease, Instant)>,
) -> Result<Option<Lease>, Failure> {
    if let Some((lease, since)) = held
        && since.elapsed() < RENEW_EVERY
    {
        return Ok(Some(lease.clone()));
    }
    *held = Lease::take(pool, "relay", holder).await?.map(|lease| (lease, Instant::now()));
    Ok(held.as_ref().map(|(lease, _)| lease.clone()))
}

/// Relays what waits, at most so many batches that the lease is renewed in time. Tells how many facts the last batch held and whether more wait.
async fn relay_batches(writer: &Writer, bus: &Bus, lease: &Lease) -> Result<Relayed, Failure> {
    let pool = writer.pool();
    let mut batch = read(pool, &Ends::new()).await?;
    for _ in 0..BATCHES {
        let relayed = Relayed { facts: batch.rows.len(), more_wait: batch.more_wait };
        if batch.rows.is_empty() {
            return Ok(relayed);
        }
        let ends = ends_of(&batch.rows);
        let outgoing: Vec<_> = batch
            .rows
            .iter()
            .map(|row| Outgoing {
                id: row.get(2),
                subject: row.get(3),
                body: row.get::<Vec<u8>, _>(4).into(),
            })
            .collect();
        // What follows is read while this is on its way; nothing of it is sent before this has arrived.
        let follows =
            async { if relayed.more_wait { read(pool, &ends).await } else { Ok(Batch::default()) } };
        let (published, next) = tokio::join!(bus.publish(&outgoing), follows);
        let published: Published = published?;
        crash::point("relay.after_publish");
        metrics::RELAYED.add(outgoing.len() as u64, &[("service", writer.service())]);
        if published.duplicates > 0 {
            tracing::info!(
                duplicates = published.duplicates,
                stored = published.stored,
                "facts were relayed before"
            );
        }
        move_cursors(pool, lease, ends).await?;
        crash::point("relay.after_cursor");
        if !relayed.more_wait {
            return Ok(relayed);
        }
        batch = next?;
    }
    Ok(Relayed { facts: batch.rows.len(), more_wait: true })
}

/// What came of a look at the outbox.
struct Relayed {
    /// Facts of the last batch.
    facts: usize,
    more_wait: bool,
}

/// Facts in the order of their commits.
#[derive(Default)]
struct Batch {
    rows: Vec<PgRow>,
    /// More may wait behind these.
    more_wait: bool,
}

/// Up to where buckets were read.
type Ends = BTreeMap<i16, i64>;

fn ends_of(rows: &[PgRow]) -> Ends {
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// Reads the next batch: of each bucket what is behind its cursor and behind what was read before.
async fn read(pool: &PgPool, before: &Ends) -> Result<Batch, Failure> {
    let mut rows = sqlx::query(
        "select o.bucket, o.seq, o.event_id, o.subject, o.body
         from relay_cursors c left join unnest($3::smallint[], $4::bigint[]) as r (bucket, seq) using (bucket) cross join lateral
              (select * from outbox o where o.bucket = c.bucket and o.seq > greatest(c.seq, r.seq) order by o.seq limit $2) o
         order by o.seq limit $1",
    )
    .bind(BATCH as i64)
    .bind(OF_A_BUCKET as i64)
    .bind(before.keys().copied().collect::<Vec<_>>())
    .bind(before.values().copied().collect::<Vec<_>>())
    .fetch_all(pool)
    .await?;
    let surely = surely_in_order(rows.iter().map(|row| row.get(0)));
    let more_wait = rows.len() == BATCH || surely.is_some();
    rows.truncate(surely.unwrap_or(BATCH));
    Ok(Batch { rows, more_wait })
}

/// After how many facts a bucket is exhausted of which more may wait: what follows might overtake them. None when there is no such bucket.
fn surely_in_order(buckets: impl Iterator<Item = i16>) -> Option<usize> {
    let mut counts = BTreeMap::<i16, usize>::new();
    (1..).zip(buckets).find_map(|(nth, bucket)| {
        let count = counts.entry(bucket).or_default();
        *count += 1;
        (*count == OF_A_BUCKET).then_some(nth)
    })
}

async fn move_cursors(pool: &PgPool, lease: &Lease, ends: Ends) -> Result<(), Failure> {
    let (buckets, seqs): (Vec<_>, Vec<_>) = ends.into_iter().unzip();
    // A cursor that a crash of the database sets back is moved again: the server tells that it has the facts. So it need not wait for the disk, and
    // takes no fsync from commands.
    let mut transaction = pool.begin_with("begin; set local synchronous_commit = off").await?;
    if !lease.holds(&mut transaction).await? {
        return Err(Failure::Bus("another relay has taken over".into()));
    }
    sqlx::query("update relay_cursors c set seq = n.seq from unnest($1::smallint[], $2::bigint[]) as n (bucket, seq) where c.bucket = n.bucket and c.seq < n.seq")
        .bind(buckets)
        .bind(seqs)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

/// How many facts are written and not yet relayed.
pub async fn waiting(pool: &PgPool) -> Result<i64, Failure> {
    Ok(sqlx::query_scalar(
        "select count(*) from outbox o join relay_cursors c using (bucket) where o.seq > c.seq",
    )
    .fetch_one(pool)
    .await?)
}

/// The first fact that waits, as it was written; none when none does.
pub(crate) async fn oldest_waiting(pool: &PgPool) -> Result<Option<Vec<u8>>, Failure> {
    Ok(sqlx::query_scalar(
        "select o.body from relay_cursors c cross join lateral
             (select seq, body from outbox o where o.bucket = c.bucket and o.seq > c.seq order by o.seq limit 1) o
         order by o.seq limit 1",
    )
    .fetch_optional(pool)
    .await?)
}

/// Sets the relay back to the beginning, so that it publishes the whole record again: for `bus rebuild`, after the stream was deleted.
pub async fn rewind(pool: &PgPool) -> Result<(), Failure> {
    sqlx::query("update relay_cursors set seq = 0").execute(pool).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_ends_where_an_exhausted_bucket_might_be_overtaken() {
        let full = OF_A_BUCKET as i16;
        assert_eq!(surely_in_order((0..full - 1).map(|_| 7)), None);
        assert_eq!(surely_in_order((0..full).map(|_| 7)), Some(OF_A_BUCKET));
        assert_eq!(surely_in_order((0..2 * full).map(|nth| nth % 2)), Some(2 * OF_A_BUCKET - 1));
        assert_eq!(surely_in_order((0..1_000).map(|nth| nth % BUCKETS as i16)), None);
    }
}
