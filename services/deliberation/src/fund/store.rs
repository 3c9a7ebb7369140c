//! The SQL of funds and their slips, and nothing else.

use std::collections::BTreeMap;

use gongzhi_chassis::execute::Rows;
use gongzhi_chassis::page::Page;
use gongzhi_proto::ids::TopicId;
use jiff::Timestamp;
use serde_json::json;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool, Row};

use super::state::{Fund, Stage};
use crate::newest::newest;

/// Outcomes that are looked for at once.
const AT_ONCE: i64 = 10;

/// What a fund is listed by.
pub(super) fn index(id: &str, fund: &Fund) -> Rows {
    Rows::new(
        "insert into funds (fund_id, topic_id, area_code, opened_at, closes_at, published, computing)
         select r.fund_id, r.topic_id, r.area_code, r.opened_at, r.closes_at, r.published, r.computing
         from json_to_recordset($1) as r (fund_id text, topic_id text, area_code text, opened_at timestamptz, closes_at timestamptz, published boolean, computing boolean)
         on conflict (fund_id) do update set published = excluded.published, computing = excluded.computing",
        json!({
            "fund_id": id,
            "topic_id": fund.opening.topic.to_string(),
            "area_code": fund.opening.area.as_str(),
            "opened_at": fund.opened_at,
            "closes_at": fund.opening.closes_at,
            "published": fund.stage == Stage::Published,
            "computing": fund.stage == Stage::Computing,
        }),
    )
}

/// Reads a fund that was locked.
pub(super) async fn state(connection: &mut PgConnection, id: &str) -> Result<Option<Fund>, sqlx::Error> {
    let row = sqlx::query("select state from aggregates where kind = 'fund' and id = $1")
        .bind(id)
        .fetch_optional(connection)
        .await?;
    row.map(|row| row.try_get::<Json<Fund>, _>(0).map(|Json(fund)| fund)).transpose()
}

/// Keeps slips that may be cast.
pub(super) async fn keep_slips(
    connection: &mut PgConnection,
    id: &str,
    slips: &[String],
) -> Result<(), sqlx::Error> {
    sqlx::query("insert into fund_slips (fund_id, slip) select $1, unnest($2::text[])")
        .bind(id)
        .bind(slips)
        .execute(connection)
        .await
        .map(drop)
}

/// Until when slips of a fund are cast; none where they are not. Keeps the fund from being closed until the transaction ends.
pub(super) async fn cast_until(
    connection: &mut PgConnection,
    id: &str,
) -> Result<Option<Timestamp>, sqlx::Error> {
    let row = sqlx::query("select closes_at from funds where fund_id = $1 and published for share")
        .bind(id)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|row| row.get::<jiff_sqlx::Timestamp, _>(0).to_jiff()))
}

/// Casts a slip; gives what it says then, which is something else where it was cast before, and none where there is no such slip.
pub(super) async fn cast(
    connection: &mut PgConnection,
    id: &str,
    slip: &str,
    projects: &[u32],
) -> Result<Option<Vec<u32>>, sqlx::Error> {
    let row = sqlx::query(
        "update fund_slips set projects = coalesce(projects, $3) where fund_id = $1 and slip = $2 returning projects",
    )
    .bind(id)
    .bind(slip)
    .bind(projects.iter().map(|number| *number as i32).collect::<Vec<_>>())
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| row.get::<Vec<i32>, _>(0).into_iter().map(i32::unsigned_abs).collect()))
}

/// Waits for those who are casting, lets nobody else begin, numbers what was cast, and tells how much.
pub(super) async fn number_ballots(connection: &mut PgConnection, id: &str) -> Result<u32, sqlx::Error> {
    sqlx::query("select from funds where fund_id = $1 for update").bind(id).execute(&mut *connection).await?;
    let numbered = sqlx::query(
        "update fund_slips s set number = n.number
         from (select slip, row_number() over (order by slip) as number from fund_slips where fund_id = $1 and projects is not null) n
         where s.fund_id = $1 and s.slip = n.slip",
    )
    .bind(id)
    .execute(connection)
    .await?;
    Ok(u32::try_from(numbered.rows_affected()).unwrap_or(u32::MAX))
}

