//! One more district beside the release as the chart renders it: migrated first, then copied, sized, followed through upgrades, and taken away whole.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::stage::{RELEASE, Stage, ready, says};
use crate::strict;

const SERVICES: [&str; 7] =
    ["organization", "grid", "dispatch", "deliberation", "reporting", "exchange", "portal"];

/// Kinds of the chart that the stage needs, with where they are kept.
const KINDS: [(&str, &str, &str); 5] = [
    ("Deployment", "apps/v1", "deployments"),
    ("Service", "v1", "services"),
    ("ServiceAccount", "v1", "serviceaccounts"),
    ("PodDisruptionBudget", "policy/v1", "poddisruptionbudgets"),
    ("NetworkPolicy", "networking.k8s.io/v1", "networkpolicies"),
];

/// Installs the release as the chart renders it, hooks left out.
pub fn install(stage: &Stage) -> Result<usize> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../helm/gongzhi/rendered/default");
    let mut installed = 0;
    for file in std::fs::read_dir(folder)? {
        let text = std::fs::read_to_string(file?.path())?;
        for document in text.split("\n---\n").filter(|document| document.contains("kind:")) {
            let object: Value = serde_saphyr::from_str(document.trim_start_matches("---\n"))?;
            let hook = object["metadata"]["annotations"]["helm.sh/hook"].is_string();
            let Some((_, version, plural)) = KINDS.iter().find(|(kind, ..)| object["kind"] == *kind && !hook)
            else {
                continue;
            };
            stage.stub.put(version, plural, &object)?;
            installed += 1;
        }
    }
    Ok(installed)
}

pub fn district(name: &str, code: &str) -> Value {
    json!({"apiVersion": "gongzhi.io/v1alpha1", "kind": "District", "metadata": {"name": name, "namespace": RELEASE},
        "spec": {"code": code, "databaseSecret": {"name": format!("{name}-database")},
            "natsSecret": {"name": format!("{name}-nats"), "key": "address"},
            "stream": {"replicas": 3, "maxAgeDays": 90}, "replicas": {"dispatch": 4}}})
}

/// Objects of a resource in the release's namespace that belong to a district.
fn of(stage: &Stage, resource: &str, code: &str) -> Vec<Value> {
    let all = stage.stub.objects(resource).into_iter();
    all.filter(|one| one["metadata"]["labels"]["gongzhi.io/district"] == code).collect()
}

/// Lets the Job of a district end, well or badly.
pub async fn migrates(stage: &Stage, code: &str, condition: Value) -> Result<Value> {
    let job = gongzhi_harness::wait_until("a migration begins", async || {
        let mut jobs = of(stage, "jobs.batch", code).into_iter();
        let open = jobs.find(|job| job["status"]["conditions"].is_null());
        Ok(open.ok_or_else(|| "none".to_owned()))
    })
    .await?;
    let mut done = job.clone();
    done["status"] = json!({"conditions": [condition]});
    stage.stub.put("batch/v1", "jobs", &done)?;
    Ok(job)
}

/// Gives every Deployment of a district the pods that it wants.
pub fn pods(stage: &Stage, code: &str) -> Result<()> {
    for mut deployment in of(stage, "deployments.apps", code) {
        let (replicas, generation) =
            (deployment["spec"]["replicas"].clone(), deployment["metadata"]["generation"].clone());
        deployment["status"] = json!({"observedGeneration": generation, "replicas": replicas,
            "updatedReplicas": replicas, "readyReplicas": replicas, "availableReplicas": replicas});
        stage.stub.put("apps/v1", "deployments", &deployment)?;
    }
    Ok(())
}

fn env<'a>(deployment: &'a Value, name: &str) -> &'a Value {
    let variables = deployment["spec"]["template"]["spec"]["containers"][0]["env"].as_array();
    variables.into_iter().flatten().find(|variable| variable["name"] == name).unwrap_or(&Value::Null)
}

