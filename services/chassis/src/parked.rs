//! Facts that could not be handled: kept with the reason for as long as it takes, listed, and replayed in order when the cause is mended.

use gongzhi_proto::envelope::Envelope;
use jiff::Timestamp;
use sqlx::{PgConnection, PgPool, Row as _};
use uuid::Uuid;

use crate::execute::Writer;
use crate::gate::Admission;
use crate::inbox::{self, Reactions};
use crate::reading::Received;
use crate::status::Failure;

/// A parked fact.
#[derive(Clone, Debug)]
pub struct Parked {
    /// Number of the row; rises with time.
    pub id: i64,
    /// Who could not handle it.
    pub source: String,
    /// Identity of the fact.
    pub event_id: Uuid,
    /// Subject.
    pub subject: String,
    /// Why.
    pub reason: String,
    /// Since when.
    pub parked_at: Timestamp,
}

/// Names the aggregate of a fact, so that its later facts wait behind it.
pub(crate) fn aggregate(envelope: &Envelope) -> String {
    format!("{}/{}", envelope.aggregatetype, envelope.subject)
}

/// Parks a fact; a repeat changes nothing.
pub(crate) async fn park(
    connection: &mut PgConnection,
    source: &str,
    received: &Received,
    reason: &str,
) -> Result<(), Failure> {
    let envelope = Envelope::from_bytes(&received.body).ok();
    // Bytes that are not even an envelope have no identity of their own: their digest is one.
    let event_id = envelope
        .as_ref()
        .map_or_else(|| Uuid::new_v5(&Uuid::NAMESPACE_OID, &received.body), |envelope| envelope.id);
    sqlx::query(
        "insert into parked (source, event_id, aggregate, subject, body, reason) values ($1, $2, $3, $4, $5, $6)
         on conflict (source, event_id) do update set reason = excluded.reason, replayed_at = null",
    )
    .bind(source)
    .bind(event_id)
    .bind(envelope.as_ref().map(aggregate).unwrap_or_default())
    .bind(&received.subject)
    .bind(received.body.as_ref())
    .bind(reason)
    .execute(connection)
    .await?;
    Ok(())
}

/// True while any fact of a consumer is parked; then each fact must look whether it waits behind one.
pub(crate) async fn is_somebody_waiting(
    connection: &mut PgConnection,
    source: &str,
) -> Result<bool, Failure> {
    let waits =
        sqlx::query_scalar("select exists (select 1 from parked where source = $1 and replayed_at is null)");
    Ok(waits.bind(source).fetch_one(connection).await?)
}

/// The parked fact behind which this one must wait.
pub(crate) async fn waiting_before(
    connection: &mut PgConnection,
    source: &str,
    envelope: &Envelope,
) -> Result<Option<Uuid>, Failure> {
    let row = sqlx::query_scalar(
        "select event_id from parked p where source = $1 and aggregate = $2 and replayed_at is null and event_id <> $3
         and not exists (select 1 from parked me where me.source = $1 and me.event_id = $3 and me.id < p.id) order by id limit 1",
    )
    .bind(source)
    .bind(aggregate(envelope))
    .bind(envelope.id)
    .fetch_optional(connection)
    .await?;
    Ok(row)
}

/// Lists parked facts that wait, oldest first.
pub async fn list(pool: &PgPool, after: i64, limit: i64) -> Result<Vec<Parked>, Failure> {
    let rows = sqlx::query("select id, source, event_id, subject, reason, parked_at from parked where replayed_at is null and id > $1 order by id limit $2")
        .bind(after)
        .bind(limit)
        .fetch_all(pool)
        .await?;
    let read = |row: sqlx::postgres::PgRow| Parked {
        id: row.get(0),
        source: row.get(1),
        event_id: row.get(2),
        subject: row.get(3),
        reason: row.get(4),
        parked_at: row.get::<jiff_sqlx::Timestamp, _>(5).to_jiff(),
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Handles parked facts of a consumer again, oldest first, each in its own transaction. Tells how many were handled; stops at none: what fails
/// again stays parked with its new reason.
pub async fn replay<R: Reactions>(writer: &Writer, reactions: &R) -> Result<(usize, usize), Failure> {
    let rows = sqlx::query(
        "select id, subject, body from parked where source = $1 and replayed_at is null order by id",
    )
    .bind(R::SOURCE)
    .fetch_all(writer.pool())
    .await?;
    let (mut handled, mut failed) = (0, 0);
    for row in rows {
        let (id, received): (i64, _) = (
            row.get(0),
            Received { sequence: 0, behind: 0, subject: row.get(1), body: row.get::<Vec<u8>, _>(2).into() },
        );
        let mut unit = writer.begin(&Admission::reaction(writer.service())).await?;
        let outcome = inbox::handle_all(&mut unit, reactions, std::slice::from_ref(&received)).await;
        match outcome {
            Ok(_) => {
                sqlx::query("update parked set replayed_at = now() where id = $1")
                    .bind(id)
                    .execute(unit.connection().await?)
                    .await?;
                if !unit.commit().await? {
                    return Err(Failure::Conflict);
                }
                handled += 1;
            }
            Err(failure) => {
                drop(unit);
                sqlx::query("update parked set reason = $2 where id = $1")
                    .bind(id)
                    .bind(failure.to_string())
                    .execute(writer.pool())
                    .await?;
                failed += 1;
            }
        }
    }
    Ok((handled, failed))
}
