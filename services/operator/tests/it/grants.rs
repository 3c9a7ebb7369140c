//! Grants: asked for by the namespace's organization, decided by people, taken back with the object.

use std::time::Duration;

use anyhow::Result;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::grant_service_client::GrantServiceClient;
use gongzhi_proto::exchange::v1::organization::Organization;
use serde_json::json;

use crate::stage::{Stage, message, ready, says};

#[tokio::test]
async fn a_grant_is_asked_for_here_decided_by_people_and_ends_with_its_object() -> Result<()> {
    let stage = Stage::new().await?;
    stage.namespace("fire", &[("gongzhi.io/department", "fire-rescue")])?;
    let operator = stage.operator("one").await?;
    stage.create(stage.grant("fire", "lanes", json!({}))).await?;
    let place = ("sharinggrants", "fire", "lanes");
    let asked =
        stage.until("it is asked for", place, |grant| says(grant, "Ready", "False", "Requested")).await?;
    assert_eq!(
        (&asked["status"]["phase"], &asked["status"]["grantee"]),
        (&json!("Requested"), &json!("department/fire-rescue"))
    );
    let grant = stage.grant_of(&asked).await?;
    assert_eq!(grant.status(), pb::GrantStatus::Requested, "the operator approves nothing");
    let grantee = grant.grantee.and_then(|grantee| grantee.organization);
    assert_eq!(grantee, Some(Organization::DepartmentCode("fire-rescue".into())));
    assert_eq!(grant.facts[0].fields, ["case_id", "category_code"]);

    stage.approves(&asked).await?;
    let approved = stage.until("people said yes", place, ready).await?;
    assert!(says(&approved, "Approved", "True", "Approved"));
    assert_eq!(approved["status"]["until"], approved["spec"]["until"]);

    stage.delete("sharinggrants", "fire", "lanes").await?;
    stage.until("it is gone", place, serde_json::Value::is_null).await?;
    let ended = stage.grant_of(&approved).await?;
    assert_eq!(ended.status(), pb::GrantStatus::Revoked);
    assert_ne!(ended.decided_by, "", "it says who took it back");
    assert_eq!(stage.told_of("lanes"), ["Requested", "Approved"]);
    operator.stop().await?;
    stage.nothing_was_forbidden();
    Ok(())
}

#[tokio::test]
async fn what_people_refuse_is_told_with_their_reason() -> Result<()> {
    let stage = Stage::new().await?;
    let area = stage.bench().area("001").to_string();
    stage.namespace("street", &[("gongzhi.io/area", &area)])?;
    let operator = stage.operator("one").await?;
    stage.create(stage.grant("street", "all", json!({}))).await?;
    let place = ("sharinggrants", "street", "all");
    let asked =
        stage.until("it is asked for", place, |grant| says(grant, "Ready", "False", "Requested")).await?;
    let grant_id = asked["status"]["grantId"].as_str().unwrap_or_default().to_owned();
    let request = pb::RefuseGrantRequest { grant_id, reason: "用途不清".into() };
    GrantServiceClient::new(stage.decider().calls()).refuse_grant(request).await?;
    let refused =
        stage.until("they said no", place, |grant| says(grant, "Approved", "False", "Refused")).await?;
    assert!(message(&refused).contains("用途不清"), "{refused:#}");
    assert_eq!(refused["status"]["phase"], "Refused");
    // What was refused can be deleted like everything else.
    stage.delete("sharinggrants", "street", "all").await?;
    stage.until("it is gone", place, serde_json::Value::is_null).await?;
    operator.stop().await?;
    stage.nothing_was_forbidden();
    Ok(())
}

