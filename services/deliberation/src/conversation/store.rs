//! The SQL of conversations, slips, statements and voices, and nothing else.

use std::collections::BTreeMap;

use gongzhi_chassis::execute::Rows;
use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::ids::{AreaCode, TopicId};
use serde_json::json;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool, Row};

use super::parted;
use super::state::{Conversation, MOST_STATEMENTS, Talk};
use super::statement::{Statement, Status};
use super::voice::{Judgement, Voice};
use crate::newest::newest;

/// What a conversation is listed by, and what is said in it is decided by.
pub(super) fn index(id: &str, conversation: &Conversation) -> Rows {
    let plan = &conversation.plan;
    Rows::new(
        "insert into conversations (conversation_id, topic_id, area_code, opened_at, closes_at, closed, statements_per_slip)
         select r.conversation_id, r.topic_id, r.area_code, r.opened_at, r.closes_at, r.closed, r.statements_per_slip
         from json_to_recordset($1) as r (conversation_id text, topic_id text, area_code text, opened_at timestamptz, closes_at timestamptz, closed boolean, statements_per_slip integer)
         on conflict (conversation_id) do update set closed = excluded.closed where conversations.closed <> excluded.closed",
        json!({
            "conversation_id": id,
            "topic_id": plan.topic,
            "area_code": plan.area.as_str(),
            "opened_at": conversation.opened_at,
            "closes_at": plan.closes_at,
            "closed": conversation.closing.is_some(),
            "statements_per_slip": plan.statements_per_slip,
        }),
    )
}

fn status(status: Status) -> (&'static str, serde_json::Value) {
    match status {
        Status::Waiting => ("waiting", json!(null)),
        Status::Accepted => ("accepted", json!(null)),
        Status::Rejected(why) => ("rejected", json!(why)),
    }
}

/// What statements are shown and counted by.
pub(super) fn index_statement(id: &str, statement: &Statement) -> Rows {
    let (conversation, number) = parted(id);
    let (status, rejection) = status(statement.status);
    Rows::new(
        "insert into conversation_statements (conversation_id, number, text, seed, status, rejection)
         select r.conversation_id, r.number, r.text, r.seed, r.status, r.rejection
         from json_to_recordset($1) as r (conversation_id text, number integer, text text, seed boolean, status text, rejection text)
         on conflict (conversation_id, number) do update set status = excluded.status, rejection = excluded.rejection",
        json!({
            "conversation_id": conversation,
            "number": number,
            "text": statement.text,
            "seed": statement.seed,
            "status": status,
            "rejection": rejection,
        }),
    )
}

/// What maps are drawn from.
pub(super) fn index_voice(id: &str, voice: &Voice) -> Rows {
    let (conversation, slip) = parted(id);
    Rows::new(
        "insert into conversation_voices (conversation_id, slip, judged, changes, judgements)
         select r.conversation_id, r.slip, r.judged, r.changes, r.judgements
         from json_to_recordset($1) as r (conversation_id text, slip integer, judged integer, changes bigint, judgements jsonb)
         on conflict (conversation_id, slip) do update set judged = excluded.judged, changes = excluded.changes, judgements = excluded.judgements
         where conversation_voices.changes <> excluded.changes",
        json!({
            "conversation_id": conversation,
            "slip": slip,
            "judged": voice.judgements.len(),
            "changes": voice.changes,
            "judgements": voice.judgements,
        }),
    )
}

/// Keeps digests of codes, by slip from 1 on.
pub(super) async fn keep_slips(
    connection: &mut PgConnection,
    conversation: &str,
    digests: &[String],
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into conversation_slips (conversation_id, digest, slip)
         select $1, d.digest, d.slip from unnest($2::text[]) with ordinality as d (digest, slip)",
    )
    .bind(conversation)
    .bind(digests)
    .execute(connection)
    .await
    .map(drop)
}

/// The slip of a code, by its digest.
pub(super) async fn slip(
    pool: &PgPool,
    conversation: &str,
    digest: &str,
) -> Result<Option<u32>, sqlx::Error> {
    let slip: Option<i32> =
        sqlx::query_scalar("select slip from conversation_slips where conversation_id = $1 and digest = $2")
            .bind(conversation)
            .bind(digest)
            .fetch_optional(pool)
            .await?;
    Ok(slip.map(i32::unsigned_abs))
}

