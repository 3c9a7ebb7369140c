//! What a rolling restart came to, told and judged.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::fleet::Exchanged;
use super::{AGAIN_WITHIN, LAG, Order, Outcome};

/// Of what happened many times, so much is shown.
const SHOWN: usize = 5;

/// Lags of those that were registered before, while and after replicas were exchanged, and `AGAIN_WITHIN` later.
struct Lags {
    before: Vec<Duration>,
    during: Vec<Duration>,
    again: Vec<Duration>,
}

impl Lags {
    fn of(outcome: &Outcome) -> Self {
        let (began, over) = outcome.restarts;
        let within = |from: Duration, to: Duration| {
            let those = outcome.lags.iter().filter(|(at, _)| (from..to).contains(at));
            let mut lags: Vec<_> = those.map(|(_, lag)| *lag).collect();
            lags.sort_unstable();
            lags
        };
        Self {
            before: within(Duration::ZERO, began),
            during: within(began, over),
            again: within(over + AGAIN_WITHIN, Duration::MAX),
        }
    }
}

/// The lag that 99 of 100 are not above; none of nothing.
fn p99(sorted: &[Duration]) -> Option<Duration> {
    sorted.get(sorted.len().saturating_sub(1) * 99 / 100).copied()
}

pub(super) fn print(order: &Order, outcome: &Outcome, lost: i64) {
    let (began, over) = outcome.restarts;
    let lags = Lags::of(outcome);
    let recovered = outcome
        .lags
        .iter()
        .filter(|(_, lag)| *lag >= LAG)
        .map(|(at, lag)| (*at + *lag).saturating_sub(over))
        .max()
        .unwrap_or_default();
    println!(
        "replicas exchanged           {:>10}   of {}, {} of every service, in {:.1} s",
        outcome.exchanged.replicas,
        outcome.processes,
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
        outcome.repeated.values().sum::<usize>()
    );
    let mut repeated: Vec<_> = outcome.repeated.iter().collect();
    repeated.sort_unstable_by_key(|(_, times)| std::cmp::Reverse(**times));
    for (told, times) in repeated.into_iter().take(SHOWN) {
        println!("{times:>39}   {told}");
    }
    println!("writes failed                {:>10}", outcome.failed.len());
    lag("before", &lags.before);
    lag("during", &lags.during);
    lag(&format!("after {} s", AGAIN_WITHIN.as_secs()), &lags.again);
    println!(
        "last lag of {} s or more      {:>10.1} s after the last restart was over",
        LAG.as_secs(),
        recovered.as_secs_f64()
    );
    println!("ended only by force          {:>10}", outcome.exchanged.killed);
    println!("lost                         {lost:>10}");
    for failed in outcome.failed.iter().take(SHOWN) {
        println!("  {failed}");
    }
}

fn lag(when: &str, sorted: &[Duration]) {
    let ms = p99(sorted).map_or(f64::NAN, |lag| lag.as_secs_f64() * 1e3);
    println!("lag p99 {when:<13}        {ms:>10.1} ms of {} samples", sorted.len());
}

/// Fails when it was not what an upgrade may be.
pub(super) fn judge(order: &Order, outcome: &Outcome, lost: i64) -> Result<()> {
    // No load excuses a loss.
    ensure!(lost == 0, "{lost} were lost");
    ensure!(
        p99(&Lags::of(outcome).before).is_some_and(|lag| lag < LAG),
        "facts were late before anything was exchanged: {:.0} cases/s are more than this program takes on this machine, and nothing can be said of a restart; \
         measure at a lower --rate, or with a release build",
        order.rate
    );
    ensure!(outcome.failed.is_empty(), "{} writes failed", outcome.failed.len());
    let Exchanged { replicas, killed } = outcome.exchanged;
    ensure!(replicas == outcome.processes, "{replicas} of {} replicas were exchanged", outcome.processes);
    ensure!(killed == 0, "{killed} replicas did not end in time");
    ensure!(
        p99(&Lags::of(outcome).again).is_some_and(|lag| lag < LAG),
        "{} s after the last restart the lag is not under {} s again",
        AGAIN_WITHIN.as_secs(),
        LAG.as_secs()
    );
    Ok(())
}
