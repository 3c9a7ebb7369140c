//! Nothing that is due to a subscriber is ever lost, nothing that is not due leaks, and what is of one thing comes in order: a hundred subscriptions of
//! all three ways receive while the process, the broker and the database are killed, frozen and started again in turn, and while the process dies at
//! every named crash point of delivery.
//!
//! `OUTAGE_SEED` repeats the moments of an earlier run; what the machine makes of them differs from run to run.

mod load;
mod receivers;
mod record;
mod town;
mod wish;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use gongzhi_embedded::Part;

use crate::outage::ground::Ground;
use crate::outage::serving::Serving;
use crate::outage::{Chance, oracle, seed};
use load::Load;
use record::Found;
use town::Town;

/// What is done to those who serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    KillProcess,
    FreezeProcess,
    FreezeNats,
    FreezePostgres,
    RestartNats,
    RestartPostgres,
}

/// How often each fault happens, in a run of thirty rounds; in which order, chance decides.
const ROUNDS: [(Fault, usize); 6] = [
    (Fault::KillProcess, 8),
    (Fault::FreezeProcess, 4),
    (Fault::FreezeNats, 4),
    (Fault::FreezePostgres, 4),
    (Fault::RestartNats, 5),
    (Fault::RestartPostgres, 5),
];

/// Where a process that delivers may die beside the points of the chassis: after the receiver has it and before we know.
const POINTS: [&str; 4] =
    ["webhook.after_post", "webhook.before_cursor", "webhook.after_retry", "nats.after_publish"];

/// Subscriptions of all three ways.
const SUBSCRIPTIONS: usize = 100;

/// In how many rounds something must have been received; on a machine with nothing else to do it is nearly all.
const AT_WORK: usize = 15;

/// How long everything may take to come to rest. What was on the way over NATS when something died is sent again after half a minute.
const RESTS_WITHIN: Duration = Duration::from_secs(120);
/// How long nothing may change then.
const QUIET: Duration = Duration::from_secs(3);

fn shuffled(chance: &mut Chance) -> Vec<Fault> {
    let mut rounds: Vec<_> =
        ROUNDS.iter().flat_map(|(fault, count)| std::iter::repeat_n(*fault, *count)).collect();
    for last in (1..rounds.len()).rev() {
        rounds.swap(last, chance.between(0, last as u64) as usize);
    }
    rounds
}

async fn pauses(chance: &mut Chance, least: u64, most: u64) {
    tokio::time::sleep(Duration::from_millis(chance.between(least, most))).await;
}

/// One fault, from its beginning to its end; gives the process that serves afterwards.
async fn suffer(ground: &Ground, serving: Serving, fault: Fault, chance: &mut Chance) -> Result<Serving> {
    match fault {
        Fault::KillProcess => {
            let log = serving.kill().await?;
            ensure!(!log.iter().any(|line| line.contains("panicked at")), "{}", log.join("\n"));
            // Every other outage is so short that the leases of the dead still hold when its successor starts.
            if chance.between(0, 1) == 0 {
                ground.leases_run_out().await?;
            }
            let mut serving = ground.serve(None)?;
            serving.answers().await?;
            return Ok(serving);
        }
        Fault::FreezeProcess => {
            serving.pause().await?;
            // Some freezes outlast the leases.
            pauses(chance, 500, 8_000).await;
            serving.resume().await?;
        }
        Fault::FreezeNats | Fault::FreezePostgres => {
            let part = if fault == Fault::FreezeNats { Part::Nats } else { Part::Postgres };
            ground.parts(move |parts| parts.pause(part)).await?;
            pauses(chance, 500, 4_000).await;
            ground.parts(move |parts| parts.resume(part)).await?;
        }
        Fault::RestartNats | Fault::RestartPostgres => {
            let part = if fault == Fault::RestartNats { Part::Nats } else { Part::Postgres };
            ground.parts(move |parts| parts.kill(part)).await?;
            pauses(chance, 0, 2_000).await;
            ground.parts(move |parts| parts.restart(part)).await?;
        }
    }
    Ok(serving)
}

/// Thirty rounds, then a death at every crash point; gives the process that lives, and in how many rounds something was received.
async fn inject(
    ground: &Ground,
    town: &mut Town,
    load: &mut Load,
    chance: &mut Chance,
    mut serving: Serving,
) -> Result<(Serving, usize)> {
    let mut worked = 0;
    for (nth, fault) in (1..).zip(shuffled(chance)) {
        let (came, since) = (town.came(), Instant::now());
        pauses(chance, 500, 2_500).await;
        serving = suffer(ground, serving, fault, chance).await.with_context(|| format!("{fault:?}"))?;
        let received = town.came() - came;
        worked += usize::from(received > 0);
        println!("{nth:>3} {fault:?}, {received} received in {:.1} s", since.elapsed().as_secs_f64());
        town.goes_well()?;
        load.goes_well()?;
    }
    serving.kill().await?;
    // Who is to die while it delivers must be the one who delivers.
    ground.stop_beside().await?;
    for point in POINTS {
        ground.leases_run_out().await?;
        let at = format!("{point}:{}", chance.between(1, 3));
        let (came, since) = (town.came(), Instant::now());
        ground.serve(Some(&at))?.aborts().await.with_context(|| at.clone())?;
        println!("    {at}, {} received in {:.1} s", town.came() - came, since.elapsed().as_secs_f64());
    }
    ground.leases_run_out().await?;
    let mut serving = ground.serve(None)?;
    serving.answers().await?;
    Ok((serving, worked))
}

