//! Webhooks against real HTTP servers: signed, in order, and every kind of receiver treated as it deserves.

use std::time::Duration;

use anyhow::{Context, Result};
use gongzhi_chassis::webhook_signature::{self, VerifyingKey};
use gongzhi_harness::wait_until;
use gongzhi_proto::exchange::v1 as pb;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::receiver::{Mood, Receiver};
use crate::town::{Town, registrations, subscriptions};

async fn hooked(town: &Town, receiver: &Receiver, scheme: pb::SignatureScheme) -> Result<String> {
    let (url, scheme) = (receiver.url.clone(), scheme as i32);
    let request = pb::SubscribeRequest {
        name: "街道大屏".into(),
        way: pb::DeliveryWay::Webhook as i32,
        webhook: Some(pb::Webhook { url, scheme, allowed_networks: vec![] }),
        ..registrations(town)
    };
    let made = subscriptions(&town.street_system).subscribe(request).await?.into_inner().subscription;
    Ok(made.context("no subscription")?.subscription_id)
}

async fn shown(town: &Town, id: &str) -> Result<pb::Subscription> {
    let request = pb::GetSubscriptionRequest { subscription_id: id.into() };
    let answer = subscriptions(&town.street_system).get_subscription(request).await?.into_inner();
    answer.subscription.context("no subscription")
}

async fn progress(town: &Town, id: &str) -> Result<pb::Progress> {
    Ok(shown(town, id).await?.progress.unwrap_or_default())
}

async fn accepted(receiver: &Receiver, told: &[Uuid]) -> Result<()> {
    wait_until("everything was accepted", async || {
        let got = receiver.accepted();
        let missing = told.iter().filter(|id| !got.contains(id)).count();
        Ok(if missing == 0 { Ok(()) } else { Err(format!("{missing} of {} missing", told.len())) })
    })
    .await
}

#[tokio::test]
async fn what_comes_is_signed_and_keys_can_be_changed_over() -> Result<()> {
    let town = Town::new().await?;
    for scheme in [pb::SignatureScheme::Ed25519, pb::SignatureScheme::Hmac] {
        let receiver = Receiver::open(Mood::Accepts).await?;
        let id = hooked(&town, &receiver, scheme).await?;
        let told = town.registered(Uuid::now_v7(), "001052", "fire.lane.obstructed").await?;
        accepted(&receiver, &[told]).await?;
        let keys = async || -> Result<Vec<VerifyingKey>> {
            let request = pb::ReadSigningKeysRequest { subscription_id: id.clone() };
            let answer = subscriptions(&town.street_system).read_signing_keys(request).await?.into_inner();
            answer.keys.iter().map(|key| Ok(VerifyingKey::parse(&key.key)?)).collect()
        };
        let before = keys().await?;
        assert_eq!(before.len(), 1);
        let came = &receiver.came()[0];
        webhook_signature::verify(&before, &came.headers, &came.body, Timestamp::now())?;
        assert!(webhook_signature::verify(&before, &came.headers, b"{}", Timestamp::now()).is_err());
        let rotate = pb::RotateSigningKeyRequest { subscription_id: id.clone() };
        subscriptions(&town.street_system).rotate_signing_key(rotate).await?;
        let both = keys().await?;
        assert_eq!(both.len(), 2);
        // Keys are remembered for a few seconds; then both sign, and each verifies by itself.
        wait_until("both keys sign", async || {
            town.registered(Uuid::now_v7(), "001052", "fire.lane.obstructed").await?;
            let last = receiver.came().pop().context("nothing came")?;
            let good = both.iter().all(|key| {
                let one = std::slice::from_ref(key);
                webhook_signature::verify(one, &last.headers, &last.body, Timestamp::now()).is_ok()
            });
            Ok(if good { Ok(()) } else { Err(last.headers.signature) })
        })
        .await?;
        let test = pb::SendTestRequest { subscription_id: id.clone() };
        let tested = subscriptions(&town.street_system).send_test(test).await?.into_inner();
        assert_eq!((tested.http_status, tested.error.as_str()), (204, ""));
    }
    town.bench.stop().await
}

