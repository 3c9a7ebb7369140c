//! Consuming facts: read the stream from a position that is kept in the service's own database, in the transaction of the effect. What was handled
//! and how far was read can therefore never disagree: no acknowledgement can be lost, nothing is redelivered, and the order of the stream is the
//! order of the effects. A fact that cannot be handled is parked with its reason, and the later facts of the same aggregate behind it.

use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use gongzhi_proto::envelope::{Envelope, InvalidEnvelope};
use jiff::Timestamp;
use sqlx::{PgConnection, Row as _};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use uuid::Uuid;

use crate::bus::Bus;
use crate::execute::{Unit, Writer};
use crate::gate::Admission;
use crate::lease::{Lease, RENEW_EVERY};
use crate::reading::Received;
use crate::status::{Code, Failure};
use crate::{crash, metrics, parked, telemetry};

/// Most facts per transaction.
const BATCH: usize = 256;
/// How long a batch waits for company once it has one fact.
const LINGER: Duration = Duration::from_millis(5);
/// How long a consumer waits after a failure of database or broker.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// What a service does with the facts of others.
pub trait Reactions: Send + Sync + 'static {
    /// Name under which the position is kept.
    const SOURCE: &'static str;

    /// Subjects that concern it.
    fn filters(&self, bus: &Bus) -> Vec<String>;

    /// Has the effect of one fact, in a unit of work that is committed for it. A failure that is not of the world parks the fact.
    fn handle(
        &self,
        unit: &mut Unit,
        envelope: &Envelope,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Has the effects of facts that are committed together, in their order; one after the other, unless a service knows how to do many at once.
    fn handle_all(
        &self,
        unit: &mut Unit,
        envelopes: &[&Envelope],
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        one_by_one(self, unit, envelopes)
    }
}

/// The span of having the effect of a fact, in the trace in which it happened.
pub fn span(source: &str, envelope: &Envelope) -> tracing::Span {
    telemetry::consumer_span(source, envelope)
}

/// Has the effects of facts one after the other.
pub async fn one_by_one<R: Reactions + ?Sized>(
    reactions: &R,
    unit: &mut Unit,
    envelopes: &[&Envelope],
) -> Result<(), Failure> {
    for envelope in envelopes {
        unit.cause(envelope);
        reactions.handle(unit, envelope).instrument(span(R::SOURCE, envelope)).await?;
    }
    Ok(())
}

/// Where a consumer stands; changes after every commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Position in the stream up to which effects are committed.
    pub sequence: u64,
}

/// Consumes facts for a service until it is told to stop. Goes on trying through every outage of database and broker.
pub async fn consume<R: Reactions>(
    writer: Writer,
    bus: Bus,
    reactions: Arc<R>,
    position: watch::Sender<Position>,
    stop: CancellationToken,
) {
    let holder = Uuid::now_v7();
    loop {
        let round = tokio::select! {
            () = stop.cancelled() => break,
            round = read_on(&writer, &bus, reactions.as_ref(), &position, holder) => round,
        };
        if let Err(failure) = round {
            let source = std::error::Error::source(&failure).map(ToString::to_string).unwrap_or_default();
            tracing::warn!(source = R::SOURCE, error = %failure, cause = source, "consumer waits");
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(RETRY_AFTER) => {}
        }
    }
    // Given back, so that the next consumer need not wait until the lease has run out.
    let given_back = async {
        match Lease::take(writer.pool(), &lease_name::<R>(), holder).await? {
            Some(lease) => lease.give_back(writer.pool()).await,
            None => Ok(()),
        }
    };
    if let Err(error) = given_back.await {
        tracing::debug!(%error, "the consumer's lease runs out by itself");
    }
}

fn lease_name<R: Reactions>() -> String {
    format!("inbox:{}", R::SOURCE)
}

