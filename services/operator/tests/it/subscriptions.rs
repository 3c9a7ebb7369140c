//! Subscriptions: made, changed and ended with their objects; their Secrets issued, renewed and never taken from others.

use anyhow::{Context as _, Result};
use gongzhi_proto::exchange::v1 as pb;
use serde_json::{Value, json};

use crate::stage::{Stage, message, ready, says, subscription};

async fn fire() -> Result<Stage> {
    let stage = Stage::new().await?;
    stage.namespace("fire", &[("gongzhi.io/department", "fire-rescue")])?;
    Ok(stage)
}

#[tokio::test]
async fn a_subscription_of_each_way_gets_what_its_client_needs() -> Result<()> {
    let stage = fire().await?;
    let operator = stage.operator("one").await?;
    stage.create(subscription("fire", "pulled", json!({"delivery": {"pull": {}}}))).await?;
    let url = "https://receiver.example.org/hook";
    stage
        .create(subscription(
            "fire",
            "posted",
            json!({"delivery": {"webhook": {"url": url, "signature": "Hmac"}}}),
        ))
        .await?;
    let nats =
        json!({"delivery": {"nats": {"inHand": 8}}, "credentialsSecret": "for-the-bus", "from": "beginning"});
    stage.create(subscription("fire", "streamed", nats)).await?;

    let pulled = stage.until("it is made", ("subscriptions", "fire", "pulled"), ready).await?;
    let secret = stage.secret("fire", "pulled-gongzhi").context("a Secret")?;
    assert_eq!(secret["subscription-id"], pulled["status"]["subscriptionId"].as_str().unwrap_or_default());
    assert_eq!(secret["server"], "http://gongzhi-exchange.gongzhi:50051");

    let posted = stage.until("it is made", ("subscriptions", "fire", "posted"), ready).await?;
    assert_eq!(posted["status"]["way"], "Webhook");
    let secret = stage.secret("fire", "posted-gongzhi").context("a Secret")?;
    assert!(secret["signing-key"].starts_with("whsec_"), "an HMAC key");

    let streamed = stage.until("it is made", ("subscriptions", "fire", "streamed"), ready).await?;
    let secret = stage.secret("fire", "for-the-bus").context("a Secret")?;
    for name in ["nats.creds", "stream", "durable", "domain", "inbox-prefix", "url"] {
        assert!(secret.get(name).is_some_and(|text| !text.is_empty()), "{name} is missing");
    }
    let seen = stage.subscription_of(&streamed).await?;
    assert_eq!(seen.nats.map(|nats| nats.in_hand), Some(8));
    assert_eq!(seen.reference, streamed["metadata"]["uid"].as_str().unwrap_or_default());
    // The credentials are good: the account may fetch from its consumer.
    let connection = async_nats::ConnectOptions::with_credentials(&secret["nats.creds"])?
        .custom_inbox_prefix(secret["inbox-prefix"].clone())
        .connect(stage.bench().nats_url())
        .await?;
    let bus = async_nats::jetstream::with_domain(connection, &secret["domain"]);
    let consumer = bus.get_consumer_from_stream::<async_nats::jetstream::consumer::pull::Config, _, _>(
        &secret["durable"],
        &secret["stream"],
    );
    consumer.await.map_err(|error| anyhow::anyhow!("the consumer cannot be reached: {error}"))?;

    let owners: Vec<_> = stage
        .stub
        .objects("secrets")
        .iter()
        .map(|one| one["metadata"]["ownerReferences"][0]["kind"].clone())
        .collect();
    assert_eq!(owners, ["Subscription", "Subscription", "Subscription"]);
    for name in ["pulled", "posted", "streamed"] {
        stage.delete("subscriptions", "fire", name).await?;
        stage.until("it is gone", ("subscriptions", "fire", name), Value::is_null).await?;
    }
    assert_eq!(stage.stub.objects("secrets"), Vec::<Value>::new(), "Secrets go with their owners");
    let all = stage.subscriptions().await?;
    assert!(all.len() == 3 && all.iter().all(|one| one.status() == pb::SubscriptionStatus::Ended), "{all:?}");
    operator.stop().await?;
    stage.nothing_was_forbidden();
    Ok(())
}

