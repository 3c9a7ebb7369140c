//! From the release's own objects to those of another district: names, labels and settings of its own, everything else as it is. Pure.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::resources::{DistrictSpec, MANAGER, SecretKey};

/// Carries the release's name in every object of the chart; copies carry their own.
pub const INSTANCE: &str = "app.kubernetes.io/instance";
/// Carries the service.
pub const COMPONENT: &str = "app.kubernetes.io/component";
/// Carries the district's code in every copy.
pub const DISTRICT: &str = "gongzhi.io/district";
/// Says in a Deployment that scales by load how many pods a copy has.
const COPIED_REPLICAS: &str = "gongzhi.io/copied-replicas";
/// What is copied: the services of a release.
pub const SERVICES: [&str; 7] =
    ["organization", "grid", "dispatch", "deliberation", "reporting", "exchange", "portal"];
/// Component of the policy that closes everything which no other policy opens.
const CLOSED: &str = "closed";

/// What is copied for whom.
pub struct Copying<'a> {
    /// The release that is copied.
    pub release: &'a str,
    /// The district.
    pub spec: &'a DistrictSpec,
    /// Who owns the copies, as it stands in them.
    pub owner: Value,
}

/// The service to which an object of the release belongs; none for what is not copied, copies among it.
pub fn service_of(object: &Value) -> Option<&str> {
    let label = |name: &str| object["metadata"]["labels"][name].as_str();
    if label(DISTRICT).is_some() {
        return None;
    }
    // The policy that closes everything belongs to no service; without it a copy would be open.
    let closes = |component: &str| component == CLOSED && object["kind"] == "NetworkPolicy";
    // The Service that names each pod of a service singly belongs to that service.
    let component = label(COMPONENT).map(|component| component.strip_suffix("-pods").unwrap_or(component));
    component.filter(|component| SERVICES.contains(component) || closes(component))
}