/// Compares what came with what the record says, by the way it came.
async fn compare(ground: &Ground, town: &Town) -> Result<BTreeMap<&'static str, Found>> {
    let recorded = record::recorded(ground).await?;
    let mut ways: BTreeMap<_, Found> = BTreeMap::new();
    for one in &town.subscribers {
        let found = record::compare(&one.name, &one.wish, &recorded, &one.inbox.came())?;
        ensure!(found.due > 0, "nothing is due to subscriber {}: it proves nothing", one.name);
        ensure!(
            found.due < recorded.len(),
            "everything is due to subscriber {}: nothing could leak",
            one.name
        );
        ways.entry(one.wish.way.as_str_name()).or_default().add(found);
    }
    Ok(ways)
}

/// Waits until nothing is missing and nothing changes any more; gives what was found then, or at the end of patience.
async fn comes_to_rest(ground: &Ground, town: &Town) -> Result<BTreeMap<&'static str, Found>> {
    let since = Instant::now();
    loop {
        let came = town.came();
        tokio::time::sleep(QUIET).await;
        let waiting = oracle::waiting(ground).await?;
        let ways = compare(ground, town).await?;
        let missing: usize = ways.values().map(|found| found.lost.len()).sum();
        if missing == 0 && waiting == 0 && came == town.came() || since.elapsed() > RESTS_WITHIN {
            return Ok(ways);
        }
        let retried = town.retry_held().await?;
        println!("    {missing} missing after {:.0} s, {retried} tried again", since.elapsed().as_secs_f64());
    }
}

/// Prints what was found, and fails where something is lost, leaked or out of order.
fn is_all_right(town: &Town, ways: &BTreeMap<&str, Found>) {
    for (way, found) in ways {
        let (lost, leaked, disordered) = (found.lost.len(), found.leaked.len(), found.disordered.len());
        println!(
            "{way:<22} due {:>6}, received {:>6}, lost {lost}, leaked {leaked}, out of order {disordered}, duplicates {}",
            found.due, found.received, found.duplicates
        );
    }
    for (way, found) in ways {
        let first = |wrong: &[String]| wrong.iter().take(5).cloned().collect::<Vec<_>>().join("\n");
        assert!(found.lost.is_empty(), "{way} lost:\n{}", first(&found.lost));
        assert!(found.leaked.is_empty(), "{way} leaked:\n{}", first(&found.leaked));
        assert!(found.disordered.is_empty(), "{way} out of order:\n{}", first(&found.disordered));
    }
    assert_eq!(town.hooks.forged(), Vec::<String>::new());
    assert_eq!(ways.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_to_subscribers_is_never_lost_and_nothing_else_leaks() -> Result<()> {
    let seed = seed()?;
    println!("OUTAGE_SEED={seed}");
    let mut chance = Chance(seed);
    let ground = Ground::lay_for_sharing(&mut chance).await?;
    let since = Instant::now();
    let mut serving = ground.serve(None)?;
    serving.answers().await?;
    let mut town = Town::found(&ground, SUBSCRIPTIONS).await?;
    println!("{} subscriptions after {:.1} s", town.subscribers.len(), since.elapsed().as_secs_f64());
    let mut load = Load::start(&ground)?;
    let (serving, worked) = inject(&ground, &mut town, &mut load, &mut chance, serving).await?;
    load.finish().await?;
    let loaded = since.elapsed();
    let ways = comes_to_rest(&ground, &town).await?;
    town.goes_well()?;
    serving.kill().await?;
    let facts = oracle::told_once(&ground, &[]).await?;

    println!(
        "{} subscriptions, {} rounds, {} crash points; {} commands acknowledged, {} calls repeated; {facts} facts",
        town.subscribers.len(),
        ROUNDS.iter().map(|(_, count)| count).sum::<usize>(),
        POINTS.len(),
        load.acknowledged(),
        load.repeats()
    );
    println!("seconds under load {:.1}, in all {:.1}", loaded.as_secs_f64(), since.elapsed().as_secs_f64());
    is_all_right(&town, &ways);
    assert!(worked >= AT_WORK, "only in {worked} rounds something was received");
    assert!(load.repeats() > 0, "no call was cut off");
    assert!(ways.values().any(|found| found.duplicates > 0), "no delivery was cut off");
    ground.clear().await
}

/// Subscriptions across a rebuilt stream: every kind of every way.
const KINDS: usize = 36;

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_was_rebuilt_is_the_same_and_loses_nobody_anything() -> Result<()> {
    let mut chance = Chance(seed()?);
    let ground = Ground::lay_for_sharing(&mut chance).await?;
    let mut serving = ground.serve(None)?;
    serving.answers().await?;
    let mut town = Town::found(&ground, KINDS).await?;
    let mut load = Load::start(&ground)?;
    // Some have received everything when the process dies, others have not.
    tokio::time::sleep(Duration::from_secs(6)).await;
    serving.kill().await?;
    ground.leases_run_out().await?;
    let before = oracle::streamed(&ground.context.bus).await?;
    let told = ground.rebuild_bus().await?;
    println!("{told}");
    ensure!(told.contains("count, order and hash are those of the record"), "{told}");
    // What the relays had not published when they died is there now too.
    let after = oracle::streamed(&ground.context.bus).await?;
    for (thing, facts) in &before {
        let again = after.get(thing).map(Vec::as_slice).unwrap_or_default();
        ensure!(again.starts_with(facts), "{thing:?} was told as {facts:?} and is told as {again:?}");
    }
    let mut serving = ground.serve(None)?;
    serving.answers().await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    load.finish().await?;
    let ways = comes_to_rest(&ground, &town).await?;
    town.goes_well()?;
    serving.kill().await?;
    oracle::told_once(&ground, &[]).await?;
    is_all_right(&town, &ways);
    ground.clear().await
}
