//! The SQL of ballots, rolls, slips and votes, and nothing else.

use gongzhi_chassis::execute::Rows;
use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::ids::AreaCode;
use serde_json::json;
use sqlx::{PgConnection, PgPool, Row};

use super::count::Choice;
use super::state::{Ballot, Elector};
use super::vote::{Polling, Vote};
use crate::newest::newest;

/// What a ballot is listed by, and what votes are decided by.
pub(super) fn index(id: &str, ballot: &Ballot) -> Rows {
    Rows::new(
        "insert into ballots (ballot_id, topic_id, area_code, prepared_at, opens_at, closes_at, counted)
         select r.ballot_id, r.topic_id, r.area_code, r.prepared_at, r.opens_at, r.closes_at, r.counted
         from json_to_recordset($1) as r (ballot_id text, topic_id text, area_code text, prepared_at timestamptz, opens_at timestamptz, closes_at timestamptz, counted boolean)
         on conflict (ballot_id) do update set counted = excluded.counted where ballots.counted <> excluded.counted",
        json!({
            "ballot_id": id,
            "topic_id": ballot.plan.topic.to_string(),
            "area_code": ballot.plan.area.as_str(),
            "prepared_at": ballot.prepared_at,
            "opens_at": ballot.plan.opens_at,
            "closes_at": ballot.plan.closes_at,
            "counted": ballot.closing.is_some(),
        }),
    )
}

/// The identity of a vote: its ballot and its slip.
pub(super) fn vote_id(ballot: &str, slip: i32) -> String {
    format!("{ballot}/{slip}")
}

fn word(choice: Choice) -> &'static str {
    match choice {
        Choice::For => "for",
        Choice::Against => "against",
        Choice::Abstain => "abstain",
    }
}

/// What a vote is counted by.
pub(super) fn index_vote(id: &str, vote: &Vote) -> Rows {
    let (ballot, slip) = id.split_once('/').unwrap_or((id, "0"));
    let (choice, half_entered) = match vote {
        Vote::Nothing => (None, false),
        Vote::HalfEntered { .. } => (None, true),
        Vote::Standing { choice } => (Some(word(*choice)), false),
    };
    Rows::new(
        "insert into votes (ballot_id, slip, choice, half_entered)
         select r.ballot_id, r.slip, r.choice, r.half_entered
         from json_to_recordset($1) as r (ballot_id text, slip integer, choice text, half_entered boolean)
         on conflict (ballot_id, slip) do update set choice = excluded.choice, half_entered = excluded.half_entered",
        json!({
            "ballot_id": ballot,
            "slip": slip.parse::<i32>().unwrap_or_default(),
            "choice": choice,
            "half_entered": half_entered,
        }),
    )
}

/// Enters electors from a number on.
pub(super) async fn enter(
    connection: &mut PgConnection,
    ballot: &str,
    first: u32,
    electors: &[Elector],
) -> Result<(), sqlx::Error> {
    let numbers: Vec<i32> = (first..).take(electors.len()).map(|number| number as i32).collect();
    sqlx::query(
        "insert into electors (ballot_id, number, area, unsold)
         select $1, * from unnest($2::integer[], $3::bigint[], $4::boolean[])",
    )
    .bind(ballot)
    .bind(numbers)
    .bind(electors.iter().map(|elector| elector.area as i64).collect::<Vec<_>>())
    .bind(electors.iter().map(|elector| elector.unsold).collect::<Vec<_>>())
    .execute(connection)
    .await
    .map(drop)
}

/// Keeps digests of codes, by slip from 1 on.
pub(super) async fn keep_slips(
    connection: &mut PgConnection,
    ballot: &str,
    digests: &[String],
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into slips (ballot_id, digest, slip)
         select $1, d.digest, d.slip from unnest($2::text[]) with ordinality as d (digest, slip)",
    )
    .bind(ballot)
    .bind(digests)
    .execute(connection)
    .await
    .map(drop)
}

/// The slip of a code, by its digest.
pub(super) async fn slip(pool: &PgPool, ballot: &str, digest: &str) -> Result<Option<i32>, sqlx::Error> {
    sqlx::query_scalar("select slip from slips where ballot_id = $1 and digest = $2")
        .bind(ballot)
        .bind(digest)
        .fetch_optional(pool)
        .await
}

/// When votes are taken. Held shared until the end of the transaction, so that no count comes between.
pub(super) async fn polling(
    connection: &mut PgConnection,
    ballot: &str,
) -> Result<Option<(Polling, AreaCode)>, Failure> {
    let row = sqlx::query(
        "select opens_at, closes_at, counted, area_code from ballots where ballot_id = $1 for share",
    )
    .bind(ballot)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let polling = Polling {
        opens_at: row.get::<jiff_sqlx::Timestamp, _>(0).to_jiff(),
        closes_at: row.get::<jiff_sqlx::Timestamp, _>(1).to_jiff(),
        counted: row.get(2),
    };
    let area = AreaCode::parse(row.get(3)).map_err(|error| Failure::Bug(error.to_string()))?;
    Ok(Some((polling, area)))
}