/// How a conversation is held until the end of the transaction.
#[derive(Clone, Copy)]
pub(super) enum Hold {
    /// With others who do the same: judging.
    Shared,
    /// Alone: closing, and making statements, whose numbers follow each other.
    Alone,
}

/// When statements and judgements are taken, and where.
pub(super) async fn hold(
    connection: &mut PgConnection,
    conversation: &str,
    hold: Hold,
) -> Result<Option<(Talk, AreaCode)>, Failure> {
    let query = match hold {
        Hold::Shared => {
            "select closes_at, closed, statements_per_slip, area_code from conversations where conversation_id = $1 for share"
        }
        Hold::Alone => {
            "select closes_at, closed, statements_per_slip, area_code from conversations where conversation_id = $1 for update"
        }
    };
    let Some(row) = sqlx::query(query).bind(conversation).fetch_optional(connection).await? else {
        return Ok(None);
    };
    let talk = Talk {
        closes_at: row.get::<jiff_sqlx::Timestamp, _>(0).to_jiff(),
        closed: row.get(1),
        statements_per_slip: row.get::<i32, _>(2).unsigned_abs(),
    };
    let area = AreaCode::parse(row.get(3)).map_err(|error| Failure::Bug(error.to_string()))?;
    Ok(Some((talk, area)))
}

/// The number of the next statement, and whether there is room for one more that is not rejected.
pub(super) async fn next_statement(
    connection: &mut PgConnection,
    conversation: &str,
) -> Result<(u32, bool), sqlx::Error> {
    let row = sqlx::query(
        "select coalesce(max(number), 0) + 1, count(*) filter (where status <> 'rejected')
         from conversation_statements where conversation_id = $1",
    )
    .bind(conversation)
    .fetch_one(connection)
    .await?;
    Ok((row.get::<i32, _>(0).unsigned_abs(), row.get::<i64, _>(1) < i64::from(MOST_STATEMENTS)))
}

/// A statement of these words that was not rejected.
pub(super) async fn same_statement(
    connection: &mut PgConnection,
    conversation: &str,
    text: &str,
) -> Result<Option<(u32, Statement)>, sqlx::Error> {
    let row = sqlx::query(
        "select s.number, a.state from conversation_statements s
         join aggregates a on a.kind = 'statement' and a.id = s.conversation_id || '/' || s.number
         where s.conversation_id = $1 and s.text = $2 and s.status <> 'rejected' order by s.number limit 1",
    )
    .bind(conversation)
    .bind(text)
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        let Json(statement) = row.try_get::<Json<Statement>, _>(1)?;
        Ok((row.try_get::<i32, _>(0)?.unsigned_abs(), statement))
    })
    .transpose()
}

/// True when there is an accepted statement of this number.
pub(super) async fn is_accepted(
    connection: &mut PgConnection,
    conversation: &str,
    number: u32,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select exists (select from conversation_statements where conversation_id = $1 and number = $2 and status = 'accepted')",
    )
    .bind(conversation)
    .bind(i64::from(number))
    .fetch_one(connection)
    .await
}

/// An accepted statement.
#[derive(Clone, Debug)]
pub(super) struct Accepted {
    pub(super) number: u32,
    pub(super) text: String,
    pub(super) seed: bool,
}

/// Accepted statements by number.
pub(super) async fn accepted(
    connection: &mut PgConnection,
    conversation: &str,
) -> Result<Vec<Accepted>, sqlx::Error> {
    let rows = sqlx::query(
        "select number, text, seed from conversation_statements where conversation_id = $1 and status = 'accepted' order by number",
    )
    .bind(conversation)
    .fetch_all(connection)
    .await?;
    let statement = |row: &sqlx::postgres::PgRow| Accepted {
        number: row.get::<i32, _>(0).unsigned_abs(),
        text: row.get(1),
        seed: row.get(2),
    };
    Ok(rows.iter().map(statement).collect())
}

/// Judgements by slip, in the order of the digests of their codes, which means nothing.
pub(super) async fn voices(
    connection: &mut PgConnection,
    conversation: &str,
) -> Result<Vec<BTreeMap<u32, Judgement>>, sqlx::Error> {
    let rows = sqlx::query(
        "select v.judgements from conversation_voices v
         join conversation_slips s on s.conversation_id = v.conversation_id and s.slip = v.slip
         where v.conversation_id = $1 and v.judged > 0 order by s.digest",
    )
    .bind(conversation)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok(row.try_get::<Json<_>, _>(0)?.0)).collect()
}