#[tokio::test]
async fn a_receiver_that_is_away_for_a_week_gets_everything_in_order() -> Result<()> {
    let town = Town::new().await?;
    let receiver = Receiver::open(Mood::Says(500)).await?;
    let id = hooked(&town, &receiver, pb::SignatureScheme::Ed25519).await?;
    let cases: Vec<_> = (0..20).map(|_| Uuid::now_v7()).collect();
    let mut told: Vec<(Uuid, Uuid)> = Vec::new();
    for _day in 0..7 {
        for case in &cases {
            told.push((*case, town.registered(*case, "001052", "fire.lane.obstructed").await?));
        }
        // The schedule is lived through hour by hour, as a week would.
        for _ in 0..24 {
            town.clock.advance(SignedDuration::from_hours(1));
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }
    let seen = wait_until("deliveries are parked", async || {
        let progress = progress(&town, &id).await?;
        town.clock.advance(SignedDuration::from_hours(1));
        Ok(if progress.parked > 0 { Ok(progress) } else { Err(format!("{progress:?}")) })
    })
    .await?;
    assert!(seen.held > 0 && seen.last_error.starts_with("500"), "{seen:?}");
    assert!(!seen.last_error.contains('\u{7}'), "control characters of a receiver are not passed on");
    assert_eq!(receiver.accepted().len(), 0);
    receiver.turns(Mood::Accepts);
    let retry = pb::RetryHeldDeliveriesRequest { subscription_id: id.clone() };
    let retried = subscriptions(&town.street_system).retry_held_deliveries(retry).await?.into_inner().retried;
    assert!(retried > 0);
    let ids: Vec<_> = told.iter().map(|(_, id)| *id).collect();
    accepted(&receiver, &ids).await?;
    let got = receiver.accepted();
    for case in &cases {
        let wanted: Vec<_> = told.iter().filter(|(of, _)| of == case).map(|(_, id)| *id).collect();
        let mut came: Vec<_> = got.iter().filter(|id| wanted.contains(id)).copied().collect();
        came.dedup();
        assert_eq!(came, wanted, "order of one case is kept");
    }
    let twice = got.len() - ids.len();
    println!("{} events over a week, {} attempts, {twice} delivered twice", ids.len(), receiver.came().len());
    wait_until("nothing is held any more", async || {
        let progress = progress(&town, &id).await?;
        Ok(if progress.held == 0 { Ok(()) } else { Err(format!("{progress:?}")) })
    })
    .await?;
    town.bench.stop().await
}

#[tokio::test]
async fn every_kind_of_receiver_gets_the_right_treatment() -> Result<()> {
    let town = Town::new().await?;
    for (mood, said) in [
        (Mood::Redirects(302, "/elsewhere".into()), "302: redirections are not followed"),
        (Mood::Says(503), "503"),
        (Mood::Throttles(3600), "429"),
        (Mood::Babbles, "400"),
        (Mood::Hangs, "no answer within 15 s"),
    ] {
        let receiver = Receiver::open(mood.clone()).await?;
        let id = hooked(&town, &receiver, pb::SignatureScheme::Ed25519).await?;
        let told = town.registered(Uuid::now_v7(), "001052", "fire.lane.obstructed").await?;
        let held = wait_until("the failure shows", async || {
            let error = progress(&town, &id).await?.last_error;
            if !error.starts_with(said) {
                return Ok(Err(error));
            }
            let request = pb::ListHeldDeliveriesRequest { subscription_id: id.clone(), ..Default::default() };
            let held = subscriptions(&town.street_system).list_held_deliveries(request).await?.into_inner();
            Ok(Ok(held.deliveries))
        })
        .await
        .with_context(|| format!("{mood:?}"))?;
        assert_eq!(held.len(), 1);
        assert_eq!((held[0].event_id.as_str(), held[0].attempts), (told.to_string().as_str(), 1));
        let next = held[0].next_attempt_at.context("it is tried again")?;
        let pause = next.seconds - town.now().as_second();
        match mood {
            Mood::Throttles(_) => assert!((3500..=3600).contains(&pause), "{pause}"),
            _ => assert!(pause <= 6, "{mood:?}: {pause}"),
        }
        receiver.turns(Mood::Accepts);
        town.clock.advance(SignedDuration::from_hours(2));
        accepted(&receiver, &[told]).await?;
    }
    // Who says that it is gone is left alone, until its owner resumes.
    let receiver = Receiver::open(Mood::Says(410)).await?;
    let id = hooked(&town, &receiver, pb::SignatureScheme::Ed25519).await?;
    let told = town.registered(Uuid::now_v7(), "001052", "fire.lane.obstructed").await?;
    wait_until("it is paused", async || {
        let seen = shown(&town, &id).await?;
        let paused = seen.status() == pb::SubscriptionStatus::Paused;
        Ok(if paused { Ok(()) } else { Err(seen.status.to_string()) })
    })
    .await?;
    assert_eq!(receiver.came().len(), 1);
    receiver.turns(Mood::Accepts);
    let resume = pb::ResumeSubscriptionRequest { subscription_id: id.clone() };
    subscriptions(&town.street_system).resume_subscription(resume).await?;
    accepted(&receiver, &[told]).await?;
    town.bench.stop().await
}
