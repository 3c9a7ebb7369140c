//! How long after its acknowledgement a case is in the projection, at a steady rate.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use gongzhi_chassis::run::Context;
use sqlx::PgPool;
use tokio::task::JoinSet;

use super::load::{self, Load};
use crate::demo::cast::District;

/// Lag at a rate.
pub(crate) struct Lag {
    /// Commands per second that were acknowledged.
    pub(crate) rate: f64,
    /// Half of the samples are shorter.
    pub(crate) p50: Duration,
    /// One in a hundred is longer.
    pub(crate) p99: Duration,
    /// How many were taken.
    pub(crate) samples: usize,
}

/// One in so many registrations is followed to the projection, so that looking does not disturb what is looked at.
const ONE_IN: usize = 20;

/// Registers cases at a steady rate, whether answers come or not, and follows some of them.
pub(crate) async fn at_rate(
    context: &Context,
    district: &District,
    rate: f64,
    time: Duration,
) -> Result<(Load, Lag)> {
    let reporting = context.writer("reporting").await?.pool().clone();
    let since = Instant::now();
    let mut calls = JoinSet::new();
    let wanted = (rate * time.as_secs_f64()) as usize;
    for nth in 0..wanted {
        let due = since + Duration::from_secs_f64(nth as f64 / rate);
        tokio::time::sleep_until(due.into()).await;
        let place = &district.places[nth % district.places.len()];
        let (officer, communities, pool) =
            (place.officer.clone(), place.communities.clone(), reporting.clone());
        calls.spawn(async move {
            let case_id = load::register(&officer, &communities).await?;
            let lag = if nth % ONE_IN == 0 { Some(follow(&pool, &case_id).await?) } else { None };
            Ok::<_, anyhow::Error>((case_id, lag))
        });
    }
    let (mut load, mut lags) = (Load::default(), Vec::new());
    while let Some(call) = calls.join_next().await {
        let (case_id, lag) = call??;
        load.commands += 1;
        load.cases.push(case_id);
        lags.extend(lag);
    }
    load.took = since.elapsed();
    ensure!(!lags.is_empty(), "no case was followed; measure for longer");
    lags.sort_unstable();
    let at = |hundredth: usize| lags[(lags.len() - 1) * hundredth / 100];
    let lag = Lag { rate: load.per_second(), p50: at(50), p99: at(99), samples: lags.len() };
    Ok((load, lag))
}

/// How long it takes until a case is in the projection.
pub(super) async fn follow(pool: &PgPool, case_id: &str) -> Result<Duration> {
    let since = Instant::now();
    loop {
        let there: bool =
            sqlx::query_scalar("select exists (select 1 from cases where case_id = $1::text::uuid)")
                .bind(case_id)
                .fetch_one(pool)
                .await?;
        if there {
            return Ok(since.elapsed());
        }
        ensure!(
            since.elapsed() < Duration::from_secs(30),
            "case {case_id} did not come to the projection within 30 s"
        );
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
