//! The SQL of pools, and nothing else.

use gongzhi_chassis::execute::Rows;
use gongzhi_chassis::page::Page;
use gongzhi_proto::ids::TopicId;
use serde_json::json;
use sqlx::types::Json;
use sqlx::{PgConnection, PgExecutor, PgPool, Row};

use super::lottery::{Kept, Sheet};
use super::state::{Pool, Stage};
use crate::newest::newest;

/// Lotteries that are looked for at once.
const AT_ONCE: i64 = 10;

/// What a pool is listed by; what volunteers said goes with the state that says so.
pub(super) fn index(id: &str, pool: &Pool) -> Vec<Rows> {
    let mut rows = vec![Rows::new(
        "insert into pools (pool_id, topic_id, area_code, opened_at, computing)
         select r.pool_id, r.topic_id, r.area_code, r.opened_at, r.computing
         from json_to_recordset($1) as r (pool_id text, topic_id text, area_code text, opened_at timestamptz, computing boolean)
         on conflict (pool_id) do update set computing = excluded.computing",
        json!({
            "pool_id": id,
            "topic_id": pool.opening.topic.to_string(),
            "area_code": pool.opening.area.as_str(),
            "opened_at": pool.opened_at,
            "computing": pool.stage == Stage::Computing,
        }),
    )];
    if pool.forgotten_at.is_some() {
        rows.push(Rows::new(
            "delete from pool_volunteers v using json_to_recordset($1) as r (pool_id text) where v.pool_id = r.pool_id",
            json!({ "pool_id": id }),
        ));
    }
    rows
}

/// Reads a pool that was locked.
pub(super) async fn state(connection: &mut PgConnection, id: &str) -> Result<Option<Pool>, sqlx::Error> {
    let row = sqlx::query("select state from aggregates where kind = 'pool' and id = $1")
        .bind(id)
        .fetch_optional(connection)
        .await?;
    row.map(|row| row.try_get::<Json<Pool>, _>(0).map(|Json(pool)| pool)).transpose()
}

/// True when somebody of the household is in the pool.
pub(super) async fn has_household(
    connection: &mut PgConnection,
    id: &str,
    household: &str,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("select exists (select from pool_volunteers where pool_id = $1 and household = $2)")
        .bind(id)
        .bind(household)
        .fetch_one(connection)
        .await
}

/// Keeps what a volunteer said.
pub(super) async fn keep(
    connection: &mut PgConnection,
    id: &str,
    volunteer: &Kept,
) -> Result<(), sqlx::Error> {
    sqlx::query("insert into pool_volunteers (pool_id, number, household, features) values ($1, $2, $3, $4)")
        .bind(id)
        .bind(volunteer.number as i32)
        .bind(&volunteer.household)
        .bind(volunteer.features.iter().map(|place| *place as i32).collect::<Vec<_>>())
        .execute(connection)
        .await
        .map(drop)
}

/// Deletes what a volunteer said; false when there was nothing.
pub(super) async fn delete(
    connection: &mut PgConnection,
    id: &str,
    number: u32,
) -> Result<bool, sqlx::Error> {
    let deleted = sqlx::query("delete from pool_volunteers where pool_id = $1 and number = $2")
        .bind(id)
        .bind(i64::from(number))
        .execute(connection)
        .await?;
    Ok(deleted.rows_affected() > 0)
}

/// Reads all volunteers, by number.
pub(super) async fn volunteers(executor: impl PgExecutor<'_>, id: &str) -> Result<Vec<Kept>, sqlx::Error> {
    let rows = sqlx::query(
        "select number, household, features from pool_volunteers where pool_id = $1 order by number",
    )
    .bind(id)
    .fetch_all(executor)
    .await?;
    let read = |row: &sqlx::postgres::PgRow| Kept {
        number: row.get::<i32, _>(0).unsigned_abs(),
        household: row.get(1),
        features: row.get::<Vec<i32>, _>(2).into_iter().map(|place| place.unsigned_abs() as usize).collect(),
    };
    Ok(rows.iter().map(read).collect())
}

/// Writes the tickets of a round; those of a lottery that became void are replaced.
pub(super) async fn publish(
    connection: &mut PgConnection,
    id: &str,
    round: usize,
    sheet: &Sheet,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into pool_tickets (pool_id, round, tickets, numbers, chances) values ($1, $2, $3, $4, $5)
         on conflict (pool_id, round) do update set tickets = excluded.tickets, numbers = excluded.numbers, chances = excluded.chances",
    )
    .bind(id)
    .bind(round as i32)
    .bind(&sheet.tickets)
    .bind(sheet.numbers.iter().map(|number| *number as i32).collect::<Vec<_>>())
    .bind(&sheet.chances)
    .execute(connection)
    .await
    .map(drop)
}

/// Reads the tickets of all rounds, or only those of one.
pub(super) async fn sheets(
    executor: impl PgExecutor<'_>,
    id: &str,
    round: Option<usize>,
) -> Result<Vec<Sheet>, sqlx::Error> {
    let rows = sqlx::query(
        "select tickets, numbers, chances from pool_tickets where pool_id = $1 and ($2::integer is null or round = $2) order by round",
    )
    .bind(id)
    .bind(round.map(|round| round as i32))
    .fetch_all(executor)
    .await?;
    let read = |row: &sqlx::postgres::PgRow| Sheet {
        tickets: row.get(0),
        numbers: row.get::<Vec<i32>, _>(1).into_iter().map(i32::unsigned_abs).collect(),
        chances: row.get(2),
    };
    Ok(rows.iter().map(read).collect())
}

/// Pools whose lottery waits to be computed.
pub(super) async fn computing(pool: &PgPool) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("select pool_id from pools where computing order by pool_id limit $1")
        .bind(AT_ONCE)
        .fetch_all(pool)
        .await
}

/// Reads pools of a topic, newest first.
pub(super) async fn list(
    pool: &PgPool,
    topic: &TopicId,
    page: &Page,
) -> Result<Vec<(String, Pool, i64)>, sqlx::Error> {
    let query = "select p.pool_id, a.version, a.state from pools p join aggregates a on a.kind = 'pool' and a.id = p.pool_id
         where p.topic_id = $1
           and ($2 = 9223372036854775807 or (p.opened_at, p.pool_id) < ('epoch'::timestamptz + $2 * interval '1 microsecond', $3))
         order by p.opened_at desc, p.pool_id desc limit $4";
    newest(pool, query, &topic.to_string(), page).await
}
