//! A rolling restart under load: every service has replicas, each a process of its own, which are exchanged one by one, service by service, as a cluster
//! exchanges pods, while clients register cases at a steady rate. Clients do what clients do: a call that was cut off is repeated with its key.

mod fleet;
mod report;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::config::Settings;
use gongzhi_chassis::run::Context;
use tokio::task::JoinSet;

use self::fleet::{Exchanged, Fleet};
use super::load::{self, Load, Patience};
use super::{lag, settle, verify};
use crate::demo::actor::Stage;
use crate::demo::cast::District;
use crate::process::Ground;
use crate::seed;

/// One in so many registrations is followed to the projection.
const ONE_IN: usize = 5;
/// What a lag must be under again.
const LAG: Duration = Duration::from_secs(1);
/// And within what time after the last restart.
const AGAIN_WITHIN: Duration = Duration::from_secs(10);

/// What is exchanged under what load.
pub(super) struct Order {
    /// Of every service.
    pub(super) replicas: usize,
    /// Registrations per second.
    pub(super) rate: f64,
    /// How long is measured before the first and after the last restart.
    pub(super) time: Duration,
    pub(super) clients: usize,
}

/// What came of it.
struct Outcome {
    load: Load,
    failed: Vec<String>,
    /// Calls that were sent again, by what they had been told.
    repeated: BTreeMap<String, usize>,
    /// When a case was registered, from the beginning, and how long it took to the projection.
    lags: Vec<(Duration, Duration)>,
    /// When the first restart began and when the last one was over.
    restarts: (Duration, Duration),
    exchanged: Exchanged,
    /// Processes there were.
    processes: usize,
}

pub(super) async fn run(order: &Order, settings: &Settings, ground: &Ground) -> Result<()> {
    let context = ground.prepare(settings, Clock::system()).await?;
    let divisions = seed::divisions(&context).await?;
    eprintln!("{} replicas of every service, each a process of its own…", order.replicas);
    let mut fleet = Fleet::start(ground, settings, order.replicas).await?;
    let people = Stage::at(&fleet.address("organization")?, &context).await?;
    let district = seed::people(&context, &people, &divisions).await?;
    // As many connections as clients have, over which replicas are spread.
    let mut districts = Vec::new();
    for _ in 0..order.clients {
        let cases = Stage::at(&fleet.address("dispatch")?, &context).await?;
        districts.push(district.over(&cases));
    }
    let outcome = under_load(order, &context, districts, &mut fleet).await;
    fleet.stop().await?;
    let outcome = outcome?;
    let lost = verify(&context, std::slice::from_ref(&outcome.load)).await?;
    report::print(order, &outcome, lost);
    report::judge(order, &outcome, lost)
}

async fn under_load(
    order: &Order,
    context: &Context,
    districts: Vec<District>,
    fleet: &mut Fleet<'_>,
) -> Result<Outcome> {
    eprintln!("{:.0} cases/s…", order.rate);
    let since = Instant::now();
    let stop = Arc::new(tokio::sync::Notify::new());
    let load = tokio::spawn(register(since, order.rate, districts, context.clone(), stop.clone()));
    tokio::time::sleep(order.time).await;
    let began = since.elapsed();
    let exchanged = fleet.restart().await?;
    let over = since.elapsed();
    tokio::time::sleep(AGAIN_WITHIN + order.time).await;
    stop.notify_one();
    let (load, failed, repeated, lags) = load.await??;
    settle(context).await?;
    let processes = fleet.processes();
    Ok(Outcome { load, failed, repeated, lags, restarts: (began, over), exchanged, processes })
}

type Registered = (Load, Vec<String>, BTreeMap<String, usize>, Vec<(Duration, Duration)>);

/// Registers cases at a steady rate until told to stop, whether answers come or not, and follows some of them.
async fn register(
    since: Instant,
    rate: f64,
    districts: Vec<District>,
    context: Context,
    stop: Arc<tokio::sync::Notify>,
) -> Result<Registered> {
    let reporting = context.writer("reporting").await?.pool().clone();
    let patience = Patience::default();
    let mut calls = JoinSet::new();
    let (mut load, mut failed, mut lags) = (Load::default(), Vec::new(), Vec::new());
    for nth in 0_usize.. {
        let due = since + Duration::from_secs_f64(nth as f64 / rate);
        tokio::select! {
            () = stop.notified() => break,
            () = tokio::time::sleep_until(due.into()) => {}
        }
        let district = &districts[nth % districts.len()];
        let place = &district.places[nth % district.places.len()];
        let (officer, communities) = (place.officer.clone(), place.communities.clone());
        let (pool, patience) = (reporting.clone(), patience.clone());
        calls.spawn(async move {
            let at = since.elapsed();
            let case_id = load::register_patiently(&officer, &communities, &patience).await?;
            let lag = if nth % ONE_IN == 0 { Some((at, lag::follow(&pool, &case_id).await?)) } else { None };
            Ok::<_, anyhow::Error>((case_id, lag))
        });
        while let Some(done) = calls.try_join_next() {
            note(done?, &mut load, &mut failed, &mut lags);
        }
    }
    while let Some(done) = calls.join_next().await {
        note(done?, &mut load, &mut failed, &mut lags);
    }
    load.took = since.elapsed();
    Ok((load, failed, patience.repeated(), lags))
}

fn note(
    done: Result<(String, Option<(Duration, Duration)>)>,
    load: &mut Load,
    failed: &mut Vec<String>,
    lags: &mut Vec<(Duration, Duration)>,
) {
    match done {
        Ok((case_id, lag)) => {
            load.commands += 1;
            load.cases.push(case_id);
            lags.extend(lag);
        }
        Err(error) => failed.push(format!("{error:#}")),
    }
}
