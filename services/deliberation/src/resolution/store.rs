//! The SQL of resolutions and goals, and nothing else.

use gongzhi_chassis::execute::Rows;
use gongzhi_chassis::page::Page;
use gongzhi_proto::ids::{AreaCode, CaseId, GoalId};
use jiff::civil::Date;
use serde_json::json;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool, Row};

use super::machine::Resolution;
use crate::newest::newest;

/// What a resolution is listed by, and its goals are found by.
pub(super) fn index(id: &str, resolution: &Resolution) -> Vec<Rows> {
    let goals: Vec<_> = resolution
        .goals
        .iter()
        .map(|goal| json!({ "goal_id": goal.promise.id.to_string(), "case_id": goal.case.map(|case| case.to_string()) }))
        .collect();
    vec![
        Rows::new(
            "insert into resolutions (resolution_id, area_code, adopted_at)
             select r.resolution_id, r.area_code, r.adopted_at
             from json_to_recordset($1) as r (resolution_id text, area_code text, adopted_at timestamptz) on conflict do nothing",
            json!({ "resolution_id": id, "area_code": resolution.area.as_str(), "adopted_at": resolution.adopted_at }),
        ),
        Rows::new(
            "insert into goals (goal_id, resolution_id, case_id)
             select g.goal_id, r.resolution_id, g.case_id
             from json_to_recordset($1) as r (resolution_id text, goals json), json_to_recordset(r.goals) as g (goal_id text, case_id text)
             on conflict (goal_id) do update set case_id = excluded.case_id where goals.case_id is distinct from excluded.case_id",
            json!({ "resolution_id": id, "goals": goals }),
        ),
    ]
}

/// The resolution of a goal.
pub(super) async fn of_goal(
    connection: &mut PgConnection,
    goal: &GoalId,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("select resolution_id from goals where goal_id = $1")
        .bind(goal.to_string())
        .fetch_optional(connection)
        .await
}

/// Resolution and goal that became a case.
pub(super) async fn of_case(
    connection: &mut PgConnection,
    case: &CaseId,
) -> Result<Option<(String, String)>, sqlx::Error> {
    let row = sqlx::query("select resolution_id, goal_id from goals where case_id = $1")
        .bind(case.to_string())
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|row| (row.get(0), row.get(1))))
}

/// The day by which a goal is to be reached: it never changes.
pub(super) async fn due_on(
    connection: &mut PgConnection,
    resolution: &str,
    goal: &GoalId,
) -> Result<Option<Date>, sqlx::Error> {
    let row = sqlx::query("select state from aggregates where kind = 'resolution' and id = $1")
        .bind(resolution)
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let Json(resolution) = row.try_get::<Json<Resolution>, _>(0)?;
    Ok(resolution.goal(goal).map(|goal| goal.promise.due_on))
}

/// Reads resolutions of an area, newest first.
pub(super) async fn list(
    pool: &PgPool,
    area: &AreaCode,
    page: &Page,
) -> Result<Vec<(String, Resolution, i64)>, sqlx::Error> {
    let query = "select r.resolution_id, a.version, a.state from resolutions r join aggregates a on a.kind = 'resolution' and a.id = r.resolution_id
         where r.area_code >= $1 and r.area_code < $1 || ':'
           and ($2 = 9223372036854775807 or (r.adopted_at, r.resolution_id) < ('epoch'::timestamptz + $2 * interval '1 microsecond', $3))
         order by r.adopted_at desc, r.resolution_id desc limit $4";
    newest(pool, query, area.as_str(), page).await
}
