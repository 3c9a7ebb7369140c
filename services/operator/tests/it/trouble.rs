//! What goes wrong: conflicts, a past that is forgotten, an exchange that is away, an operator that dies in the middle.

use std::time::Duration;

use anyhow::Result;
use gongzhi_kube_stub::Fault;
use gongzhi_proto::exchange::v1 as pb;
use serde_json::{Value, json};

use crate::stage::{Stage, ready, says, subscription};

async fn fire() -> Result<Stage> {
    let stage = Stage::new().await?;
    stage.namespace("fire", &[("gongzhi.io/department", "fire-rescue")])?;
    Ok(stage)
}

fn pulled(name: &str) -> Value {
    subscription("fire", name, json!({"delivery": {"pull": {}}}))
}

#[tokio::test]
async fn conflicts_and_failures_of_the_server_are_met_by_trying_again() -> Result<()> {
    let stage = fire().await?;
    stage.stub.fault(Fault::refused("patch", "subscriptions.gongzhi.io", 409, 2));
    stage.stub.fault(Fault::refused("patch", "subscriptions.gongzhi.io/status", 500, 2));
    stage.stub.fault(Fault::refused("patch", "secrets", 503, 1));
    stage.stub.fault(Fault::refused("list", "namespaces", 500, 2));
    let operator = stage.operator("one").await?;
    stage.create(pulled("stubborn")).await?;
    stage.until("it is made", ("subscriptions", "fire", "stubborn"), ready).await?;
    assert_eq!(stage.subscriptions().await?.len(), 1, "made once, however often it was tried");

    // Others keep marks of their own on the object: they stay.
    let marked = json!({"metadata": {"finalizers": ["gongzhi.io/ended-in-exchange", "example.org/mine"]}});
    stage.change("subscriptions", "fire", "stubborn", marked).await?;
    stage.stub.fault(Fault::refused("patch", "subscriptions.gongzhi.io", 409, 1));
    stage.delete("subscriptions", "fire", "stubborn").await?;
    let place = ("subscriptions", "fire", "stubborn");
    stage
        .until("only the other mark is left", place, |object| {
            object["metadata"]["finalizers"] == json!(["example.org/mine"])
        })
        .await?;
    stage.change("subscriptions", "fire", "stubborn", json!({"metadata": {"finalizers": []}})).await?;
    stage.until("it is gone", place, Value::is_null).await?;
    operator.stop().await?;
    stage.nothing_was_forbidden();
    Ok(())
}

#[tokio::test]
async fn a_past_that_is_forgotten_is_read_anew() -> Result<()> {
    let stage = fire().await?;
    let operator = stage.operator("one").await?;
    stage.create(pulled("before")).await?;
    stage.until("it is made", ("subscriptions", "fire", "before"), ready).await?;
    for nth in 0..3 {
        stage.stub.forget_the_past();
        let name = format!("after-{nth}");
        stage.create(pulled(&name)).await?;
        stage.until("it is made", ("subscriptions", "fire", &name), ready).await?;
    }
    // Deleted while nobody looked.
    stage.stub.forget_the_past();
    stage.delete("subscriptions", "fire", "before").await?;
    stage.until("it is gone", ("subscriptions", "fire", "before"), Value::is_null).await?;
    operator.stop().await?;
    stage.nothing_was_forbidden();
    Ok(())
}

