//! The SQL of visits, and nothing else.

use gongzhi_chassis::execute::Rows;
use gongzhi_chassis::page::Page;
use gongzhi_proto::ids::{AreaCode, CaseId, VisitId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool, Row};
use uuid::Uuid;

use super::machine::{Stage, Visit};

/// What is looked for.
pub(super) struct Search {
    pub(super) area: AreaCode,
    pub(super) case: Option<CaseId>,
    pub(super) wanted: Wanted,
    /// Where the page before ended.
    pub(super) after: Option<Position>,
}

/// Which visits are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Those that are to be made.
    Waiting,
    /// And those that were made.
    All,
}

/// Where a visit stands in the order of lists: those that wait first, each kind by age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) recorded: bool,
    pub(super) opened_at: Timestamp,
    pub(super) id: VisitId,
}

/// What a visit is listed by; one that was withdrawn is not listed.
pub(super) fn index(id: &str, visit: &Visit) -> Rows {
    let recorded_at = match visit.stage {
        Stage::Waiting => None,
        Stage::Recorded { at, .. } => Some(at),
        Stage::Withdrawn { .. } => {
            return Rows::new(
                "delete from follow_up_visits v using json_to_recordset($1) as r (visit_id uuid) where v.visit_id = r.visit_id",
                json!({ "visit_id": id }),
            );
        }
    };
    Rows::new(
        "insert into follow_up_visits (visit_id, case_id, round, area_code, opened_at, recorded_at)
         select r.visit_id, r.case_id, r.round, r.area_code, r.opened_at, r.recorded_at
         from json_to_recordset($1) as r (visit_id uuid, case_id uuid, round integer, area_code text, opened_at timestamptz, recorded_at timestamptz)
         on conflict (visit_id) do update set recorded_at = excluded.recorded_at",
        json!({
            "visit_id": id,
            "case_id": visit.errand.case.0,
            "round": visit.errand.round,
            "area_code": visit.errand.area.as_str(),
            "opened_at": visit.opened_at,
            "recorded_at": recorded_at,
        }),
    )
}

/// Reads the visits of an area: those waiting longest first, behind them those that were made.
pub(super) async fn list(
    pool: &PgPool,
    search: &Search,
    page: &Page,
) -> Result<Vec<(VisitId, Visit)>, sqlx::Error> {
    let after = search.after;
    let rows = sqlx::query(
        "select v.visit_id, a.state
         from follow_up_visits v join aggregates a on a.kind = 'follow_up' and a.id = v.visit_id::text
         where v.area_code >= $1 and v.area_code < $1 || ':'
           and ($2::uuid is null or v.case_id = $2)
           and ($3 or v.recorded_at is null)
           and ($4::boolean is null or ((v.recorded_at is not null), v.opened_at, v.visit_id) > ($4, $5, $6))
         order by (v.recorded_at is not null), v.opened_at, v.visit_id
         limit $7",
    )
    .bind(search.area.as_str())
    .bind(search.case.map(|case| case.0))
    .bind(search.wanted == Wanted::All)
    .bind(after.map(|position| position.recorded))
    .bind(after.map(|position| position.opened_at.to_sqlx()))
    .bind(after.map(|position| position.id.0))
    .bind(page.limit())
    .fetch_all(pool)
    .await?;
    let visit = |row: &sqlx::postgres::PgRow| {
        let Json(visit) = row.try_get::<Json<Visit>, _>(1)?;
        Ok((VisitId(row.try_get(0)?), visit))
    };
    rows.iter().map(visit).collect()
}

/// Finds the visits of a case that wait and ask about a round before `round`; about any round without it.
pub(super) async fn waiting_of(
    connection: &mut PgConnection,
    case: CaseId,
    round: Option<i32>,
) -> Result<Vec<VisitId>, sqlx::Error> {
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "select visit_id from follow_up_visits
         where case_id = $1 and recorded_at is null and ($2::integer is null or round < $2)
         order by visit_id",
    )
    .bind(case.0)
    .bind(round)
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().map(VisitId).collect())
}