/// A copy has a name, labels, settings and an account of its own.
fn is_its_own(deployment: &Value) -> Result<()> {
    let (labels, spec) = (&deployment["metadata"]["labels"], &deployment["spec"]);
    let service = labels["app.kubernetes.io/component"].as_str().context("a service")?;
    assert_eq!(deployment["metadata"]["name"], format!("gongzhi-330106-{service}"));
    assert_eq!(labels["app.kubernetes.io/managed-by"], "gongzhi-operator");
    for selects in [&spec["selector"]["matchLabels"], &spec["template"]["metadata"]["labels"]] {
        assert_eq!(selects["app.kubernetes.io/instance"], "gongzhi-330106", "pods of its own");
    }
    assert_eq!(spec["template"]["spec"]["serviceAccountName"], format!("gongzhi-330106-{service}"));
    assert_eq!(env(deployment, "GONGZHI_DISTRICT")["value"], "330106");
    assert_eq!(
        env(deployment, "GONGZHI_DATABASE_URL")["valueFrom"]["secretKeyRef"],
        json!({"name": "xihu-database", "key": "uri"})
    );
    assert_eq!(
        env(deployment, "GONGZHI_NATS_URL")["valueFrom"]["secretKeyRef"],
        json!({"name": "xihu-nats", "key": "address"})
    );
    assert_eq!(env(deployment, "GONGZHI_STREAM_REPLICAS")["value"], "3");
    assert!(
        !deployment.to_string().contains("\"app.kubernetes.io/instance\":\"gongzhi\""),
        "nothing selects pods of the release"
    );
    if service == "portal" {
        let upstreams = env(deployment, "GONGZHI_UPSTREAMS")["value"].as_str().unwrap_or_default();
        let own = upstreams.split(',').all(|pair| pair.contains("://gongzhi-330106-"));
        assert!(own && upstreams.contains("exchange=http://gongzhi-330106-exchange:50051"), "{upstreams}");
    }
    Ok(())
}

/// What stands around the programs belongs to the district, too.
fn surroundings_are_its_own(stage: &Stage) -> Result<()> {
    let headless = of(stage, "services", "330106")
        .into_iter()
        .find(|one| one["metadata"]["name"] == "gongzhi-330106-exchange-pods");
    assert_eq!(headless.context("a headless Service")?["spec"]["clusterIP"], "None");
    let addresses: BTreeSet<_> = stage
        .stub
        .objects("services")
        .iter()
        .map(|one| one["spec"]["clusterIP"].to_string())
        .filter(|one| one != "\"None\"")
        .collect();
    assert_eq!(addresses.len(), 14, "each has an address of its own");
    let policies = of(stage, "networkpolicies.networking.k8s.io", "330106");
    assert_eq!(
        policies.len(),
        SERVICES.len() + 2,
        "one each, the one that closes everything, and the migration's"
    );
    assert_eq!(
        of(stage, "poddisruptionbudgets.policy", "330106").len(),
        stage.stub.objects("poddisruptionbudgets.policy").len() / 2
    );
    println!("{} objects are valid by the types of Kubernetes", strict::everything_is_valid(stage)?);
    Ok(())
}

fn only_the_release_is_left(stage: &Stage, installed: usize) {
    for (_, version, plural) in KINDS {
        let group = version.split_once('/').map_or(String::new(), |(group, _)| format!(".{group}"));
        assert_eq!(of(stage, &format!("{plural}{group}"), "330106"), Vec::<Value>::new(), "{plural}");
    }
    let left: usize = [
        "deployments.apps",
        "services",
        "serviceaccounts",
        "poddisruptionbudgets.policy",
        "networkpolicies.networking.k8s.io",
    ]
    .iter()
    .map(|resource| stage.stub.objects(resource).len())
    .sum();
    assert_eq!(left, installed, "the release is as it was");
}

