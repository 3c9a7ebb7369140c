//! Those who must not even get in: the revoked, the expired, the forged; and how long it takes.

use std::time::{Duration, Instant};

use anyhow::Result;
use gongzhi_chassis::nats_identity::Reach;
use jiff::{SignedDuration, Timestamp};
use nkeys::KeyPair;

use super::acts;
use super::wire::{Frame, Wire, parts, publish};
use super::world::{SUB, World, connect};

/// The promise about revocation.
const GONE_WITHIN: Duration = Duration::from_secs(5);

async fn closed(wire: &mut Wire) -> Duration {
    let since = Instant::now();
    while since.elapsed() < GONE_WITHIN {
        if wire.message(GONE_WITHIN).await == Some(Frame::Closed) {
            break;
        }
    }
    since.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_outsider_is_gone_within_five_seconds_and_stays_away() -> Result<()> {
    let world = World::new("").await?;
    let (me, other) = (world.outsider("A", 3).await?, world.outsider("B", 3).await?);
    assert_eq!(world.issuer.list().await?.len(), 2);
    let (mut open, mut others) = (world.wire(&me).await?, world.wire(&other).await?);
    let since = Instant::now();
    world.issuer.revoke(me.key()).await?;
    let told = since.elapsed();
    let waited = closed(&mut open).await;
    println!("revoked in {told:?}; the open connection was closed {:?} after the call began", told + waited);
    assert!(told + waited < GONE_WITHIN);
    for _ in 0..5 {
        assert!(world.wire(&me).await.is_err(), "a revoked outsider came back");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    // Neither does a restart bring it back, nor does revoking it twice fail, nor is anybody else touched.
    world.issuer.revoke(me.key()).await?;
    assert_eq!(world.issuer.list().await?, [other.key()]);
    assert_eq!(others.until_pong().await?, [Frame::Pong]);
    assert!(world.issuer.revoke(&world.keys.main_account()).await.is_err());
    world.restart().await?;
    assert!(world.wire(&me).await.is_err(), "a revoked outsider came back after a restart");
    world.wire(&other).await?;
    // What waited for it is still there, for whoever inherits the subscription or for the purge.
    assert_eq!(world.deliveries.standing(me.key()).await?.waiting, 3);
    assert_eq!(world.deliveries.purge(me.subscription).await?, 3);
    world.deliveries.close(me.key()).await?;
    world.deliveries.close(me.key()).await?;
    world.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_end_when_they_expire() -> Result<()> {
    let world = World::new("").await?;
    let soon = Timestamp::now() + SignedDuration::from_secs(2);
    let outsider = world.issuer.issue("brief", Reach::Deliveries(SUB), Some(soon)).await?;
    let mut open = Wire::open(&world.url(), &outsider.credentials).await?;
    let waited = closed(&mut open).await;
    println!("the connection of an expired user was closed after {waited:?}");
    assert!(waited < GONE_WITHIN);
    // The server counts whole seconds: in the last one a connection may still be opened, and is closed with it.
    gongzhi_harness::wait_until("an expired user is refused", || async {
        Ok(match Wire::open(&world.url(), &outsider.credentials).await {
            Ok(_) => Err("let in"),
            Err(_) => Ok(()),
        }
        .map_err(ToOwned::to_owned))
    })
    .await?;
    world.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_in_without_credentials_of_ours() -> Result<()> {
    let world = World::new("").await?;
    let (me, other) = (world.outsider("A", 0).await?, world.outsider("B", 0).await?);
    let (my_jwt, my_seed) = parts(&me.outsider.credentials);
    let (their_jwt, _) = parts(&other.outsider.credentials);
    let forged_account = KeyPair::new_account();
    let user = KeyPair::new_user();
    // A user that is signed by nobody whom the operator knows, one that was altered, and ours under another's name.
    let mut claims = gongzhi_chassis::nats_identity::Claims::read(&my_jwt)?;
    claims.sub = user.public_key();
    let forged = claims.sign(&forged_account, Timestamp::now())?;
    let altered = format!("{}.{}", my_jwt.rsplit_once('.').unwrap().0, their_jwt.rsplit_once('.').unwrap().1);
    let seed = user.seed()?;
    let attempts = [
        ("nobody", None::<(&str, &str)>, ""),
        ("a name and a password", None, r#","user":"admin","pass":"admin""#),
        ("a token", None, r#","auth_token":"x""#),
        ("another's JWT with the own seed", Some((&their_jwt, &my_seed)), ""),
        ("the own JWT with a new seed", Some((&my_jwt, &seed)), ""),
        ("a user of an account of one's own", Some((&forged, &seed)), ""),
        ("an altered JWT", Some((&altered, &my_seed)), ""),
        ("an account's JWT", Some((&other.outsider.account_jwt, &my_seed)), ""),
    ];
    for (name, as_whom, options) in attempts {
        let refused = Wire::sign_in(&world.url(), as_whom, options).await;
        assert!(refused.is_err(), "{name} got in");
        println!("refused: {name}");
    }
    // One who has many connections keeps nobody else out, and has no more than its share.
    let mut open = Vec::new();
    while let Ok(wire) = world.wire(&me).await {
        open.push(wire);
        assert!(open.len() < 50, "connections of an outsider are not bounded");
    }
    println!("an outsider has {} connections at most", open.len());
    world.wire(&other).await?;
    world.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_pulls_harms_nobody_else() -> Result<()> {
    let world = World::new("").await?;
    let (me, other) = (world.outsider("A", 10).await?, world.outsider("B", 10).await?);
    let mut wire = world.wire(&me).await?;
    for nth in 0..2_000 {
        let reply = me.inbox(&nth.to_string());
        wire.send(&publish(&acts::next(&me), &reply, r#"{"batch":256,"expires":50000000000}"#)).await?;
    }
    let client = connect(&world.url(), &other.outsider.credentials, &other.inbox("x")).await?;
    let consumer = super::world::consumer(&client, other.key()).await?;
    let messages = consumer.fetch().max_messages(10).messages().await?;
    assert_eq!(futures::StreamExt::count(messages).await, 10);
    world.stop().await
}
