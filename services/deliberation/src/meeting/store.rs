//! The SQL of meetings, and nothing else.

use gongzhi_chassis::execute::Rows;
use gongzhi_chassis::page::Page;
use gongzhi_proto::ids::{AreaCode, TopicId};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::PgPool;

use super::state::{Meeting, wording};
use crate::newest::newest;
use crate::rules::day_of;

/// What a meeting is listed by, and what it decided on which day.
pub(super) fn index(id: &str, meeting: &Meeting) -> Vec<Rows> {
    let mut rows = vec![Rows::new(
        "insert into meetings (meeting_id, area_code, convened_at)
         select r.meeting_id, r.area_code, r.convened_at
         from json_to_recordset($1) as r (meeting_id text, area_code text, convened_at timestamptz) on conflict do nothing",
        json!({ "meeting_id": id, "area_code": meeting.call.area.as_str(), "convened_at": meeting.convened_at }),
    )];
    if !meeting.decided.is_empty() {
        let decided: Vec<_> = meeting
            .decided
            .iter()
            .map(|decided| {
                json!({
                    "topic_id": decided.topic,
                    "wording": wording(&decided.text),
                    "decided_on": day_of(decided.at),
                })
            })
            .collect();
        rows.push(Rows::new(
            "insert into decided_motions (topic_id, wording, decided_on)
             select d.topic_id, d.wording, d.decided_on from json_to_recordset($1) as r (decided json),
                 json_to_recordset(r.decided) as d (topic_id text, wording text, decided_on date)
             on conflict do nothing",
            json!({ "decided": decided }),
        ));
    }
    rows
}

/// True when a motion of these words was decided on a day, in whatever meeting.
pub(super) async fn was_decided(
    pool: &PgPool,
    topic: TopicId,
    text: &str,
    day: Date,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select exists (select from decided_motions where topic_id = $1 and decided_on = $2 and wording = $3)",
    )
    .bind(topic.to_string())
    .bind(day.to_sqlx())
    .bind(wording(text))
    .fetch_one(pool)
    .await
}

/// Reads meetings of an area, newest first.
pub(super) async fn list(
    pool: &PgPool,
    area: &AreaCode,
    page: &Page,
) -> Result<Vec<(String, Meeting, i64)>, sqlx::Error> {
    let query = "select m.meeting_id, a.version, a.state from meetings m join aggregates a on a.kind = 'meeting' and a.id = m.meeting_id
         where m.area_code >= $1 and m.area_code < $1 || ':'
           and ($2 = 9223372036854775807 or (m.convened_at, m.meeting_id) < ('epoch'::timestamptz + $2 * interval '1 microsecond', $3))
         order by m.convened_at desc, m.meeting_id desc limit $4";
    newest(pool, query, area.as_str(), page).await
}
