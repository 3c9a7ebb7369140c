//! `gongzhi simulate --subscriptions`: how long facts take to many subscribers with field filters, what is lost on the way, and what a subscription more
//! costs. The receivers run in the same process, so their memory and time are in every figure.

mod drive;
mod footprint;
mod mix;
mod organizations;
mod receive;
mod report;

use std::collections::HashSet;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use futures::StreamExt;
use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::config::Settings;
use gongzhi_proto::envelope::Envelope;
use gongzhi_proto::subjects::stream_subjects;
use jiff::SignedDuration;
use tokio::task::JoinSet;
use uuid::Uuid;

use self::drive::Driven;
use self::footprint::Footprint;
use self::mix::{Wanted, Way};
use self::organizations::Organizations;
use self::receive::{Receipt, Receipts};
use crate::demo::cast::{self, District};
use crate::process::{Ground, Process};
use crate::seed;
use crate::services::Name;

/// How many, how fast, how long.
pub(super) struct Order {
    pub(super) subscriptions: usize,
    pub(super) rate: f64,
    pub(super) time: Duration,
}

/// How long deliveries may be on their way after the last fact.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long the load runs before anything is measured.
const WARM_UP: Duration = Duration::from_secs(3);
/// How long receivers may take until they receive.
const SETTLED_AFTER: Duration = Duration::from_secs(5);
/// Subscriptions that are made at the same time.
const AT_ONCE: usize = 8;

/// What was measured.
pub(super) struct Measured {
    /// How many came over each way.
    ways: [(Way, usize); 3],
    /// How long it took to make them.
    made_in: Duration,
    driven: Driven,
    /// Facts that were found on the bus.
    facts: usize,
    deliveries: Deliveries,
    /// Before the subscriptions, with them at rest, and under load.
    memory: [u64; 3],
    /// Share of one core without subscriptions, with them at rest, and with them under load: of this process, and of everything.
    cores: [(f64, f64); 3],
}

/// Measures and reports.
pub(super) async fn run(order: &Order, settings: &Settings, ground: &Ground) -> Result<()> {
    let context = ground.prepare(settings, Clock::system()).await?;
    let divisions = seed::divisions(&context).await?;
    let process = Process::start(context, &Name::WITH_RECORD).await?;
    let measured = measure(order, &process, ground, &divisions).await;
    process.stop().await?;
    let measured = measured?;
    report::print(order, &measured);
    let Deliveries { lost, foreign, .. } = measured.deliveries;
    ensure!(lost == 0, "{lost} deliveries were lost");
    ensure!(foreign == 0, "{foreign} deliveries were not due to who got them");
    Ok(())
}

async fn measure(
    order: &Order,
    process: &Process,
    ground: &Ground,
    divisions: &seed::Divisions,
) -> Result<Measured> {
    let stage = crate::demo::actor::Stage::of(process).await?;
    let operator = seed::operator(&process.context, &stage).await?;
    seed::departments(&operator, process.context.bus.district().as_str()).await?;
    let district = cast::populate(&stage, &operator, divisions).await?;
    eprintln!("organizations sign in and are granted what they need…");
    let organizations = organizations::appoint(process, &stage, &operator, divisions).await?;

    eprintln!("{:.0} facts/s without subscriptions…", order.rate);
    // Connections and plans of the database are made at the first calls.
    drive::at_rate(&district, order.rate, WARM_UP).await?;
    let (_, alone) = watched(order, &district).await?;
    super::settle(&process.context).await?;
    let before = Footprint::now()?;

    eprintln!("making {} subscriptions…", order.subscriptions);
    let wanted = mix::mix(order.subscriptions, divisions, seed::DEPARTMENTS.len());
    let receipts = Receipts::default();
    let since = Instant::now();
    let mut receivers = subscribe(&wanted, &organizations, ground, process, &receipts).await?;
    let made_in = since.elapsed();
    tokio::time::sleep(SETTLED_AFTER).await;
    let (rested, at_rest) = rest(order.time.min(Duration::from_secs(10))).await?;

    eprintln!("{:.0} facts/s with subscriptions…", order.rate);
    let from = process.context.bus.extent().await?.last;
    let (driven, loaded) = watched(order, &district).await?;
    let loaded_memory = Footprint::now()?.memory;
    let facts = registered(process, from).await?;
    let due = due(&wanted, &facts);
    let until = Instant::now() + PATIENCE;
    while receipts.count() < due.len() && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    if let Some(ended) = receivers.try_join_next() {
        ended?.context("a receiver ended by itself")?;
    }
    Ok(Measured {
        ways: [Way::Grpc, Way::Webhook, Way::Nats]
            .map(|way| (way, wanted.iter().filter(|wanted| wanted.way == way).count())),
        made_in,
        driven,
        facts: facts.len(),
        memory: [before.memory, rested.memory, loaded_memory],
        cores: [alone, at_rest, loaded],
        deliveries: compare(&due, &receipts.take()),
    })
}

