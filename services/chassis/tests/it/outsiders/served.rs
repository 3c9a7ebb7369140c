//! What an outsider does get: its messages, in order, acknowledged in either form; and what becomes of them when credentials or servers change.

use std::time::Duration;

use anyhow::{Context, Result};
use async_nats::jetstream::AckKind;
use futures::StreamExt;
use gongzhi_chassis::config::Settings;
use gongzhi_chassis::deliveries::{BACKLOG, Deliveries, Delivery, MOST_IN_HAND, Standing};
use gongzhi_chassis::nats_identity::{Body, Claims, Issuer, Reach, inbox_prefix};
use gongzhi_embedded::{Embedded, Options, Part, Parts};
use jiff::Timestamp;
use nkeys::KeyPair;
use uuid::Uuid;

use super::acts;
use super::wire::{Frame, publish, subscribe};
use super::world::{GOV, SUB, Served, World, connect, consumer, limits, server};

/// Pulls and acknowledges everything, twice as the client library does it and by hand; tells what was got.
async fn work(world: &World, served: &Served, count: usize) -> Result<Vec<String>> {
    let client = connect(&world.url(), &served.outsider.credentials, &inbox_prefix(served.key())).await?;
    let consumer = consumer(&client, served.key()).await?;
    let mut messages = consumer.messages().await?;
    let mut got = Vec::new();
    for nth in 0..count {
        let message = messages.next().await.expect("as many as were sent")?;
        match nth % 3 {
            0 => message.double_ack().await.map_err(|error| anyhow::anyhow!("{error}"))?,
            1 => message.ack().await.map_err(|error| anyhow::anyhow!("{error}"))?,
            _ => {
                message.ack_with(AckKind::Progress).await.map_err(|error| anyhow::anyhow!("{error}"))?;
                message.ack_with(AckKind::Term).await.map_err(|error| anyhow::anyhow!("{error}"))?;
            }
        }
        got.push(String::from_utf8(message.payload.to_vec())?);
    }
    client.flush().await?;
    Ok(got)
}

