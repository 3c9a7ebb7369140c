//! A rolling restart under load: replicas of all services, each a process of its own, are exchanged one by one as a Deployment exchanges pods (a new one
//! first, then the old one is sent nobody, drained and told to end), while clients register cases at a steady rate. Clients do what clients do: a call
//! that was cut off is repeated with its key.

use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::config::Settings;
use gongzhi_chassis::run::Context;
use gongzhi_embedded::Companion;
use tokio::task::JoinSet;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::balancer::Balancer;
use super::load::{self, Load, Patience};
use super::{lag, settle, verify};
use crate::demo::actor::Stage;
use crate::demo::cast::District;
use crate::process::Ground;
use crate::seed;
use crate::services::Name;

/// How long a new replica may take until it is ready.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// How long one that goes still serves after nobody is sent to it any more: less than the chart's 8 s, which is worse for callers.
const DRAIN: Duration = Duration::from_secs(2);
/// How long it may then take to end.
const ENDED_WITHIN: Duration = Duration::from_secs(30);
/// One in so many registrations is followed to the projection.
const ONE_IN: usize = 5;
/// What a lag must be under again.
const LAG: Duration = Duration::from_secs(1);
/// And within what time after the last restart.
const AGAIN_WITHIN: Duration = Duration::from_secs(10);

/// What is exchanged under what load.
pub(super) struct Order {
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
    repeated: usize,
    /// When a case was registered, from the beginning, and how long it took to the projection.
    lags: Vec<(Duration, Duration)>,
    /// When the first restart began and when the last one was over.
    restarts: (Duration, Duration),
    exchanged: usize,
    /// Replicas that had to be killed.
    killed: usize,
}

/// A replica at work.
struct Replica {
    process: Companion,
    grpc: SocketAddr,
}

pub(super) async fn run(order: &Order, settings: &Settings, ground: &Ground) -> Result<()> {
    let context = ground.prepare(settings, Clock::system()).await?;
    let divisions = seed::divisions(&context).await?;
    let balancer = Balancer::open().await?;
    let mut replicas = Vec::new();
    for _ in 0..order.replicas {
        replicas.push(start(ground, settings).await?);
    }
    for replica in &replicas {
        balancer.add(replica.grpc);
    }
    // As many connections as clients have, over which replicas are spread.
    let mut districts = Vec::new();
    for nth in 0..order.clients {
        let stage = Stage::at(&format!("http://{}", balancer.address), &context).await?;
        if nth == 0 {
            districts.push(seed::people(&context, &stage, &divisions).await?);
        } else if let Some(first) = districts.first() {
            let again = first.over(&stage);
            districts.push(again);
        }
    }
    let outcome =
        under_load(order, (ground, settings, &context), (districts, &balancer), &mut replicas).await;
    tokio::task::spawn_blocking(move || {
        replicas.into_iter().try_for_each(|replica| replica.process.stop(ENDED_WITHIN).map(drop))
    })
    .await??;
    let outcome = outcome?;
    let lost = verify(&context, std::slice::from_ref(&outcome.load)).await?;
    report(order, &outcome, lost)
}

async fn under_load(
    order: &Order,
    (ground, settings, context): (&Ground, &Settings, &Context),
    (districts, balancer): (Vec<District>, &Balancer),
    replicas: &mut [Replica],
) -> Result<Outcome> {
    eprintln!("{:.0} cases/s over {} replicas…", order.rate, order.replicas);
    let since = Instant::now();
    let stop = Arc::new(tokio::sync::Notify::new());
    let load = tokio::spawn(register(since, order.rate, districts, context.clone(), stop.clone()));
    tokio::time::sleep(order.time).await;
    let began = since.elapsed();
    let (mut exchanged, mut killed) = (0, 0);
    for replica in replicas.iter_mut() {
        eprintln!("exchanging replica {}…", exchanged + 1);
        let new = start(ground, settings).await?;
        balancer.add(new.grpc);
        let old = std::mem::replace(replica, new);
        balancer.remove(old.grpc);
        tokio::time::sleep(DRAIN).await;
        let went = tokio::task::spawn_blocking(move || old.process.stop(ENDED_WITHIN)).await??;
        killed += usize::from(!went);
        exchanged += 1;
    }
    let over = since.elapsed();
    tokio::time::sleep(AGAIN_WITHIN + order.time).await;
    stop.notify_one();
    let (load, failed, repeated, lags) = load.await??;
    settle(context).await?;
    Ok(Outcome { load, failed, repeated, lags, restarts: (began, over), exchanged, killed })
}

type Registered = (Load, Vec<String>, usize, Vec<(Duration, Duration)>);

