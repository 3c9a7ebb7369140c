//! What stops with its right: a grant that is revoked or runs out ends streams, pulls, webhooks and connections to NATS within five seconds.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use gongzhi_harness::{Person, wait_until};
use gongzhi_proto::exchange::v1 as pb;
use jiff::SignedDuration;
use tonic::Streaming;
use uuid::Uuid;

use crate::outsiders;
use crate::receiver::{Mood, Receiver};
use crate::town::{Town, deliveries, department_of, fact, grants, id_of, subscriptions};

/// How long anything may still be delivered.
const WITHIN: Duration = Duration::from_secs(5);

/// Everything that hangs on one grant.
struct Hanging {
    grant_id: String,
    pulled: String,
    stream: Streaming<pb::StreamResponse>,
    receiver: Receiver,
    outsider: outsiders::Outsider,
}

async fn subscribe(who: &Person, request: pb::SubscribeRequest) -> Result<String> {
    let made = subscriptions(who).subscribe(request).await?.into_inner().subscription;
    Ok(made.context("no subscription")?.subscription_id)
}

/// A grant for two days, and a subscription of every way under it, each of which has received something.
async fn hanging(town: &Town) -> Result<Hanging> {
    let grant_id = town.granted(vec![fact("dispatch.case_registered", &[])], "001", 2).await?;
    let receiver = Receiver::open(Mood::Accepts).await?;
    let of = |way: pb::DeliveryWay, webhook| pb::SubscribeRequest {
        organization: department_of("fire-rescue"),
        name: "随授权".into(),
        grant_id: grant_id.clone(),
        way: way as i32,
        webhook,
        ..Default::default()
    };
    let pulled = subscribe(&town.fire_system, of(pb::DeliveryWay::Pull, None)).await?;
    let streamed = subscribe(&town.fire_system, of(pb::DeliveryWay::Pull, None)).await?;
    let webhook = Some(pb::Webhook { url: receiver.url.clone(), ..Default::default() });
    subscribe(&town.fire_system, of(pb::DeliveryWay::Webhook, webhook)).await?;
    let over_nats = subscribe(&town.fire_system, of(pb::DeliveryWay::Nats, None)).await?;
    let issued = outsiders::credentials(&town.fire_system, &over_nats).await?;
    let outsider = outsiders::connect(town, issued).await?;
    let open = pb::StreamRequest { subscription_id: streamed };
    let mut stream = deliveries(&town.fire_system).stream(open).await?.into_inner();
    let told = town.registered(Uuid::now_v7(), "001052", "fire.lane.obstructed").await?;
    let first = tokio::time::timeout(WITHIN, stream.message()).await??;
    assert_eq!(id_of(&first.context("the stream ended")?.delivery.context("a beat")?), told);
    let page = pb::PullRequest { subscription_id: pulled.clone(), max_facts: 10, wait_seconds: 5 };
    let page = deliveries(&town.fire_system).pull(page).await?.into_inner();
    assert_eq!(page.deliveries.iter().map(id_of).collect::<Vec<_>>(), [told]);
    wait_until("the webhook came", async || {
        let came = receiver.accepted();
        Ok(if came == [told] { Ok(()) } else { Err(format!("{came:?}")) })
    })
    .await?;
    assert_eq!(outsiders::ids(&outsiders::fetched(&outsider, 1).await?), [told]);
    Ok(Hanging { grant_id, pulled, stream, receiver, outsider })
}

/// Sees everything stop, and nothing come afterwards.
async fn stops(town: &Town, mut hanging: Hanging, how: &str) -> Result<()> {
    let since = Instant::now();
    let mut took = Vec::new();
    // What happens from now on is not theirs.
    let after = town.registered(Uuid::now_v7(), "001052", "fire.lane.obstructed").await?;
    let ended =
        tokio::time::timeout(WITHIN, hanging.stream.message()).await.context("the stream stays open")?;
    assert!(ended.is_err(), "{how}: the stream says that it ended: {ended:?}");
    took.push(("stream", since.elapsed()));
    wait_until("a pull is refused", async || {
        let pull =
            pb::PullRequest { subscription_id: hanging.pulled.clone(), max_facts: 10, wait_seconds: 0 };
        Ok(match deliveries(&town.fire_system).pull(pull).await {
            Err(status) => Ok(status),
            Ok(page) => {
                let came: Vec<_> = page.into_inner().deliveries.iter().map(id_of).collect();
                anyhow::ensure!(!came.contains(&after), "{how}: a pull gave what happened afterwards");
                Err(format!("{came:?}"))
            }
        })
    })
    .await?;
    took.push(("pull", since.elapsed()));
    wait_until("the connection to NATS is closed", async || {
        let refused = outsiders::client(town, &hanging.outsider.issued).await.is_err();
        let state = hanging.outsider.client.connection_state();
        let closed = state != async_nats::connection::State::Connected;
        Ok(if refused && closed { Ok(()) } else { Err(format!("{state:?}")) })
    })
    .await?;
    took.push(("NATS", since.elapsed()));
    // Whoever has a subscription of its own goes on, and shows that deliveries are made.
    let other = Receiver::open(Mood::Accepts).await?;
    let request = pb::SubscribeRequest {
        name: "街道".into(),
        way: pb::DeliveryWay::Webhook as i32,
        webhook: Some(pb::Webhook { url: other.url.clone(), ..Default::default() }),
        ..crate::town::registrations(town)
    };
    subscribe(&town.street_system, request).await?;
    let last = town.registered(Uuid::now_v7(), "001052", "fire.lane.obstructed").await?;
    wait_until("the other's webhook came", async || {
        let came = other.accepted();
        Ok(if came.contains(&last) { Ok(()) } else { Err(format!("{came:?}")) })
    })
    .await?;
    assert_eq!(hanging.receiver.came().len(), 1, "{how}: the webhook was called afterwards");
    println!("{how}: the webhook was not called again");
    for (what, took) in &took {
        println!("{how}: {what} {} ms", took.as_millis());
        assert!(*took < WITHIN, "{how}: {what} took {took:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_grant_stops_every_way_of_delivery() -> Result<()> {
    let town = Town::new().await?;
    let hanging = hanging(&town).await?;
    let revoke = pb::RevokeGrantRequest { grant_id: hanging.grant_id.clone(), reason: "用途已变".into() };
    grants(&town.operator).revoke_grant(revoke).await?;
    stops(&town, hanging, "revoked").await?;
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_runs_out_stops_every_way_of_delivery() -> Result<()> {
    let town = Town::new().await?;
    let hanging = hanging(&town).await?;
    town.clock.advance(SignedDuration::from_hours(49));
    stops(&town, hanging, "expired").await?;
    town.bench.stop().await
}
