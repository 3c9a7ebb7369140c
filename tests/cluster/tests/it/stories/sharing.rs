//! Sharing: a department asks in its own namespace, the district approves, the operator makes Secrets, and the department's pods receive exactly what is due.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use gongzhi_cluster::casework::{approve, register_department, sound};
use gongzhi_cluster::department::{
    self, GRANTS, SUBSCRIPTIONS, check_secrets, is_ready, received, receivers, stands,
};
use gongzhi_cluster::people::{DISTRICT, person};
use gongzhi_cluster::until;
use serde_json::{Value, json};

use super::{Installed, pull_secret};

/// How long a fact may take to a pod.
const DELIVERED_WITHIN: Duration = Duration::from_secs(60);

pub async fn run(installed: &Installed) -> Result<()> {
    let (release, signer) = (&installed.release, &installed.ground.signer);
    let cluster = &release.cluster;
    register_department(release, signer, "fire-rescue", "消防救援").await?;
    register_department(release, signer, "urban-management", "城市管理").await?;
    let fire = cluster.namespace("fire", &[("gongzhi.io/department", "fire-rescue")]).await?;
    pull_secret(cluster, &installed.settings, &fire).await?;
    let whistles = json!({"filter": {"facts": ["dispatch.whistle_sounded"]}, "delivery": {"pull": {}}});
    let objects = [
        department::grant("fire-lanes", &format!("{DISTRICT}001052")),
        department::subscription("pulled", whistles),
        department::subscription("streamed", json!({"grant": "fire-lanes", "delivery": {"nats": {}}})),
    ];
    cluster.apply(&fire, &objects).await?;
    let asked = stands(cluster, (&fire, GRANTS, "fire-lanes"), "is asked for", |one| {
        one["status"]["phase"] == "Requested"
    })
    .await?;
    let grant_id = asked["status"]["grantId"].as_str().context("it has a grant")?;
    approve(release, signer, grant_id).await?;
    let pulled = stands(cluster, (&fire, SUBSCRIPTIONS, "pulled"), "is ready", is_ready).await?;
    let streamed = stands(cluster, (&fire, SUBSCRIPTIONS, "streamed"), "is ready", is_ready).await?;
    check_secrets(cluster, &fire, &pulled, &streamed).await?;

    let system = person(signer, "POST_DEPARTMENT_SYSTEM", "", Some("fire-rescue"))?;
    let secrets = ("pulled-gongzhi", "streamed-gongzhi");
    cluster.apply(&fire, &receivers(&installed.settings, &system, secrets)).await?;
    let wait = ["wait", "--for=condition=Ready", "pod/pulls", "pod/streams", "--timeout=240s"];
    cluster.kubectl(&fire, &wait, Duration::from_secs(250)).await?;

    // What is not due comes first: facts come in their order, so it would be there before what is.
    let (elsewhere, _) = sound(release, signer, "002001", &["urban-management"]).await?;
    let (others, others_whistle) = sound(release, signer, "001052", &["urban-management"]).await?;
    let (own, own_whistle) = sound(release, signer, "001052", &["fire-rescue"]).await?;
    let pulled = comes(installed, &fire, "pulls", &own_whistle).await?;
    let streamed = comes(installed, &fire, "streams", &own).await?;
    ensure!(
        pulled.len() == 1 && pulled[0]["type"].as_str().is_some_and(|kind| kind.ends_with("whistle_sounded")),
        "the pulling pod got something else than its one whistle: {pulled:#?}"
    );
    ensure!(!tells(&pulled, &others_whistle), "a whistle for others was delivered");
    ensure!(
        streamed.len() == 2 && tells(&streamed, &others) && tells(&streamed, &own),
        "the streaming pod must get the two registrations of its area: {streamed:#?}"
    );
    ensure!(!tells(&streamed, &elsewhere), "a registration of another area was delivered");
    ensure!(
        !streamed.iter().any(|event| event["data"].to_string().contains("URGENCY")),
        "a field was not granted"
    );
    println!("    one whistle pulled, two registrations streamed, nothing else; Secrets as promised");
    Ok(())
}

/// Waits until a pod has received something about an id, and a little for what should not come; tells all that came.
async fn comes(installed: &Installed, namespace: &str, pod: &str, id: &str) -> Result<Vec<Value>> {
    let cluster = &installed.release.cluster;
    until(&format!("{pod} receives {id}"), DELIVERED_WITHIN, async || {
        let events = received(cluster, namespace, pod).await?;
        Ok(if tells(&events, id) { Ok(()) } else { Err(format!("{events:?}")) })
    })
    .await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    received(cluster, namespace, pod).await
}

fn tells(events: &[Value], id: &str) -> bool {
    events.iter().any(|event| event.to_string().contains(id))
}
