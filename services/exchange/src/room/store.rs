//! SQL of rooms: what lists are searched by, and what was gathered.

use std::collections::BTreeSet;

use gongzhi_chassis::execute::Rows;
use gongzhi_chassis::page::{Page, newest_key};
use gongzhi_chassis::status::Failure;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool, Row};
use uuid::Uuid;

use super::Room;
use super::entry::Entry;
use crate::hub::Seen;
use crate::party::Party;

/// A room as it is listed.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) room_id: String,
    pub(super) room: Room,
    pub(super) version: i64,
}

impl Listed {
    /// Where a page that ends with this room is continued.
    pub(super) fn key(&self) -> String {
        newest_key(self.room.opened_at, &self.room_id)
    }
}

/// The word for a state in the table.
pub(super) fn word(is_closed: bool) -> &'static str {
    if is_closed { "closed" } else { "open" }
}

pub(super) fn index(id: &str, room: &Room) -> Vec<Rows> {
    let parties: Vec<_> =
        room.opening.called.iter().chain([&room.opening.opener]).map(ToString::to_string).collect();
    vec![Rows::new(
        "insert into room_members (room_id, party, status, opened_at)
         select r.room_id, p.party, r.status, r.opened_at
         from json_to_recordset($1) as r (room_id text, parties json, status text, opened_at timestamptz),
              json_array_elements_text(r.parties) as p (party)
         on conflict (room_id, party) do update set status = excluded.status",
        json!({
            "room_id": id,
            "parties": parties,
            "status": word(room.closing.is_some()),
            "opened_at": room.opened_at,
        }),
    )]
}

/// Rooms of an organization, newest first.
pub(super) async fn list(
    pool: &PgPool,
    party: &Party,
    statuses: &[&str],
    page: &Page,
) -> Result<Vec<Listed>, Failure> {
    let (before_at, before_id) = page.before();
    let rows = sqlx::query(
        "select m.room_id, a.state, a.version from room_members m join aggregates a on a.kind = 'room' and a.id = m.room_id
         where m.party = $1 and (cardinality($2::text[]) = 0 or m.status = any ($2))
           and ($3 = 9223372036854775807 or (m.opened_at, m.room_id) < ('epoch'::timestamptz + $3 * interval '1 microsecond', $4))
         order by m.opened_at desc, m.room_id desc limit $5",
    )
    .bind(party.to_string())
    .bind(statuses)
    .bind(before_at)
    .bind(before_id)
    .bind(page.limit())
    .fetch_all(pool)
    .await?;
    let listed = |row: &sqlx::postgres::PgRow| {
        let Json(room) = row.try_get::<Json<Room>, _>(1)?;
        Ok(Listed { room_id: row.try_get(0)?, room, version: row.try_get(2)? })
    };
    rows.iter().map(listed).collect()
}

/// One point of a timeline: copies of a fact, or an entry.
pub(super) struct Point {
    pub(super) at: Timestamp,
    pub(super) name: String,
    /// Where a page that ends with this point is continued: the id of its first event, which tells nothing of what it is to whoever may not see it.
    pub(super) id: Uuid,
    pub(super) copies: Vec<Vec<u8>>,
    pub(super) entry: Option<Entry>,
}

/// Points of a room behind one of them, oldest first.
pub(super) async fn points(
    pool: &PgPool,
    room_id: &str,
    after: Option<Uuid>,
    most: i64,
) -> Result<Vec<Point>, Failure> {
    let rows = sqlx::query(
        "with behind as materialized (
             select '-infinity'::timestamptz as at, '' collate \"C\" as point where $2::uuid is null
             union all select happened_at, point from room_facts where room_id = $1 and event_id = $2
             union all select added_at, entry_id from room_entries where room_id = $1 and entry_id = $2::text
         ), points as materialized (
             select happened_at as at, point from room_facts
             where room_id = $1 and (happened_at, point) > (select at, point from behind)
             union
             select added_at, entry_id from room_entries
             where room_id = $1 and (added_at, entry_id) > (select at, point from behind)
             order by 1, 2 limit $3
         )
         select p.at, p.point, f.body, a.state::text, coalesce(f.event_id, p.point::uuid)
         from points p
              left join room_facts f on f.room_id = $1 and f.happened_at = p.at and f.point = p.point
              left join aggregates a on a.kind = 'room_entry' and a.id = p.point
         order by p.at, p.point, f.event_id",
    )
    .bind(room_id)
    .bind(after)
    .bind(most)
    .fetch_all(pool)
    .await?;
    let mut points: Vec<Point> = Vec::new();
    for row in rows {
        let at = row.get::<jiff_sqlx::Timestamp, _>(0).to_jiff();
        let name: String = row.get(1);
        let copy: Option<Vec<u8>> = row.get(2);
        match points.last_mut().filter(|last| last.at == at && last.name == name) {
            Some(last) => last.copies.extend(copy),
            None => {
                let entry = row.get::<Option<String>, _>(3);
                let entry = entry.map(|state| serde_json::from_str(&state)).transpose();
                let entry = entry.map_err(|error| Failure::Bug(format!("entry {name}: {error}")))?;
                points.push(Point { at, name, id: row.get(4), copies: copy.into_iter().collect(), entry });
            }
        }
    }
    Ok(points)
}

