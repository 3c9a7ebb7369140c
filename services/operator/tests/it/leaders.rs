//! Two operators: one leads, the other takes over, and nothing is done twice.

use std::time::{Duration, Instant};

use anyhow::Result;
use gongzhi_harness::wait_until;
use gongzhi_kube_stub::Fault;
use serde_json::json;

use crate::stage::{Stage, ready, subscription};

fn holder(stage: &Stage) -> String {
    let leases = stage.stub.objects("leases.coordination.k8s.io");
    leases
        .first()
        .map(|lease| lease["spec"]["holderIdentity"].as_str().unwrap_or_default().to_owned())
        .unwrap_or_default()
}

async fn held_by(stage: &Stage, identity: &str) -> Result<()> {
    wait_until(&format!("{identity} leads"), async || {
        let holder = holder(stage);
        Ok(if holder == identity { Ok(()) } else { Err(holder) })
    })
    .await
}

#[tokio::test]
async fn one_leads_and_another_takes_over() -> Result<()> {
    let stage = Stage::new().await?;
    stage.namespace("fire", &[("gongzhi.io/department", "fire-rescue")])?;
    let first = stage.operator("first").await?;
    held_by(&stage, "first").await?;
    let second = stage.operator("second").await?;
    for nth in 0..20 {
        stage.create(subscription("fire", &format!("s{nth}"), json!({"delivery": {"pull": {}}}))).await?;
    }
    for nth in 0..20 {
        stage.until("it is made", ("subscriptions", "fire", &format!("s{nth}")), ready).await?;
    }
    assert_eq!(holder(&stage), "first", "the second waits");
    let statuses = stage.stub.writes()["subscriptions.gongzhi.io/status patch"];
    assert_eq!(statuses, 20, "one status each: only one of the two works");

    // The first dies without a word: the second waits until the lease is over.
    let died = Instant::now();
    first.kill().await;
    held_by(&stage, "second").await?;
    println!("took over from a dead leader after {:.1} s (lease 3 s)", died.elapsed().as_secs_f64());
    stage.create(subscription("fire", "later", json!({"delivery": {"pull": {}}}))).await?;
    stage.until("the second works", ("subscriptions", "fire", "later"), ready).await?;

    // A leader that ends in order gives the lease back at once.
    let third = stage.operator("third").await?;
    second.stop().await?;
    held_by(&stage, "third").await?;

    // One that cannot renew stops leading before another may begin.
    stage.stub.fault(Fault::refused("update", "leases.coordination.k8s.io", 500, 1_000));
    tokio::time::sleep(Duration::from_millis(3_500)).await;
    stage.create(subscription("fire", "nobody-leads", json!({"delivery": {"pull": {}}}))).await?;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let untouched = stage.get("subscriptions", "fire", "nobody-leads").await?;
    assert_eq!(untouched["metadata"]["finalizers"], json!(null), "nobody works who does not lead");
    stage.stub.well_again();
    stage.until("somebody leads again", ("subscriptions", "fire", "nobody-leads"), ready).await?;
    assert_eq!(stage.subscriptions().await?.len(), 22, "each was made once");
    third.stop().await?;
    stage.nothing_was_forbidden();
    Ok(())
}
