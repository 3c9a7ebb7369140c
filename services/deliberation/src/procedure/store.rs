//! The SQL of procedures, and nothing else.

use gongzhi_chassis::execute::Rows;
use gongzhi_chassis::page::Page;
use gongzhi_proto::ids::{AreaCode, TopicId};
use serde_json::json;
use sqlx::{PgConnection, PgPool};

use super::state::{Procedure, Stage};
use crate::newest::newest;

fn status(stage: &Stage) -> &'static str {
    match stage {
        Stage::Open { .. } => "open",
        Stage::Failed => "failed",
        Stage::Resolved { .. } => "resolved",
        Stage::DecisionDisclosed { .. } => "decision_disclosed",
        Stage::ResultDisclosed { .. } => "result_disclosed",
    }
}

/// What a procedure is listed by.
pub(super) fn index(id: &str, procedure: &Procedure) -> Rows {
    Rows::new(
        "insert into procedures (procedure_id, area_code, topic_id, status, opened_at)
         select r.procedure_id, r.area_code, r.topic_id, r.status, r.opened_at
         from json_to_recordset($1) as r (procedure_id text, area_code text, topic_id text, status text, opened_at timestamptz)
         on conflict (procedure_id) do update set status = excluded.status",
        json!({
            "procedure_id": id,
            "area_code": procedure.opening.area.as_str(),
            "topic_id": procedure.opening.topic,
            "status": status(&procedure.stage),
            "opened_at": procedure.opened_at,
        }),
    )
}

/// True when a topic has a procedure that did not fail.
pub(super) async fn is_under_way(connection: &mut PgConnection, topic: TopicId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("select exists (select from procedures where topic_id = $1 and status <> 'failed')")
        .bind(topic.to_string())
        .fetch_one(connection)
        .await
}

/// Reads procedures of an area, newest first.
pub(super) async fn list(
    pool: &PgPool,
    area: &AreaCode,
    page: &Page,
) -> Result<Vec<(String, Procedure, i64)>, sqlx::Error> {
    let query = "select p.procedure_id, a.version, a.state from procedures p join aggregates a on a.kind = 'procedure' and a.id = p.procedure_id
         where p.area_code >= $1 and p.area_code < $1 || ':'
           and ($2 = 9223372036854775807 or (p.opened_at, p.procedure_id) < ('epoch'::timestamptz + $2 * interval '1 microsecond', $3))
         order by p.opened_at desc, p.procedure_id desc limit $4";
    newest(pool, query, area.as_str(), page).await
}
