//! Deliveries that failed, and those about the same thing that wait behind them. A bucket is a hash of the thing: within it the oldest is tried first
//! and nothing overtakes.

use gongzhi_chassis::outbox::bucket;
use gongzhi_chassis::page::Page;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::time::to_wire;
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, PgPool, Row};
use uuid::Uuid;

use crate::hub::{Shown, Spec};

/// Pauses between attempts (Standard Webhooks' schedule); after the last one a delivery is parked.
const PAUSES: [SignedDuration; 9] = [
    SignedDuration::from_secs(5),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(5),
    SignedDuration::from_hours(10),
    SignedDuration::from_hours(14),
    SignedDuration::from_hours(20),
    SignedDuration::from_hours(24),
];

/// Most deliveries of one subscription that are tried in one round, so that a receiver that does not answer keeps the others waiting for one answer only.
const MOST_OF_ONE: i64 = 8;

/// When a delivery that failed so often is tried again; none when it is parked. Up to a tenth later, differently for each, so that a receiver that
/// comes back is not met by all at once.
pub(crate) fn next_attempt(attempts: i32, event: Uuid, at: Timestamp) -> Option<Timestamp> {
    let pause = *PAUSES.get(usize::try_from(attempts).ok()?.checked_sub(1)?)?;
    let tenth = i32::try_from(pause.as_secs() / 10).unwrap_or(i32::MAX).max(1);
    let jitter = i32::try_from(event.as_u128() % 1000).unwrap_or_default();
    Some(at + pause + SignedDuration::from_secs(i64::from(tenth) * i64::from(jitter) / 1000))
}

/// A delivery to hold.
pub(crate) struct Holding {
    /// The fact.
    pub(crate) shown: Shown,
    /// What went wrong; none when it only waits behind another.
    pub(crate) error: Option<String>,
    /// When it is tried again, where it was tried; none also when it is parked at once.
    pub(crate) next_at: Option<Timestamp>,
}

/// Holds deliveries. One that is held already stays as it is.
pub(crate) async fn hold(
    connection: &mut PgConnection,
    spec: &Spec,
    holdings: &[Holding],
) -> Result<(), sqlx::Error> {
    if holdings.is_empty() {
        return Ok(());
    }
    let each = |make: &dyn Fn(&Holding) -> i64| holdings.iter().map(make).collect::<Vec<_>>();
    sqlx::query(
        "insert into held (subscription_id, epoch, position, bucket, event_id, fact, aggregate_id, body, attempts, last_error, next_at)
         select $1, $2, * from unnest($3::bigint[], $4::smallint[], $5::uuid[], $6::text[], $7::text[], $8::bytea[], $9::int[], $10::text[], $11::timestamptz[])
         on conflict (subscription_id, position) do nothing",
    )
    .bind(&spec.id)
    .bind(spec.epoch)
    .bind(each(&|holding| holding.shown.seen.position))
    .bind(holdings.iter().map(|one| bucket(&one.shown.seen.envelope.subject)).collect::<Vec<_>>())
    .bind(holdings.iter().map(|one| one.shown.seen.envelope.id).collect::<Vec<_>>())
    .bind(holdings.iter().map(|one| one.shown.seen.fact.as_str()).collect::<Vec<_>>())
    .bind(holdings.iter().map(|one| one.shown.seen.envelope.subject.as_str()).collect::<Vec<_>>())
    .bind(holdings.iter().map(|one| one.shown.body.as_slice()).collect::<Vec<_>>())
    .bind(holdings.iter().map(|one| i32::from(one.error.is_some())).collect::<Vec<_>>())
    .bind(holdings.iter().map(|one| one.error.clone().unwrap_or_default()).collect::<Vec<_>>())
    .bind(holdings.iter().map(|one| one.next_at.map(ToSqlx::to_sqlx)).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps what is held when the stream was rebuilt: positions of before go below zero, in their order, so that none is taken for one of the new
/// stream and all of it is tried before what comes from there. The distance is more than there is between the first and the last, because no two may
/// have the same position for a moment either.
pub(crate) async fn outlive_stream(connection: &mut PgConnection, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update held set position = position - (select greatest(max(position), max(position) - min(position)) + 1 from held where subscription_id = $1)
         where subscription_id = $1",
    )
    .bind(id)
    .execute(connection)
    .await
    .map(drop)
}

/// Buckets of a subscription in which something is held, and how much in all.
pub(crate) async fn blocked(pool: &PgPool, id: &str) -> Result<(Vec<i16>, i64), sqlx::Error> {
    let row = sqlx::query(
        "select coalesce(array_agg(distinct bucket), '{}'), count(*) from held where subscription_id = $1",
    )
    .bind(id)
    .fetch_one(pool)
    .await?;
    Ok((row.get(0), row.get(1)))
}

/// The oldest of a bucket, due to be tried.
#[derive(Clone, Debug)]
pub(crate) struct Due {
    pub(crate) subscription_id: String,
    pub(crate) epoch: i32,
    pub(crate) position: i64,
    pub(crate) event_id: Uuid,
    pub(crate) body: Vec<u8>,
    pub(crate) attempts: i32,
}

/// The oldest of every bucket whose time has come, for these subscriptions. One that nobody gave a time only waited behind another that is gone.
pub(crate) async fn due(
    pool: &PgPool,
    subscriptions: &[String],
    at: Timestamp,
    most: i64,
) -> Result<Vec<Due>, sqlx::Error> {
    let rows = sqlx::query(
        "select subscription_id, epoch, position, event_id, body, attempts from (
             select *, row_number() over (partition by subscription_id order by next_at nulls first, position) as turn from (
                 select distinct on (subscription_id, bucket) * from held where subscription_id = any ($1)
                 order by subscription_id, bucket, position
             ) oldest
             where parked_at is null and (next_at is null or next_at <= $2)
         ) due
         where turn <= $4 order by next_at nulls first, position limit $3",
    )
    .bind(subscriptions)
    .bind(at.to_sqlx())
    .bind(most)
    .bind(MOST_OF_ONE)
    .fetch_all(pool)
    .await?;
    Ok(rows.iter().map(read).collect())
}