#[tokio::test]
async fn what_is_asked_for_otherwise_is_changed_in_place() -> Result<()> {
    let stage = fire().await?;
    let operator = stage.operator("one").await?;
    // A fact that does not happen here: a delivery that fails would be told as well.
    let webhook = |url: &str| json!({"delivery": {"webhook": {"url": url}}, "filter": {"facts": ["dispatch.whistle_sounded"]}});
    stage.create(subscription("fire", "hook", webhook("https://one.example.org/"))).await?;
    let place = ("subscriptions", "fire", "hook");
    let first = stage.until("it is made", place, ready).await?;
    let key = stage.secret("fire", "hook-gongzhi").context("a Secret")?["signing-key"].clone();

    let mut other = webhook("https://two.example.org/");
    other["filter"] =
        json!({"facts": ["dispatch.case_registered"], "condition": "category_code starts_with \"fire.\""});
    stage.change("subscriptions", "fire", "hook", json!({"spec": other})).await?;
    let second = stage
        .until("it is changed", place, |object| ready(object) && object["metadata"]["generation"] == 2)
        .await?;
    assert_eq!(first["status"]["subscriptionId"], second["status"]["subscriptionId"], "it is the same one");
    let seen = stage.subscription_of(&second).await?;
    assert_eq!(seen.webhook.map(|webhook| webhook.url), Some("https://two.example.org/".into()));
    assert_eq!(seen.filter.map(|filter| filter.facts), Some(vec!["dispatch.case_registered".to_owned()]));
    assert_eq!(
        stage.secret("fire", "hook-gongzhi").context("a Secret")?["signing-key"],
        key,
        "its key stays"
    );

    // What cannot be delivered is refused in words, and what was goes on.
    let wrong = json!({"spec": {"filter": {"facts": ["dispatch.no_such_fact"], "condition": null}}});
    stage.change("subscriptions", "fire", "hook", wrong).await?;
    let refused = stage
        .until("it is refused", place, |object| says(object, "Ready", "False", "RefusedByExchange"))
        .await?;
    assert!(message(&refused).contains("no_such_fact"), "{refused:#}");
    assert_eq!(refused["status"]["phase"], "Active");
    assert_eq!(stage.told_of("hook"), ["RefusedByExchange"]);
    operator.stop().await?;
    stage.nothing_was_forbidden();
    Ok(())
}

#[tokio::test]
async fn a_subscription_waits_for_its_grant_and_ends_with_it() -> Result<()> {
    let stage = fire().await?;
    let operator = stage.operator("one").await?;
    let spec = json!({"grant": "lanes", "delivery": {"pull": {}}, "filter": {"facts": ["dispatch.case_registered"]}});
    stage.create(subscription("fire", "under", spec)).await?;
    let place = ("subscriptions", "fire", "under");
    stage.until("there is no grant", place, |object| says(object, "Ready", "False", "GrantMissing")).await?;
    stage.create(stage.grant("fire", "lanes", json!({}))).await?;
    let asked = |object: &Value| says(object, "Ready", "False", "Requested");
    let grant = stage.until("it is asked for", ("sharinggrants", "fire", "lanes"), asked).await?;
    stage.until("it waits", place, |object| says(object, "Ready", "False", "GrantNotApproved")).await?;
    stage.approves(&grant).await?;
    let made = stage.until("it is made", place, ready).await?;
    assert_eq!(
        stage.subscription_of(&made).await?.grant_id,
        grant["status"]["grantId"].as_str().unwrap_or_default()
    );
    stage.delete("sharinggrants", "fire", "lanes").await?;
    let ended = stage
        .until("it ended with its grant", place, |object| says(object, "Ready", "False", "Ended"))
        .await?;
    assert_eq!(ended["status"]["phase"], "Ended");
    assert!(stage.told_of("under").contains(&"Ended".to_owned()));
    stage.delete("subscriptions", "fire", "under").await?;
    stage.until("it is gone", place, Value::is_null).await?;
    operator.stop().await?;
    stage.nothing_was_forbidden();
    Ok(())
}

