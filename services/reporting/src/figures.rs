//! Reading counts: SQL only. What is read in one snapshot fits together.

use std::collections::BTreeMap;

use gongzhi_chassis::status::Failure;
use gongzhi_proto::ids::{AreaCode, Level};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

use crate::rates::Counts;

/// Days of registration, both ends included; none: open.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Days {
    /// First day.
    pub(crate) from: Option<Date>,
    /// Last day.
    pub(crate) to: Option<Date>,
}

/// Counts by key.
pub(crate) type ByKey = BTreeMap<String, Counts>;

/// Counts of the cases of an area.
#[derive(Debug, Default)]
pub(crate) struct CaseCounts {
    /// All of them.
    pub(crate) total: Counts,
    /// By area.
    pub(crate) areas: ByKey,
    /// By category.
    pub(crate) categories: ByKey,
    /// By day of registration.
    pub(crate) days: ByKey,
}

/// The codes of an area and of everything in it: from, to below. A colon is the letter after the digit nine.
pub(crate) fn range(area: &AreaCode) -> (String, String) {
    (area.to_string(), format!("{area}:"))
}

/// Counts the cases of an area, told apart by areas of a level.
pub(crate) async fn of_cases(
    connection: &mut PgConnection,
    area: &AreaCode,
    by: Level,
    days: Days,
) -> Result<CaseCounts, Failure> {
    let (from, below) = range(area);
    let rows = sqlx::query(include_str!("../queries/case_figures.sql"))
        .bind(from)
        .bind(below)
        .bind(by.digits() as i32)
        .bind(days.from.map(ToSqlx::to_sqlx))
        .bind(days.to.map(ToSqlx::to_sqlx))
        .fetch_all(connection)
        .await?;
    let mut counted = CaseCounts::default();
    for row in rows {
        let (key, counts) = (row.try_get("key")?, read(&row)?);
        match row.try_get("dimension")? {
            "area" => drop(counted.areas.insert(key, counts)),
            "category" => drop(counted.categories.insert(key, counts)),
            "day" => drop(counted.days.insert(key, counts)),
            _ => counted.total = counts,
        }
    }
    Ok(counted)
}

/// Counts the summonses to cases of an area by department.
pub(crate) async fn of_departments(
    connection: &mut PgConnection,
    area: &AreaCode,
    days: Days,
) -> Result<ByKey, Failure> {
    let (from, below) = range(area);
    let rows = sqlx::query(include_str!("../queries/department_figures.sql"))
        .bind(from)
        .bind(below)
        .bind(days.from.map(ToSqlx::to_sqlx))
        .bind(days.to.map(ToSqlx::to_sqlx))
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| Ok((row.try_get("key")?, read(row)?))).collect()
}

/// Names of areas by code, within an area and of one level. Abolished ones too: their cases are still there.
pub(crate) async fn names(
    connection: &mut PgConnection,
    area: &AreaCode,
    level: Level,
) -> Result<BTreeMap<String, (String, bool)>, Failure> {
    let (from, below) = range(area);
    let rows = sqlx::query(
        "select area_code, name, abolished from areas
         where area_code >= $1 and area_code < $2 and length(area_code) = $3",
    )
    .bind(from)
    .bind(below)
    .bind(level.digits() as i32)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?)))).collect()
}

fn read(row: &PgRow) -> Result<Counts, sqlx::Error> {
    Ok(Counts {
        registered: row.try_get("registered")?,
        open: row.try_get("open")?,
        overdue: row.try_get("overdue")?,
        settled: row.try_get("settled")?,
        closed: row.try_get("closed")?,
        voided: row.try_get("voided")?,
        whistles_open: row.try_get("whistles_open")?,
        response_due: row.try_get("response_due")?,
        response_in_time: row.try_get("response_in_time")?,
        response_excluded: row.try_get("response_excluded")?,
        settlement_due: row.try_get("settlement_due")?,
        settlement_stands: row.try_get("settlement_stands")?,
        settlement_excluded: row.try_get("settlement_excluded")?,
        rated: row.try_get("rated")?,
        satisfied: row.try_get("satisfied")?,
        satisfaction_excluded: row.try_get("satisfaction_excluded")?,
    })
}
