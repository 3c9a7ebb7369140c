//! What nobody may do: a table of acts over gRPC and one of addresses for webhooks. Each is done against the real exchange and judged by the code of
//! its answer and by what changed: nothing.

mod acts;
mod addresses;
mod calls;
mod of_others;
mod of_subscriptions;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use anyhow::Result;
use gongzhi_harness::wait_until;
use sqlx::{AssertSqlSafe, PgPool, Row};

use crate::town::Town;

/// Tables of the record; leases and positions of readers move by themselves.
const TABLES: [&str; 13] = [
    "aggregates",
    "history",
    "commands",
    "outbox",
    "grants",
    "subscriptions",
    "cursors",
    "held",
    "signing_keys",
    "fact_types",
    "accepted",
    "nats_accounts",
    "publisher_accounts",
];

/// Everything that an act could change: a hash of every table, the end of the stream, its accounts on the broker.
async fn state(town: &Town, pool: &PgPool) -> Result<BTreeMap<String, String>> {
    let mut state = BTreeMap::new();
    for table in TABLES {
        let hash = format!(
            "select count(*), md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {table} t"
        );
        let row = sqlx::query(AssertSqlSafe(hash)).fetch_one(pool).await?;
        state.insert(table.to_owned(), format!("{} {}", row.get::<i64, _>(0), row.get::<String, _>(1)));
    }
    state.insert("stream".into(), town.bench.context.bus.extent().await?.last.to_string());
    // Other tests have accounts on the same broker.
    let own: Vec<String> = sqlx::query_scalar("select account from nats_accounts").fetch_all(pool).await?;
    let known = town.bench.context.nats_issuer()?.list().await?;
    let served: Vec<_> = own.into_iter().filter(|account| known.contains(account)).collect();
    state.insert("accounts".into(), served.join(" "));
    Ok(state)
}

/// The state once nothing moves any more by itself.
async fn settled(town: &Town, pool: &PgPool) -> Result<BTreeMap<String, String>> {
    wait_until("the exchange comes to rest", async || {
        let before = state(town, pool).await?;
        // Longer than the pause after which workers write where they are.
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        let after = state(town, pool).await?;
        Ok(if before == after { Ok(after) } else { Err(changes(&before, &after)) })
    })
    .await
}

/// What differs, in words.
fn changes(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> String {
    let changed = after.iter().filter(|(what, now)| before.get(*what) != Some(now));
    changed.map(|(what, _)| what.as_str()).collect::<Vec<_>>().join(", ")
}

/// One row of a table.
fn print(number: usize, denial: &dyn fmt::Display, name: &str) {
    println!("{number:>4}  {denial:<28}  {name}", denial = denial.to_string());
}
