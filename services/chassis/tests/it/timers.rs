//! Timers: what is due happens by itself, once.

use anyhow::Result;
use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::execute::Target;
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::timers::Timers;
use gongzhi_harness::Bench;
use jiff::SignedDuration;
use std::sync::Arc;

use crate::tally::{self, Command, SCHEMA, Tally};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_happens_once_and_not_before() -> Result<()> {
    let clock = Clock::starting_at("2026-10-01T01:00:00Z".parse()?);
    let bench = Bench::at(clock.clone()).await?;
    let writer = tally::writer(&bench).await?;
    let timers = Timers::new().with::<Tally>(&writer, Arc::new(10));
    tally::open(&writer, &bench, "a").await?;
    writer
        .execute::<Tally>(
            &Admission::system(SCHEMA, "ring-in-it"),
            &std::sync::Arc::new(10),
            Target::Existing("a"),
            Command::RingIn { seconds: 3600 },
        )
        .await?;
    assert_eq!(timers.run_due(&writer).await?, 0);
    clock.advance(SignedDuration::from_hours(1));
    let (one, two) = tokio::join!(timers.run_due(&writer), timers.run_due(&writer));
    assert!(one? + two? >= 1);
    assert_eq!(timers.run_due(&writer).await?, 0);
    assert_eq!(writer.load::<Tally>("a").await?.unwrap().0.rung, 1);
    Ok(())
}
