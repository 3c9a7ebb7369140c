//! Everything is lost and comes back: backup, destruction, restoration, the bus built anew, by the commands of `deploy/runbooks/restore.md`. What was
//! acknowledged before is there, and the bus has the same facts in the same order.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use futures::TryStreamExt as _;
use gongzhi_chassis::objects::Objects;

use crate::outage::ground::Ground;
use crate::outage::load::Load;
use crate::outage::{Chance, oracle, seed};

/// Clients that call at the same time.
const CLIENTS: usize = 8;
/// How many commands must have been acknowledged before the backup.
const ACKNOWLEDGED: usize = 200;

/// What a rebuild says of count and order of the facts of each service.
fn order(rebuilt: &str) -> Vec<String> {
    rebuilt.lines().filter(|line| line.contains(" facts, order ")).map(ToOwned::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_brings_back_what_was_lost_with_the_same_bus() -> Result<()> {
    let mut chance = Chance(seed()?);
    let mut ground = Ground::lay(&mut chance).await?;
    let folder = std::env::temp_dir().join(format!("gongzhi-backup-{}", std::process::id()));
    let to = folder.to_str().context("a path in UTF-8")?;

    let mut serving = ground.serve(None)?;
    serving.answers().await?;
    let load = Load::start(&ground, CLIENTS)?;
    while load.acknowledged() < ACKNOWLEDGED {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // A backup is taken while people work: it has what one moment saw, in all services.
    ground.run(&["backup", &format!("{to}-meanwhile")]).await?;
    let told = load.finish().await?;
    oracle::comes_to_rest(&ground, &told.acknowledged).await?;
    let evidence = Objects::new(&ground.context.bus, "evidence", &ground.context.settings)?;
    evidence.put("01-of-a-room", "一张照片".as_bytes()).await?;
    serving.kill().await?;
    let before = order(&ground.rebuild_bus().await?);
    ensure!(before.len() >= 2, "hardly any service told anything: {before:?}");
    let said = ground.run(&["backup", to]).await?;
    println!("{said}");
    let twice = ground.run(&["backup", to]).await.unwrap_err().to_string();
    assert!(twice.contains("there already"), "{twice}");

    ground.lose_everything().await?;
    damaged_is_refused(&ground, &folder).await?;
    ground.run(&["restore", "--check", to]).await?;
    println!("{}", ground.run(&["restore", to]).await?);
    let after = order(&ground.rebuild_bus().await?);
    assert_eq!(after, before, "the bus has the same facts in the same order");
    println!("{}", after.join("\n"));
    ground.run(&["audit", "verify"]).await.context("every chain and state holds")?;
    let refused = ground.run(&["restore", to]).await.unwrap_err().to_string();
    assert!(refused.contains("restore into an empty database"), "{refused}");
    let evidence = Objects::new(&ground.context.bus, "evidence", &ground.context.settings)?;
    let pieces: Vec<_> = evidence.read("01-of-a-room").await?.try_collect().await?;
    assert_eq!(pieces.concat(), "一张照片".as_bytes());

    // And life goes on: what was acknowledged is found, projections included, and new work joins it.
    ground.open_records().await?;
    let mut serving = ground.serve(None)?;
    serving.answers().await?;
    oracle::comes_to_rest(&ground, &told.acknowledged).await?;
    let more = Load::start(&ground, CLIENTS)?;
    while more.acknowledged() < CLIENTS {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let more = more.finish().await?.acknowledged;
    assert!(more.len() >= CLIENTS);
    let acknowledged: Vec<_> = told.acknowledged.into_iter().chain(more).collect();
    oracle::comes_to_rest(&ground, &acknowledged).await?;
    serving.kill().await?;
    ground.leases_run_out().await?;
    oracle::verify(&ground, &acknowledged).await?;

    // The one that was taken meanwhile is a whole of its own.
    ground.lose_everything().await?;
    ground.run(&["restore", &format!("{to}-meanwhile")]).await?;
    ground.run(&["bus", "rebuild", "--yes"]).await?;
    ground.run(&["audit", "verify"]).await?;
    for folder in [to.to_owned(), format!("{to}-meanwhile")] {
        fs::remove_dir_all(folder)?;
    }
    ground.clear().await
}

/// One byte of one table is another: that is told, and nothing is written.
async fn damaged_is_refused(ground: &Ground, folder: &Path) -> Result<()> {
    let table = folder.join("dispatch.history.txt");
    let whole = fs::read(&table)?;
    let mut damaged = whole.clone();
    *damaged.last_mut().context("no history was backed up")? = b' ';
    fs::write(&table, damaged)?;
    let refused = ground.run(&["restore", folder.to_str().context("a path in UTF-8")?]).await;
    let said = refused.unwrap_err().to_string();
    assert!(said.contains("dispatch.history.txt is damaged"), "{said}");
    fs::write(&table, whole)?;
    Ok(())
}
