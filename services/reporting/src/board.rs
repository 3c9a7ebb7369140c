//! One board: everything about an area, read in one snapshot of the projections. Knows nothing of callers, caches or streams.

use std::collections::BTreeMap;

use gongzhi_chassis::status::Failure;
use gongzhi_proto::ids::{AreaCode, Level};
use gongzhi_proto::reporting::v1::{Board, CaseLine, Figures, Happening};
use gongzhi_proto::time::to_wire;
use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row as _};
use uuid::Uuid;

use crate::figures::{self, ByKey, Days, range};
use crate::rates::{self, Counts};
use crate::{NAME, instants};

/// How many categories a board shows.
const CATEGORIES: usize = 10;
/// How many days a board shows, the day of the newest fact included.
const DAYS: i32 = 30;
/// How many happenings a board shows.
const HAPPENINGS: i64 = 30;
/// How many cases that need somebody a board shows.
const ATTENTION: i64 = 20;

/// Which levels a board shows rows of: those directly below; none below a community.
fn level_below(area: &AreaCode) -> Option<Level> {
    match area.level() {
        Level::Province | Level::City => Some(Level::District),
        Level::District => Some(Level::SubDistrict),
        Level::SubDistrict => Some(Level::Community),
        Level::Community | Level::Estate | Level::Building => None,
    }
}

/// Reads the board of an area.
pub(crate) async fn read(pool: &PgPool, area: &AreaCode) -> Result<Board, Failure> {
    let mut snapshot = pool.begin_with("begin isolation level repeatable read read only").await?;
    let connection = &mut *snapshot;
    let below = level_below(area);
    let by = below.unwrap_or(area.level());
    let counted = figures::of_cases(connection, area, by, Days::default()).await?;
    let departments = figures::of_departments(connection, area, Days::default()).await?;
    let newest = newest(connection).await?;
    let areas = match below {
        Some(level) => with_names(counted.areas, figures::names(connection, area, level).await?),
        None => Vec::new(),
    };
    let name = figures::names(connection, area, area.level()).await?.remove(area.as_str());
    let board = Board {
        area_code: area.to_string(),
        totals: Some(rates::figures(
            area.to_string(),
            name.map(|(name, _)| name).unwrap_or_default(),
            &counted.total,
        )),
        areas,
        departments: nameless(departments),
        categories: most(counted.categories),
        days: newest.map(|at| last_days(&counted.days, instants::day(at))).unwrap_or_default(),
        happenings: happenings(connection, area).await?,
        attention: attention(connection, area).await?,
        stream_sequence: position(connection).await?.map(|(_, sequence)| sequence).unwrap_or_default(),
        as_of: newest.map(to_wire),
    };
    snapshot.commit().await?;
    Ok(board)
}

/// Where the projections stand: which stream was read, and how far.
pub(crate) async fn position(connection: &mut PgConnection) -> Result<Option<(String, u64)>, Failure> {
    let row = sqlx::query("select stream_created, sequence from inbox_cursors where source = $1")
        .bind(NAME)
        .fetch_optional(connection)
        .await?;
    row.map(|row| Ok((row.try_get(0)?, row.try_get::<i64, _>(1)?.unsigned_abs()))).transpose()
}

/// Puts names to counts by area, in the order of codes: listed areas without cases too, abolished ones only when cases are still there.
pub(crate) fn with_names(counted: ByKey, names: BTreeMap<String, (String, bool)>) -> Vec<Figures> {
    let mut rows: BTreeMap<String, (String, Counts)> = names
        .iter()
        .filter(|(_, (_, abolished))| !abolished)
        .map(|(code, (name, _))| (code.clone(), (name.clone(), Counts::default())))
        .collect();
    for (code, counts) in counted {
        let name = names.get(&code).map(|(name, _)| name.clone()).unwrap_or_default();
        rows.insert(code, (name, counts));
    }
    rows.into_iter().map(|(code, (name, counts))| rates::figures(code, name, &counts)).collect()
}

/// Counts whose keys have no names, in the order of keys.
pub(crate) fn nameless(counted: ByKey) -> Vec<Figures> {
    counted.into_iter().map(|(key, counts)| rates::figures(key, String::new(), &counts)).collect()
}

/// The categories with most cases; equal ones in the order of codes.
fn most(counted: ByKey) -> Vec<Figures> {
    let mut rows = nameless(counted);
    rows.sort_by_key(|row| std::cmp::Reverse(row.registered));
    rows.truncate(CATEGORIES);
    rows
}

/// The days up to the one of the newest fact, those without cases too, oldest first.
fn last_days(counted: &ByKey, newest: Date) -> Vec<Figures> {
    let first = newest.saturating_sub(jiff::Span::new().days(DAYS - 1));
    let days = first.series(jiff::Span::new().days(1)).take_while(|day| *day <= newest);
    let row = |day: Date| {
        let key = day.to_string();
        let counts = counted.get(&key).cloned().unwrap_or_default();
        rates::figures(key, String::new(), &counts)
    };
    days.map(row).collect()
}

/// When the newest fact that was counted happened, anywhere in the district.
async fn newest(connection: &mut PgConnection) -> Result<Option<Timestamp>, Failure> {
    let at: Option<jiff_sqlx::Timestamp> =
        sqlx::query_scalar("select max(happened_at) from happenings").fetch_one(connection).await?;
    Ok(at.map(|at| at.to_jiff()))
}

async fn happenings(connection: &mut PgConnection, area: &AreaCode) -> Result<Vec<Happening>, Failure> {
    let (from, below) = range(area);
    let rows = sqlx::query(
        "select fact, happened_at, case_id, area_code, department_code from happenings
         where community >= $1 and community < $2 order by happened_at desc, event_id desc limit $3",
    )
    .bind(from)
    .bind(below)
    .bind(HAPPENINGS)
    .fetch_all(connection)
    .await?;
    let happening = |row: &PgRow| {
        Ok(Happening {
            fact: row.try_get(0)?,
            at: Some(to_wire(row.try_get::<jiff_sqlx::Timestamp, _>(1)?.to_jiff())),
            case_id: row.try_get::<Uuid, _>(2)?.to_string(),
            area_code: row.try_get(3)?,
            department_code: row.try_get(4)?,
        })
    };
    rows.iter().map(happening).collect()
}

async fn attention(connection: &mut PgConnection, area: &AreaCode) -> Result<Vec<CaseLine>, Failure> {
    let (from, below) = range(area);
    let rows = sqlx::query(include_str!("../queries/attention.sql"))
        .bind(from)
        .bind(below)
        .bind(ATTENTION)
        .fetch_all(connection)
        .await?;
    let instant = |row: &PgRow, column: &str| {
        let at: Option<jiff_sqlx::Timestamp> = row.try_get(column)?;
        Ok::<_, sqlx::Error>(at.map(|at| to_wire(at.to_jiff())))
    };
    let line = |row: &PgRow| {
        Ok(CaseLine {
            case_id: row.try_get::<Uuid, _>("case_id")?.to_string(),
            area_code: row.try_get("area_code")?,
            category_code: row.try_get("category_code")?,
            phase: row.try_get("phase")?,
            due_at: instant(row, "due_at")?,
            overdue: row.try_get("overdue")?,
            registered_at: instant(row, "registered_at")?,
        })
    };
    rows.iter().map(line).collect()
}
