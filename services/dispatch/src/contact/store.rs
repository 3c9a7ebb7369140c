//! SQL of contact data and of the log of its readings.

use gongzhi_chassis::execute::Rows;
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::{PgConnection, PgExecutor, PgPool, Row};

use super::seal::Sealed;

/// One reading as it is listed.
pub(crate) struct Reading {
    pub(crate) id: i64,
    pub(crate) at: Timestamp,
    pub(crate) staff_id: String,
    pub(crate) reporter: i32,
    pub(crate) purpose: String,
}

/// The kept master key; the one given is kept when there is none.
pub(crate) async fn keep_key(pool: &PgPool, new: &[u8; 32]) -> Result<[u8; 32], Failure> {
    sqlx::query("insert into master_keys (id, hex) values (1, $1) on conflict do nothing")
        .bind(hex(new))
        .execute(pool)
        .await?;
    kept_key(pool).await?.ok_or_else(|| Failure::Bug("the master key that was kept is gone".into()))
}

/// The master key that was made where none was given.
pub(crate) async fn kept_key(pool: &PgPool) -> Result<Option<[u8; 32]>, Failure> {
    let kept: Option<Vec<u8>> = sqlx::query_scalar("select decode(hex, 'hex') from master_keys where id = 1")
        .fetch_optional(pool)
        .await?;
    let damaged = |_| Failure::Bug("the kept master key is damaged".into());
    kept.map(|kept| kept.try_into().map_err(damaged)).transpose()
}

/// Forgets the master key that was made where none was given.
pub(crate) async fn forget_key(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    Ok(sqlx::query("delete from master_keys").execute(connection).await?.rows_affected() > 0)
}

/// Until the end of the transaction no key of a record comes, changes or goes.
pub(crate) async fn hold_keys(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("lock table contact_keys in share row exclusive mode").execute(connection).await?;
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The key of a record, as it is wrapped.
pub(crate) struct Key {
    pub(crate) case_id: String,
    pub(crate) reporter: i32,
    pub(crate) wrapped: Vec<u8>,
}

/// Keys of records behind one, in order.
pub(crate) async fn keys_behind(
    connection: impl PgExecutor<'_>,
    (case_id, reporter): (&str, i32),
    most: i64,
) -> Result<Vec<Key>, sqlx::Error> {
    let rows = sqlx::query(
        "select case_id, reporter, wrapped_key from contact_keys where (case_id, reporter) > ($1, $2) order by case_id, reporter limit $3",
    )
    .bind(case_id)
    .bind(reporter)
    .bind(most)
    .fetch_all(connection)
    .await?;
    let key =
        |row: sqlx::postgres::PgRow| Key { case_id: row.get(0), reporter: row.get(1), wrapped: row.get(2) };
    Ok(rows.into_iter().map(key).collect())
}

/// Puts wraps in place of others, each with the key that it was made from; one that was erased meanwhile stays erased.
pub(crate) async fn wrap_anew(pool: &PgPool, keys: &[(Key, Vec<u8>)]) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "update contact_keys k set wrapped_key = n.new
         from unnest($1::text[], $2::integer[], $3::bytea[], $4::bytea[]) as n (case_id, reporter, old, new)
         where k.case_id = n.case_id and k.reporter = n.reporter and k.wrapped_key = n.old",
    )
    .bind(keys.iter().map(|(key, _)| key.case_id.as_str()).collect::<Vec<_>>())
    .bind(keys.iter().map(|(key, _)| key.reporter).collect::<Vec<_>>())
    .bind(keys.iter().map(|(key, _)| key.wrapped.as_slice()).collect::<Vec<_>>())
    .bind(keys.iter().map(|(_, new)| new.as_slice()).collect::<Vec<_>>())
    .execute(pool)
    .await?;
    Ok(done.rows_affected())
}

/// What is kept of how a reporter can be reached.
pub(crate) fn keep(case_id: &str, reporter: i32, sealed: &Sealed) -> Vec<Rows> {
    let row = |bytes: &[u8]| json!({ "case_id": case_id, "reporter": reporter, "hex": hex(bytes) });
    vec![
        Rows::new(
            "insert into contacts (case_id, reporter, ciphertext)
             select r.case_id, r.reporter, decode(r.hex, 'hex') from json_to_recordset($1) as r (case_id text, reporter integer, hex text)",
            row(&sealed.ciphertext),
        ),
        Rows::new(
            "insert into contact_keys (case_id, reporter, wrapped_key)
             select r.case_id, r.reporter, decode(r.hex, 'hex') from json_to_recordset($1) as r (case_id text, reporter integer, hex text)",
            row(&sealed.wrapped_key),
        ),
    ]
}

/// Destroys the key of a record and what it opened.
pub(crate) async fn erase(
    connection: &mut PgConnection,
    case_id: &str,
    reporter: u32,
) -> Result<(), sqlx::Error> {
    for destroy in [
        "delete from contact_keys where case_id = $1 and reporter = $2",
        "delete from contacts where case_id = $1 and reporter = $2",
    ] {
        sqlx::query(destroy).bind(case_id).bind(reporter as i32).execute(&mut *connection).await?;
    }
    Ok(())
}

pub(crate) async fn read(
    connection: &mut PgConnection,
    case_id: &str,
    reporter: i32,
) -> Result<Option<Sealed>, sqlx::Error> {
    let row = sqlx::query("select c.ciphertext, k.wrapped_key from contacts c join contact_keys k using (case_id, reporter) where case_id = $1 and reporter = $2")
        .bind(case_id)
        .bind(reporter)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|row| Sealed { ciphertext: row.get(0), wrapped_key: row.get(1) }))
}

/// Logs a reading; a repeat of the same call is the same reading.
pub(crate) async fn log(
    connection: &mut PgConnection,
    case_id: &str,
    reporter: i32,
    admission: &Admission,
    purpose: &str,
    at: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into contact_readings (case_id, reporter, staff_id, purpose, idempotency_key, at) values ($1, $2, $3, $4, $5, $6)
         on conflict (staff_id, idempotency_key) do nothing",
    )
    .bind(case_id)
    .bind(reporter)
    .bind(admission.caller.id())
    .bind(purpose)
    .bind(admission.idempotency_key())
    .bind(at.to_sqlx())
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn readings(pool: &PgPool, case_id: &str, page: &Page) -> Result<Vec<Reading>, sqlx::Error> {
    let before = page.after.as_deref().and_then(|key| key.parse().ok()).unwrap_or(i64::MAX);
    let rows = sqlx::query("select id, at, staff_id, reporter, purpose from contact_readings where case_id = $1 and id < $2 order by id desc limit $3")
        .bind(case_id)
        .bind(before)
        .bind(page.limit())
        .fetch_all(pool)
        .await?;
    let read = |row: sqlx::postgres::PgRow| Reading {
        id: row.get(0),
        at: row.get::<jiff_sqlx::Timestamp, _>(1).to_jiff(),
        staff_id: row.get(2),
        reporter: row.get(3),
        purpose: row.get(4),
    };
    Ok(rows.into_iter().map(read).collect())
}