/// Reads ballots in the order of their numbers.
pub(super) async fn ballots(pool: &PgPool, id: &str) -> Result<Vec<Vec<u32>>, sqlx::Error> {
    let rows = sqlx::query(
        "select projects from fund_slips where fund_id = $1 and number is not null order by number",
    )
    .bind(id)
    .fetch_all(pool)
    .await?;
    let read =
        |row: &sqlx::postgres::PgRow| row.get::<Vec<i32>, _>(0).into_iter().map(i32::unsigned_abs).collect();
    Ok(rows.iter().map(read).collect())
}

/// Slips of funds that were cast so far.
pub(super) async fn cast_so_far(pool: &PgPool, ids: &[&str]) -> Result<BTreeMap<String, u32>, sqlx::Error> {
    let rows = sqlx::query(
        "select fund_id, count(*) from fund_slips where fund_id = any ($1) and projects is not null group by fund_id",
    )
    .bind(ids)
    .fetch_all(pool)
    .await?;
    let read =
        |row: &sqlx::postgres::PgRow| (row.get(0), u32::try_from(row.get::<i64, _>(1)).unwrap_or(u32::MAX));
    Ok(rows.iter().map(read).collect())
}

/// Writes the public record and what each ballot has paid for.
pub(super) async fn record(
    connection: &mut PgConnection,
    id: &str,
    record: &str,
    shares: &[Vec<(u32, String)>],
) -> Result<(), sqlx::Error> {
    sqlx::query("insert into fund_records (fund_id, record) values ($1, $2)")
        .bind(id)
        .bind(record)
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "update fund_slips s set share = p.share::json
         from unnest($2::text[]) with ordinality as p (share, number) where s.fund_id = $1 and s.number = p.number",
    )
    .bind(id)
    .bind(shares.iter().map(|share| json!(share).to_string()).collect::<Vec<_>>())
    .execute(connection)
    .await
    .map(drop)
}

/// Reads a public record.
pub(super) async fn public_record(pool: &PgPool, id: &str) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("select record from fund_records where fund_id = $1")
        .bind(id)
        .fetch_optional(pool)
        .await
}

/// The number of a slip among the ballots and what it has paid for, each where it is known; none where there is no such slip.
pub(super) async fn share(
    pool: &PgPool,
    id: &str,
    slip: &str,
) -> Result<Option<Option<(i32, Vec<(u32, String)>)>>, sqlx::Error> {
    let row = sqlx::query("select number, share from fund_slips where fund_id = $1 and slip = $2")
        .bind(id)
        .bind(slip)
        .fetch_optional(pool)
        .await?;
    let read = |row: sqlx::postgres::PgRow| {
        let share: Option<Json<Vec<(u32, String)>>> = row.try_get(1)?;
        let number: Option<i32> = row.try_get(0)?;
        Ok(number.zip(share.map(|Json(share)| share)))
    };
    row.map(read).transpose()
}

/// Funds whose outcome waits to be computed.
pub(super) async fn computing(pool: &PgPool) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("select fund_id from funds where computing order by fund_id limit $1")
        .bind(AT_ONCE)
        .fetch_all(pool)
        .await
}

/// Reads funds of a topic, newest first.
pub(super) async fn list(
    pool: &PgPool,
    topic: &TopicId,
    page: &Page,
) -> Result<Vec<(String, Fund, i64)>, sqlx::Error> {
    let query = "select f.fund_id, a.version, a.state from funds f join aggregates a on a.kind = 'fund' and a.id = f.fund_id
         where f.topic_id = $1
           and ($2 = 9223372036854775807 or (f.opened_at, f.fund_id) < ('epoch'::timestamptz + $2 * interval '1 microsecond', $3))
         order by f.opened_at desc, f.fund_id desc limit $4";
    newest(pool, query, &topic.to_string(), page).await
}
