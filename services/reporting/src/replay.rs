//! Rebuilding: everything that the bus told is told again, and the result is byte for byte the same. Runs while no consumer does.

use std::sync::Arc;
use std::time::Duration;

use gongzhi_chassis::execute::Writer;
use gongzhi_chassis::inbox::{self, Position};
use gongzhi_chassis::lease::Lease;
use gongzhi_chassis::run::Context;
use gongzhi_chassis::status::{Failure, Refusal};
use ring::digest;
use sqlx::{AssertSqlSafe, PgPool, Row as _};
use tokio::sync::watch;
use tokio_stream::StreamExt;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::NAME;
use crate::board;
use crate::projection::{TABLES, rows_of};
use crate::reactions::Reactions;

/// How long to wait for the lease of a consumer that has just ended; a little longer than a lease lasts.
const WAIT_FOR_LEASE: Duration = Duration::from_secs(8);
/// How often a wait looks again.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// How far a replay has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Position in the stream up to which facts were told again.
    pub sequence: u64,
    /// Position at which the replay ends.
    pub end: u64,
}

/// A consumer is at work.
#[derive(Debug)]
struct ConsumerRuns;

impl std::fmt::Display for ConsumerRuns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a process is consuming facts for reporting; stop every process that serves reporting and try again")
    }
}

impl Refusal for ConsumerRuns {
    fn reason(&self) -> &'static str {
        "CONSUMER_RUNS"
    }
}

/// Empties the projections and fills them again from the stream, up to the end that it had at the beginning. Fails, with everything as it was, while a
/// process consumes for reporting. When it is cut short, the next consumer goes on where it was.
pub async fn replay(
    context: &Context,
    mut progress: impl FnMut(Progress) + Send,
) -> Result<Progress, Failure> {
    let writer = context.writer(NAME).await?;
    let state = context.bus.stream().await?.cached_info().state.clone();
    let end = if state.messages == 0 { 0 } else { state.last_sequence };
    let lease = take(&writer).await?;
    empty(&writer, &lease).await?;
    lease.give_back(writer.pool()).await?;
    let told = Progress { sequence: end, end };
    progress(Progress { sequence: 0, end });
    if end == 0 {
        return Ok(told);
    }
    let (sender, mut position) = watch::channel(Position::default());
    let stop = CancellationToken::new();
    let consumer = tokio::spawn(inbox::consume(
        writer.clone(),
        context.bus.clone(),
        Arc::new(Reactions),
        sender,
        stop.clone(),
    ));
    // Ends the consumer also when the caller drops this future.
    let _stops = stop.clone().drop_guard();
    loop {
        // Another process may have become the consumer meanwhile; then the kept position moves and this one's does not.
        let moved = tokio::time::timeout(LOOK_EVERY, position.changed()).await;
        let sequence = match moved {
            Ok(_) => position.borrow_and_update().sequence,
            Err(_) => kept(writer.pool()).await?,
        };
        progress(Progress { sequence, end });
        if sequence >= end {
            break;
        }
    }
    stop.cancel();
    consumer.await.map_err(|error| Failure::Bug(format!("the consumer ended badly: {error}")))?;
    Ok(told)
}

async fn kept(pool: &PgPool) -> Result<u64, Failure> {
    let mut connection = pool.acquire().await?;
    Ok(board::position(&mut connection).await?.map(|(_, sequence)| sequence).unwrap_or_default())
}

/// Takes the consumer's lease.
async fn take(writer: &Writer) -> Result<Lease, Failure> {
    let holder = Uuid::now_v7();
    let name = format!("inbox:{NAME}");
    let taken = async {
        loop {
            if let Some(lease) = Lease::take(writer.pool(), &name, holder).await? {
                return Ok(lease);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    match tokio::time::timeout(WAIT_FOR_LEASE, taken).await {
        Ok(taken) => taken,
        Err(_) => Err(Failure::refused(&ConsumerRuns)),
    }
}

/// Empties every projection and forgets what was read, in one transaction. Parked facts will be told again too, so they wait no longer.
async fn empty(writer: &Writer, lease: &Lease) -> Result<(), Failure> {
    let mut transaction = writer.pool().begin().await?;
    if !lease.holds(&mut transaction).await? {
        return Err(Failure::refused(&ConsumerRuns));
    }
    let tables: Vec<_> = TABLES.iter().map(|(table, _)| *table).collect();
    sqlx::query(AssertSqlSafe(format!("truncate {}", tables.join(", ")))).execute(&mut *transaction).await?;
    sqlx::query("update parked set replayed_at = now() where source = $1 and replayed_at is null")
        .bind(NAME)
        .execute(&mut *transaction)
        .await?;
    inbox::forget(&mut transaction, NAME).await?;
    transaction.commit().await?;
    Ok(())
}

/// SHA-256 over the rows of the projections as text, in the order of keys, in hexadecimal: all but happenings that wait to be forgotten. Two that are equal
/// were made of the same facts.
pub async fn digest(pool: &PgPool) -> Result<String, Failure> {
    let mut snapshot = pool.begin_with("begin isolation level repeatable read read only").await?;
    let mut context = digest::Context::new(&digest::SHA256);
    for (table, key) in TABLES {
        context.update(table.as_bytes());
        let sql = format!("select row::text from {} as row order by {key}", rows_of(table));
        let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(&mut *snapshot);
        while let Some(row) = rows.next().await {
            let text: String = row?.try_get(0)?;
            context.update(&(text.len() as u64).to_be_bytes());
            context.update(text.as_bytes());
        }
    }
    snapshot.commit().await?;
    Ok(context.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect())
}