#[tokio::test]
async fn credentials_are_renewed_when_somebody_asks_and_when_they_are_old() -> Result<()> {
    let stage = fire().await?;
    let operator = stage
        .operator_with("one", |options| options.secrets_every = std::time::Duration::from_millis(700))
        .await?;
    stage.create(subscription("fire", "bus", json!({"delivery": {"nats": {}}, "rotateAfter": "1h"}))).await?;
    stage
        .create(subscription(
            "fire",
            "hook",
            json!({"delivery": {"webhook": {"url": "https://a.example.org/"}}}),
        ))
        .await?;
    let (bus, hook) = (("subscriptions", "fire", "bus"), ("subscriptions", "fire", "hook"));
    stage.until("it is made", bus, ready).await?;
    stage.until("it is made", hook, ready).await?;
    let before = (
        stage.secret("fire", "bus-gongzhi").context("a Secret")?,
        stage.secret("fire", "hook-gongzhi").context("a Secret")?,
    );

    let again = json!({"metadata": {"annotations": {"gongzhi.io/rotate": "2026-11-28"}}});
    let rotated = |object: &Value| object["status"]["credentials"]["rotation"] == "2026-11-28";
    for place in [bus, hook] {
        stage.change(place.0, place.1, place.2, again.clone()).await?;
        stage.until("they are renewed", place, rotated).await?;
    }
    let after = (
        stage.secret("fire", "bus-gongzhi").context("a Secret")?,
        stage.secret("fire", "hook-gongzhi").context("a Secret")?,
    );
    assert_ne!(before.0["durable"], after.0["durable"], "another account");
    assert_ne!(before.1["signing-key"], after.1["signing-key"], "another key");
    assert_eq!(before.1["signing-key"], after.1["former-signing-key"], "for a day both sign");
    let former = async_nats::ConnectOptions::with_credentials(&before.0["nats.creds"])?;
    assert!(former.connect(stage.bench().nats_url()).await.is_err(), "the former account is cut off");
    assert_eq!(stage.told_of("bus"), ["CredentialsRotated"]);

    // As if it had been issued an hour ago and a bit.
    let mut secret = secret_object(&stage, "bus-gongzhi")?;
    let old = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(61);
    secret["metadata"]["annotations"]["gongzhi.io/issued-at"] = old.to_string().into();
    stage.stub.put("v1", "secrets", &secret)?;
    let mut object = stage.get("subscriptions", "fire", "bus").await?;
    object["status"]["credentials"]["issuedAt"] = old.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into();
    stage.stub.put("gongzhi.io/v1alpha1", "subscriptions", &object)?;
    gongzhi_harness::wait_until("the old ones are replaced", async || {
        let now = stage.secret("fire", "bus-gongzhi").unwrap_or_default();
        Ok(if now.get("durable") != after.0.get("durable") {
            Ok(())
        } else {
            Err(format!("{:?}", stage.told_of("bus")))
        })
    })
    .await?;

    // A Secret that somebody deleted comes again.
    let secrets: kube::Api<k8s_openapi::api::core::v1::Secret> =
        kube::Api::namespaced(stage.client.clone(), "fire");
    secrets.delete("hook-gongzhi", &Default::default()).await?;
    gongzhi_harness::wait_until("the Secret is there again", async || {
        let again = stage.secret("fire", "hook-gongzhi");
        Ok(again
            .filter(|again| again["signing-key"] == after.1["signing-key"])
            .ok_or_else(|| "none".to_owned()))
    })
    .await?;
    operator.stop().await?;
    stage.nothing_was_forbidden();
    Ok(())
}

fn secret_object(stage: &Stage, name: &str) -> Result<Value> {
    stage.stub.objects("secrets").into_iter().find(|one| one["metadata"]["name"] == name).context("a Secret")
}

#[tokio::test]
async fn a_secret_of_somebody_else_is_not_touched_and_a_namespace_given_away_is_told_nothing() -> Result<()> {
    let stage = fire().await?;
    let others =
        json!({"metadata": {"name": "database", "namespace": "fire"}, "data": {"password": "c2VjcmV0"}});
    stage.stub.put("v1", "secrets", &others)?;
    let operator = stage.operator("one").await?;
    let spec = json!({"delivery": {"nats": {}}, "credentialsSecret": "database"});
    stage.create(subscription("fire", "thief", spec)).await?;
    let place = ("subscriptions", "fire", "thief");
    stage.until("it is refused", place, |object| says(object, "Ready", "False", "SecretTaken")).await?;
    assert_eq!(secret_object(&stage, "database")?["data"], others["data"]);

    stage.create(subscription("fire", "mine", json!({"delivery": {"nats": {}}}))).await?;
    let place = ("subscriptions", "fire", "mine");
    stage.until("it is made", place, ready).await?;
    let before = stage.secret("fire", "mine-gongzhi").context("a Secret")?;
    stage.namespace("fire", &[("gongzhi.io/department", "housing")])?;
    stage
        .until("it is another's now", place, |object| says(object, "Ready", "False", "ForeignOrganization"))
        .await?;
    stage
        .change(
            "subscriptions",
            "fire",
            "mine",
            json!({"metadata": {"annotations": {"gongzhi.io/rotate": "now"}}}),
        )
        .await?;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert_eq!(stage.secret("fire", "mine-gongzhi"), Some(before), "no new credentials for a stranger");
    operator.stop().await?;
    stage.nothing_was_forbidden();
    Ok(())
}