/// What a map was drawn from: while it is the same, so is the map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Judgements that count.
    pub(super) judged: i64,
    /// Times that something was judged.
    pub(super) changes: i64,
    /// Numbers of accepted statements.
    pub(super) accepted: Vec<i32>,
}

/// What a map would be drawn from now.
pub(super) async fn stamp(pool: &PgPool, conversation: &str) -> Result<Stamp, sqlx::Error> {
    let row = sqlx::query(
        "select coalesce(sum(judged), 0)::bigint, coalesce(sum(changes), 0)::bigint,
                (select coalesce(array_agg(number order by number), '{}') from conversation_statements where conversation_id = $1 and status = 'accepted')
         from conversation_voices where conversation_id = $1",
    )
    .bind(conversation)
    .fetch_one(pool)
    .await?;
    Ok(Stamp { judged: row.get(0), changes: row.get(1), accepted: row.get(2) })
}

/// How many people have said something.
pub(super) async fn people(pool: &PgPool, conversation: &str) -> Result<u32, sqlx::Error> {
    let people: i64 = sqlx::query_scalar(
        "select count(*) from conversation_voices where conversation_id = $1 and judged > 0",
    )
    .bind(conversation)
    .fetch_one(pool)
    .await?;
    Ok(u32::try_from(people).unwrap_or(u32::MAX))
}

/// The map that is told, with how many people had spoken when it was drawn.
pub(super) async fn told_map(
    pool: &PgPool,
    conversation: &str,
) -> Result<Option<(u32, Vec<u8>)>, sqlx::Error> {
    let row = sqlx::query("select people, map from told_maps where conversation_id = $1")
        .bind(conversation)
        .fetch_optional(pool)
        .await?;
    Ok(row.map(|row| (row.get::<i32, _>(0).unsigned_abs(), row.get(1))))
}

/// Keeps a map to be told, unless one is there that was drawn of nearly as many people.
pub(super) async fn keep_told_map(
    pool: &PgPool,
    conversation: &str,
    (people, newcomers): (u32, u32),
    map: &[u8],
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into told_maps (conversation_id, people, map) values ($1, $2, $3)
         on conflict (conversation_id) do update set people = excluded.people, map = excluded.map
         where told_maps.people + $4 <= excluded.people",
    )
    .bind(conversation)
    .bind(i64::from(people))
    .bind(map)
    .bind(i64::from(newcomers))
    .execute(pool)
    .await
    .map(drop)
}

/// Reads conversations on a topic, newest first.
pub(super) async fn list(
    pool: &PgPool,
    topic: &TopicId,
    page: &Page,
) -> Result<Vec<(String, Conversation, i64)>, sqlx::Error> {
    let query = "select c.conversation_id, a.version, a.state from conversations c join aggregates a on a.kind = 'conversation' and a.id = c.conversation_id
         where c.topic_id = $1
           and ($2 = 9223372036854775807 or (c.opened_at, c.conversation_id) < ('epoch'::timestamptz + $2 * interval '1 microsecond', $3))
         order by c.opened_at desc, c.conversation_id desc limit $4";
    newest(pool, query, &topic.to_string(), page).await
}

/// Reads statements by number, of one status or all.
pub(super) async fn statements(
    pool: &PgPool,
    conversation: &str,
    status: Option<&str>,
    page: &Page,
) -> Result<Vec<(u32, Statement)>, sqlx::Error> {
    let after = page.after.as_deref().and_then(|key| key.parse::<i32>().ok()).unwrap_or_default();
    let rows = sqlx::query(
        "select s.number, a.state from conversation_statements s
         join aggregates a on a.kind = 'statement' and a.id = s.conversation_id || '/' || s.number
         where s.conversation_id = $1 and s.number > $2 and ($3::text is null or s.status = $3) order by s.number limit $4",
    )
    .bind(conversation)
    .bind(after)
    .bind(status)
    .bind(page.limit())
    .fetch_all(pool)
    .await?;
    let read = |row: &sqlx::postgres::PgRow| {
        let Json(statement) = row.try_get::<Json<Statement>, _>(1)?;
        Ok((row.try_get::<i32, _>(0)?.unsigned_abs(), statement))
    };
    rows.iter().map(read).collect()
}
