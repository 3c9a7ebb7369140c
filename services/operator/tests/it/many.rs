//! A thousand subscriptions: all in order in under a minute, and then left alone.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use gongzhi_chassis::caller::PostClaim;
use gongzhi_operator::Options;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::delivery_service_client::DeliveryServiceClient;
use serde_json::json;

use crate::stage::{Stage, ready, subscription};

const MANY: usize = 1_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_subscriptions_come_into_order_and_then_cause_no_writes() -> Result<()> {
    let stage = Stage::alone().await?;
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
            // What happens meanwhile (a thousand subscriptions are made) concerns none of them.
            json!({"delivery": delivery, "filter": {"facts": ["dispatch.whistle_sounded"]}}),
        );
        stage.stub.put("gongzhi.io/v1alpha1", "subscriptions", &object)?;
    }
    let began = Instant::now();
    let operator = stage
        .operator_with("one", |options| options.look_every = Options::new("", "", "").look_every)
        .await?;
    loop {
        let done = stage.stub.objects("subscriptions.gongzhi.io").iter().filter(|one| ready(one)).count();
        if done == MANY {
            break;
        }
        ensure!(began.elapsed() < Duration::from_secs(150), "only {done} of {MANY} are ready");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let took = began.elapsed();
    println!(
        "{MANY} subscriptions (100 NATS, 200 webhooks, 700 pulled) were in order after {:.1} s",
        took.as_secs_f64()
    );
    println!("writes by then: {:?}", stage.stub.writes());
    ensure!(took < Duration::from_secs(60), "it took {took:?}");
    assert_eq!(stage.stub.objects("secrets").len(), MANY);

    // Another operator takes over; what clients have read since is told, once.
    operator.stop().await?;
    clients_are_up_to_date(&stage).await?;
    let operator = stage.operator_with("two", |options| options.look_every = Duration::from_secs(2)).await?;
    stage.quiet_for(Duration::from_secs(4)).await?;
    // Each is looked at five times now, and nothing is written, neither here nor in the exchange.
    let (here, there) = (stage.written(), stage.exchange_version().await?);
    tokio::time::sleep(Duration::from_secs(12)).await;
    let (here, there) = (stage.written() - here, stage.exchange_version().await? - there);
    println!("writes in 12 s of rest: {here} to Kubernetes (leases apart), {there} in the exchange");
    assert_eq!((here, there), (0, 0), "{:?}", stage.stub.writes());

    operator.stop().await?;
    stage.nothing_was_forbidden();
    Ok(())
}

/// Lets the client of every subscription that is pulled say that it has read everything. One that nobody pulls falls behind, which is worth telling.
async fn clients_are_up_to_date(stage: &Stage) -> Result<()> {
    let district = stage.bench().area("");
    let claim = |unit: &str| PostClaim {
        post: "POST_DEPARTMENT_SYSTEM".into(),
        area: district.clone(),
        unit: Some(unit.into()),
    };
    let system = ["fire-rescue", "housing", "urban-management"].map(claim);
    let system = stage.bench().person_with(system.to_vec());
    let objects = stage.stub.objects("subscriptions.gongzhi.io");
    let pulled: Vec<_> = objects.iter().filter(|one| one["status"]["way"] == "Pull").collect();
    let position = stage.subscription_of(pulled[0]).await?.progress.unwrap_or_default().newest_position;
    for one in pulled {
        let subscription_id = one["status"]["subscriptionId"].as_str().unwrap_or_default().to_owned();
        let request = pb::AcknowledgeRequest { subscription_id, position };
        DeliveryServiceClient::new(system.calls()).acknowledge(request).await?;
    }
    Ok(())
}
