//! Pulled and streamed deliveries: who gets what, in which order, from where on, and when it stops.

use std::time::Duration;

use anyhow::{Context, Result};
use gongzhi_harness::wait_until;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::start::Start;
use gongzhi_proto::time::to_wire;
use jiff::SignedDuration;
use tonic::Code;
use tonic_types::StatusExt;
use uuid::Uuid;

use crate::town::{
    Town, area_of, deliveries, department_of, event, fact, grants, id_of, ids_of, reason, registrations,
    subscriptions,
};

fn of_department(code: &str) -> pb::SubscribeRequest {
    pb::SubscribeRequest { organization: department_of(code), ..Default::default() }
}

#[tokio::test]
async fn a_changed_subscription_goes_on_from_where_it_is_and_is_found_by_its_reference() -> Result<()> {
    let town = Town::new().await?;
    let cluster = town.bench.person("POST_CLUSTER_OPERATOR", &town.bench.area(""));
    let mut request = registrations(&town);
    request.reference = "a-uid".into();
    let id = town.pulls(&cluster, request).await?;
    let find = || pb::ListSubscriptionsRequest { reference: "a-uid".into(), ..Default::default() };
    let found = subscriptions(&cluster).list_subscriptions(find()).await?.into_inner().subscriptions;
    assert_eq!(found.iter().map(|one| one.subscription_id.as_str()).collect::<Vec<_>>(), [id.as_str()]);
    let other = pb::ListSubscriptionsRequest { reference: "another".into(), ..Default::default() };
    assert!(subscriptions(&cluster).list_subscriptions(other).await?.into_inner().subscriptions.is_empty());

    let wanted = town.registered(Uuid::now_v7(), "001052", "fire.lane").await?;
    let change = |condition: &str| pb::ChangeSubscriptionRequest {
        subscription_id: id.clone(),
        filter: Some(pb::Filter {
            condition: condition.into(),
            ..registrations(&town).filter.unwrap_or_default()
        }),
        webhook: None,
    };
    let only_fire = change("category_code starts_with \"fire.\"");
    let foreign =
        subscriptions(&town.housing_system).change_subscription(only_fire.clone()).await.unwrap_err();
    assert_eq!(foreign.code(), Code::NotFound);
    let wrong = subscriptions(&cluster).change_subscription(change("no_such_field = 1")).await.unwrap_err();
    assert_eq!(wrong.code(), Code::InvalidArgument);
    let changed =
        subscriptions(&cluster).change_subscription(only_fire.clone()).await?.into_inner().subscription;
    let again = subscriptions(&cluster).change_subscription(only_fire).await?.into_inner().subscription;
    assert_eq!(
        changed.map(|one| one.version),
        again.map(|one| one.version),
        "the same again changes nothing"
    );
    town.registered(Uuid::now_v7(), "001052", "parking.bicycle").await?;
    let later = town.registered(Uuid::now_v7(), "001052", "fire.hydrant").await?;
    assert_eq!(ids_of(&town.takes(&town.street_system, &id).await?), [wanted, later]);
    town.bench.stop().await
}

#[tokio::test]
async fn each_gets_what_it_may_see_and_nothing_else() -> Result<()> {
    let town = Town::new().await?;
    let fire = town.pulls(&town.fire_system, of_department("fire-rescue")).await?;
    let housing = town.pulls(&town.housing_system, of_department("housing")).await?;
    let street = pb::SubscribeRequest { organization: area_of(&town, "001"), ..Default::default() };
    let street = town.pulls(&town.street_system, street).await?;
    let case = Uuid::now_v7();
    let registered = town.registered(case, "001052", "fire.lane.obstructed").await?;
    let to_fire = town.whistled(case, "001052", "fire-rescue").await?;
    let to_housing = town.whistled(case, "001052", "housing").await?;
    town.registered(Uuid::now_v7(), "002051", "fire.lane.obstructed").await?;
    // What the exchange tells of the subscriptions themselves is addressed too; here only dispatch is looked at.
    let of_dispatch = |found: Vec<pb::Delivery>| -> Vec<Uuid> {
        found.iter().filter(|one| one.subject.contains(".dispatch.")).map(id_of).collect()
    };
    assert_eq!(of_dispatch(town.takes(&town.fire_system, &fire).await?), [to_fire]);
    assert_eq!(of_dispatch(town.takes(&town.housing_system, &housing).await?), [to_housing]);
    let seen = of_dispatch(town.takes(&town.street_system, &street).await?);
    assert_eq!(seen, [registered, to_fire, to_housing]);
    let foreign = pb::PullRequest { subscription_id: fire, ..Default::default() };
    assert_eq!(deliveries(&town.housing_system).pull(foreign).await.unwrap_err().code(), Code::NotFound);
    town.bench.stop().await
}

