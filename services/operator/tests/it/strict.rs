//! Objects as the types of Kubernetes know them: what a type does not know is found, where a lenient reader would pass over it.

use anyhow::{Result, ensure};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{Secret, Service, ServiceAccount};
use k8s_openapi::api::events::v1::Event;
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::stage::Stage;

/// Reads an object by its type and writes it again: everything that it said must still be there.
fn by<K: DeserializeOwned + Serialize>(object: &Value) -> Result<()> {
    let typed: K = serde_json::from_value(object.clone())?;
    let mut lost = Vec::new();
    lost_of(object, &serde_json::to_value(typed)?, "", &mut lost);
    ensure!(
        lost.is_empty(),
        "{} {}: its type does not know {lost:?}",
        object["kind"],
        object["metadata"]["name"]
    );
    Ok(())
}

fn lost_of(said: &Value, kept: &Value, path: &str, lost: &mut Vec<String>) {
    match (said, kept) {
        (Value::Object(said), kept) => {
            for (name, said) in said {
                let empty = said.as_object().is_some_and(serde_json::Map::is_empty)
                    || said.as_array().is_some_and(Vec::is_empty);
                match kept.get(name) {
                    Some(kept) => lost_of(said, kept, &format!("{path}.{name}"), lost),
                    // An empty list is left out by the types.
                    None if empty => {}
                    None => lost.push(format!("{path}.{name}")),
                }
            }
        }
        (Value::Array(said), Value::Array(kept)) => {
            if said.len() != kept.len() {
                lost.push(path.to_owned());
            }
            said.iter().zip(kept).for_each(|(said, kept)| lost_of(said, kept, &format!("{path}[]"), lost));
        }
        (said, kept) if said != kept && !same_instant(said, kept) => {
            lost.push(format!("{path}: {said} became {kept}"))
        }
        _ => {}
    }
}

/// One instant may be written in two ways.
fn same_instant(one: &Value, other: &Value) -> bool {
    let read = |value: &Value| value.as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
    read(one).is_some_and(|one| Some(one) == read(other))
}

/// Looks at everything that the operator applied; tells how many objects these were.
pub fn everything_is_valid(stage: &Stage) -> Result<usize> {
    type Check = fn(&Value) -> Result<()>;
    let checks: [(&str, Check); 9] = [
        ("secrets", by::<Secret>),
        ("services", by::<Service>),
        ("serviceaccounts", by::<ServiceAccount>),
        ("deployments.apps", by::<Deployment>),
        ("jobs.batch", by::<Job>),
        ("poddisruptionbudgets.policy", by::<PodDisruptionBudget>),
        ("networkpolicies.networking.k8s.io", by::<NetworkPolicy>),
        ("leases.coordination.k8s.io", by::<Lease>),
        ("events.events.k8s.io", by::<Event>),
    ];
    let mut looked_at = 0;
    for (resource, check) in checks {
        for object in stage.stub.objects(resource) {
            check(&object)?;
            looked_at += 1;
        }
    }
    Ok(looked_at)
}

#[test]
fn what_a_type_does_not_know_is_found() {
    let service = |spec: Value| serde_json::json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": spec});
    assert!(
        by::<Service>(&service(serde_json::json!({"ports": [{"port": 1, "targetPort": "grpc"}]}))).is_ok()
    );
    let wrong = by::<Service>(&service(serde_json::json!({"ports": [{"port": 1, "targetport": "grpc"}]})));
    assert!(wrong.unwrap_err().to_string().contains("targetport"));
}
