//! Outsiders who publish: each asks in its own name, gets its own answers, and reaches nothing else.

use std::time::Duration;

use anyhow::{Context, Result};
use gongzhi_chassis::nats_identity::{PUBLISH, Reach, inbox_prefix};
use gongzhi_chassis::requests::Requests;
use gongzhi_proto::ids::AreaCode;
use uuid::Uuid;

use super::acts::{self, Act, Denial};
use super::forbidden::{Table, all_are_denied, hold, loosened};
use super::wire::{publish, publish_with, subscribe};
use super::world::{DISTRICT, FACT, Served, World, connect};

/// Somebody who publishes. It has no consumer; that it has a subscription is for the table of acts only.
async fn publisher(world: &World, name: &str) -> Result<Served> {
    let district = AreaCode::parse(DISTRICT)?;
    let outsider = world.issuer.issue(name, Reach::Publication(&district), None).await?;
    Ok(Served { subscription: Uuid::now_v7(), outsider })
}

/// Answers every request with the account from which it came, and tells of each.
async fn echo(world: &World) -> Result<tokio::sync::mpsc::UnboundedReceiver<(String, String)>> {
    let mut requests = Requests::listen(&world.bus, "echo").await?;
    let (told, heard) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(asked) = requests.next().await {
            let (account, body) = (asked.account.clone(), String::from_utf8_lossy(&asked.body).into_owned());
            let _ = asked.answer(account.clone().into_bytes()).await;
            let _ = told.send((account, body));
        }
    });
    Ok(heard)
}

async fn asks(world: &World, who: &Served, body: &str) -> Result<String> {
    let client = connect(&world.url(), &who.outsider.credentials, &inbox_prefix(who.key())).await?;
    let answer = client.request(PUBLISH, body.to_owned().into());
    let answer = tokio::time::timeout(Duration::from_secs(5), answer).await.context("no answer")??;
    Ok(String::from_utf8(answer.payload.to_vec())?)
}

/// What a publisher might do with the one thing that it reaches.
fn acts_of_publishers(me: &Served, other: &Served) -> Vec<Act> {
    let act = |name: &str, denial, bytes| Act { name: name.into(), denial, bytes };
    let (own, theirs) = (format!("pub.{DISTRICT}.{}", me.key()), format!("pub.{DISTRICT}.{}", other.key()));
    let mut acts: Vec<_> = [
        theirs.clone(),
        own,
        format!("pub.330106.{}", me.key()),
        "pub.>".into(),
        format!("pub.{DISTRICT}.*"),
        format!("{PUBLISH}.{}", other.key()),
        format!("{PUBLISH}."),
        "gongzhi.*".into(),
        "gongzhi.>".into(),
        "GONGZHI.PUBLISH".into(),
        "gоngzhi.publish".into(),
    ]
    .iter()
    .map(|subject| act(&format!("publish {subject}"), Denial::Violation, publish(subject, "", "forged")))
    .collect();
    for subject in ["pub.>", "pub.*.*", "gongzhi.>", PUBLISH, "_R_.>", theirs.as_str()] {
        acts.push(act(&format!("subscribe {subject}"), Denial::Violation, subscribe(subject)));
    }
    // The request itself is allowed; its answer must reach nobody but who asked.
    for reply in [FACT, &other.inbox("x"), "_INBOX.x", "$JS.API.STREAM.LIST", &theirs] {
        let name = format!("ask with the reply {reply}");
        acts.push(act(&name, Denial::Nothing, publish(PUBLISH, reply, "mine")));
    }
    let headers = [("Nats-Expected-Stream", "GOV-330105"), ("Nats-Msg-Id", "x"), ("Nats-Rollup", "all")];
    let bytes = publish_with(PUBLISH, &me.inbox("x"), &headers, "mine");
    acts.push(act("ask with the headers of JetStream", Denial::Nothing, bytes));
    acts.push(act("ask with two megabytes", Denial::Closed, publish(PUBLISH, "", &"x".repeat(2 << 20))));
    acts
}

async fn table(
    world: &World,
    me: &Served,
    credentials: &gongzhi_chassis::config::Secret,
    strict: bool,
) -> Result<usize> {
    let (other, rival) = (world.outsider("B", 5).await?, publisher(world, "R").await?);
    let mut heard = echo(world).await?;
    assert_eq!(asks(world, &rival, "mine").await?, rival.key());
    heard.recv().await.context("the instruments are awake")?;
    let held = hold(world, &other).await?;
    let of_subscribers = acts::all(me, &other, &held);
    let of_publishers = acts_of_publishers(me, &other);
    let mut witnesses = world.witnesses(&other).await?;
    let before = world.snapshot(me).await?;
    // What the one is denied in words, the other may be denied by silence: it reaches nothing of it.
    let table = Table { world, me, credentials, other: &other, strict: false };
    all_are_denied(&table, &of_subscribers, &mut witnesses, &before).await?;
    let table = Table { strict, ..table };
    all_are_denied(&table, &of_publishers, &mut witnesses, &before).await?;
    let mut asked = 0;
    while let Ok((account, body)) = heard.try_recv() {
        assert_eq!((account.as_str(), body.as_str()), (me.key(), "mine"), "a request in another's name");
        asked += 1;
    }
    assert_eq!(asked, 6, "what is allowed of these acts is heard");
    Ok(of_subscribers.len() + of_publishers.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_asks_in_its_own_name_and_nobody_does_anything_else() -> Result<()> {
    let world = World::new("").await?;
    let me = publisher(&world, "P").await?;
    let count = table(&world, &me, &me.outsider.credentials, true).await?;
    println!("{count} forbidden acts of a publisher with issued credentials: none had an effect");
    assert_eq!(asks(&world, &me, "mine").await?, me.key());
    world.issuer.revoke(me.key()).await?;
    assert!(asks(&world, &me, "mine").await.is_err(), "who was cut off asks no more");
    world.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_does_nothing_else_even_without_the_users_lists() -> Result<()> {
    let world = World::new("").await?;
    let (me, credentials) = loosened(&world, publisher(&world, "P").await?).await?;
    let count = table(&world, &me, &credentials, false).await?;
    println!("{count} forbidden acts of a publisher without the user's lists: none had an effect");
    world.stop().await
}
