//! The machine's own limits: how many commits of as many rows as a command writes, how many messages in atomic batches.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use gongzhi_chassis::bus::{BATCH, Bus, Outgoing, StreamLimits};
use gongzhi_chassis::record;
use gongzhi_chassis::run::Context;
use gongzhi_proto::ids::AreaCode;
use uuid::Uuid;

use crate::process::Ground;

/// Bytes of a fact on the wire, about.
const BODY: usize = 640;

/// Commits per second, each of the five rows that a command writes: aggregate, index, history, command, outbox.
pub(crate) async fn commits(context: &Context, clients: u32, time: Duration) -> Result<f64> {
    let pool = record::connect(&context.database_url, "dispatch", clients).await?;
    sqlx::raw_sql(
        "create table raw_aggregates (id uuid primary key, state json, hash bytea); create table raw_index (id uuid primary key, area text, at timestamptz);
         create table raw_history (id uuid, version bigint, event text, hash bytea, primary key (id, version));
         create table raw_commands (id uuid primary key, fingerprint bytea, touched json); create table raw_outbox (seq bigint generated always as identity primary key, id uuid, subject text, body bytea);
         create index on raw_index (area, at desc)",
    )
    .execute(&pool)
    .await?;
    let count = Arc::new(AtomicU64::new(0));
    let until = Instant::now() + time;
    let state = format!("{{\"text\":\"{}\"}}", "x".repeat(700));
    let clients = (0..clients).map(|_| {
        let (pool, count, state) = (pool.clone(), count.clone(), state.clone());
        tokio::spawn(async move {
            while Instant::now() < until {
                let id = Uuid::now_v7();
                sqlx::query(
                    "with a as (insert into raw_aggregates values ($1, $2::json, $3)), i as (insert into raw_index values ($1, '330105001052', now())),
                          h as (insert into raw_history values ($1, 1, $2, $3)), c as (insert into raw_commands values ($1, $3, '[]'))
                     insert into raw_outbox (id, subject, body) values ($1, 'gov.330105.001.052.dispatch.case_registered.all', $4)",
                )
                .bind(id)
                .bind(&state)
                .bind(&[7_u8; 32][..])
                .bind(&[7_u8; BODY][..])
                .execute(&pool)
                .await?;
                count.fetch_add(1, Ordering::Relaxed);
            }
            Ok::<_, sqlx::Error>(())
        })
    });
    for client in futures::future::join_all(clients).await {
        client??;
    }
    sqlx::raw_sql("drop table raw_aggregates, raw_index, raw_history, raw_commands, raw_outbox")
        .execute(&pool)
        .await?;
    pool.close().await;
    Ok(count.load(Ordering::Relaxed) as f64 / time.as_secs_f64())
}

/// Messages per second into a stream of the same kind, one atomic batch after the other.
pub(crate) async fn messages(ground: &Ground, time: Duration) -> Result<f64> {
    let bus =
        Bus::connect(&ground.nats_url, "raw", AreaCode::parse("999999")?, ground.nats_credentials.as_ref())
            .await?;
    bus.ensure_stream(&StreamLimits { max_age_days: 1, max_bytes: 4 << 30, replicas: 1 }).await?;
    let (since, mut count) = (Instant::now(), 0_usize);
    while since.elapsed() < time {
        let message = |_| Outgoing {
            subject: "gov.999999.001.052.dispatch.case_registered.all".into(),
            id: Uuid::now_v7(),
            body: vec![7; BODY].into(),
        };
        count += bus.publish(&(0..BATCH).map(message).collect::<Vec<_>>()).await?.stored;
    }
    let rate = count as f64 / since.elapsed().as_secs_f64();
    bus.delete_stream().await?;
    Ok(rate)
}