/// Reads from the kept position until something fails or another process holds the lease.
async fn read_on<R: Reactions>(
    writer: &Writer,
    bus: &Bus,
    reactions: &R,
    position: &watch::Sender<Position>,
    holder: Uuid,
) -> Result<(), Failure> {
    let lease_name = lease_name::<R>();
    let Some(mut lease) = Lease::take(writer.pool(), &lease_name, holder).await? else { return Ok(()) };
    let created = bus.extent().await?.created;
    let start = start_of(writer, R::SOURCE, &created).await?;
    position.send_replace(Position { sequence: start });
    let mut messages = bus.read_behind(reactions.filters(bus), &created, start).await?;
    let mut renewed = Instant::now();
    loop {
        // Only waiting for the first message may be broken off: what was taken from the stream must be committed before anything else is read.
        let first = tokio::time::timeout(RENEW_EVERY, messages.next()).await;
        if renewed.elapsed() >= RENEW_EVERY {
            let Some(again) = Lease::take(writer.pool(), &lease_name, holder).await? else {
                // What lies before whoever has it now is told by that process.
                metrics::INBOX_LAG.set(0.0, &[("service", writer.service()), ("source", R::SOURCE)]);
                return Ok(());
            };
            (lease, renewed) = (again, Instant::now());
        }
        let Ok(first) = first else { continue };
        let Some(first) = first.transpose()? else { return Ok(()) };
        let batch = gather(first, &mut messages).await;
        let last = batch.last().map_or(start, |received| received.sequence);
        let behind = batch.last().map_or(0, |received| received.behind);
        let labels = [("service", writer.service()), ("source", R::SOURCE)];
        metrics::INBOX_LAG.set((behind + batch.len() as u64) as f64, &labels);
        commit(writer, reactions, &lease, &created, batch).await?;
        metrics::INBOX_LAG.set(behind as f64, &labels);
        position.send_replace(Position { sequence: last });
    }
}

/// The position to read on from: 0 when the stream is another than the one that was read, because then its positions mean nothing.
async fn start_of(writer: &Writer, source: &str, created: &str) -> Result<u64, Failure> {
    let row = sqlx::query("select stream_created, sequence from inbox_cursors where source = $1")
        .bind(source)
        .fetch_optional(writer.pool())
        .await?;
    Ok(match row {
        Some(row) if row.get::<String, _>(0) == created => row.get::<i64, _>(1).unsigned_abs(),
        Some(_) | None => 0,
    })
}

/// Takes with a message what follows at once.
async fn gather<S>(first: Received, messages: &mut S) -> Vec<Received>
where
    S: futures::Stream<Item = Result<Received, Failure>> + Unpin,
{
    let mut batch = vec![first];
    while batch.len() < BATCH {
        match tokio::time::timeout(LINGER, messages.next()).await {
            Ok(Some(Ok(next))) => batch.push(next),
            // A failure shows again at the next message, after what was gathered is committed: its number in the consumer is not the expected one.
            Ok(None | Some(Err(_))) | Err(_) => break,
        }
    }
    batch
}

/// Commits a batch in one transaction; if one of its facts fails, each in its own.
async fn commit<R: Reactions>(
    writer: &Writer,
    reactions: &R,
    lease: &Lease,
    created: &str,
    batch: Vec<Received>,
) -> Result<(), Failure> {
    match commit_together(writer, reactions, lease, created, &batch).await {
        Err(failure) if !is_of_the_world(&failure) && batch.len() > 1 => {
            for received in batch {
                commit_one(writer, reactions, lease, created, received).await?;
            }
            Ok(())
        }
        Err(failure) if !is_of_the_world(&failure) => match batch.into_iter().next() {
            Some(received) => commit_one(writer, reactions, lease, created, received).await,
            None => Ok(()),
        },
        outcome => outcome,
    }
}

/// Commits one fact, or parks it.
async fn commit_one<R: Reactions>(
    writer: &Writer,
    reactions: &R,
    lease: &Lease,
    created: &str,
    received: Received,
) -> Result<(), Failure> {
    match commit_together(writer, reactions, lease, created, std::slice::from_ref(&received)).await {
        Err(failure) if !is_of_the_world(&failure) => {
            tracing::error!(source = R::SOURCE, subject = received.subject, error = %failure, "fact parked");
            let mut transaction = writer.pool().begin().await?;
            parked::park(&mut transaction, R::SOURCE, &received, &failure.to_string()).await?;
            advance(&mut transaction, R::SOURCE, created, received.sequence).await?;
            transaction.commit().await?;
            Ok(())
        }
        outcome => outcome,
    }
}

