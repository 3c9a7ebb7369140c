//! A stream that was deleted and made again from the record, in which positions are others: every subscription finds its place again. Nothing is lost, and
//! nothing comes twice but what happened within an hour before what was read last, and a block of milestones before that.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result};
use gongzhi_chassis::bus::{Outgoing, StreamLimits};
use gongzhi_harness::{Person, wait_until};
use gongzhi_proto::exchange::v1 as pb;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::outsiders;
use crate::receiver::{Mood, Receiver};
use crate::town::{Town, deliveries, ids_of, reason, registrations, subscriptions};

/// Facts of one hour; more than a block of milestones in all.
const HOURLY: usize = 250;
const HOURS: usize = 6;
/// Positions that share a milestone, and how far a fact may be from its place of before: what comes twice beyond the hour.
const BLOCK: usize = 500 + 200;

async fn subscribe(who: &Person, request: pb::SubscribeRequest) -> Result<String> {
    let made = subscriptions(who).subscribe(request).await?.into_inner().subscription;
    Ok(made.context("no subscription")?.subscription_id)
}

/// What is on the stream now, as the record would publish it again.
async fn streamed(town: &Town) -> Result<Vec<Outgoing>> {
    use futures::StreamExt;
    let bus = &town.bench.context.bus;
    let extent = bus.extent().await?;
    let all = vec![gongzhi_proto::subjects::stream_subjects(bus.district())];
    let mut messages = bus.read_behind(all, &extent.created, 0).await?;
    let mut found = Vec::new();
    while (found.len() as u64) < extent.last {
        let next = tokio::time::timeout(Duration::from_secs(5), messages.next()).await?;
        let next = next.context("the stream ended early")??;
        let event: serde_json::Value = serde_json::from_slice(&next.body)?;
        let id = event["id"].as_str().context("an id")?.parse()?;
        found.push(Outgoing { subject: next.subject, id, body: next.body });
    }
    Ok(found)
}

/// Deletes the stream and makes it again. Services publish beside each other, so what is of different things comes in another order: here every
/// second of the two hundred that are neighbours first.
async fn rebuild(town: &Town) -> Result<()> {
    let facts = streamed(town).await?;
    let bus = &town.bench.context.bus;
    bus.delete_stream().await?;
    bus.ensure_stream(&StreamLimits { max_age_days: 1, max_bytes: 1 << 30, replicas: 1 }).await?;
    let mut again = Vec::new();
    let mut rest = facts.into_iter().peekable();
    while rest.peek().is_some() {
        let page: Vec<_> = rest.by_ref().take(200).collect();
        let (even, odd): (Vec<_>, Vec<_>) = page.into_iter().enumerate().partition(|(nth, _)| nth % 2 == 0);
        again.extend(odd.into_iter().chain(even).map(|(_, fact)| fact));
    }
    for batch in again.chunks(500) {
        bus.publish(batch).await?;
    }
    Ok(())
}

/// Waits until a position of before is refused; `witness` is only for this.
async fn sees_another_stream(town: &Town, witness: &str, position: i64) -> Result<()> {
    wait_until("the exchange sees another stream", async || {
        let request = pb::AcknowledgeRequest { subscription_id: witness.into(), position };
        Ok(match deliveries(&town.street_system).acknowledge(request).await {
            Ok(answer) => Err(format!("{answer:?}")),
            Err(_) => Ok(()),
        })
    })
    .await
}

/// What comes over NATS, up to one.
async fn up_to(outsider: &outsiders::Outsider, last: Uuid) -> Result<Vec<Uuid>> {
    let mut got = Vec::new();
    while got.last() != Some(&last) {
        got.extend(outsiders::ids(&outsiders::fetched(outsider, 1).await?));
    }
    Ok(got)
}