impl Copying<'_> {
    /// Value of the label by which pods of the district are found.
    pub fn instance(&self) -> String {
        format!("{}-{}", self.release, self.spec.code)
    }

    /// Name of a copy: release, code, service, and what stood behind the service in the name that is copied.
    pub fn name(&self, name: &str, service: &str) -> String {
        let behind = name.rfind(service).map_or("", |at| &name[at + service.len()..]);
        format!("{}-{service}{behind}", self.instance())
    }

    /// Copies objects, so that they name each other and not those of the release. Each comes with its service.
    pub fn copy(&self, objects: &[Value]) -> Vec<Value> {
        let names: BTreeMap<_, _> = objects
            .iter()
            .filter_map(|object| Some((object["metadata"]["name"].as_str()?, service_of(object)?)))
            .map(|(name, service)| (name.to_owned(), self.name(name, service)))
            .collect();
        objects.iter().filter_map(|object| self.one(object, &names)).collect()
    }

    fn one(&self, object: &Value, names: &BTreeMap<String, String>) -> Option<Value> {
        let service = service_of(object)?;
        let name = object["metadata"]["name"].as_str()?;
        let mut copy = json!({
            "apiVersion": object["apiVersion"],
            "kind": object["kind"],
            "metadata": {
                "name": names.get(name)?,
                "namespace": object["metadata"]["namespace"],
                "labels": object["metadata"]["labels"],
                "ownerReferences": [self.owner],
            },
        });
        for field in ["spec", "automountServiceAccountToken"] {
            if !object[field].is_null() {
                copy[field] = without_nulls(&object[field]);
            }
        }
        let labels = copy["metadata"]["labels"].as_object_mut()?;
        labels.remove("helm.sh/chart");
        labels.insert("app.kubernetes.io/managed-by".into(), MANAGER.into());
        labels.insert(DISTRICT.into(), self.spec.code.clone().into());
        self.relabel(&mut copy);
        match object["kind"].as_str()? {
            "Deployment" => {
                self.deployment(&mut copy, names);
                if let Some(replicas) = self.replicas(object, service) {
                    copy["spec"]["replicas"] = replicas.into();
                }
            }
            "Service" => service_addresses(&mut copy),
            _ => {}
        }
        Some(copy)
    }

    /// Puts our instance in place of the release's, in labels and in everything that selects by them.
    fn relabel(&self, value: &mut Value) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields.iter_mut() {
                    if name == INSTANCE && value.as_str() == Some(self.release) {
                        *value = self.instance().into();
                    } else {
                        self.relabel(value);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.relabel(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// How many pods the district wants of a service; none where it wants as many as the release has.
    fn replicas(&self, deployment: &Value, service: &str) -> Option<i32> {
        let scaled = || deployment["metadata"]["annotations"][COPIED_REPLICAS].as_str()?.parse().ok();
        self.spec.replicas.get(service).copied().or_else(scaled)
    }

    fn deployment(&self, copy: &mut Value, names: &BTreeMap<String, String>) {
        // When the release was restarted says nothing of the district.
        let annotations = copy.pointer_mut("/spec/template/metadata/annotations");
        if let Some(annotations) = annotations.and_then(Value::as_object_mut) {
            annotations.remove("kubectl.kubernetes.io/restartedAt");
        }
        let pod = &mut copy["spec"]["template"]["spec"];
        for field in ["serviceAccountName", "serviceAccount"] {
            if let Some(name) = pod[field].as_str().and_then(|name| names.get(name)) {
                pod[field] = name.clone().into();
            }
        }
        let containers = pod["containers"].as_array_mut();
        for container in containers.into_iter().flatten() {
            self.settings(container, names);
        }
    }

    /// The settings of another district in a container.
    pub fn settings(&self, container: &mut Value, names: &BTreeMap<String, String>) {
        let Some(env) = container.get_mut("env").and_then(Value::as_array_mut) else { return };
        let secret = |secret: &SecretKey, usual: &str| json!({"secretKeyRef": {"name": secret.name, "key": secret.key.as_deref().unwrap_or(usual)}});
        let stream = &self.spec.stream;
        let text = |number: Option<i64>| number.map(|number| number.to_string());
        for variable in env {
            let Some(name) = variable["name"].as_str().map(str::to_owned) else { continue };
            let value = match name.as_str() {
                "GONGZHI_DISTRICT" => Some(self.spec.code.clone()),
                "GONGZHI_STREAM_REPLICAS" => text(stream.replicas.map(Into::into)),
                "GONGZHI_STREAM_MAX_AGE_DAYS" => text(stream.max_age_days.map(Into::into)),
                "GONGZHI_STREAM_MAX_BYTES" => text(stream.max_bytes),
                "GONGZHI_UPSTREAMS" => variable["value"].as_str().map(|value| renamed(value, names)),
                "GONGZHI_DATABASE_URL" => {
                    *variable = json!({"name": name, "valueFrom": secret(&self.spec.database_secret, "uri")});
                    None
                }
                "GONGZHI_NATS_URL" => {
                    *variable = json!({"name": name, "valueFrom": secret(&self.spec.nats_secret, "url")});
                    None
                }
                _ => None,
            };
            if let Some(value) = value {
                *variable = json!({"name": name, "value": value});
            }
        }
    }
}

/// Puts the names of copies in place of those of the release, where they stand as the host of an address.
fn renamed(upstreams: &str, names: &BTreeMap<String, String>) -> String {
    let one = |pair: &str| {
        let Some((head, rest)) = pair.split_once("://") else { return pair.to_owned() };
        let end = rest.find(['.', ':', '/']).unwrap_or(rest.len());
        let host = names.get(&rest[..end]).map_or(&rest[..end], String::as_str);
        format!("{head}://{host}{}", &rest[end..])
    };
    upstreams.split(',').map(one).collect::<Vec<_>>().join(",")
}

/// A Service gets addresses of its own; one without addresses stays without.
fn service_addresses(copy: &mut Value) {
    let Some(spec) = copy["spec"].as_object_mut() else { return };
    let headless = spec.get("clusterIP").and_then(Value::as_str) == Some("None");
    for field in ["clusterIP", "clusterIPs", "ipFamilies", "healthCheckNodePort", "loadBalancerIP"] {
        spec.remove(field);
    }
    if headless {
        spec.insert("clusterIP".into(), "None".into());
    }
    for port in spec.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
        port.as_object_mut().map(|port| port.remove("nodePort"));
    }
}

/// A server may write what is not there as null; whether it does is no difference.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let there = fields.iter().filter(|(_, value)| !value.is_null());
            there.map(|(name, value)| (name.clone(), without_nulls(value))).collect()
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// The district that the release itself serves, as its programs are told.
pub fn own_district(objects: &[Value]) -> Option<&str> {
    let containers =
        objects.iter().filter(|object| object["kind"] == "Deployment" && service_of(object).is_some());
    let containers =
        containers.filter_map(|object| object["spec"]["template"]["spec"]["containers"][0]["env"].as_array());
    let mut variables = containers.flatten();
    variables.find(|variable| variable["name"] == "GONGZHI_DISTRICT")?["value"].as_str()
}

/// True when everything that is wanted is so, whatever else the server or others have added.
pub fn is_in_order(wanted: &Value, is: &Value) -> bool {
    match (wanted, is) {
        (Value::Object(wanted), Value::Object(is)) => {
            wanted.iter().all(|(name, wanted)| is.get(name).is_some_and(|is| is_in_order(wanted, is)))
        }
        (Value::Array(wanted), Value::Array(is)) => {
            wanted.len() == is.len() && wanted.iter().zip(is).all(|(wanted, is)| is_in_order(wanted, is))
        }
        (wanted, is) => wanted == is,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_the_pods_it_wants_and_does_not_follow_what_scales_by_load() {
        let deployment = |service: &str, annotations: Value| {
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"replicas": 7}, "metadata": {
                "name": format!("gongzhi-{service}"), "annotations": annotations, "labels": {COMPONENT: service}}})
        };
        let scaled = json!({COPIED_REPLICAS: "2"});
        let release = [
            deployment("grid", Value::Null),
            deployment("reporting", scaled.clone()),
            deployment("dispatch", scaled),
        ];
        let spec: DistrictSpec =
            serde_json::from_value(json!({"code": "330106", "databaseSecret": {"name": "a"},
            "natsSecret": {"name": "b"}, "replicas": {"dispatch": 4}}))
            .expect("a district");
        let copies = Copying { release: "gongzhi", spec: &spec, owner: Value::Null }.copy(&release);
        let replicas: Vec<_> = copies.iter().map(|copy| copy["spec"]["replicas"].clone()).collect();
        assert_eq!(replicas, [json!(7), json!(2), json!(4)], "{copies:#?}");
    }
}