/// What became of deliveries.
struct Deliveries {
    due: usize,
    lost: usize,
    /// Came more than once.
    again: usize,
    /// Came to who was not due them.
    foreign: usize,
    /// From the fact to its reception: half, ninety-nine of a hundred, all.
    lag: [SignedDuration; 3],
}

/// Drives the load; tells what share of a core was taken meanwhile.
async fn watched(order: &Order, district: &District) -> Result<(Driven, (f64, f64))> {
    let (since, before) = (Instant::now(), Footprint::now()?);
    let driven = drive::at_rate(district, order.rate, order.time).await?;
    Ok((driven, share(&before, &Footprint::now()?, since.elapsed())))
}

/// Does nothing for so long; tells what is taken meanwhile.
async fn rest(time: Duration) -> Result<(Footprint, (f64, f64))> {
    let (since, before) = (Instant::now(), Footprint::now()?);
    tokio::time::sleep(time).await;
    let after = Footprint::now()?;
    Ok((after, share(&before, &after, since.elapsed())))
}

fn share(before: &Footprint, after: &Footprint, time: Duration) -> (f64, f64) {
    let of = |before: Duration, after: Duration| {
        after.saturating_sub(before).as_secs_f64() / time.as_secs_f64().max(0.001)
    };
    (of(before.own, after.own), of(before.all, after.all))
}

/// Makes the subscriptions and starts a receiver for each. Dropping the set ends them.
async fn subscribe(
    wanted: &[Wanted],
    organizations: &Organizations,
    ground: &Ground,
    process: &Process,
    receipts: &Receipts,
) -> Result<JoinSet<Result<()>>> {
    let mut receivers = JoinSet::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let webhooks = format!("http://{}", listener.local_addr()?);
    receivers.spawn(receive::serve(listener, receipts.clone()));
    let numbered: Vec<_> = wanted.iter().enumerate().collect();
    let made = futures::stream::iter(numbered)
        .map(async |(nth, wanted)| (nth, wanted.way, organizations.subscribe(wanted, nth, &webhooks).await))
        .buffer_unordered(AT_ONCE);
    let mut made = std::pin::pin!(made);
    while let Some((nth, way, made)) = made.next().await {
        let (actor, id) = made.with_context(|| format!("subscription {nth}"))?;
        match way {
            Way::Grpc => drop(receivers.spawn(receive::stream(actor, id, nth, receipts.clone()))),
            Way::Nats => {
                let place = (ground.nats_url.clone(), process.context.bus.district().clone());
                receivers.spawn(receive::consume(actor, id, place, nth, receipts.clone()));
            }
            Way::Webhook => {}
        }
    }
    Ok(receivers)
}

/// Every registration that came onto the bus behind a position: its id, area and category.
async fn registered(process: &Process, from: u64) -> Result<Vec<(Uuid, String, String)>> {
    super::settle(&process.context).await?;
    let bus = &process.context.bus;
    let extent = bus.extent().await?;
    let all = vec![stream_subjects(bus.district())];
    let mut messages = bus.read_behind(all, &extent.created, from).await?;
    let (mut facts, mut position) = (Vec::new(), from);
    while position < extent.last {
        let next = tokio::time::timeout(PATIENCE, messages.next()).await.context("the bus is silent")?;
        let received = next.context("the bus ended")??;
        position = received.sequence;
        let envelope = Envelope::from_bytes(&received.body)?;
        if envelope.kind == "gongzhi.dispatch.v1.case_registered" {
            let event: serde_json::Value = serde_json::from_slice(&received.body)?;
            let category = event["data"]["categoryCode"].as_str().context("a case without a category")?;
            facts.push((envelope.id, envelope.area.to_string(), category.to_owned()));
        }
    }
    Ok(facts)
}

/// Which facts are due to which subscription.
fn due(wanted: &[Wanted], facts: &[(Uuid, String, String)]) -> HashSet<(usize, Uuid)> {
    let of = |(nth, wanted): (usize, &Wanted)| {
        let due = facts.iter().filter(|(_, area, category)| wanted.is_due(area, category));
        due.map(|(id, ..)| (nth, *id)).collect::<Vec<_>>()
    };
    wanted.iter().enumerate().flat_map(of).collect()
}

fn compare(due: &HashSet<(usize, Uuid)>, receipts: &[Receipt]) -> Deliveries {
    let mut got = HashSet::new();
    let (mut again, mut foreign, mut lags) = (0, 0, Vec::new());
    for receipt in receipts {
        let key = (receipt.subscription, receipt.event);
        if !due.contains(&key) {
            foreign += 1;
        } else if got.insert(key) {
            lags.push(receipt.lag);
        } else {
            again += 1;
        }
    }
    lags.sort_unstable();
    let at = |hundredths: usize| {
        let last = lags.len().saturating_sub(1);
        lags.get((last * hundredths).div_ceil(100)).copied().unwrap_or_default()
    };
    Deliveries { due: due.len(), lost: due.len() - got.len(), again, foreign, lag: [at(50), at(99), at(100)] }
}
