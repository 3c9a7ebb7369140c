//! A thousand subscriptions: all in order in under a minute, and then left alone.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::json;

use crate::stage::{Stage, ready, subscription};

const MANY: usize = 1_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_subscriptions_come_into_order_and_then_cause_no_writes() -> Result<()> {
    let stage = Stage::new().await?;
    for (namespace, department) in
        [("fire", "fire-rescue"), ("houses", "housing"), ("city", "urban-management")]
    {
        stage.namespace(namespace, &[("gongzhi.io/department", department)])?;
    }
    for nth in 0..MANY {
        let delivery = match nth % 10 {
            0 => json!({"nats": {}}),
            1 | 2 => json!({"webhook": {"url": format!("https://receiver-{nth}.example.org/")}}),
            _ => json!({"pull": {}}),
        };
        let object = subscription(
            ["fire", "houses", "city"][nth % 3],
            &format!("s{nth:04}"),
            json!({"delivery": delivery}),
        );
        stage.stub.put("gongzhi.io/v1alpha1", "subscriptions", &object)?;
    }
    let began = Instant::now();
    let operator = stage.operator_with("one", |options| options.look_every = Duration::from_secs(2)).await?;
    loop {
        let done = stage.stub.objects("subscriptions.gongzhi.io").iter().filter(|one| ready(one)).count();
        if done == MANY {
            break;
        }
        ensure!(began.elapsed() < Duration::from_secs(180), "only {done} of {MANY} are ready");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let took = began.elapsed();
    println!(
        "{MANY} subscriptions (100 NATS, 200 webhooks, 700 pulled) were in order after {:.1} s",
        took.as_secs_f64()
    );
    println!("writes by then: {:?}", stage.stub.writes());
    ensure!(took < Duration::from_secs(60), "it took {took:?}");
    assert_eq!(stage.stub.objects("secrets").len(), MANY);

    // Each is looked at five times now, and nothing is written, neither here nor in the exchange.
    let (here, there) = (stage.written(), stage.exchange_version().await?);
    tokio::time::sleep(Duration::from_secs(12)).await;
    let (here, there) = (stage.written() - here, stage.exchange_version().await? - there);
    println!("writes in 12 s of rest: {here} to Kubernetes (leases apart), {there} in the exchange");
    assert_eq!((here, there), (0, 0), "{:?}", stage.stub.writes());

    // Another operator finds everything in order and writes nothing either.
    operator.stop().await?;
    let here = stage.written();
    let next = stage.operator_with("two", |options| options.look_every = Duration::from_secs(2)).await?;
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(stage.written() - here, 0, "{:?}", stage.stub.writes());
    next.stop().await?;
    stage.nothing_was_forbidden();
    Ok(())
}
