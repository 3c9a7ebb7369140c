//! What a cluster would do with the objects, simulated: the stub runs nothing, so Jobs, pods and Deployments are said to be well as soon as they are
//! seen. Only what helm waits for is here, and what was there when a Job ended is remembered, because that is the order of things.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gongzhi_cluster::pods::name;
use gongzhi_kube_stub::Stub;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// A Job that ended, and the Deployments that were there then, by name with their generation.
#[derive(Clone, Debug)]
pub struct Ended {
    pub job: String,
    pub deployments: BTreeMap<String, i64>,
}

#[derive(Default)]
struct Told {
    ended: Vec<Ended>,
    fails: Option<String>,
}

/// The simulation; it ends with its handle.
pub struct Life {
    told: Arc<Mutex<Told>>,
    task: JoinHandle<()>,
}

impl Drop for Life {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Life {
    pub fn begin(stub: &Stub) -> Self {
        let told = Arc::new(Mutex::new(Told::default()));
        let (stub, kept) = (stub.clone(), told.clone());
        let task = tokio::spawn(async move {
            loop {
                beat(&stub, &kept);
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        Self { told, task }
    }

    /// Jobs that ended since the last question, in their order.
    pub fn ended(&self) -> Vec<Ended> {
        std::mem::take(&mut self.told.lock().expect("nobody panics with it").ended)
    }

    /// From now on Jobs whose name ends so fail; none: no Job fails.
    pub fn fails(&self, job: Option<&str>) {
        self.told.lock().expect("nobody panics with it").fails = job.map(str::to_owned);
    }
}

fn beat(stub: &Stub, told: &Mutex<Told>) {
    let sets = stub.objects("replicasets.apps");
    for deployment in stub.objects("deployments.apps") {
        replicate(stub, &deployment, &sets);
        let replicas = deployment["spec"]["replicas"].as_i64().unwrap_or(1);
        let status = json!({
            "observedGeneration": deployment["metadata"]["generation"], "replicas": replicas,
            "updatedReplicas": replicas, "readyReplicas": replicas, "availableReplicas": replicas,
            "conditions": [
                {"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"},
                {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"},
            ],
        });
        say(stub, "apps/v1", "deployments", deployment, status);
    }
    for budget in stub.objects("poddisruptionbudgets.policy") {
        let status = json!({
            "observedGeneration": budget["metadata"]["generation"], "currentHealthy": 2, "desiredHealthy": 1,
            "disruptionsAllowed": 1, "expectedPods": 2,
        });
        say(stub, "policy/v1", "poddisruptionbudgets", budget, status);
    }
    for pod in stub.objects("pods") {
        say(stub, "v1", "pods", pod, json!({"phase": "Succeeded"}));
    }
    for job in stub.objects("jobs.batch") {
        if job["status"]["conditions"].is_array() {
            continue;
        }
        end(stub, told, job);
    }
}

/// helm 3 asks the ReplicaSet that has the Deployment's template how many of its pods are ready.
fn replicate(stub: &Stub, deployment: &Value, sets: &[Value]) {
    let (of, spec) = (&deployment["metadata"], &deployment["spec"]);
    let is_it = |set: &&Value| {
        set["metadata"]["ownerReferences"][0]["uid"] == of["uid"]
            && set["spec"]["template"] == spec["template"]
    };
    if sets.iter().any(|set| is_it(&set)) {
        return;
    }
    let replicas = spec["replicas"].as_i64().unwrap_or(1);
    let set = json!({
        "metadata": {
            "name": format!("{}-{}", name(deployment), of["generation"]), "namespace": of["namespace"],
            "labels": spec["template"]["metadata"]["labels"],
            "ownerReferences": [{
                "apiVersion": "apps/v1", "kind": "Deployment", "name": of["name"], "uid": of["uid"], "controller": true,
            }],
        },
        "spec": {"replicas": replicas, "selector": spec["selector"], "template": spec["template"]},
        "status": {"observedGeneration": 1, "replicas": replicas, "readyReplicas": replicas, "availableReplicas": replicas},
    });
    // Where it cannot be written it is looked at again.
    let _ = stub.put("apps/v1", "replicasets", &set);
}

fn end(stub: &Stub, told: &Mutex<Told>, job: Value) {
    let name_of = name(&job);
    let mut told = told.lock().expect("nobody panics with it");
    let fails = told.fails.as_ref().is_some_and(|end| name_of.ends_with(end.as_str()));
    let (ended, reason) =
        if fails { ("Failed", "PodFailurePolicy") } else { ("Complete", "CompletionsReached") };
    let status = json!({
        "conditions": [{"type": ended, "status": "True", "reason": reason, "message": reason}],
        "succeeded": i32::from(!fails), "failed": i32::from(fails),
        "startTime": "2026-11-28T00:00:00Z", "completionTime": "2026-11-28T00:00:01Z",
    });
    let deployments = stub.objects("deployments.apps");
    let generation = |one: &Value| (name(one), one["metadata"]["generation"].as_i64().unwrap_or(0));
    if say(stub, "batch/v1", "jobs", job, status) && !fails {
        let deployments = deployments.iter().map(generation).collect();
        told.ended.push(Ended { job: name_of, deployments });
    }
}

/// Sets a status where it is another; false where somebody else wrote meanwhile, or the object is gone: it is looked at again.
fn say(stub: &Stub, version: &str, plural: &str, mut object: Value, status: Value) -> bool {
    if object["status"] == status {
        return false;
    }
    object["status"] = status;
    stub.put(version, plural, &object).is_ok()
}
