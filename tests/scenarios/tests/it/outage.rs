//! Nothing that was acknowledged is ever lost: the one process is killed at random moments under load and aborts at every named crash point, while
//! database and bus live on. Afterwards everything that a client was told is found in the history, on the bus and in the projections, once and in order.
//!
//! `OUTAGE_SEED` repeats the moments of an earlier run; what the machine makes of them differs from run to run.

mod ballot;
pub mod ground;
pub mod load;
pub mod oracle;
pub mod patience;
pub mod serving;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use gongzhi_chassis::crash;

use ground::Ground;
use load::Load;
pub use serving::{Serving, program};

/// Clients that call at the same time.
const CLIENTS: usize = 12;
/// How often the process is killed from outside.
const KILLS: u64 = 20;

/// How many of those that die must have acknowledged something before; on a machine with nothing else to do it is nearly all.
const AT_WORK: usize = 5;

/// Numbers that look random and come again with the same seed (splitmix64).
pub struct Chance(pub u64);

impl Chance {
    /// A number from `least` to `most`.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        least + (mixed ^ (mixed >> 31)) % (most - least + 1)
    }
}

/// What the numbers of this run begin with: told by who repeats a run, otherwise the second in which it begins.
pub fn seed() -> Result<u64> {
    match std::env::var("OUTAGE_SEED") {
        Ok(given) => given.parse().context("OUTAGE_SEED is not a number"),
        Err(_) => Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs()),
    }
}

/// What was done to the process, and what it told of it.
#[derive(Default)]
struct Faults {
    kills: usize,
    aborts: usize,
    /// Lives in which something was acknowledged.
    worked: usize,
    /// Facts that a relay found on the bus already, because one before it had died between the two.
    relayed_twice: usize,
}

impl Faults {
    /// Reads what a process that is dead now had logged.
    fn read(&mut self, log: &[String]) -> Result<()> {
        for line in log {
            ensure!(!line.contains("panicked at"), "the process panicked: {line}");
            if line.contains("facts were relayed before") {
                let count = line.split("duplicates=").nth(1).and_then(|rest| rest.split(' ').next());
                self.relayed_twice += count.context("the relay does not tell how many")?.parse::<usize>()?;
            }
        }
        Ok(())
    }
}

/// Kills the process at random moments, then lets it abort at every crash point; gives the last one, which lives.
async fn inject(ground: &Ground, load: &Load, chance: &mut Chance) -> Result<(Faults, Serving)> {
    let mut faults = Faults::default();
    for nth in 1..=KILLS {
        let before = load.acknowledged();
        let mut serving = ground.serve(None)?;
        // One in five dies while it starts, or shortly after.
        if nth % 5 != 0 {
            serving.answers().await?;
        }
        tokio::time::sleep(Duration::from_millis(chance.between(100, 600))).await;
        faults.read(&serving.kill().await?)?;
        faults.kills += 1;
        faults.worked += usize::from(load.acknowledged() > before);
        // Every other outage is so short that the leases of the dead still hold when its successor starts.
        if nth % 2 == 0 {
            ground.leases_run_out().await?;
        }
    }
    // Who is to die in the middle of relaying must be the one who relays.
    ground.stop_beside().await?;
    for point in crash::POINTS {
        ground.leases_run_out().await?;
        let before = load.acknowledged();
        let at = format!("{point}:{}", chance.between(1, 8));
        let log = ground.serve(Some(&at))?.aborts().await.with_context(|| at.clone())?;
        faults.read(&log)?;
        faults.aborts += 1;
        faults.worked += usize::from(load.acknowledged() > before);
    }
    // The leases of the last one that died run out by themselves.
    let mut serving = ground.serve(None)?;
    serving.answers().await?;
    Ok((faults, serving))
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_ever_lost() -> Result<()> {
    let seed = seed()?;
    println!("OUTAGE_SEED={seed}");
    let mut chance = Chance(seed);
    let ground = Ground::lay(&mut chance).await?;
    let since = Instant::now();
    let mut load = Load::start(&ground, CLIENTS)?;
    let (mut faults, serving) = match inject(&ground, &load, &mut chance).await {
        Ok(injected) => injected,
        Err(error) => {
            // A client that was told nonsense says more than a process that was not found as expected.
            load.goes_well()?;
            return Err(error);
        }
    };
    let told = load.finish().await?;
    let loaded = since.elapsed();
    let rest = oracle::comes_to_rest(&ground, &told.acknowledged).await;
    if let Err(error) = &rest {
        println!("{error}");
    }
    faults.read(&serving.kill().await?)?;
    ground.leases_run_out().await?;
    // Where it did not come to rest, this says what is missing.
    let found = oracle::verify(&ground, &told.acknowledged).await?;
    rest?;

    println!("kills {}, aborts {}, of these at work {}", faults.kills, faults.aborts, faults.worked);
    println!("acknowledged {}, repeated calls {}", told.acknowledged.len(), told.repeats);
    println!(
        "facts on the bus {}, each once; relayed again and known by the server {}",
        found.facts, faults.relayed_twice
    );
    println!("seconds under load {:.1}, in all {:.1}", loaded.as_secs_f64(), since.elapsed().as_secs_f64());
    assert_eq!((faults.kills, faults.aborts), (KILLS as usize, crash::POINTS.len()));
    assert!(
        faults.worked >= AT_WORK,
        "only {} processes had acknowledged something when they died",
        faults.worked
    );
    assert!(told.repeats > 0, "no call was cut off");
    assert!(faults.relayed_twice > 0, "no relay died between bus and cursor");
    ground.clear().await
}
