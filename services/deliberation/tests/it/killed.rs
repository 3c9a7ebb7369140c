//! Processes that are killed in the middle of computing: another one takes over, nothing is lost and nothing is recorded twice. The process that dies is this very test
//! program, started anew with nothing but the tasks that compute, on the same database and with a crash point armed.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use gongzhi_chassis::clock::Clock;
use gongzhi_deliberation::service;
use gongzhi_harness::Bench;
use gongzhi_proto::deliberation::v1 as pb;
use jiff::SignedDuration;

use crate::town::Town;
use crate::{funds, pools};

/// Names the database for the process that dies.
const DATABASE: &str = "GONGZHI_TEST_DATABASE";
/// Tasks of the service that compute: those that were run first.
const COMPUTING: usize = 2;

/// Does nothing unless it was started to die.
#[tokio::test(flavor = "multi_thread")]
async fn the_process_that_dies() -> Result<()> {
    let Ok(database) = std::env::var(DATABASE) else { return Ok(()) };
    let mut bench = Bench::at(Clock::starting_at("2026-12-09T01:30:00Z".parse()?)).await?;
    bench.context.database_url = database;
    let mut service = service(&bench.context).await?;
    service.tasks.truncate(COMPUTING);
    bench.serve(vec![service]).await?;
    tokio::time::sleep(Duration::from_secs(60)).await;
    anyhow::bail!("it was not killed")
}

/// Starts a process on the town's database that dies at a point, and waits for its death.
async fn dies_at(town: &Town, point: &str) -> Result<()> {
    let mut process = Command::new(std::env::current_exe()?)
        .args(["killed::the_process_that_dies", "--exact"])
        .env(DATABASE, &town.bench.context.database_url)
        .env("GONGZHI_CRASH_AT", point)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let ended = tokio::task::spawn_blocking(move || process.wait()).await??;
    // Aborted, which is neither a success nor a test that failed.
    ensure!(ended.code().is_none(), "it did not die at {point}: {ended}");
    Ok(())
}

async fn times(town: &Town, fact: &str) -> Result<usize> {
    Ok(town.told().await?.iter().filter(|told| *told == fact).count())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lottery_survives_whoever_dies_over_it() -> Result<()> {
    let mut town = Town::that_dies().await?;
    let pool_id = pools::open(&town, pb::HouseholdRule::OneMember, pools::categories()).await?;
    pools::wanted(&town, &pool_id, 28).await?;
    for point in ["pool.computed", "execute.before_commit"] {
        dies_at(&town, point).await?;
        assert_eq!(pools::shown(&town, &pool_id).await?.status(), pb::PoolStatus::Computing);
        assert_eq!(times(&town, "lottery_published").await?, 0);
    }
    town.starts_anew().await?;
    assert_eq!(pools::computed(&town, &pool_id).await?.status(), pb::PoolStatus::Published);
    assert_eq!(times(&town, "lottery_published").await?, 1);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_survives_whoever_dies_over_it() -> Result<()> {
    let mut town = Town::that_dies().await?;
    let (fund_id, codes) = funds::published(&town, &funds::PROJECTS, 12).await?;
    for (nth, code) in codes.iter().enumerate() {
        funds::cast(&town, &fund_id, code, &funds::wants(nth)).await?;
    }
    town.clock.advance(SignedDuration::from_hours(24 * 10));
    funds::close(&town, &fund_id).await?;
    dies_at(&town, "fund.computed").await?;
    assert_eq!(funds::shown(&town, &fund_id).await?.status(), pb::FundStatus::Computing);
    // This one dies after it has recorded it: whoever comes next finds it done.
    dies_at(&town, "execute.after_commit").await?;
    let decided = funds::shown(&town, &fund_id).await?;
    assert_eq!(decided.status(), pb::FundStatus::Decided);
    town.starts_anew().await?;
    let (_, record) = funds::record(&town, &fund_id).await?;
    record["pabulib"].as_str().context("the ballots")?;
    assert_eq!(funds::shown(&town, &fund_id).await?, decided);
    assert_eq!(times(&town, "fund_decided").await?, 1);
    town.bench.stop().await
}