#[tokio::test]
async fn nobody_asks_for_an_organization_that_is_not_the_namespaces() -> Result<()> {
    let stage = Stage::new().await?;
    stage.namespace("fire", &[("gongzhi.io/department", "fire-rescue")])?;
    stage.namespace("nobody", &[])?;
    let both = [("gongzhi.io/department", "fire-rescue"), ("gongzhi.io/area", "330105")];
    stage.namespace("two", &both)?;
    // Of another district, whose operator is not here.
    let theirs = [("gongzhi.io/department", "fire-rescue"), ("gongzhi.io/district", "999999")];
    stage.namespace("theirs", &theirs)?;
    let operator = stage.operator("one").await?;
    stage.create(stage.grant("theirs", "far", json!({}))).await?;
    // A server takes them; whoever cannot read one of them must not lose sight of all others.
    stage.create(stage.grant("fire", "last", json!({"until": "9999-12-31T23:59:59Z"}))).await?;
    stage.create(stage.grant("fire", "finest", json!({"until": "2099-01-01T00:00:00.0123456789Z"}))).await?;
    stage.create(stage.grant("fire", "foreign", json!({"grantee": {"department": "housing"}}))).await?;
    stage.create(stage.grant("nobody", "orphan", json!({}))).await?;
    stage.create(stage.grant("two", "torn", json!({}))).await?;
    for name in ["last", "finest"] {
        let refused = |grant: &serde_json::Value| says(grant, "Ready", "False", "UnreadableInstant");
        stage.until("it is refused", ("sharinggrants", "fire", name), refused).await?;
    }
    let place = ("sharinggrants", "fire", "foreign");
    let foreign = stage
        .until("it is refused", place, |grant| says(grant, "Ready", "False", "ForeignOrganization"))
        .await?;
    assert!(
        message(&foreign).contains("department/fire-rescue; it cannot ask for department/housing"),
        "{foreign:#}"
    );
    for (namespace, name) in [("nobody", "orphan"), ("two", "torn")] {
        let place = ("sharinggrants", namespace, name);
        let refused =
            |grant: &serde_json::Value| says(grant, "Ready", "False", "NamespaceWithoutOrganization");
        stage.until("it is refused", place, refused).await?;
    }
    assert_eq!(stage.told_of("foreign"), ["ForeignOrganization"]);
    let request = pb::ListGrantsRequest::default();
    let all = GrantServiceClient::new(stage.decider().calls()).list_grants(request).await?.into_inner();
    assert_eq!(all.grants.len(), 0, "nothing was sent");
    assert_eq!(foreign["metadata"]["finalizers"], json!(null), "nothing is to be ended");
    // It rests: what is refused is not written again and again.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = stage.written();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(stage.written(), before, "{:?}", stage.stub.writes());
    let far = stage.get("sharinggrants", "theirs", "far").await?;
    assert_eq!((&far["status"], &far["metadata"]["finalizers"]), (&json!(null), &json!(null)));
    // A label makes it whose it is, and it goes on by itself.
    stage.namespace("nobody", &[("gongzhi.io/department", "housing")])?;
    let place = ("sharinggrants", "nobody", "orphan");
    stage.until("it is asked for", place, |grant| says(grant, "Ready", "False", "Requested")).await?;
    operator.stop().await?;
    stage.nothing_was_forbidden();
    Ok(())
}

#[tokio::test]
async fn what_the_exchange_refuses_is_told_with_every_field() -> Result<()> {
    let stage = Stage::new().await?;
    stage.namespace("fire", &[("gongzhi.io/department", "fire-rescue")])?;
    let operator = stage.operator("one").await?;
    let wrong = json!({"facts": [{"fact": "dispatch.no_such_fact"}], "area": "110101"});
    stage.create(stage.grant("fire", "wrong", wrong)).await?;
    stage.create(stage.grant("fire", "past", json!({"until": "2020-01-01T00:00:00Z"}))).await?;
    let place = ("sharinggrants", "fire", "wrong");
    let refused = stage
        .until("it is refused", place, |grant| says(grant, "Ready", "False", "RefusedByExchange"))
        .await?;
    let said = message(&refused);
    assert!(said.contains("area_code") && said.contains("no_such_fact"), "{said}");
    let place = ("sharinggrants", "fire", "past");
    let refused = stage
        .until("it is refused", place, |grant| says(grant, "Ready", "False", "RefusedByExchange"))
        .await?;
    assert!(message(&refused).contains("ENDS_IN_THE_PAST"), "{refused:#}");
    for name in ["wrong", "past"] {
        stage.delete("sharinggrants", "fire", name).await?;
        stage.until("it is gone", ("sharinggrants", "fire", name), serde_json::Value::is_null).await?;
    }
    operator.stop().await?;
    stage.nothing_was_forbidden();
    Ok(())
}