/// Waits until no vote is under way, and lets none begin before the end of the transaction.
pub(super) async fn hold(connection: &mut PgConnection, ballot: &str) -> Result<(), sqlx::Error> {
    sqlx::query("select 1 from ballots where ballot_id = $1 for update")
        .bind(ballot)
        .fetch_optional(connection)
        .await
        .map(drop)
}

/// The roll in the order of its numbers.
pub(super) async fn roll(connection: &mut PgConnection, ballot: &str) -> Result<Vec<Elector>, sqlx::Error> {
    let rows = sqlx::query("select area, unsold from electors where ballot_id = $1 order by number")
        .bind(ballot)
        .fetch_all(connection)
        .await?;
    let elector = |row: &sqlx::postgres::PgRow| Elector {
        area: row.get::<i64, _>(0).unsigned_abs(),
        unsold: row.get(1),
    };
    Ok(rows.iter().map(elector).collect())
}

fn choice(word: &str) -> Choice {
    match word {
        "for" => Choice::For,
        "against" => Choice::Against,
        _ => Choice::Abstain,
    }
}

/// Votes that stand, by slip, in the order of the digests of their codes, which means nothing.
pub(super) async fn standing(
    connection: &mut PgConnection,
    ballot: &str,
) -> Result<Vec<(i32, Choice)>, sqlx::Error> {
    let rows = sqlx::query(
        "select v.slip, v.choice from votes v join slips s on s.ballot_id = v.ballot_id and s.slip = v.slip
         where v.ballot_id = $1 and v.choice is not null order by s.digest",
    )
    .bind(ballot)
    .fetch_all(connection)
    .await?;
    Ok(rows.iter().map(|row| (row.get(0), choice(row.get(1)))).collect())
}

/// How many votes stand, and how many papers one person alone has entered.
pub(super) async fn turnout(pool: &PgPool, ballot: &str) -> Result<(u32, u32), sqlx::Error> {
    let row = sqlx::query(
        "select count(choice), count(*) filter (where half_entered) from votes where ballot_id = $1",
    )
    .bind(ballot)
    .fetch_one(pool)
    .await?;
    let number = |at: usize| u32::try_from(row.get::<i64, _>(at)).unwrap_or(u32::MAX);
    Ok((number(0), number(1)))
}

/// How many papers one person alone has entered, as this transaction sees it.
pub(super) async fn half_entered(connection: &mut PgConnection, ballot: &str) -> Result<u32, sqlx::Error> {
    let waiting: i64 = sqlx::query_scalar("select count(*) from votes where ballot_id = $1 and half_entered")
        .bind(ballot)
        .fetch_one(connection)
        .await?;
    Ok(u32::try_from(waiting).unwrap_or(u32::MAX))
}

/// Keeps a public record.
pub(super) async fn keep_record(
    connection: &mut PgConnection,
    ballot: &str,
    record: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("insert into ballot_records (ballot_id, record) values ($1, $2)")
        .bind(ballot)
        .bind(record)
        .execute(connection)
        .await
        .map(drop)
}

/// A public record.
pub(super) async fn record(pool: &PgPool, ballot: &str) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("select record from ballot_records where ballot_id = $1")
        .bind(ballot)
        .fetch_optional(pool)
        .await
}

/// True when a ballot on a topic was published.
pub(super) async fn was_published_on(pool: &PgPool, topic: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select exists (select 1 from ballots b join aggregates a on a.kind = 'ballot' and a.id = b.ballot_id
                        where b.topic_id = $1 and a.state->>'published_at' is not null)",
    )
    .bind(topic)
    .fetch_one(pool)
    .await
}

/// Reads ballots on a topic, newest first.
pub(super) async fn list(
    pool: &PgPool,
    topic: &str,
    page: &Page,
) -> Result<Vec<(String, Ballot, i64)>, sqlx::Error> {
    let query = "select b.ballot_id, a.version, a.state from ballots b join aggregates a on a.kind = 'ballot' and a.id = b.ballot_id
         where b.topic_id = $1
           and ($2 = 9223372036854775807 or (b.prepared_at, b.ballot_id) < ('epoch'::timestamptz + $2 * interval '1 microsecond', $3))
         order by b.prepared_at desc, b.ballot_id desc limit $4";
    newest(pool, query, topic, page).await
}
