//! The task that seals: looks at the clock, and when a day is over seals the record once, whichever process is first.

use std::time::Duration;

use gongzhi_proto::ids::AreaCode;
use jiff::Timestamp;
use jiff::civil::Date;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::machine::{Command, Sealed};
use super::{Seals, merkle, store};
use crate::execute::{Target, Writer};
use crate::gate::Admission;
use crate::lease::Lease;
use crate::status::Failure;

/// How often the clock is looked at. The database is asked only when a day is over.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Hours by which the local time of every district is ahead: China has one time.
const AHEAD: i8 = 8;

/// The day before the one on which an instant falls, and when it was over.
fn day_over(at: Timestamp) -> Option<(Date, Timestamp)> {
    let zone = jiff::tz::offset(AHEAD);
    let today = zone.to_datetime(at).date();
    Some((today.yesterday().ok()?, zone.to_timestamp(today.to_datetime(jiff::civil::Time::midnight())).ok()?))
}

/// Seals every day that is over until it is told to stop. Goes on trying through every outage of the database.
pub(crate) async fn run(writer: Writer, district: AreaCode, stop: CancellationToken) {
    let holder = Uuid::now_v7();
    let mut done = None;
    loop {
        if let Some((day, over_at)) = day_over(writer.clock().now())
            && done != Some(day)
        {
            match seal(&writer, &district, holder, day, over_at).await {
                Ok(true) => done = Some(day),
                Ok(false) => {}
                Err(failure) => {
                    tracing::warn!(service = writer.service(), %day, error = %failure, "the seal waits")
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Seals a day that is over; true when that is done, by this process or another, or when nothing had happened by then.
async fn seal(
    writer: &Writer,
    district: &AreaCode,
    holder: Uuid,
    day: Date,
    over_at: Timestamp,
) -> Result<bool, Failure> {
    let service = writer.service();
    let last = writer.load::<Seals>(service).await?;
    if last.as_ref().is_some_and(|(last, _)| last.day >= day) {
        return Ok(true);
    }
    if last.is_none() && !store::happened_before(writer.pool(), over_at).await? {
        return Ok(true);
    }
    let Some(lease) = Lease::take(writer.pool(), "seal", holder).await? else { return Ok(false) };
    let seal = last.map_or(0, |(_, version)| version) + 1;
    let mut unit = writer.begin(&Admission::system(service, format!("seal {day}"))).await?;
    if unit.is_repeat() {
        return Ok(true);
    }
    store::cover(unit.connection().await?, seal).await?;
    let (tree, events) = store::tree(unit.connection().await?, seal).await?;
    let (root, chains) = (merkle::hex(&tree.root()), tree.leaves());
    let sealed = Sealed { district: district.clone(), day, root, chains, events };
    let done = unit.execute::<Seals>(&(), Target::Any(service), &Command::Seal(sealed)).await?;
    // Another process that was faster made another version of this seal, or this one stood still and lost its lease: nothing is written then.
    if done.version != seal || !lease.holds(unit.connection().await?).await? || !unit.commit().await? {
        return Ok(false);
    }
    tracing::info!(service, %day, chains, events, "sealed");
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_over_at_midnight_in_china() {
        let over = |text: &str| day_over(text.parse().unwrap()).unwrap();
        let midnight: Timestamp = "2026-11-26T16:00:00Z".parse().unwrap();
        assert_eq!(over("2026-11-26T16:00:00Z"), (jiff::civil::date(2026, 11, 26), midnight));
        assert_eq!(over("2026-11-26T15:59:59.999999Z").0, jiff::civil::date(2026, 11, 25));
    }
}
