//! The SQL of topics, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use gongzhi_chassis::execute::Rows;
use gongzhi_chassis::page::Page;
use gongzhi_proto::ids::{AreaCode, CaseId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool, Row};

use super::state::{MOST_CASES, Origin, Stage, Topic};

/// Most topics that are looked at for an agenda, or for likeness.
const MOST: i64 = 500;

fn status(stage: &Stage) -> &'static str {
    match stage {
        Stage::Open => "open",
        Stage::Scheduled { .. } => "scheduled",
        Stage::Merged { .. } => "merged",
        Stage::Declined { .. } => "declined",
        Stage::Resolved { .. } => "resolved",
    }
}

/// What a topic is listed by, and which cases are behind it.
pub(super) fn index(id: &str, topic: &Topic) -> Vec<Rows> {
    let meets_at = match &topic.stage {
        Stage::Scheduled { meets_at, .. } => Some(*meets_at),
        Stage::Open | Stage::Merged { .. } | Stage::Declined { .. } | Stage::Resolved { .. } => None,
    };
    let raised_for = match &topic.origin {
        Origin::Proposed => None,
        Origin::Raised { place, .. } => Some(place.as_str()),
    };
    vec![
        Rows::new(
            "insert into topics (topic_id, area_code, status, proposed_at, meets_at, raised_for, is_full)
             select r.topic_id, r.area_code, r.status, r.proposed_at, r.meets_at, r.raised_for, r.is_full
             from json_to_recordset($1) as r (topic_id text, area_code text, status text, proposed_at timestamptz, meets_at timestamptz, raised_for text, is_full boolean)
             on conflict (topic_id) do update set status = excluded.status, meets_at = excluded.meets_at, is_full = excluded.is_full",
            json!({
                "topic_id": id,
                "area_code": topic.area.as_str(),
                "status": status(&topic.stage),
                "proposed_at": topic.proposed_at,
                "meets_at": meets_at,
                "raised_for": raised_for,
                "is_full": topic.cases.len() >= MOST_CASES,
            }),
        ),
        Rows::new(
            "insert into topic_cases (case_id, topic_id)
             select c.case_id, r.topic_id from json_to_recordset($1) as r (topic_id text, cases text[]), unnest(r.cases) as c (case_id)
             on conflict do nothing",
            json!({ "topic_id": id, "cases": topic.cases.keys().collect::<Vec<_>>() }),
        ),
    ]
}

/// A topic that was read.
pub(crate) struct Found {
    pub(crate) id: String,
    pub(crate) topic: Topic,
    pub(crate) version: i64,
}

fn found(row: &sqlx::postgres::PgRow) -> Result<Found, sqlx::Error> {
    let Json(topic) = row.try_get::<Json<Topic>, _>("state")?;
    Ok(Found { id: row.try_get("topic_id")?, topic, version: row.try_get("version")? })
}

/// Reads topics of an area, newest first.
pub(super) async fn list(
    pool: &PgPool,
    area: &AreaCode,
    status: Option<&str>,
    page: &Page,
) -> Result<Vec<Found>, sqlx::Error> {
    let (before, behind) = page.before();
    let rows = sqlx::query(
        "select t.topic_id, a.version, a.state from topics t join aggregates a on a.kind = 'topic' and a.id = t.topic_id
         where t.area_code >= $1 and t.area_code < $1 || ':' and ($2::text is null or t.status = $2)
           and ($3 = 9223372036854775807 or (t.proposed_at, t.topic_id) < ('epoch'::timestamptz + $3 * interval '1 microsecond', $4))
         order by t.proposed_at desc, t.topic_id desc limit $5",
    )
    .bind(area.as_str())
    .bind(status)
    .bind(before)
    .bind(behind)
    .bind(page.limit())
    .fetch_all(pool)
    .await?;
    rows.iter().map(found).collect()
}

/// Reads topics of a community that wait: those that are open, and those whose session has met without a resolution. The earliest first.
pub(crate) async fn waiting(
    pool: &PgPool,
    community: &AreaCode,
    now: Timestamp,
) -> Result<Vec<Found>, sqlx::Error> {
    let rows = sqlx::query(
        "select t.topic_id, a.version, a.state from topics t join aggregates a on a.kind = 'topic' and a.id = t.topic_id
         where t.area_code >= $1 and t.area_code < $1 || ':'
           and (t.status = 'open' or (t.status = 'scheduled' and t.meets_at < $2))
         order by t.proposed_at, t.topic_id limit $3",
    )
    .bind(community.as_str())
    .bind(now.to_sqlx())
    .bind(MOST)
    .fetch_all(pool)
    .await?;
    rows.iter().map(found).collect()
}

/// Places for which a topic was raised that has not ended, each with the topic if it takes further cases.
pub(super) async fn raised_for(
    connection: &mut PgConnection,
    places: &[String],
) -> Result<BTreeMap<String, Option<String>>, sqlx::Error> {
    let rows = sqlx::query(
        "select raised_for, case when is_full then null else topic_id end
         from topics where raised_for = any ($1) and status in ('open', 'scheduled')",
    )
    .bind(places)
    .fetch_all(connection)
    .await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Topics behind which a case is.
pub(super) async fn behind(
    connection: &mut PgConnection,
    case: &CaseId,
) -> Result<BTreeSet<String>, sqlx::Error> {
    let topics: Vec<String> = sqlx::query_scalar("select topic_id from topic_cases where case_id = $1")
        .bind(case.to_string())
        .fetch_all(connection)
        .await?;
    Ok(topics.into_iter().collect())
}