fn read(row: &sqlx::postgres::PgRow) -> Due {
    Due {
        subscription_id: row.get(0),
        epoch: row.get(1),
        position: row.get(2),
        event_id: row.get(3),
        body: row.get(4),
        attempts: row.get(5),
    }
}

/// Lets a delivery go that was made, and lets the others of the subscription be tried at once: its receiver is back.
pub(crate) async fn made(connection: &mut PgConnection, due: &Due, at: Timestamp) -> Result<(), sqlx::Error> {
    release(connection, due).await?;
    sqlx::query(
        "update held set next_at = $2 where subscription_id = $1 and next_at > $2 and parked_at is null",
    )
    .bind(&due.subscription_id)
    .bind(at.to_sqlx())
    .execute(connection)
    .await?;
    Ok(())
}

/// Lets a delivery go that is not to be made any more: the right to it has ended.
pub(crate) async fn release(connection: &mut PgConnection, due: &Due) -> Result<(), sqlx::Error> {
    sqlx::query("delete from held where subscription_id = $1 and position = $2 and epoch = $3")
        .bind(&due.subscription_id)
        .bind(due.position)
        .bind(due.epoch)
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes a failed attempt; without a next one the delivery is parked.
pub(crate) async fn failed(
    connection: &mut PgConnection,
    due: &Due,
    error: &str,
    next_at: Option<Timestamp>,
    at: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update held set attempts = attempts + 1, last_error = left($4, 500), next_at = $5, parked_at = case when $5::timestamptz is null then $6 end
         where subscription_id = $1 and position = $2 and epoch = $3",
    )
    .bind(&due.subscription_id)
    .bind(due.position)
    .bind(due.epoch)
    .bind(error)
    .bind(next_at.map(ToSqlx::to_sqlx))
    .bind(at.to_sqlx())
    .execute(connection)
    .await?;
    Ok(())
}

/// Has everything that is held tried again at once; tells how much that is.
pub(crate) async fn retry(
    connection: &mut PgConnection,
    id: &str,
    at: Timestamp,
) -> Result<i64, sqlx::Error> {
    let done = sqlx::query(
        "update held set next_at = case when attempts > 0 then $2 end, attempts = least(attempts, 1), parked_at = null where subscription_id = $1",
    )
    .bind(id)
    .bind(at.to_sqlx())
    .execute(connection)
    .await?;
    Ok(i64::try_from(done.rows_affected()).unwrap_or(i64::MAX))
}

/// What is held, oldest first.
pub(crate) async fn list(pool: &PgPool, id: &str, page: &Page) -> Result<Vec<pb::HeldDelivery>, sqlx::Error> {
    let after = page.after.as_deref().and_then(|key| key.parse().ok()).unwrap_or(i64::MIN);
    let rows = sqlx::query(
        "select event_id, fact, aggregate_id, position, attempts, last_error, next_at, parked_at is not null
         from held where subscription_id = $1 and position > $2 order by position limit $3",
    )
    .bind(id)
    .bind(after)
    .bind(page.limit())
    .fetch_all(pool)
    .await?;
    let held = |row: sqlx::postgres::PgRow| pb::HeldDelivery {
        event_id: row.get::<Uuid, _>(0).to_string(),
        fact: row.get(1),
        aggregate_id: row.get(2),
        position: row.get(3),
        attempts: row.get(4),
        last_error: row.get(5),
        next_attempt_at: row.get::<Option<jiff_sqlx::Timestamp>, _>(6).map(|at| to_wire(at.to_jiff())),
        parked: row.get(7),
    };
    Ok(rows.into_iter().map(held).collect())
}