/// How far the stream was read for a room.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) stream: String,
    pub(super) position: i64,
    pub(super) read_at: Timestamp,
}

/// How far the stream was read for a room; none when it never was.
pub(super) async fn reading(pool: &PgPool, room_id: &str) -> Result<Option<Reading>, Failure> {
    let row = sqlx::query("select stream_created, position, read_at from room_readings where room_id = $1")
        .bind(room_id)
        .fetch_optional(pool)
        .await?;
    Ok(row.map(|row| Reading {
        stream: row.get(0),
        position: row.get(1),
        read_at: row.get::<jiff_sqlx::Timestamp, _>(2).to_jiff(),
    }))
}

/// Identities of aggregates of which something was gathered.
pub(super) async fn threads(pool: &PgPool, room_id: &str) -> Result<Vec<String>, Failure> {
    Ok(sqlx::query_scalar("select distinct aggregate_id from room_facts where room_id = $1")
        .bind(room_id)
        .fetch_all(pool)
        .await?)
}

/// How many facts were gathered.
pub(super) async fn gathered(pool: &PgPool, room_id: &str) -> Result<i64, Failure> {
    Ok(sqlx::query_scalar("select count(*) from room_facts where room_id = $1")
        .bind(room_id)
        .fetch_one(pool)
        .await?)
}

/// Keeps what concerns a room, and how far was read for it. Somebody who reads for it at the same time finds the same.
pub(super) async fn keep(
    pool: &PgPool,
    room_id: &str,
    facts: &[Seen],
    reading: &Reading,
) -> Result<(), Failure> {
    let mut transaction = pool.begin().await?;
    sqlx::query(
        "insert into room_facts (room_id, event_id, aggregate_id, happened_at, point, body)
         select $1, * from unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::text[], $6::bytea[]) on conflict do nothing",
    )
    .bind(room_id)
    .bind(facts.iter().map(|seen| seen.envelope.id).collect::<Vec<_>>())
    .bind(facts.iter().map(|seen| seen.envelope.subject.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|seen| seen.envelope.time.to_sqlx()).collect::<Vec<_>>())
    .bind(facts.iter().map(point).collect::<Vec<_>>())
    .bind(facts.iter().map(|seen| seen.body.as_ref()).collect::<Vec<_>>())
    .execute(&mut *transaction)
    .await?;
    sqlx::query(
        "insert into room_readings as r (room_id, stream_created, position, read_at) values ($1, $2, $3, $4)
         on conflict (room_id) do update set stream_created = excluded.stream_created,
             read_at = greatest(r.read_at, excluded.read_at),
             position = case when r.stream_created = excluded.stream_created then greatest(r.position, excluded.position) else excluded.position end",
    )
    .bind(room_id)
    .bind(&reading.stream)
    .bind(reading.position)
    .bind(reading.read_at.to_sqlx())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}

/// What copies of a fact have in common, so that it is shown once; of one instant and aggregate, versions stand in their order.
fn point(seen: &Seen) -> String {
    let envelope = &seen.envelope;
    format!("{}/{}/{:012}/{}", envelope.aggregatetype, envelope.subject, envelope.sequence, seen.fact)
}

/// Bytes of all files of a room that were not withdrawn.
pub(super) async fn evidence_bytes(connection: &mut PgConnection, room_id: &str) -> Result<u64, sqlx::Error> {
    let bytes: i64 = sqlx::query_scalar(
        "select coalesce(sum((a.state #>> '{said,content,evidence,bytes}')::bigint), 0)::bigint
         from room_entries e join aggregates a on a.kind = 'room_entry' and a.id = e.entry_id
         where e.room_id = $1 and a.state->>'withdrawn' is null",
    )
    .bind(room_id)
    .fetch_one(connection)
    .await?;
    Ok(u64::try_from(bytes).unwrap_or(u64::MAX))
}

/// Of these entries those that stand.
pub(super) async fn standing(pool: &PgPool, entries: &[String]) -> Result<BTreeSet<String>, sqlx::Error> {
    let standing: Vec<String> = sqlx::query_scalar(
        "select id from aggregates where kind = 'room_entry' and id = any ($1) and state->>'withdrawn' is null",
    )
    .bind(entries)
    .fetch_all(pool)
    .await?;
    Ok(standing.into_iter().collect())
}