#[tokio::test]
async fn while_the_exchange_is_away_objects_keep_what_was_known_and_nobody_knocks_in_a_hurry() -> Result<()> {
    let stage = fire().await?;
    let operator =
        stage.operator_with("one", |options| options.longest_wait = Duration::from_secs(4)).await?;
    stage.create(pulled("known")).await?;
    stage.create(pulled("doomed")).await?;
    let known = ("subscriptions", "fire", "known");
    let before = stage.until("it is made", known, ready).await?;
    stage.until("it is made", ("subscriptions", "fire", "doomed"), ready).await?;
    stage.door().shut();
    let unavailable = |object: &Value| says(object, "Ready", "Unknown", "ExchangeUnavailable");
    let during = stage.until("that it is away is told", known, unavailable).await?;
    assert_eq!(
        before["status"]["subscriptionId"], during["status"]["subscriptionId"],
        "what was known stays"
    );
    stage.create(pulled("new")).await?;
    let new = ("subscriptions", "fire", "new");
    stage.until("the new one waits", new, unavailable).await?;
    stage.delete("subscriptions", "fire", "doomed").await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let held = stage.get("subscriptions", "fire", "doomed").await?;
    assert!(
        held["metadata"]["deletionTimestamp"].is_string(),
        "it does not go before what stands in the exchange is ended"
    );
    let quiet = stage.stub.writes();
    tokio::time::sleep(Duration::from_secs(4)).await;
    let busy: Vec<_> = stage
        .stub
        .writes()
        .into_iter()
        .filter(|(name, count)| !name.starts_with("leases") && quiet.get(name) != Some(count))
        .collect();
    assert_eq!(busy, [], "nothing is written while nothing changes");
    stage.door().open();
    stage.until("the new one is made", new, ready).await?;
    stage.until("the known one is well again", known, ready).await?;
    stage.until("the doomed one is gone", ("subscriptions", "fire", "doomed"), Value::is_null).await?;
    let all = stage.subscriptions().await?;
    let ended = all.iter().filter(|one| one.status() == pb::SubscriptionStatus::Ended).count();
    assert_eq!((all.len(), ended), (3, 1), "each was made once");
    operator.stop().await?;
    stage.nothing_was_forbidden();
    Ok(())
}

#[tokio::test]
async fn an_operator_that_dies_anywhere_leaves_nothing_twice_and_nothing_behind() -> Result<()> {
    let stage = fire().await?;
    // Each round it dies elsewhere: before a write, or with a write under way that the server still carries out.
    let places = [
        ("patch", "subscriptions.gongzhi.io"),
        ("get", "secrets"),
        ("patch", "secrets"),
        ("patch", "subscriptions.gongzhi.io/status"),
    ];
    for (nth, (verb, resource)) in places.into_iter().enumerate() {
        let name = format!("victim-{nth}");
        let wait = Duration::from_millis(1_500);
        stage.stub.fault(Fault { verb: verb.into(), resource: resource.into(), times: 1, code: None, wait });
        let first = stage.operator(&format!("first-{nth}")).await?;
        stage.create(subscription("fire", &name, json!({"delivery": {"nats": {}}}))).await?;
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        first.kill().await;
        if nth % 2 == 1 {
            // What is asked for changes while nobody leads.
            let other = json!({"spec": {"filter": {"facts": ["dispatch.case_settled"]}}});
            stage.change("subscriptions", "fire", &name, other).await?;
        }
        stage.stub.well_again();
        let second = stage.operator(&format!("second-{nth}")).await?;
        let made = stage.until("it is made by the next one", ("subscriptions", "fire", &name), ready).await?;
        let seen = stage.subscription_of(&made).await?;
        let facts = seen.filter.map(|filter| filter.facts).unwrap_or_default();
        assert_eq!(facts.len(), nth % 2, "as it is asked for now");
        second.kill().await;
    }
    assert_eq!(stage.subscriptions().await?.len(), places.len(), "each was made once");

    // It dies while it ends one.
    let wait = Duration::from_millis(1_500);
    stage.stub.fault(Fault {
        verb: "patch".into(),
        resource: "subscriptions.gongzhi.io".into(),
        times: 1,
        code: None,
        wait,
    });
    let third = stage.operator("third").await?;
    stage.delete("subscriptions", "fire", "victim-0").await?;
    tokio::time::sleep(Duration::from_millis(4_000)).await;
    third.kill().await;
    let fourth = stage.operator("fourth").await?;
    stage.until("it is gone", ("subscriptions", "fire", "victim-0"), Value::is_null).await?;
    fourth.stop().await?;
    stage.nothing_was_forbidden();
    Ok(())
}
