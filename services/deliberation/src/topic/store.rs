//! The SQL of topics, and nothing else.

use gongzhi_chassis::execute::Rows;
use gongzhi_chassis::page::Page;
use gongzhi_proto::ids::AreaCode;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::types::Json;
use sqlx::{PgPool, Row};

use super::state::{Stage, Topic};

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

/// What a topic is listed by, and which places are behind it.
pub(super) fn index(id: &str, topic: &Topic) -> Vec<Rows> {
    let meets_at = match &topic.stage {
        Stage::Scheduled { meets_at, .. } => Some(*meets_at),
        Stage::Open | Stage::Merged { .. } | Stage::Declined { .. } | Stage::Resolved { .. } => None,
    };
    let places: Vec<_> = topic
        .places
        .iter()
        .map(|(place, counted_from)| json!({ "place": place, "counted_from": counted_from }))
        .collect();
    vec![
        Rows::new(
            "insert into topics (topic_id, area_code, status, proposed_at, meets_at)
             select r.topic_id, r.area_code, r.status, r.proposed_at, r.meets_at
             from json_to_recordset($1) as r (topic_id text, area_code text, status text, proposed_at timestamptz, meets_at timestamptz)
             on conflict (topic_id) do update set status = excluded.status, meets_at = excluded.meets_at",
            json!({
                "topic_id": id,
                "area_code": topic.area.as_str(),
                "status": status(&topic.stage),
                "proposed_at": topic.proposed_at,
                "meets_at": meets_at,
            }),
        ),
        // A topic that went into another one has no place any more. Other places may stand here without standing in the state: those of topics that were merged when topics
        // noted their cases.
        Rows::new(
            "with gone as (
                 delete from topic_places p using json_to_recordset($1) as r (topic_id text, is_merged boolean)
                 where p.topic_id = r.topic_id and r.is_merged
             ), ended as (
                 update topic_places p set ended_at = r.ended_at from json_to_recordset($1) as r (topic_id text, ended_at timestamptz)
                 where p.topic_id = r.topic_id and r.ended_at is not null and p.ended_at is null
             )
             insert into topic_places (place, topic_id, counted_from)
             select p.place, r.topic_id, p.counted_from
             from json_to_recordset($1) as r (topic_id text, places json), json_to_recordset(r.places) as p (place text, counted_from timestamptz)
             on conflict do nothing",
            json!({
                "topic_id": id,
                "is_merged": matches!(topic.stage, Stage::Merged { .. }),
                "ended_at": topic.ended_at,
                "places": places,
            }),
        ),
    ]
}

/// A topic that was read.
#[derive(Clone)]
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
