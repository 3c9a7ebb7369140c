//! The rights of the chart are exactly those that are needed: a life with everything in it uses every one of them.

use anyhow::Result;
use serde_json::{Value, json};

use crate::districts::{district, install, migrates, pods};
use crate::stage::{OPERATOR, RELEASE, Stage, ready, says, subscription};
use crate::strict;

#[tokio::test]
async fn no_right_is_missing_and_none_is_idle() -> Result<()> {
    let stage = Stage::new().await?;
    stage.namespace("fire", &[("gongzhi.io/department", "fire-rescue")])?;
    install(&stage)?;
    let operator = stage.operator("one").await?;
    stage.create(stage.grant("fire", "lanes", json!({}))).await?;
    stage.create(subscription("fire", "bus", json!({"delivery": {"nats": {}}}))).await?;
    let (grant, bus) = (("sharinggrants", "fire", "lanes"), ("subscriptions", "fire", "bus"));
    stage.until("it is asked for", grant, |object| says(object, "Ready", "False", "Requested")).await?;
    stage.until("it is made", bus, ready).await?;
    // The second Event of one kind is written as a series.
    for value in ["a", "b"] {
        stage
            .change(bus.0, bus.1, bus.2, json!({"metadata": {"annotations": {"gongzhi.io/rotate": value}}}))
            .await?;
        stage
            .until("it is renewed", bus, |object| object["status"]["credentials"]["rotation"] == value)
            .await?;
    }
    stage.create(district("xihu", "330106")).await?;
    migrates(&stage, "330106", json!({"type": "Complete", "status": "True"})).await?;
    let place = ("districts", RELEASE, "xihu");
    stage.until("it waits for pods", place, |object| says(object, "Ready", "False", "PodsNotReady")).await?;
    pods(&stage, "330106")?;
    stage.until("it is ready", place, ready).await?;
    // The release loses a service with everything that belongs to it.
    let resources = [
        ("apps/v1", "deployments"),
        ("v1", "services"),
        ("v1", "serviceaccounts"),
        ("policy/v1", "poddisruptionbudgets"),
        ("networking.k8s.io/v1", "networkpolicies"),
    ];
    for (version, plural) in resources {
        let path = if version == "v1" { "/api/v1".to_owned() } else { format!("/apis/{version}") };
        let request = http::Request::delete(format!("{path}/namespaces/{RELEASE}/{plural}/gongzhi-grid"))
            .body(Vec::new())?;
        stage.client.request::<Value>(request).await?;
    }
    gongzhi_harness::wait_until("nothing of it is left", async || {
        let groups = [
            "deployments.apps",
            "services",
            "serviceaccounts",
            "poddisruptionbudgets.policy",
            "networkpolicies.networking.k8s.io",
        ];
        let left: Vec<_> = groups
            .iter()
            .flat_map(|resource| stage.stub.objects(resource))
            .filter(|one| one["metadata"]["name"] == "gongzhi-330106-grid")
            .map(|one| one["kind"].clone())
            .collect();
        Ok(if left.is_empty() { Ok(()) } else { Err(format!("{left:?}")) })
    })
    .await?;
    for (plural, namespace, name) in [grant, bus] {
        stage.delete(plural, namespace, name).await?;
        stage.until("it is gone", (plural, namespace, name), Value::is_null).await?;
    }
    let looked_at = strict::everything_is_valid(&stage)?;
    println!("{looked_at} objects are valid by the types of Kubernetes");
    operator.stop().await?;
    stage.nothing_was_forbidden();
    assert_eq!(stage.stub.unused_rights(OPERATOR), Vec::<String>::new(), "rights that nobody needs");
    Ok(())
}