/// Registers cases at a steady rate until told to stop, whether answers come or not, and follows some of them.
async fn register(
    since: Instant,
    rate: f64,
    districts: Vec<District>,
    context: Context,
    stop: Arc<tokio::sync::Notify>,
) -> Result<Registered> {
    let reporting = context.writer("reporting").await?.pool().clone();
    let repeated = Arc::new(AtomicUsize::new(0));
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
        let (pool, repeated) = (reporting.clone(), repeated.clone());
        calls.spawn(async move {
            let at = since.elapsed();
            let patience = Patience { repeated };
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
    Ok((load, failed, repeated.load(Ordering::Relaxed), lags))
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

/// Starts a replica of all services as a process of its own and waits until it is ready.
async fn start(ground: &Ground, settings: &Settings) -> Result<Replica> {
    let (grpc, operations) = (free_address()?, free_address()?);
    let mut command = Command::new(std::env::current_exe().context("where this program is, is not known")?);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GONGZHI_")) {
        command.env_remove(name);
    }
    let names = Name::WITH_RECORD.into_iter().filter_map(Name::schema);
    command
        .arg("serve")
        .args(names)
        .env("GONGZHI_DATABASE_URL", &ground.database_url)
        .env("GONGZHI_NATS_URL", &ground.nats_url)
        .env("GONGZHI_DISTRICT", settings.district.as_str())
        .env("GONGZHI_GRPC_ADDRESS", grpc.to_string())
        .env("GONGZHI_OPERATIONS_ADDRESS", operations.to_string())
        .env("GONGZHI_DATABASE_CONNECTIONS", "6")
        .env("GONGZHI_LOG", "error")
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    if let Some(credentials) = &ground.nats_credentials {
        command.env("GONGZHI_NATS_CREDENTIALS", credentials.reveal());
    }
    let mut process = Companion::start(command).context("a replica does not start")?;
    let since = Instant::now();
    while !is_ready(operations).await {
        ensure!(process.ended()?.is_none(), "a replica ended while it started");
        ensure!(
            since.elapsed() < READY_WITHIN,
            "a replica was not ready within {} s",
            READY_WITHIN.as_secs()
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(Replica { process, grpc })
}

/// Asks as a kubelet asks.
async fn is_ready(operations: SocketAddr) -> bool {
    let Ok(channel) = gongzhi_chassis::client::connection(
        &format!("http://{operations}"),
        &gongzhi_chassis::tls::Files::default(),
    ) else {
        return false;
    };
    let request = HealthCheckRequest { service: gongzhi_chassis::operations::READY.into() };
    let answer = HealthClient::new(channel).check(request).await;
    answer.is_ok_and(|answer| answer.into_inner().status() == ServingStatus::Serving)
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

fn report(order: &Order, outcome: &Outcome, lost: i64) -> Result<()> {
    let (began, over) = outcome.restarts;
    let p99 = |lags: &[(Duration, Duration)]| {
        let mut lags: Vec<_> = lags.iter().map(|(_, lag)| *lag).collect();
        lags.sort_unstable();
        lags.get(lags.len().saturating_sub(1) * 99 / 100).copied()
    };
    let (before, rest): (Vec<_>, Vec<_>) = outcome.lags.iter().partition(|(at, _)| *at < began);
    let (during, after): (Vec<_>, Vec<_>) = rest.into_iter().partition(|(at, _)| *at < over);
    let (_, again): (Vec<_>, Vec<_>) = after.iter().copied().partition(|(at, _)| *at < over + AGAIN_WITHIN);
    let recovered = outcome
        .lags
        .iter()
        .filter(|(_, lag)| *lag >= LAG)
        .map(|(at, lag)| (*at + *lag).saturating_sub(over))
        .max()
        .unwrap_or_default();
    let ms = |lag: Option<Duration>| lag.map_or(f64::NAN, |lag| lag.as_secs_f64() * 1e3);
    println!(
        "replicas exchanged           {:>10}   of {}, in {:.1} s",
        outcome.exchanged,
        order.replicas,
        (over - began).as_secs_f64()
    );
    println!(
        "cases registered             {:>10}   {:.0} a second",
        outcome.load.commands,
        outcome.load.per_second()
    );
    println!(
        "calls repeated               {:>10}   cut off, and sent again with their key",
        outcome.repeated
    );
    println!("writes failed                {:>10}", outcome.failed.len());
    println!("lag p99 before               {:>10.1} ms of {} samples", ms(p99(&before)), before.len());
    println!("lag p99 during               {:>10.1} ms of {} samples", ms(p99(&during)), during.len());
    println!(
        "lag p99 after {:>2} s           {:>10.1} ms of {} samples",
        AGAIN_WITHIN.as_secs(),
        ms(p99(&again)),
        again.len()
    );
    println!(
        "last lag of {} s or more      {:>10.1} s after the last restart was over",
        LAG.as_secs(),
        recovered.as_secs_f64()
    );
    println!("ended only by force          {:>10}", outcome.killed);
    println!("lost                         {:>10}", lost);
    for failed in outcome.failed.iter().take(5) {
        println!("  {failed}");
    }
    ensure!(outcome.failed.is_empty(), "{} writes failed", outcome.failed.len());
    ensure!(lost == 0, "{lost} were lost");
    ensure!(outcome.killed == 0, "{} replicas did not end in time", outcome.killed);
    ensure!(
        p99(&again).is_some_and(|lag| lag < LAG),
        "{} s after the last restart the lag is not under {} s again",
        AGAIN_WITHIN.as_secs(),
        LAG.as_secs()
    );
    Ok(())
}