#[tokio::test]
async fn a_grant_shows_its_fields_only_and_a_condition_chooses() -> Result<()> {
    let town = Town::new().await?;
    let fields = vec![fact("dispatch.case_registered", &["case_id", "category_code"])];
    let grant_id = town.granted(fields, "001", 10).await?;
    let condition = |text: &str| pb::SubscribeRequest {
        grant_id: grant_id.clone(),
        filter: Some(pb::Filter { condition: text.into(), ..Default::default() }),
        ..of_department("fire-rescue")
    };
    for (text, said) in [
        ("area_code = \"330105001052\"", "not covered by the grant"),
        ("phone = \"1\"", "no fact here has a field phone"),
        ("category_code >", "expected a text"),
        ("category_code = 3", "is compared with a text"),
    ] {
        let wrong = subscriptions(&town.fire_system)
            .subscribe(pb::SubscribeRequest { way: 1, name: "x".into(), ..condition(text) })
            .await
            .unwrap_err();
        let details = wrong.get_details_bad_request().expect("names the field");
        assert!(details.field_violations[0].description.contains(said), "{text}: {details:?}");
    }
    let subscription =
        town.pulls(&town.fire_system, condition("category_code starts_with \"fire.\"")).await?;
    let fire = town.registered(Uuid::now_v7(), "001052", "fire.lane.obstructed").await?;
    town.registered(Uuid::now_v7(), "001052", "noise.night").await?;
    town.registered(Uuid::now_v7(), "002051", "fire.lane.obstructed").await?;
    let found = town.takes(&town.fire_system, &subscription).await?;
    assert_eq!(ids_of(&found), [fire]);
    let data = event(&found[0])["data"].clone();
    let mut names: Vec<_> = data.as_object().context("an object")?.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["caseId", "categoryCode"]);
    town.bench.stop().await
}

#[tokio::test]
async fn a_rewind_gives_exactly_what_happened_from_then_on() -> Result<()> {
    let town = Town::new().await?;
    let subscription = town.pulls(&town.street_system, registrations(&town)).await?;
    // More than one block of milestones, and more than one page.
    let mut told = Vec::new();
    for _ in 0..12 {
        for _ in 0..60 {
            let id = town.registered(Uuid::now_v7(), "001052", "fire.lane.obstructed").await?;
            told.push((town.now(), id));
        }
        town.clock.advance(SignedDuration::from_hours(1));
    }
    let all: Vec<_> = told.iter().map(|(_, id)| *id).collect();
    assert_eq!(ids_of(&town.takes(&town.street_system, &subscription).await?), all);
    for nth in [0, 59, 60, 400, 719] {
        // The instant of the fact itself lies a little before the one that was looked at after it was told.
        let from = told[nth].0;
        let start = || Some(pb::Start { start: Some(Start::Time(to_wire(from))) });
        let rewind = pb::RewindSubscriptionRequest { subscription_id: subscription.clone(), start: start() };
        subscriptions(&town.street_system).rewind_subscription(rewind).await?;
        let again = ids_of(&town.takes(&town.street_system, &subscription).await?);
        assert_eq!(again, all[nth + 1..], "from {from}");
        let later = pb::SubscribeRequest { start: start(), ..registrations(&town) };
        let later = town.pulls(&town.street_system, later).await?;
        assert_eq!(ids_of(&town.takes(&town.street_system, &later).await?), all[nth + 1..], "from {from}");
    }
    let beginning = Some(pb::Start { start: Some(Start::Beginning(true)) });
    let rewind = pb::RewindSubscriptionRequest { subscription_id: subscription.clone(), start: beginning };
    subscriptions(&town.street_system).rewind_subscription(rewind).await?;
    assert_eq!(ids_of(&town.takes(&town.street_system, &subscription).await?), all);
    town.bench.stop().await
}