/// How often something came that had come before; fails when something is missing, or came twice that happened long before what was read last.
fn repeats(what: &str, got: &[Uuid], told: &[(Timestamp, Uuid)], read: usize) -> usize {
    let hour_before = told[read].0 - SignedDuration::from_hours(1);
    let within = told.iter().position(|(at, _)| *at >= hour_before).unwrap_or_default();
    let mut seen = BTreeSet::new();
    let mut repeated = 0;
    for id in got {
        if !seen.insert(*id) {
            repeated += 1;
            let nth = told.iter().position(|(_, told)| told == id).expect("something told");
            assert!(
                nth + BLOCK >= within,
                "{what}: fact {nth} came twice; {read} was read, {within} is an hour before"
            );
        }
    }
    let missing = told.iter().filter(|(_, id)| !seen.contains(id)).count();
    assert_eq!(missing, 0, "{what}: {missing} of {} are lost", told.len());
    println!("{what}: {} told, {repeated} came twice", told.len());
    repeated
}

#[tokio::test(flavor = "multi_thread")]
async fn every_subscription_finds_its_place_again() -> Result<()> {
    let town = Town::new().await?;
    let receiver = Receiver::open(Mood::Accepts).await?;
    let pulled = town.pulls(&town.street_system, registrations(&town)).await?;
    let hook = pb::SubscribeRequest {
        name: "大屏".into(),
        way: pb::DeliveryWay::Webhook as i32,
        webhook: Some(pb::Webhook { url: receiver.url.clone(), ..Default::default() }),
        ..registrations(&town)
    };
    subscribe(&town.street_system, hook).await?;
    let nats = pb::SubscribeRequest {
        name: "总线".into(),
        way: pb::DeliveryWay::Nats as i32,
        ..registrations(&town)
    };
    let nats = subscribe(&town.street_system, nats).await?;
    let issued = outsiders::credentials(&town.street_system, &nats).await?;
    let outsider = outsiders::connect(&town, issued).await?;

    let mut told = Vec::new();
    for _ in 0..HOURS {
        for _ in 0..HOURLY {
            let at = town.now();
            told.push((at, town.registered(Uuid::now_v7(), "001052", "fire.lane.obstructed").await?));
        }
        town.clock.advance(SignedDuration::from_hours(1));
    }
    // The puller has taken and acknowledged half, and holds a page of which it has acknowledged nothing yet.
    let half = told.len() / 2;
    let page =
        pb::PullRequest { subscription_id: pulled.clone(), max_facts: i32::try_from(half)?, wait_seconds: 5 };
    let first = deliveries(&town.street_system).pull(page.clone()).await?.into_inner();
    let mut got = ids_of(&first.deliveries);
    assert_eq!(got.len(), half);
    let witness = town.pulls(&town.street_system, registrations(&town)).await?;
    let acknowledge = async |subscription_id: &str, position| {
        let request = pb::AcknowledgeRequest { subscription_id: subscription_id.into(), position };
        deliveries(&town.street_system).acknowledge(request).await
    };
    acknowledge(&pulled, first.position).await?;
    let in_hand = deliveries(&town.street_system).pull(page).await?.into_inner();
    wait_until("the webhook has everything", async || {
        let came = receiver.accepted().len();
        Ok(if came == told.len() { Ok(()) } else { Err(format!("{came} came")) })
    })
    .await?;
    let mut over_nats = outsiders::ids(&outsiders::fetched(&outsider, told.len()).await?);

    rebuild(&town).await?;
    sees_another_stream(&town, &witness, in_hand.position).await?;
    let stale = acknowledge(&pulled, in_hand.position).await.unwrap_err();
    assert_eq!(reason(&stale), "REBUILT", "a position of before is none here");
    got.extend(ids_of(&town.takes(&town.street_system, &pulled).await?));
    repeats("pulled", &got, &told, half - 1);

    let after = (town.now(), town.registered(Uuid::now_v7(), "001052", "fire.lane.obstructed").await?);
    told.push(after);
    let end = told.len() - 2;
    wait_until("the webhook goes on", async || {
        let came = receiver.accepted();
        Ok(if came.contains(&after.1) { Ok(()) } else { Err(format!("{} came", came.len())) })
    })
    .await?;
    repeats("webhook", &receiver.accepted(), &told, end);
    over_nats.extend(up_to(&outsider, after.1).await?);
    repeats("over NATS", &over_nats, &told, end);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_read_nothing_yet_gets_no_more_than_an_hour_of_before() -> Result<()> {
    let town = Town::new().await?;
    // More than a block of milestones long before anybody subscribes, and then some within the hour.
    let mut told = Vec::new();
    for count in [BLOCK + 300, 20] {
        town.clock.advance(SignedDuration::from_hours(5));
        for _ in 0..count {
            told.push((town.now(), town.registered(Uuid::now_v7(), "001052", "fire.lane.obstructed").await?));
        }
    }
    let first = town.pulls(&town.street_system, registrations(&town)).await?;
    // Rewound to now is the same as begun now.
    let rewound = town.pulls(&town.street_system, registrations(&town)).await?;
    let to_now = pb::RewindSubscriptionRequest {
        subscription_id: rewound.clone(),
        start: Some(pb::Start { start: Some(pb::start::Start::Now(true)) }),
    };
    subscriptions(&town.street_system).rewind_subscription(to_now).await?;
    let witness = town.pulls(&town.street_system, registrations(&town)).await?;
    rebuild(&town).await?;
    sees_another_stream(&town, &witness, 1).await?;
    town.clock.advance(SignedDuration::from_mins(1));
    let after = town.registered(Uuid::now_v7(), "001052", "fire.lane.obstructed").await?;
    for (what, id) in [("begun", &first), ("rewound", &rewound)] {
        let got = ids_of(&town.takes(&town.street_system, id).await?);
        assert_eq!(got.last(), Some(&after), "{what}: what came since is not there");
        let early = got.iter().filter(|id| told.iter().any(|(_, told)| told == *id)).count();
        println!("{what}: {} came, {early} of them from before", got.len());
        assert!(early <= BLOCK, "{what}: {early} facts of before came, of {}", told.len());
    }
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_outlives_the_stream() -> Result<()> {
    let town = Town::new().await?;
    let receiver = Receiver::open(Mood::Says(500)).await?;
    let hook = pb::SubscribeRequest {
        name: "大屏".into(),
        way: pb::DeliveryWay::Webhook as i32,
        webhook: Some(pb::Webhook { url: receiver.url.clone(), ..Default::default() }),
        ..registrations(&town)
    };
    let id = subscribe(&town.street_system, hook).await?;
    let mut told = Vec::new();
    for _ in 0..20 {
        told.push((town.now(), town.registered(Uuid::now_v7(), "001052", "fire.lane.obstructed").await?));
    }
    let held = async || -> Result<i64> {
        let request = pb::GetSubscriptionRequest { subscription_id: id.clone() };
        let shown = subscriptions(&town.street_system).get_subscription(request).await?.into_inner();
        Ok(shown.subscription.context("no subscription")?.progress.unwrap_or_default().held)
    };
    let wait_for = async |count: i64| {
        wait_until("so many are held", async || {
            let held = held().await?;
            Ok(if held == count { Ok(()) } else { Err(format!("{held} held")) })
        })
        .await
    };
    wait_for(20).await?;
    // Long enough that nothing of before comes again from the rebuilt stream: what is held is all there is of it.
    town.clock.advance(SignedDuration::from_hours(3));
    told.push((town.now(), town.registered(Uuid::now_v7(), "001052", "fire.lane.obstructed").await?));
    wait_for(21).await?;
    rebuild(&town).await?;
    for _ in 0..20 {
        told.push((town.now(), town.registered(Uuid::now_v7(), "001052", "fire.lane.obstructed").await?));
    }
    wait_until("what comes now is held too", async || {
        let held = held().await?;
        Ok(if held >= 41 { Ok(()) } else { Err(format!("{held} held")) })
    })
    .await?;
    receiver.turns(Mood::Accepts);
    let retry = pb::RetryHeldDeliveriesRequest { subscription_id: id.clone() };
    subscriptions(&town.street_system).retry_held_deliveries(retry).await?;
    wait_for(0).await?;
    repeats("held", &receiver.accepted(), &told, 20);
    town.bench.stop().await
}
