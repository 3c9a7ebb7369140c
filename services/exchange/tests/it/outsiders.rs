//! Subscribers on NATS, with the credentials that they are issued: each gets its own facts, without fields that its grant does not cover, and is cut
//! off when its right ends.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use async_nats::jetstream::consumer::PullConsumer;
use futures::StreamExt;
use gongzhi_harness::{Person, wait_until};
use gongzhi_proto::exchange::v1 as pb;
use uuid::Uuid;

use crate::rooms::fields;
use crate::town::{Town, department_of, fact, grants, reason, registrations, subscriptions};

pub struct Outsider {
    pub client: async_nats::Client,
    consumer: PullConsumer,
    pub issued: pb::IssueNatsCredentialsResponse,
}

async fn over_nats(who: &Person, request: pb::SubscribeRequest) -> Result<String> {
    let request =
        pb::SubscribeRequest { way: pb::DeliveryWay::Nats as i32, name: "总线".into(), ..request };
    let made = subscriptions(who).subscribe(request).await?.into_inner().subscription;
    Ok(made.context("no subscription")?.subscription_id)
}

pub async fn credentials(who: &Person, subscription_id: &str) -> Result<pb::IssueNatsCredentialsResponse> {
    let request = pb::IssueNatsCredentialsRequest { subscription_id: subscription_id.into() };
    Ok(subscriptions(who).issue_nats_credentials(request).await?.into_inner())
}

pub async fn client(town: &Town, issued: &pb::IssueNatsCredentialsResponse) -> Result<async_nats::Client> {
    let options = async_nats::ConnectOptions::new()
        .credentials(&issued.credentials)?
        .custom_inbox_prefix(issued.inbox_prefix.as_str())
        .connection_timeout(Duration::from_secs(5));
    Ok(options.connect(town.bench.nats_url()).await?)
}

pub async fn connect(town: &Town, issued: pb::IssueNatsCredentialsResponse) -> Result<Outsider> {
    let client = client(town, &issued).await?;
    let jetstream = async_nats::jetstream::with_domain(client.clone(), &issued.domain);
    let consumer = jetstream.get_consumer_from_stream(&issued.durable, &issued.stream).await?;
    Ok(Outsider { client, consumer, issued })
}

/// Messages that one pull may ask for.
const LARGEST_PULL: usize = 256;

/// How long nothing may come while more is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Fetches and acknowledges so many messages.
pub async fn fetched(outsider: &Outsider, count: usize) -> Result<Vec<serde_json::Value>> {
    let (mut events, mut since) = (Vec::new(), Instant::now());
    while events.len() < count {
        let before = events.len();
        let mut batch = outsider
            .consumer
            .fetch()
            .max_messages((count - events.len()).min(LARGEST_PULL))
            .expires(Duration::from_secs(5))
            .messages()
            .await?;
        while let Some(message) = batch.next().await {
            let message = message.map_err(|error| anyhow::anyhow!("{error}"))?;
            events.push(serde_json::from_slice(&message.payload)?);
            message.ack().await.map_err(|error| anyhow::anyhow!("{error}"))?;
        }
        if events.len() > before {
            since = Instant::now();
        }
        // What was lost with a connection comes again after half a minute.
        anyhow::ensure!(!events.is_empty() || count == 0, "nothing came");
        anyhow::ensure!(since.elapsed() < PATIENCE, "{} of {count} came, and nothing more", events.len());
    }
    outsider.client.flush().await?;
    Ok(events)
}