/// True when the failure is no fault of the fact: it will be read again.
fn is_of_the_world(failure: &Failure) -> bool {
    match failure {
        // What a statement refuses because of its data will be refused again; everything else about a database may pass.
        Failure::Database(sqlx::Error::Database(error)) => {
            !error.code().is_some_and(|code| code.starts_with("22") || code.starts_with("23"))
        }
        Failure::Database(sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)) => false,
        Failure::Database(_) => true,
        other => matches!(other.code(), Code::Unavailable | Code::Conflict),
    }
}

async fn commit_together<R: Reactions>(
    writer: &Writer,
    reactions: &R,
    lease: &Lease,
    created: &str,
    batch: &[Received],
) -> Result<(), Failure> {
    let Some(last) = batch.last() else { return Ok(()) };
    let mut unit = writer.begin(&Admission::reaction(writer.service())).await?;
    if !lease.holds(unit.connection().await?).await? {
        return Err(Failure::Bus("another consumer has taken over".into()));
    }
    let happened = handle_all(&mut unit, reactions, batch).await?;
    advance(unit.connection().await?, R::SOURCE, created, last.sequence).await?;
    crash::point("inbox.before_commit");
    if !unit.commit().await? {
        return Err(Failure::Conflict);
    }
    crash::point("inbox.after_commit");
    let now = writer.clock().now();
    for at in happened {
        let took = now.duration_since(at).as_secs_f64().max(0.0);
        metrics::INBOX_DELAY.observe(took, &[("service", writer.service())]);
    }
    Ok(())
}

/// Has the effects of facts, each once, in order; tells when those happened that had none before. What the batch shares is asked of the database once for
/// all of it.
pub(crate) async fn handle_all<R: Reactions>(
    unit: &mut Unit,
    reactions: &R,
    batch: &[Received],
) -> Result<Vec<Timestamp>, Failure> {
    let unreadable = |error: InvalidEnvelope| Failure::Bug(error.to_string());
    let envelopes: Vec<_> = batch
        .iter()
        .map(|received| Envelope::from_bytes(&received.body))
        .collect::<Result<_, _>>()
        .map_err(unreadable)?;
    let somebody_waits = parked::is_somebody_waiting(unit.connection().await?, R::SOURCE).await?;
    let mut new = note_new(unit.connection().await?, R::SOURCE, &envelopes).await?;
    let envelopes: Vec<_> = envelopes.iter().filter(|envelope| new.remove(&envelope.id)).collect();
    if somebody_waits {
        for envelope in &envelopes {
            let earlier = parked::waiting_before(unit.connection().await?, R::SOURCE, envelope).await?;
            if let Some(earlier) = earlier {
                return Err(Failure::Bug(format!(
                    "waits behind parked fact {earlier} of the same {}",
                    envelope.aggregatetype
                )));
            }
        }
    }
    reactions.handle_all(unit, &envelopes).await?;
    // What was deferred is written now, so that what fails is known to be of these facts.
    unit.connection().await?;
    Ok(envelopes.iter().map(|envelope| envelope.time).collect())
}

/// Notes facts as having their effect now; gives those that had not had it before.
async fn note_new(
    connection: &mut PgConnection,
    source: &str,
    envelopes: &[Envelope],
) -> Result<HashSet<Uuid>, Failure> {
    let ids: Vec<_> = envelopes.iter().map(|envelope| envelope.id).collect();
    let new = sqlx::query_scalar("insert into inbox (source, event_id) select $1, id from unnest($2::uuid[]) as id on conflict do nothing returning event_id")
        .bind(source)
        .bind(ids)
        .fetch_all(connection)
        .await?;
    Ok(new.into_iter().collect())
}

async fn advance(
    connection: &mut PgConnection,
    source: &str,
    created: &str,
    sequence: u64,
) -> Result<(), Failure> {
    sqlx::query(
        "insert into inbox_cursors (source, stream_created, sequence) values ($1, $2, $3)
         on conflict (source) do update set stream_created = excluded.stream_created, sequence = excluded.sequence",
    )
    .bind(source)
    .bind(created)
    .bind(i64::try_from(sequence).unwrap_or(i64::MAX))
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets what was consumed, so that everything is read again: for `replay`, in the transaction that empties what was made of it.
pub async fn forget(connection: &mut PgConnection, source: &str) -> Result<(), Failure> {
    for table in ["delete from inbox where source = $1", "delete from inbox_cursors where source = $1"] {
        sqlx::query(table).bind(source).execute(&mut *connection).await?;
    }
    Ok(())
}