#[tokio::test]
async fn a_stream_sends_at_once_and_stops_with_its_right() -> Result<()> {
    let town = Town::new().await?;
    let grant_id = town.granted(vec![fact("dispatch.case_registered", &[])], "001", 10).await?;
    let request = pb::SubscribeRequest { grant_id: grant_id.clone(), ..of_department("fire-rescue") };
    let subscription = town.pulls(&town.fire_system, request).await?;
    let open = pb::StreamRequest { subscription_id: subscription.clone() };
    let mut stream = deliveries(&town.fire_system).stream(open).await?.into_inner();
    for _ in 0..20 {
        let told = town.registered(Uuid::now_v7(), "001052", "fire.lane.obstructed").await?;
        let next = tokio::time::timeout(Duration::from_secs(2), stream.message()).await??;
        let delivery = next.context("the stream ended")?.delivery.context("a beat")?;
        assert_eq!(id_of(&delivery), told);
    }
    let since = std::time::Instant::now();
    let revoke = pb::RevokeGrantRequest { grant_id, reason: "用途已变".into() };
    grants(&town.operator).revoke_grant(revoke).await?;
    let ended = tokio::time::timeout(Duration::from_secs(5), stream.message()).await?;
    assert!(ended.is_err(), "the stream says that it ended: {ended:?}");
    println!("a revoked grant ended an open stream after {} ms", since.elapsed().as_millis());
    town.registered(Uuid::now_v7(), "001052", "fire.lane.obstructed").await?;
    let pull = pb::PullRequest { subscription_id: subscription, ..Default::default() };
    let after = deliveries(&town.fire_system).pull(pull).await;
    assert!(after.is_err(), "nothing is delivered after the right ended: {after:?}");
    town.bench.stop().await
}

#[tokio::test]
async fn a_paused_subscription_waits_and_loses_nothing() -> Result<()> {
    let town = Town::new().await?;
    let subscription_id = town.pulls(&town.street_system, registrations(&town)).await?;
    let pause = pb::PauseSubscriptionRequest {
        subscription_id: subscription_id.clone(),
        reason: "系统升级".into(),
    };
    subscriptions(&town.street_system).pause_subscription(pause).await?;
    let pull = || pb::PullRequest { subscription_id: subscription_id.clone(), ..Default::default() };
    let said = wait_until("the pause acts", async || {
        Ok(match deliveries(&town.street_system).pull(pull()).await {
            Ok(answer) => Err(format!("{answer:?}")),
            Err(status) => Ok(reason(&status)),
        })
    })
    .await?;
    assert_eq!(said, "NOT_ACTIVE");
    let told = town.registered(Uuid::now_v7(), "001052", "fire.lane.obstructed").await?;
    let resume = pb::ResumeSubscriptionRequest { subscription_id: subscription_id.clone() };
    subscriptions(&town.street_system).resume_subscription(resume).await?;
    let found = wait_until("delivery goes on", async || {
        let found = town.takes(&town.street_system, &subscription_id).await;
        Ok(found.map_err(|error| error.to_string()))
    })
    .await?;
    assert_eq!(ids_of(&found), [told]);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_steady_trickle_holds_nothing_back() -> Result<()> {
    let town = Town::new().await?;
    let subscription_id = town.pulls(&town.street_system, registrations(&town)).await?;
    let pull = async {
        let request = pb::PullRequest { subscription_id, max_facts: 100, wait_seconds: 20 };
        deliveries(&town.street_system).pull(request).await
    };
    // Fewer facts than fill a batch, so close together that no pause ends one.
    let trickle = async {
        for _ in 0..400 {
            town.registered(Uuid::now_v7(), "001052", "fire.lane.obstructed").await?;
        }
        Ok::<_, anyhow::Error>(())
    };
    tokio::select! {
        pulled = pull => assert!(!pulled?.into_inner().deliveries.is_empty()),
        trickled = trickle => panic!("nothing came before the trickle ended: {trickled:?}"),
    }
    town.bench.stop().await
}
