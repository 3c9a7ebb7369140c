//! The SQL of the register's rows, and nothing else.

use std::collections::BTreeMap;

use gongzhi_chassis::page::Page;
use gongzhi_proto::ids::{AreaCode, Level};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row};

use super::diff::Recoded;
use super::file::EstateType;

/// One row of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) estate_type: Option<EstateType>,
}

/// The register as it stands.
pub(super) type Rows = BTreeMap<AreaCode, Listed>;

/// What is looked for.
pub(super) struct Search {
    pub(super) area: AreaCode,
    pub(super) deepest: Level,
    pub(super) page: Page,
}

/// Lets one import after the other read and write the register: it need not have a row yet that could be locked.
pub(super) async fn lock(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("lock table divisions in share row exclusive mode").execute(connection).await?;
    Ok(())
}

/// Reads the whole register.
pub(super) async fn read(connection: &mut PgConnection) -> Result<Rows, sqlx::Error> {
    let rows =
        sqlx::query("select area_code, name, estate_type from divisions").fetch_all(connection).await?;
    rows.iter().map(listed).collect()
}

/// Reads a page of an area's divisions, the area itself first.
pub(super) async fn list(pool: &PgPool, search: &Search) -> Result<Vec<(AreaCode, Listed)>, sqlx::Error> {
    let rows = sqlx::query(
        "select area_code, name, estate_type from divisions
         where area_code >= $1 and area_code < $1 || ':' and level <= $2 and ($3::text is null or area_code > $3)
         order by area_code limit $4",
    )
    .bind(search.area.as_str())
    .bind(number(search.deepest))
    .bind(&search.page.after)
    .bind(search.page.limit())
    .fetch_all(pool)
    .await?;
    rows.iter().map(listed).collect()
}

/// Removes rows.
pub(super) async fn remove(connection: &mut PgConnection, codes: &[&AreaCode]) -> Result<(), sqlx::Error> {
    sqlx::query("delete from divisions where area_code = any($1)")
        .bind(codes.iter().map(|code| code.as_str()).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes rows, new ones and changed ones alike, in one statement however many there are.
pub(super) async fn write(connection: &mut PgConnection, rows: &Rows) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into divisions (area_code, level, name, estate_type)
         select * from unnest($1::text[], $2::smallint[], $3::text[], $4::text[])
         on conflict (area_code) do update set name = excluded.name, estate_type = excluded.estate_type",
    )
    .bind(rows.keys().map(AreaCode::as_str).collect::<Vec<_>>())
    .bind(rows.keys().map(|code| number(code.level())).collect::<Vec<_>>())
    .bind(rows.values().map(|row| row.name.as_str()).collect::<Vec<_>>())
    .bind(rows.values().map(|row| row.estate_type.map(word)).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps the codes that divisions had; those that led to one of them lead on to its successor.
pub(super) async fn keep_former_codes(
    connection: &mut PgConnection,
    recoded: &[Recoded],
    since: Timestamp,
) -> Result<(), sqlx::Error> {
    let (from, to): (Vec<&str>, Vec<&str>) =
        recoded.iter().map(|recoded| (recoded.from.as_str(), recoded.to.as_str())).unzip();
    sqlx::query(
        "update former_codes set current = n.current from unnest($1::text[], $2::text[]) as n (former, current)
         where former_codes.current = n.former",
    )
    .bind(&from)
    .bind(&to)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "insert into former_codes (former, current, since) select n.former, n.current, $3 from unnest($1::text[], $2::text[]) as n (former, current)
         on conflict (former) do update set current = excluded.current, since = excluded.since",
    )
    .bind(&from)
    .bind(&to)
    .bind(since.to_sqlx())
    .execute(connection)
    .await?;
    Ok(())
}

fn listed(row: &PgRow) -> Result<(AreaCode, Listed), sqlx::Error> {
    let decode = |error: Box<dyn std::error::Error + Send + Sync>| sqlx::Error::Decode(error);
    let code = AreaCode::parse(row.try_get(0)?).map_err(|error| decode(error.into()))?;
    let estate_type = match row.try_get::<Option<&str>, _>(2)? {
        None => None,
        Some("old") => Some(EstateType::Old),
        Some("commercial") => Some(EstateType::Commercial),
        Some(other) => return Err(decode(format!("no kind of estate is called {other:?}").into())),
    };
    Ok((code, Listed { name: row.try_get(1)?, estate_type }))
}

fn word(estate_type: EstateType) -> &'static str {
    match estate_type {
        EstateType::Old => "old",
        EstateType::Commercial => "commercial",
    }
}

/// The level's number in the contract; a deeper level has a greater one.
fn number(level: Level) -> i16 {
    match level {
        Level::Province => 1,
        Level::City => 2,
        Level::District => 3,
        Level::SubDistrict => 4,
        Level::Community => 5,
        Level::Estate => 6,
        Level::Building => 7,
    }
}
