//! The table of forbidden acts: each is done with real credentials on the real server, and judged by its effect. Done twice: with what is issued, and
//! with a user of the same account that has no lists at all, so that the account alone must hold.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use gongzhi_chassis::config::Secret;
use gongzhi_chassis::deliveries::MOST_IN_HAND;
use gongzhi_chassis::nats_identity::{Body, Claims, Permissions};
use jiff::Timestamp;
use nkeys::KeyPair;

use super::acts::{self, Act, Denial};
use super::wire::{Frame, Wire, publish, subscribe};
use super::world::{FACT, SUB, Served, Witnesses, World};

/// A message that was sent to the other outsider and waits for its acknowledgement: what there is to be stolen.
pub async fn hold(world: &World, other: &Served) -> Result<String> {
    let mut wire = world.wire(other).await?;
    wire.send(&subscribe(&other.inbox("held"))).await?;
    wire.send(&publish(&acts::next(other), &other.inbox("held"), r#"{"batch":1}"#)).await?;
    loop {
        match wire.message(Duration::from_secs(5)).await.context("nothing to hold")? {
            Frame::Message { reply, body, .. } if body.starts_with("for ") => return Ok(reply),
            _ => {}
        }
    }
}

/// Lets messages wait for the actor. Most are published one by one: what came in a batch keeps the batch's headers, and a server that were made to
/// store it again would take it for a part of an unfinished batch.
async fn prepare(world: &World, me: &Served) -> Result<()> {
    for _ in 0..150 {
        world.deliver(me, "A", 1).await?;
    }
    world.deliver(me, "A", 50).await
}

/// Does one act on a connection of its own and tells everything the actor saw.
async fn commit(world: &World, credentials: &Secret, me: &Served, bytes: &[u8]) -> Result<Vec<Frame>> {
    let mut wire = Wire::open(&world.url(), credentials).await?;
    wire.send(&subscribe(&me.inbox(">"))).await?;
    let _ = wire.send(bytes).await;
    let mut frames = wire.until_pong().await?;
    // The server had it before it answered; this is for what it does later.
    tokio::time::sleep(Duration::from_millis(15)).await;
    if frames.last() == Some(&Frame::Pong) {
        frames.extend(wire.until_pong().await?);
    }
    frames.retain(|frame| *frame != Frame::Pong);
    Ok(frames)
}

fn denial(frames: &[Frame]) -> Denial {
    let violation =
        |frame: &Frame| matches!(frame, Frame::Error(text) if text.contains("Permissions Violation"));
    if frames.iter().any(violation) {
        Denial::Violation
    } else if frames.contains(&Frame::Closed) {
        Denial::Closed
    } else {
        Denial::Nothing
    }
}

/// What the actor got that is not its own.
fn stolen(frames: &[Frame]) -> Vec<&Frame> {
    let foreign = |frame: &&Frame| match frame {
        Frame::Message { body, headers, .. } => {
            let text = format!("{headers}{body}");
            // To an account without JetStream the server itself says so; every other answer tells of what there is.
            let none_here = text.contains("JetStream not enabled for account");
            let telling = ["for B", "fact ", "\"streams\"", "\"consumers\"", "\"created\"", "\"memory\""];
            !none_here && telling.iter().any(|mark| text.contains(mark))
        }
        Frame::Error(_) | Frame::Pong | Frame::Closed => false,
    };
    frames.iter().filter(foreign).collect()
}

/// Who does the acts, and against whom.
pub struct Table<'a> {
    pub world: &'a World,
    pub me: &'a Served,
    /// With what the actor connects.
    pub credentials: &'a Secret,
    pub other: &'a Served,
    /// Whether each must be denied as the table says, or only without effect.
    pub strict: bool,
}

/// Does every act and fails when one had an effect.
pub async fn all_are_denied(
    Table { world, me, credentials, other, strict }: &Table<'_>,
    acts: &[Act],
    witnesses: &mut Witnesses,
    before: &BTreeMap<String, String>,
) -> Result<()> {
    let mut wrong = Vec::new();
    for (number, act) in (1..).zip(acts) {
        let frames = commit(world, credentials, me, &act.bytes).await?;
        let seen = denial(&frames);
        let shown: String =
            act.name.replace(me.key(), "ME").replace(other.key(), "OTHER").chars().take(110).collect();
        println!("{number:>4}  {seen:<10}  {shown}", seen = format!("{seen:?}"));
        let mut complaints = Vec::new();
        if *strict && seen != act.denial {
            complaints.push(format!("denied as {seen:?}, not {:?}: {frames:?}", act.denial));
        }
        let stolen = stolen(&frames);
        if !stolen.is_empty() {
            complaints.push(format!("got {stolen:?}"));
        }
        let heard = witnesses.heard().await?;
        if !heard.is_empty() {
            complaints.push(format!("was heard: {heard:?}"));
        }
        let after = world.snapshot(me).await?;
        for (what, state) in &after {
            if before.get(what) != Some(state) {
                complaints.push(format!("{what} changed to {state} from {:?}", before.get(what)));
            }
        }
        if before.len() != after.len() {
            complaints.push("something appeared or vanished".into());
        }
        if !complaints.is_empty() {
            wrong.push(format!("{shown}: {}", complaints.join("; ")));
            anyhow::ensure!(wrong.len() < 12, "{wrong:#?}");
        }
    }
    anyhow::ensure!(wrong.is_empty(), "{wrong:#?}");
    Ok(())
}

/// Does every act of the table with what an outsider is issued, and tells how many there were.
async fn run(table: &Table<'_>) -> Result<usize> {
    let Table { world, me, credentials, other, .. } = table;
    let held = hold(world, other).await?;
    let mut witnesses = world.witnesses(other).await?;
    let acts = acts::all(me, other, &held);
    let before = world.snapshot(me).await?;
    all_are_denied(table, &acts, &mut witnesses, &before).await?;
    // The instruments are awake: what is allowed is seen to happen.
    let pull = publish(&acts::next(me), &me.inbox("mine"), r#"{"batch":1,"no_wait":true}"#);
    let frames = commit(world, credentials, me, &pull).await?;
    assert!(format!("{frames:?}").contains("for A"), "{frames:?}");
    // The same request from within our own account does what it must never do from outside: the server stores the answer as a fact.
    let pull = format!("$JS.API.CONSUMER.MSG.NEXT.{SUB}.{}", me.key());
    world.ours.publish_with_reply(pull, FACT, r#"{"batch":1,"no_wait":true}"#.into()).await?;
    world.ours.flush().await?;
    gongzhi_harness::wait_until("the instruments see a forgery", || async {
        let unchanged = world.snapshot(me).await? == before;
        Ok(if unchanged { Err("nothing".to_owned()) } else { Ok(()) })
    })
    .await?;
    assert!(!witnesses.heard().await?.is_empty());
    Ok(acts.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_forbidden_is_done_with_what_is_issued() -> Result<()> {
    let world = World::new("").await?;
    let (me, other) = (world.outsider("A", 0).await?, world.outsider("B", 5).await?);
    prepare(&world, &me).await?;
    let credentials = &me.outsider.credentials;
    let table = Table { world: &world, me: &me, credentials, other: &other, strict: true };
    let count = run(&table).await?;
    println!("{count} forbidden acts with issued credentials: none had an effect");
    assert!(count >= 40);
    world.stop().await
}

/// Makes of an outsider one whose user may do whatever the account lets it, and gives its credentials. Nobody outside can make them: the account's key is
/// forgotten and the operator's never leaves us.
pub async fn loosened(world: &World, mut me: Served) -> Result<(Served, Secret)> {
    let account = KeyPair::new_account();
    let text = serde_json::to_string(&Claims::read(&me.outsider.account_jwt)?)?;
    let mut claims: Claims = serde_json::from_str(&text.replace(me.key(), &account.public_key()))?;
    let Body::Account(body) = &mut claims.nats else { anyhow::bail!("no account") };
    body.default_permissions = Permissions::default();
    anyhow::ensure!(!body.imports.is_empty());
    let operator = KeyPair::from_seed(world.keys.operator_seed()?.reveal())?;
    world.issuer.push(&claims.sign(&operator, Timestamp::now())?).await?;
    let user = KeyPair::new_user();
    let unbounded: Body = serde_json::from_str(
        r#"{"type":"user","version":2,"subs":-1,"data":-1,"payload":-1,"pub":{},"sub":{}}"#,
    )?;
    let jwt = Claims::about(user.public_key(), "loose", unbounded).sign(&account, Timestamp::now())?;
    me.outsider.account_public_key = account.public_key();
    Ok((me, Secret::from(format!("{jwt}\n{}\n", user.seed()?))))
}

async fn without_lists(world: &World) -> Result<(Served, Secret)> {
    let me = world.outsider("A", 0).await?;
    let before = me.key().to_owned();
    let (me, credentials) = loosened(world, me).await?;
    world.deliveries.hand_over(me.subscription, &before, me.key(), MOST_IN_HAND).await?;
    prepare(world, &me).await?;
    Ok((me, credentials))
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_forbidden_has_an_effect_even_without_the_users_lists() -> Result<()> {
    let world = World::new("").await?;
    let (me, credentials) = without_lists(&world).await?;
    let other = world.outsider("B", 5).await?;
    let table = Table { world: &world, me: &me, credentials: &credentials, other: &other, strict: false };
    let count = run(&table).await?;
    println!("{count} forbidden acts without the user's lists: none had an effect");
    assert!(world.ask(&format!("CONSUMER.INFO.{SUB}.{}", me.key()), "").await?["config"].is_object());
    world.stop().await
}