#[tokio::test]
async fn another_district_is_the_release_once_more_with_a_ground_of_its_own() -> Result<()> {
    let stage = Stage::new().await?;
    let installed = install(&stage)?;
    let operator = stage.operator("one").await?;
    stage.create(district("xihu", "330106")).await?;
    let place = ("districts", RELEASE, "xihu");
    stage.until("it migrates", place, |object| says(object, "Ready", "False", "Migrating")).await?;
    assert_eq!(
        of(&stage, "deployments.apps", "330106").len(),
        0,
        "no program runs before its schemas are there"
    );
    let job = migrates(&stage, "330106", json!({"type": "Complete", "status": "True"})).await?;
    let container = &job["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["args"], json!(["migrate"]));
    let names: Vec<_> =
        container["env"].as_array().into_iter().flatten().map(|one| one["name"].clone()).collect();
    assert!(
        names.contains(&json!("GONGZHI_DATABASE_URL")) && !names.contains(&json!("GONGZHI_NATS_URL")),
        "{names:?}"
    );
    let pod = &job["spec"]["template"]["spec"];
    assert_eq!(
        (&pod["securityContext"]["runAsNonRoot"], &container["securityContext"]["readOnlyRootFilesystem"]),
        (&json!(true), &json!(true))
    );

    stage.until("it waits for pods", place, |object| says(object, "Ready", "False", "PodsNotReady")).await?;
    pods(&stage, "330106")?;
    let done = stage.until("every service has its pods", place, ready).await?;
    assert_eq!(done["status"]["summary"], "7/7");
    let wanted = done["status"]["services"]
        .as_array()
        .context("services")?
        .iter()
        .find(|one| one["service"] == "dispatch");
    assert_eq!(wanted.map(|one| &one["wanted"]), Some(&json!(4)));

    let deployments = of(&stage, "deployments.apps", "330106");
    assert_eq!(deployments.len(), SERVICES.len());
    for deployment in &deployments {
        is_its_own(deployment)?;
    }
    surroundings_are_its_own(&stage)?;

    // Two cannot serve one district, and nobody serves the release's own beside it.
    stage.create(district("twin", "330106")).await?;
    stage.create(district("own", "330105")).await?;
    for name in ["twin", "own"] {
        let place = ("districts", RELEASE, name);
        stage.until("it is taken", place, |object| says(object, "Ready", "False", "CodeTaken")).await?;
        stage.delete("districts", RELEASE, name).await?;
    }
    assert_eq!(
        of(&stage, "deployments.apps", "330106").len(),
        SERVICES.len(),
        "a refused twin takes nothing away"
    );

    // What is in order is left alone.
    let before = stage.written();
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert_eq!(stage.written(), before, "{:?}", stage.stub.writes());

    // Deleting it takes the copies away and leaves the release.
    stage.delete("districts", RELEASE, "xihu").await?;
    stage.until("it is gone", place, Value::is_null).await?;
    only_the_release_is_left(&stage, installed);
    operator.stop().await?;
    stage.nothing_was_forbidden();
    Ok(())
}

#[tokio::test]
async fn an_upgrade_of_the_release_migrates_the_district_first_and_a_failed_one_stops_there() -> Result<()> {
    let stage = Stage::new().await?;
    let operator = stage.operator("one").await?;
    stage.create(district("xihu", "330106")).await?;
    let place = ("districts", RELEASE, "xihu");
    stage
        .until("there is no release yet", place, |object| says(object, "Ready", "False", "NoRelease"))
        .await?;
    install(&stage)?;
    migrates(&stage, "330106", json!({"type": "Complete", "status": "True"})).await?;
    stage.until("it waits for pods", place, |object| says(object, "Ready", "False", "PodsNotReady")).await?;
    pods(&stage, "330106")?;
    stage.until("it is ready", place, ready).await?;

    // The release gets another version; the district's migration of it fails.
    let upgrade = |image: &str| -> Result<()> {
        for mut deployment in stage.stub.objects("deployments.apps") {
            if deployment["metadata"]["labels"]["gongzhi.io/district"].is_null() {
                deployment["spec"]["template"]["spec"]["containers"][0]["image"] = image.into();
                stage.stub.put("apps/v1", "deployments", &deployment)?;
            }
        }
        Ok(())
    };
    upgrade("gongzhi:0.2.0")?;
    migrates(
        &stage,
        "330106",
        json!({"type": "Failed", "status": "True", "message": "Job has reached the specified backoff limit"}),
    )
    .await?;
    stage.until("it failed", place, |object| says(object, "Ready", "False", "MigrationFailed")).await?;
    let runs = |image: &str| {
        of(&stage, "deployments.apps", "330106")
            .iter()
            .all(|one| one["spec"]["template"]["spec"]["containers"][0]["image"] == image)
    };
    assert!(runs("gongzhi:0.1.0"), "what runs goes on as it was");
    assert!(stage.told_of("xihu").contains(&"MigrationFailed".to_owned()));

    upgrade("gongzhi:0.2.1")?;
    migrates(&stage, "330106", json!({"type": "Complete", "status": "True"})).await?;
    stage
        .until("the new programs start", place, |object| says(object, "Ready", "False", "PodsNotReady"))
        .await?;
    assert!(runs("gongzhi:0.2.1"));
    pods(&stage, "330106")?;
    stage.until("it is ready", place, ready).await?;

    // What the release no longer has goes from the district, and what somebody changed by hand is set right.
    let deployments: kube::Api<k8s_openapi::api::apps::v1::Deployment> =
        kube::Api::namespaced(stage.client.clone(), RELEASE);
    deployments.delete("gongzhi-deliberation", &Default::default()).await?;
    let by_hand = kube::api::Patch::Merge(json!({"spec": {"replicas": 0}}));
    deployments.patch("gongzhi-330106-grid", &kube::api::PatchParams::default(), &by_hand).await?;
    stage
        .until("six are left", place, |object| {
            object["status"]["services"].as_array().is_some_and(|all| all.len() == 6)
        })
        .await?;
    gongzhi_harness::wait_until("the pods are wanted again", async || {
        let grid = deployments.get("gongzhi-330106-grid").await?;
        let replicas = grid.spec.and_then(|spec| spec.replicas).unwrap_or(0);
        Ok(if replicas > 0 { Ok(()) } else { Err("0".to_owned()) })
    })
    .await?;
    operator.stop().await?;
    stage.nothing_was_forbidden();
    Ok(())
}
