//! SQL of cases: what lists are searched by, and what may be the same thing.

use gongzhi_chassis::execute::{Look, Rows};
use gongzhi_chassis::page::{Page, newest_key};
use gongzhi_proto::ids::{AreaCode, CaseId, CategoryCode, Level};
use serde_json::{Value, json};
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool, Row};

use super::state::Place;
use super::{Case, Phase};

/// Cases within so many metres are shown to somebody who is about to report.
const NEAR_WITHIN_METRES: f64 = 300.0;

/// A case as it is listed.
pub(crate) struct Listed {
    pub(crate) case_id: String,
    pub(crate) case: Case,
    pub(crate) version: i64,
}

/// What cases are listed by.
pub(crate) struct Filter<'a> {
    pub(crate) area: &'a AreaCode,
    pub(crate) phases: Vec<&'static str>,
    pub(crate) category: Option<CategoryCode>,
    pub(crate) overdue_only: bool,
}

fn listed(row: &sqlx::postgres::PgRow) -> Result<Listed, sqlx::Error> {
    let Json(case) = row.try_get::<Json<Case>, _>(2)?;
    Ok(Listed { case_id: row.try_get(0)?, version: row.try_get(1)?, case })
}

/// The community in which a place lies; a wider area stands for itself.
fn community(area: &AreaCode) -> AreaCode {
    area.at(Level::Community).unwrap_or_else(|| area.clone())
}

/// What a case is searched by.
pub(crate) fn index(id: &str, case: &Case) -> Rows {
    let registration = &case.registration;
    let place = &registration.place;
    let joinable = match case.phase {
        Phase::Registered | Phase::Handling | Phase::Consulting | Phase::Whistled { .. } => true,
        Phase::Settled { .. } | Phase::FollowingUp { .. } | Phase::Closed { .. } | Phase::Void { .. } => {
            false
        }
    };
    let row = json!({
        "case_id": id,
        "case_number": registration.case_number,
        "area_code": place.area.as_str(),
        "community": community(&place.area).as_str(),
        "category": registration.category.as_str(),
        "phase": case.phase.name(),
        "open": !case.has_ended(),
        "joinable": joinable,
        "overdue": case.open_clock().is_some_and(|clock| clock.overdue),
        "spot": place.spot,
        "longitude": place.location.map(|location| location.longitude),
        "latitude": place.location.map(|location| location.latitude),
        "registered_at": case.registered_at,
    });
    Rows::new(
        "insert into cases (case_id, case_number, area_code, community, category, phase, open, joinable, overdue, spot, longitude, latitude, registered_at)
         select r.case_id, r.case_number, r.area_code, r.community, r.category, r.phase, r.open, r.joinable, r.overdue, r.spot, r.longitude, r.latitude, r.registered_at
         from json_to_recordset($1) as r (case_id text, case_number text, area_code text, community text, category text, phase text, open boolean, joinable boolean,
             overdue boolean, spot text, longitude double precision, latitude double precision, registered_at timestamptz)
         on conflict (case_id) do update set phase = excluded.phase, open = excluded.open, joinable = excluded.joinable, overdue = excluded.overdue",
        row,
    )
}

/// What must be known before a report is filed: the open case of the same thing at the same place (the same spot in words, or a few metres away), or a
/// number for a new one. Reports of one category in one community are looked at one after the other.
pub(crate) fn look(category: &CategoryCode, place: &Place, distinct_from: &[CaseId]) -> Look {
    let community = community(&place.area);
    Look {
        sql: "select * from look_for_reports($1)",
        question: json!({
            "community": community.as_str(),
            "category": category.as_str(),
            "area_code": place.area.as_str(),
            "spot": place.spot,
            "longitude": place.location.map(|location| location.longitude),
            "latitude": place.location.map(|location| location.latitude),
            "distinct_from": distinct_from.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }),
        key: format!("{community}/{category}"),
    }
}

/// Reads what was found: the open case of the same thing, or the number for a new one.
pub(crate) fn found(answer: &Value) -> Option<Found> {
    match (answer.get("case_id").and_then(Value::as_str), answer.get("number").and_then(Value::as_i64)) {
        (Some(case_id), _) => Some(Found::Same(case_id.to_owned())),
        (None, Some(number)) => Some(Found::Number(number)),
        (None, None) => None,
    }
}

/// What a look found.
pub(crate) enum Found {
    /// The open case of the same thing.
    Same(String),
    /// There is none; a number that is never used twice.
    Number(i64),
}

/// The number that people quote: district, day, and a number that is never used twice.
pub(crate) fn case_number(area: &AreaCode, day: jiff::civil::Date, number: i64) -> String {
    let district = area.at(Level::District).unwrap_or_else(|| area.clone());
    format!("{district}-{}-{number:06}", day.strftime("%Y%m%d"))
}

/// Draws a number that is never used twice.
pub(crate) async fn next_number(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select nextval('case_numbers')").fetch_one(connection).await
}

/// Open cases that may be the same thing, nearest first; without a location those of the same estate or building, newest first.
pub(crate) async fn similar(
    pool: &PgPool,
    categories: &[&str],
    place: &Place,
) -> Result<Vec<Listed>, sqlx::Error> {
    let rows = sqlx::query(
        "select c.case_id, a.version, a.state from cases c join aggregates a on a.kind = 'case' and a.id = c.case_id
         cross join lateral (select power((c.longitude - $4) * 111320 * cos(radians($5)), 2) + power((c.latitude - $5) * 110540, 2) as squared) d
         where c.joinable and c.community = $1 and c.category = any ($2) and (c.area_code like $3 || '%' or d.squared < power($6, 2))
         order by d.squared nulls last, c.registered_at desc, c.case_id limit 5",
    )
    .bind(community(&place.area).as_str())
    .bind(categories)
    .bind(place.area.as_str())
    .bind(place.location.map(|location| location.longitude))
    .bind(place.location.map(|location| location.latitude))
    .bind(NEAR_WITHIN_METRES)
    .fetch_all(pool)
    .await?;
    rows.iter().map(listed).collect()
}

/// Cases within an area, newest first.
pub(crate) async fn list(
    pool: &PgPool,
    filter: &Filter<'_>,
    page: &Page,
) -> Result<Vec<Listed>, sqlx::Error> {
    let (before_at, before_id) = page.before();
    let rows = sqlx::query(
        "select c.case_id, a.version, a.state from cases c join aggregates a on a.kind = 'case' and a.id = c.case_id
         where c.area_code like $1 || '%' and (cardinality($2::text[]) = 0 or c.phase = any ($2)) and ($3::text is null or c.category = $3) and (not $4 or c.overdue)
           and ($5 = 9223372036854775807 or (c.registered_at, c.case_id) < ('epoch'::timestamptz + $5 * interval '1 microsecond', $6))
         order by c.registered_at desc, c.case_id desc limit $7",
    )
    .bind(filter.area.as_str())
    .bind(&filter.phases)
    .bind(filter.category.as_ref().map(CategoryCode::as_str))
    .bind(filter.overdue_only)
    .bind(before_at)
    .bind(before_id)
    .bind(page.limit())
    .fetch_all(pool)
    .await?;
    rows.iter().map(listed).collect()
}

impl Listed {
    /// Where a page that ends with this case is continued.
    pub(crate) fn key(&self) -> String {
        newest_key(self.case.registered_at, &self.case_id)
    }
}