async fn is_served(extra: &str, tokens: usize) -> Result<()> {
    let world = World::new(extra).await?;
    let (me, other) = (world.outsider("A", 40).await?, world.outsider("B", 2).await?);
    let wanted: Vec<_> = (0..40).map(|nth| format!("for A {nth}")).collect();
    assert_eq!(work(&world, &me, 40).await?, wanted);
    let client = connect(&world.url(), &other.outsider.credentials, &inbox_prefix(other.key())).await?;
    let their_consumer = consumer(&client, other.key()).await?;
    let mut messages = their_consumer.messages().await?;
    let first = messages.next().await.expect("a message")?;
    assert_eq!(first.reply.as_ref().expect("a reply").split('.').count(), tokens, "{:?}", first.reply);
    first.ack_with(AckKind::Nak(None)).await.map_err(|error| anyhow::anyhow!("{error}"))?;
    let again: Vec<_> = messages.take(2).map(|message| message.unwrap().payload.clone()).collect().await;
    assert!(again.contains(&first.payload), "what was refused comes again");
    gongzhi_harness::wait_until("all is acknowledged", || async {
        let standing = world.deliveries.standing(me.key()).await?;
        Ok(if standing == Standing::default() { Ok(()) } else { Err(format!("{standing:?}")) })
    })
    .await?;
    world.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outsider_gets_its_messages_in_order_and_acknowledges_them() -> Result<()> {
    is_served("", 9).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_longer_form_of_acknowledgements_works_as_well() -> Result<()> {
    is_served("feature_flags { js_ack_fc_v2: true }", 11).await
}

#[tokio::test(flavor = "multi_thread")]
async fn renewed_credentials_go_on_where_the_old_ones_stopped() -> Result<()> {
    let world = World::new("").await?;
    let old = world.outsider("A", 10).await?;
    assert_eq!(work(&world, &old, 4).await?.len(), 4);
    gongzhi_harness::wait_until("four are acknowledged", || async {
        let left = world.ask(&format!("STREAM.INFO.{SUB}"), "").await?["state"]["messages"].to_string();
        Ok(if left == "6" { Ok(()) } else { Err(left) })
    })
    .await?;
    let new = Served {
        subscription: old.subscription,
        outsider: world.issuer.issue("A", Reach::Deliveries(SUB), None).await?,
    };
    world.deliveries.hand_over(old.subscription, old.key(), new.key(), 1).await?;
    // As after a crash in between: everything is done again.
    world.deliveries.hand_over(old.subscription, old.key(), new.key(), 1).await?;
    world.issuer.revoke(old.key()).await?;
    let wanted: Vec<_> = (4..10).map(|nth| format!("for A {nth}")).collect();
    assert_eq!(work(&world, &new, 6).await?, wanted);
    world.stop().await
}

/// Takes one message on a connection that then breaks, without an acknowledgement; gives its text and where it is acknowledged.
async fn taken_and_broken_off(world: &World, served: &Served) -> Result<(String, String)> {
    let mut wire = world.wire(served).await?;
    wire.send(&subscribe(&served.inbox("broken"))).await?;
    wire.send(&publish(&acts::next(served), &served.inbox("broken"), r#"{"batch":1}"#)).await?;
    loop {
        match wire.message(Duration::from_secs(5)).await.context("nothing to take")? {
            Frame::Message { reply, body, .. } if body.starts_with("for ") => return Ok((body, reply)),
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_one_in_hand_nothing_overtakes_what_a_broken_connection_had() -> Result<()> {
    let world = World::new("").await?;
    let (strict, loose) = (world.outsider("A", 3).await?, world.outsider("B", 3).await?);
    world.deliveries.open(strict.subscription, strict.key(), 1).await?;
    let mut next = Vec::new();
    for served in [&strict, &loose] {
        let (taken, acknowledgement) = taken_and_broken_off(&world, served).await?;
        assert!(taken.ends_with(" 0"), "{taken}");
        let client = connect(&world.url(), &served.outsider.credentials, &inbox_prefix(served.key())).await?;
        let mut messages = consumer(&client, served.key()).await?.messages().await?;
        let came = tokio::time::timeout(Duration::from_secs(2), messages.next()).await;
        next.push(came.ok().flatten().transpose()?.map(|message| message.payload.clone()));
        if next.len() == 1 {
            client.publish(acknowledgement, "".into()).await?;
            let message = messages.next().await.context("it goes on with what is acknowledged")??;
            assert_eq!(&message.payload[..], b"for A 1");
        }
    }
    assert_eq!(next, [None, Some("for B 1".into())], "only with one in hand the order is kept");
    world.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_thing_goes_once_to_each_subscription() -> Result<()> {
    let world = World::new("").await?;
    let (one, two) = (world.outsider("A", 0).await?, world.outsider("B", 0).await?);
    let ids: Vec<_> = (0..3).map(|_| Uuid::now_v7()).collect();
    let batch = || {
        let both = ids.iter().flat_map(|id| [(&one, *id), (&two, *id)]);
        both.map(|(served, id)| Delivery { subscription: served.subscription, id, body: b"x".to_vec() })
            .collect::<Vec<_>>()
    };
    assert_eq!(world.deliveries.publish(batch()).await?.published.stored, 6);
    let again = world.deliveries.publish(batch()).await?.published;
    assert_eq!((again.stored, again.duplicates), (0, 6), "a repeat after a crash stores nothing");
    assert_eq!(world.deliveries.standing(one.key()).await?, Standing { waiting: 3, in_hand: 0 });
    assert_eq!(world.deliveries.purge(one.subscription).await?, 3);
    assert_eq!(world.deliveries.standing(two.key()).await?, Standing { waiting: 3, in_hand: 0 });
    world.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_subscription_is_refused_alone() -> Result<()> {
    let world = World::new("").await?;
    world.deliveries.ensure_stream(&limits(), 5).await?;
    let (slow, quick) = (world.outsider("A", 4).await?, world.outsider("B", 0).await?);
    let of = |served: &Served| Delivery {
        subscription: served.subscription,
        id: Uuid::now_v7(),
        body: b"x".to_vec(),
    };
    let batch = vec![of(&slow), of(&quick), of(&slow), of(&quick)];
    let delivered = world.deliveries.publish(batch).await.context("mixed")?;
    assert_eq!((delivered.published.stored, delivered.full.len()), (2, 1));
    assert!(delivered.full.contains(&slow.subscription));
    assert_eq!(world.deliveries.standing(slow.key()).await?.waiting, 4);
    assert_eq!(world.deliveries.standing(quick.key()).await?.waiting, 2);
    // There is room again as soon as something is acknowledged.
    assert_eq!(work(&world, &slow, 4).await?.len(), 4);
    gongzhi_harness::wait_until("the slow one has room", || async {
        let delivered =
            world.deliveries.publish(vec![of(&slow), of(&slow), of(&slow)]).await.context("room")?;
        Ok(if delivered.full.is_empty() { Ok(()) } else { Err("full".to_owned()) })
    })
    .await?;
    world.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_named_in_the_settings_are_prepared_and_without_keys_issuing_is_refused() -> Result<()> {
    let world = World::new("").await?;
    // As somebody else made the main account: it exports nothing yet.
    let operator = KeyPair::from_seed(world.keys.operator_seed()?.reveal())?;
    let mut bare = Claims::about(world.keys.main_account(), "theirs", world.main_account().await?);
    if let Body::Account(account) = &mut bare.nats {
        account.exports.clear();
    }
    world.issuer.push(&bare.sign(&operator, Timestamp::now())?).await?;
    let (own, system) =
        (world.keys.credentials("us", Timestamp::now())?, world.keys.system_credentials(Timestamp::now())?);
    let seed = world.keys.operator_seed()?;
    let all = [
        ("GONGZHI_NATS_URL", world.url()),
        ("GONGZHI_NATS_CREDENTIALS", own.reveal().to_owned()),
        ("GONGZHI_NATS_OPERATOR_SEED", seed.reveal().to_owned()),
        ("GONGZHI_NATS_SYSTEM_CREDENTIALS", system.reveal().to_owned()),
    ];
    let but = |left_out: &str| {
        let given = |name: &str| {
            all.iter().find(|(known, _)| *known == name && name != left_out).map(|(_, value)| value.clone())
        };
        Settings::read(given).map(|(settings, _)| settings)
    };
    let issuer = Issuer::from_settings(&but("")?)?.expect("everything is set");
    for _ in 0..2 {
        issuer.prepare().await?;
    }
    let served = Served {
        subscription: Uuid::now_v7(),
        outsider: issuer.issue("A", Reach::Deliveries(SUB), None).await?,
    };
    world.deliveries.open(served.subscription, served.key(), MOST_IN_HAND).await?;
    world.deliver(&served, "A", 3).await?;
    assert_eq!(work(&world, &served, 3).await?.len(), 3);
    assert!(Issuer::from_settings(&but("GONGZHI_NATS_OPERATOR_SEED")?)?.is_none());
    for missing in ["GONGZHI_NATS_CREDENTIALS", "GONGZHI_NATS_SYSTEM_CREDENTIALS"] {
        let refused = Issuer::from_settings(&but(missing)?).err().expect("something is missing").to_string();
        assert!(refused.contains(missing), "{refused}");
    }
    world.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_from_before_there_were_accounts_are_kept() -> Result<()> {
    let dir = std::env::temp_dir().join(format!("heir-{}", std::process::id()));
    let lasting = Options::lasting(&dir);
    let before = lasting.clone();
    let embedded = tokio::task::spawn_blocking(move || {
        let parts = Parts::find(&[Part::Nats], None, |line| eprintln!("{line}"))?;
        Embedded::start(&parts, before)
    })
    .await??;
    let district = gongzhi_proto::ids::AreaCode::parse("330105")?;
    let bus = gongzhi_chassis::bus::Bus::connect(&embedded.nats_url(), "old", district.clone(), None).await?;
    bus.ensure_stream(&limits()).await?;
    let fact = gongzhi_chassis::bus::Outgoing {
        subject: super::world::FACT.into(),
        id: Uuid::now_v7(),
        body: b"kept".as_slice().into(),
    };
    bus.publish(&[fact]).await?;
    tokio::task::spawn_blocking(move || embedded.stop()).await??;

    let keys = gongzhi_chassis::nats_identity::Keys::generate();
    for _ in 0..2 {
        let embedded = server(&keys, "", lasting.clone()).await?;
        let credentials = keys.credentials("new", jiff::Timestamp::now())?;
        let url = embedded.nats_url();
        let bus =
            gongzhi_chassis::bus::Bus::connect(&url, "new", district.clone(), Some(&credentials)).await?;
        bus.ensure_stream(&limits()).await?;
        let mut stream = bus.stream().await?;
        assert_eq!(stream.info().await?.state.messages, 1, "{GOV} was not kept");
        keys.issuer(&url)?.prepare().await?;
        Deliveries::new(bus).ensure_stream(&limits(), BACKLOG).await?;
        tokio::time::timeout(Duration::from_secs(30), tokio::task::spawn_blocking(move || embedded.stop()))
            .await???;
    }
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}