pub fn ids(events: &[serde_json::Value]) -> Vec<Uuid> {
    events.iter().map(|event| event["id"].as_str().and_then(|id| id.parse().ok()).expect("an id")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fetches_its_own_facts_and_is_cut_off_with_its_right() -> Result<()> {
    let town = Town::new().await?;
    let fields = vec![fact("dispatch.case_registered", &["case_id"])];
    let grant_id = town.granted(fields, "001", 10).await?;
    let under = pb::SubscribeRequest {
        organization: department_of("fire-rescue"),
        grant_id: grant_id.clone(),
        ..Default::default()
    };
    let fire_id = over_nats(&town.fire_system, under).await?;
    let street_id = over_nats(&town.street_system, registrations(&town)).await?;
    let foreign = credentials(&town.housing_system, &fire_id).await;
    assert!(foreign.is_err(), "nobody is issued credentials for what is another's");
    let fire = connect(&town, credentials(&town.fire_system, &fire_id).await?).await?;
    let street = connect(&town, credentials(&town.street_system, &street_id).await?).await?;
    let mut told = Vec::new();
    for _ in 0..30 {
        told.push(town.registered(Uuid::now_v7(), "001052", "fire.lane.obstructed").await?);
    }
    town.registered(Uuid::now_v7(), "002051", "fire.lane.obstructed").await?;
    let at_fire = fetched(&fire, 30).await?;
    assert_eq!(ids(&at_fire), told);
    assert!(at_fire.iter().all(|event| event["data"].as_object().is_some_and(|data| data.len() == 1)));
    assert_eq!(ids(&fetched(&street, 30).await?), told);
    // Another's consumer is out of reach.
    let jetstream = async_nats::jetstream::with_domain(street.client.clone(), &street.issued.domain);
    let reached = jetstream.get_consumer_from_stream::<async_nats::jetstream::consumer::pull::Config, _, _>(
        &fire.issued.durable,
        &fire.issued.stream,
    );
    assert!(reached.await.is_err());
    let since = Instant::now();
    let revoke = pb::RevokeGrantRequest { grant_id, reason: "用途已变".into() };
    grants(&town.operator).revoke_grant(revoke).await?;
    wait_until("the connection is closed", async || {
        let state = fire.client.connection_state();
        let closed = state != async_nats::connection::State::Connected;
        Ok(if closed && client(&town, &fire.issued).await.is_err() {
            Ok(())
        } else {
            Err(format!("{state:?}"))
        })
    })
    .await?;
    let took = since.elapsed();
    println!("a revoked grant cut off an open NATS connection after {} ms", took.as_millis());
    assert!(took < Duration::from_secs(5));
    // The others go on.
    let more = town.registered(Uuid::now_v7(), "001052", "fire.lane.obstructed").await?;
    assert_eq!(ids(&fetched(&street, 1).await?), [more]);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn new_credentials_replace_the_former_ones_and_lose_nothing() -> Result<()> {
    let town = Town::new().await?;
    let id = over_nats(&town.street_system, registrations(&town)).await?;
    let first = town.registered(Uuid::now_v7(), "001052", "fire.lane.obstructed").await?;
    let old = connect(&town, credentials(&town.street_system, &id).await?).await?;
    assert_eq!(ids(&fetched(&old, 1).await?), [first]);
    let second = town.registered(Uuid::now_v7(), "001052", "fire.lane.obstructed").await?;
    let new = connect(&town, credentials(&town.street_system, &id).await?).await?;
    assert_ne!(old.issued.durable, new.issued.durable);
    assert_eq!(ids(&fetched(&new, 1).await?), [second]);
    assert!(client(&town, &old.issued).await.is_err(), "the former credentials are void");
    // A subscription that is delivered another way has none.
    let pulled = town.pulls(&town.street_system, registrations(&town)).await?;
    let request = pb::IssueNatsCredentialsRequest { subscription_id: pulled };
    let refused = subscriptions(&town.street_system).issue_nats_credentials(request).await.unwrap_err();
    assert_eq!(reason(&refused), "NOT_OVER_NATS");
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_fact_is_in_hand_unless_more_are_asked_for() -> Result<()> {
    let town = Town::new().await?;
    let nats =
        |in_hand| pb::SubscribeRequest { nats: Some(pb::OverNats { in_hand }), ..registrations(&town) };
    for (request, wanted) in [(registrations(&town), 1), (nats(0), 1), (nats(256), 256)] {
        let id = over_nats(&town.street_system, request).await?;
        let mut outsider = connect(&town, credentials(&town.street_system, &id).await?).await?;
        assert_eq!(outsider.consumer.info().await?.config.max_ack_pending, wanted);
        let get = pb::GetSubscriptionRequest { subscription_id: id };
        let shown = subscriptions(&town.street_system).get_subscription(get).await?.into_inner().subscription;
        let in_hand = shown.and_then(|shown| shown.nats).context("over NATS")?.in_hand;
        assert_eq!(i64::from(in_hand), wanted);
    }
    let pulled = pb::SubscribeRequest {
        way: pb::DeliveryWay::Pull as i32,
        name: "拉取".into(),
        nats: Some(pb::OverNats { in_hand: 257 }),
        ..registrations(&town)
    };
    for (request, wanted) in [
        (
            pb::SubscribeRequest { way: pb::DeliveryWay::Nats as i32, name: "总线".into(), ..nats(-1) },
            vec!["nats.in_hand"],
        ),
        (
            pb::SubscribeRequest { way: pb::DeliveryWay::Nats as i32, name: "总线".into(), ..nats(257) },
            vec!["nats.in_hand"],
        ),
        (pulled, vec!["nats", "nats.in_hand"]),
    ] {
        let refused = subscriptions(&town.street_system).subscribe(request).await.unwrap_err();
        assert_eq!(fields(&refused), wanted);
    }
    town.bench.stop().await
}
