//! Forbidden acts over gRPC: by nobody, by people with bad tokens, by residents, by other organizations, by the owner beyond what it was given.

use anyhow::{Context, Result};
use gongzhi_chassis::caller::PostClaim;
use gongzhi_harness::Person;
use gongzhi_proto::event::v1::Classification;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::publication_service_client::PublicationServiceClient;
use serde_json::json;
use tonic::{Code, Status};

use super::acts::{Acts, asked, pull_of, things};
use super::of_others::{forged, of_grants, publications, publishers, readings};
use super::of_subscriptions::{beyond_grants, beyond_own_area, by_nobody, on_subscription};
use super::{changes, print, settled, state};
use crate::receiver::{Mood, Receiver};
use crate::town::{Town, area_of, deliveries, department_of, grants, reason};

/// A department that publishes, for others to try themselves against.
async fn publisher(town: &Town) -> Result<Person> {
    let liaison = town.bench.liaison("urban-management");
    let request = pb::RegisterFactTypeRequest {
        organization: department_of("urban-management"),
        name: "bin_overflowed".into(),
        title_zh: "垃圾桶满溢".into(),
        title_en: "bin overflowed".into(),
        description: "A public bin is fuller than it should be.".into(),
        aggregate: "bin".into(),
        classification: Classification::Shared as i32,
        data_schema: json!({"type": "object", "properties": {"bin_code": {"type": "string"}},
            "examples": [{"bin_code": "GS-0017"}]})
        .to_string(),
        ..Default::default()
    };
    PublicationServiceClient::new(liaison.calls()).register_fact_type(request).await?;
    let (area, unit) = (town.bench.area(""), Some("urban-management".to_owned()));
    Ok(town.bench.person_with(vec![PostClaim { post: "POST_DEPARTMENT_SYSTEM".into(), area, unit }]))
}

#[tokio::test]
async fn nothing_forbidden_is_done_over_grpc() -> Result<()> {
    let town = Town::new().await?;
    let receiver = Receiver::open(Mood::Accepts).await?;
    let things = things(&town, &receiver).await?;
    let publisher = publisher(&town).await?;
    // Somebody who may both ask and decide.
    let post = |post: &str| PostClaim { post: post.into(), area: town.bench.area(""), unit: None };
    let both = town.bench.person_with(vec![post("POST_SUB_DISTRICT_LEADER"), post("POST_PLATFORM_OPERATOR")]);
    let own = grants(&both).request_grant(asked(&town, area_of(&town, "001"), "002")).await?.into_inner();
    let own = own.grant.context("no grant")?.grant_id;

    let mut acts = Acts::default();
    by_nobody(&mut acts, &town, &things)?;
    let (missing, denied) = (Code::NotFound, Code::PermissionDenied);
    on_subscription(&mut acts, "a resident", &town.bench.person_with(vec![]), &things.pulled, denied, denied);
    on_subscription(&mut acts, "another department", &town.housing_system, &things.pulled, missing, denied);
    on_subscription(&mut acts, "an area", &town.street_system, &things.over_nats, missing, denied);
    on_subscription(&mut acts, "a department", &town.fire_system, &things.hooked, missing, denied);
    let elsewhere = town.bench.person("POST_SUB_DISTRICT_SYSTEM", &town.bench.area("002"));
    on_subscription(&mut acts, "another area", &elsewhere, &things.street, missing, denied);
    let below = town.bench.person("POST_SUB_DISTRICT_SYSTEM", &town.bench.area("001052"));
    on_subscription(&mut acts, "a community", &below, &things.hooked, missing, denied);
    beyond_grants(&mut acts, &town, &things);
    beyond_own_area(&mut acts, &town);
    of_grants(&mut acts, &town, &things, (&both, &own));
    readings(&mut acts, &town, &things);
    forged(&mut acts, &town, &things);
    publications(&mut acts, &town, &publisher);
    publishers(&mut acts, &town);

    let record = town.bench.context.writer(gongzhi_exchange::NAME).await?;
    let before = settled(&town, record.pool()).await?;
    let (count, mut wrong) = (acts.0.len(), Vec::new());
    for (number, act) in (1..).zip(acts.0) {
        let seen = act.act.await;
        let told = match &seen {
            Ok(()) => "DONE".to_owned(),
            Err(status) if status.code() == Code::Ok => status.message().to_owned(),
            Err(status) => reason(status),
        };
        print(number, &told, &act.name);
        let code = seen.as_ref().err().map(Status::code);
        if code != Some(act.code) || !act.reason.is_empty() && told != act.reason {
            wrong.push(format!("{}: {seen:?}, not {:?} {}", act.name, act.code, act.reason));
        }
        let after = state(&town, record.pool()).await?;
        if before != after {
            wrong.push(format!("{} changed {}", act.name, changes(&before, &after)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{count} acts, all denied without effect; {} posts to the receiver", receiver.came().len());
    assert!(count >= 190, "{count} acts");
    // The subscription that all of them had a try at still works.
    assert_eq!(
        deliveries(&town.fire_system).pull(pull_of(&things.granted)).await?.into_inner().deliveries.len(),
        0
    );
    town.bench.stop().await
}
