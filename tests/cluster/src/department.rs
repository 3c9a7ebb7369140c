//! A department's namespace: what its people write there, what becomes of it, and the pods by which it receives.

use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::people::{DISTRICT, Person};
use crate::settings::{Image, Settings};
use crate::{ground, until};

/// How long the operator may take.
pub const RECONCILED_WITHIN: Duration = Duration::from_secs(120);
/// The whole name of each of our kinds: others have kinds of these names, too.
pub const GRANTS: &str = "sharinggrants.gongzhi.io";
/// Likewise.
pub const SUBSCRIPTIONS: &str = "subscriptions.gongzhi.io";

/// A SharingGrant that asks for registrations in an area, two of its fields.
pub fn grant(name: &str, area: &str) -> Value {
    let until = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(48);
    json!({"apiVersion": "gongzhi.io/v1alpha1", "kind": "SharingGrant", "metadata": {"name": name}, "spec": {
        "facts": [{"fact": "dispatch.case_registered", "fields": ["case_id", "category_code"]}],
        "area": area, "purpose": "消防安全联合研判",
        "until": until.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    }})
}

/// A Subscription.
pub fn subscription(name: &str, spec: Value) -> Value {
    json!({"apiVersion": "gongzhi.io/v1alpha1", "kind": "Subscription", "metadata": {"name": name}, "spec": spec})
}

/// True when an object is ready as it is now.
pub fn is_ready(object: &Value) -> bool {
    let conditions = object["status"]["conditions"].as_array();
    object["status"]["observedGeneration"] == object["metadata"]["generation"]
        && conditions.into_iter().flatten().any(|one| one["type"] == "Ready" && one["status"] == "True")
}

/// Waits until an object of ours stands as it should.
pub async fn stands(
    cluster: &Cluster,
    (namespace, kind, name): (&str, &str, &str),
    what: &str,
    holds: impl Fn(&Value) -> bool,
) -> Result<Value> {
    until(&format!("{kind} {name} {what}"), RECONCILED_WITHIN, async || {
        let object = cluster.find(namespace, kind, name).await?.unwrap_or_default();
        Ok(if holds(&object) { Ok(object) } else { Err(object["status"].to_string()) })
    })
    .await
}

/// Holds the Secrets of a pulled and of a streamed subscription against what is promised of them.
pub async fn check_secrets(
    cluster: &Cluster,
    namespace: &str,
    pulled: &Value,
    streamed: &Value,
) -> Result<()> {
    let of =
        |object: &Value| object["status"]["credentials"]["secret"].as_str().unwrap_or_default().to_owned();
    let secret = cluster.secret(namespace, &of(pulled)).await?.context("the pulled one has no Secret")?;
    anyhow::ensure!(
        secret.get("subscription-id").map(String::as_str) == pulled["status"]["subscriptionId"].as_str(),
        "the Secret names another subscription"
    );
    let server = secret.get("server").context("the Secret names no server")?;
    anyhow::ensure!(server.starts_with("http"), "the server is no address: {server}");
    let secret = cluster.secret(namespace, &of(streamed)).await?.context("the streamed one has no Secret")?;
    for key in ["nats.creds", "stream", "durable", "domain", "inbox-prefix", "url", "subscription-id"] {
        anyhow::ensure!(secret.get(key).is_some_and(|text| !text.is_empty()), "the Secret has no {key}");
    }
    for (object, name) in [(pulled, of(pulled)), (streamed, of(streamed))] {
        let held = cluster.find(namespace, "secrets", &name).await?.unwrap_or_default();
        anyhow::ensure!(
            held["metadata"]["ownerReferences"][0]["uid"] == object["metadata"]["uid"],
            "the Secret {name} would not go with its Subscription"
        );
    }
    Ok(())
}

/// Pods of the department's own system: one that pulls by the Secret and a token, one that takes from NATS by the Secret alone.
pub fn receivers(settings: &Settings, system: &Person, (pulled, streamed): (&str, &str)) -> Vec<Value> {
    let of = |secret: &str, key: &str| json!({"secretKeyRef": {"name": secret, "key": key}});
    let token = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "system"}, "stringData": {"token": system.token()}});
    let pulls = json!([
        {"name": "SUBSCRIPTION", "valueFrom": of(pulled, "subscription-id")},
        {"name": "GONGZHI_SERVER", "valueFrom": of(pulled, "server")},
        {"name": "GONGZHI_TOKEN", "valueFrom": of("system", "token")},
    ]);
    let streams = json!([{"name": "GONGZHI_NATS_URL", "valueFrom": of(streamed, "url")}]);
    vec![
        token,
        receiver("pulls", settings, json!(["subscribe", "--subscription", "$(SUBSCRIPTION)"]), pulls, None),
        receiver(
            "streams",
            settings,
            json!(["subscribe", "--credentials", "/etc/nats/nats.creds"]),
            streams,
            Some(streamed),
        ),
    ]
}

fn receiver(
    name: &str,
    settings: &Settings,
    arguments: Value,
    mut env: Value,
    mounted: Option<&str>,
) -> Value {
    let image: &Image = &settings.image;
    if let Some(all) = env.as_array_mut() {
        all.push(json!({"name": "GONGZHI_DISTRICT", "value": DISTRICT}));
    }
    let (mounts, volumes) = match mounted {
        Some(secret) => (
            json!([{"name": "nats", "mountPath": "/etc/nats", "readOnly": true}]),
            json!([{"name": "nats", "secret": {"secretName": secret}}]),
        ),
        None => (json!([]), json!([])),
    };
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {
        "automountServiceAccountToken": false, "enableServiceLinks": false,
        // What is not acknowledged comes again, so it may begin again.
        "restartPolicy": "Always", "terminationGracePeriodSeconds": 5,
        "imagePullSecrets": settings.pull_secret.as_deref().map(|name| json!([{"name": name}])).unwrap_or(json!([])),
        "securityContext": {"runAsNonRoot": true, "runAsUser": 65532, "runAsGroup": 65532, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{
            "name": "receiver", "image": image.name(), "imagePullPolicy": "IfNotPresent",
            "args": arguments, "env": env, "volumeMounts": mounts,
            "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "256Mi"}},
            "securityContext": ground::security(),
        }],
        "volumes": volumes,
    }})
}

/// The events that a receiver has printed, in their order.
pub async fn received(cluster: &Cluster, namespace: &str, pod: &str) -> Result<Vec<Value>> {
    let said = cluster.kubectl(namespace, &["logs", pod], Duration::from_secs(60)).await?;
    let lines = said.out.lines().filter(|line| line.starts_with("{\"receivedAt\""));
    lines.map(|line| Ok(serde_json::from_str::<Value>(line)?["event"].take())).collect()
}
