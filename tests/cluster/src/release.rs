//! A release of the chart, as people install, change and remove it with helm.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::cluster::{Cluster, no_warning};
use crate::ground::FIRST_ACCOUNT;
use crate::pods;
use crate::program::{Program, Said, helm};
use crate::settings::{Image, Settings};
use crate::until;

/// How long helm may wait for pods: images are pulled the first time.
const HELM: Duration = Duration::from_secs(900);
/// Services that the chart installs with a record of their own, and the portal.
pub const SERVICES: [&str; 7] =
    ["organization", "grid", "dispatch", "deliberation", "reporting", "exchange", "portal"];

/// A release of one version of helm.
pub struct Release {
    /// Where it is.
    pub cluster: Arc<Cluster>,
    /// Version of helm.
    pub major: u8,
    /// Its namespace.
    pub namespace: String,
    /// Its name, and the first part of the name of everything in it.
    pub name: String,
    helm: Program,
}

/// The chart.
fn chart() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../helm/gongzhi")
}

impl Release {
    /// A release that is not there yet.
    pub async fn new(cluster: &Arc<Cluster>, major: u8, namespace: &str, kubeconfig: &Path) -> Result<Self> {
        let helm = Program::new(helm(major).await?, kubeconfig);
        let version = helm.run(&["version", "--short"], None, Duration::from_secs(30)).await?;
        anyhow::ensure!(
            version.out.starts_with(&format!("v{major}.")),
            "this is not helm {major}: {}",
            version.out
        );
        // Its name differs from run to run, so that labels select nothing of anybody else.
        let name = format!("gz{major}-{}", cluster.run);
        Ok(Self { cluster: cluster.clone(), major, namespace: namespace.into(), name, helm })
    }

    async fn run(&self, arguments: &[&str], values: Option<&Value>) -> Result<Said> {
        let all = [arguments, &["--namespace", &self.namespace]].concat();
        let values = values.map(Value::to_string);
        // Helm gives up by itself before, and says why.
        self.helm.ask(&all, values.as_deref(), HELM + Duration::from_secs(60)).await
    }

    async fn well(&self, arguments: &[&str], values: Option<&Value>) -> Result<Said> {
        let said = self.run(arguments, values).await?;
        anyhow::ensure!(said.is_well, "helm {} {} failed:\n{}", self.major, arguments[0], said.all().trim());
        no_warning(&said)?;
        Ok(said)
    }

    /// Installs and waits until everything is ready; tells what helm said.
    pub async fn install(&self, values: &Value) -> Result<Said> {
        let chart = chart();
        let place = chart.to_str().context("the chart's path is text")?;
        self.well(&["install", &self.name, place, "-f", "-", "--wait", "--timeout", "15m"], Some(values))
            .await
    }

    /// Upgrades and waits.
    pub async fn upgrade(&self, values: &Value) -> Result<Said> {
        let said = self.try_upgrade(values).await?;
        anyhow::ensure!(said.is_well, "helm {} upgrade failed:\n{}", self.major, said.all().trim());
        no_warning(&said)?;
        Ok(said)
    }

    /// Upgrades; tells how it ended, too.
    pub async fn try_upgrade(&self, values: &Value) -> Result<Said> {
        let chart = chart();
        let place = chart.to_str().context("the chart's path is text")?;
        self.run(&["upgrade", &self.name, place, "-f", "-", "--wait", "--timeout", "15m"], Some(values)).await
    }

    /// Goes back to a revision and waits.
    pub async fn rollback(&self, revision: u32) -> Result<Said> {
        self.well(&["rollback", &self.name, &revision.to_string(), "--wait", "--timeout", "15m"], None).await
    }

    /// Runs the tests of the chart; tells what they said.
    pub async fn test(&self) -> Result<Said> {
        self.well(&["test", &self.name, "--logs", "--timeout", "15m"], None).await
    }

    /// Runs the tests of the chart where pods have no logs.
    pub async fn test_without_logs(&self) -> Result<Said> {
        self.well(&["test", &self.name, "--timeout", "1m"], None).await
    }

    /// Removes it and waits until it is gone.
    pub async fn uninstall(&self) -> Result<Said> {
        self.well(&["uninstall", &self.name, "--wait", "--timeout", "10m"], None).await
    }

    /// The number of the revision that is deployed.
    pub async fn revision(&self) -> Result<u32> {
        let said = self.well(&["history", &self.name, "-o", "json"], None).await?;
        let history: Value = serde_json::from_str(&said.out).context("helm history")?;
        let deployed = history.as_array().into_iter().flatten().find(|one| one["status"] == "deployed");
        let revision = deployed.and_then(|one| one["revision"].as_u64()).context("nothing is deployed")?;
        Ok(u32::try_from(revision)?)
    }

    /// Selects everything of the release.
    pub fn selector(&self) -> String {
        format!("app.kubernetes.io/instance={}", self.name)
    }

    /// The pods that serve or should, not those of Jobs and tests.
    pub async fn pods(&self) -> Result<Vec<Value>> {
        let mut pods = self.cluster.list(&self.namespace, &["pods", "-l", &self.selector()]).await?;
        let stays = |pod: &Value| {
            let owner = pod["metadata"]["ownerReferences"][0]["kind"].as_str().unwrap_or_default();
            matches!(owner, "ReplicaSet" | "StatefulSet")
        };
        pods.retain(stays);
        Ok(pods)
    }

    /// Waits until every Deployment says that it has all of its pods, in the newest version and no other.
    pub async fn is_rolled_out(&self, within: Duration) -> Result<()> {
        until("every Deployment has all of its pods", within, async || {
            let all = self.cluster.list(&self.namespace, &["deployments", "-l", &self.selector()]).await?;
            Ok(rolled_out(&all).map(drop))
        })
        .await
    }

    /// Waits until that is so and the pods are there: a Deployment learns of a pod that was killed a moment later.
    pub async fn is_whole(&self, within: Duration) -> Result<()> {
        until("every Deployment has all of its pods, and they are ready", within, async || {
            let all = self.cluster.list(&self.namespace, &["deployments", "-l", &self.selector()]).await?;
            let pods = self.pods().await?;
            let unready: Vec<_> = pods.iter().filter(|pod| !pods::is_ready(pod)).map(pods::name).collect();
            Ok(match rolled_out(&all) {
                Ok(wanted) if unready.is_empty() && pods.len() == wanted => Ok(()),
                Ok(wanted) => Err(format!("{} pods of {wanted}; not ready: {unready:?}", pods.len())),
                Err(lacking) => Err(format!("{lacking}; not ready: {unready:?}")),
            })
        })
        .await
    }
}

/// How many pods all Deployments want together, where each has its own.
fn rolled_out(all: &[Value]) -> Result<usize, String> {
    let lacking: Vec<_> = all.iter().filter(|one| !has_all(one)).map(pods::name).collect();
    if all.is_empty() || !lacking.is_empty() {
        return Err(format!("of {} Deployments these lack pods: {lacking:?}", all.len()));
    }
    let wanted: u64 = all.iter().map(|one| one["spec"]["replicas"].as_u64().unwrap_or(1)).sum();
    usize::try_from(wanted).map_err(|error| error.to_string())
}

fn has_all(deployment: &Value) -> bool {
    let (spec, status) = (&deployment["spec"], &deployment["status"]);
    let wanted = spec["replicas"].as_u64().unwrap_or(1);
    let is = |field: &str| status[field].as_u64().unwrap_or(0) == wanted;
    status["observedGeneration"] == deployment["metadata"]["generation"]
        && is("replicas")
        && is("updatedReplicas")
        && is("readyReplicas")
}

/// Values of the suite: everything as the chart has it, but small enough for one node of two processors, with the operator and the first account.
pub fn values(image: &Image, pull_secret: Option<&str>, nats_address: &str) -> Value {
    let small =
        |memory: &str| json!({"requests": {"cpu": "10m", "memory": "48Mi"}, "limits": {"memory": memory}});
    let first = json!({"name": "gongzhi-first"});
    json!({
        "image": {
            "repository": image.repository, "tag": image.tag, "pullPolicy": "IfNotPresent",
            "pullSecrets": pull_secret.into_iter().collect::<Vec<_>>(),
        },
        "secrets": {
            "natsCredentials": {"name": "gongzhi-nats"},
            "natsOperatorSeed": {"name": "gongzhi-nats"},
            "natsSystemCredentials": {"name": "gongzhi-nats"},
            "contactKey": {"name": "gongzhi-keys"},
            "signingKey": {"name": "gongzhi-keys"},
            "firstAccount": first,
            "operator": {"name": "gongzhi-operator"},
        },
        "stream": {"maxBytes": "268435456"},
        "defaults": {"resources": small("512Mi")},
        "services": {
            "deliberation": {"resources": small("1Gi")},
            "exchange": {"resources": small("1Gi")},
            "portal": {"resources": small("256Mi")},
        },
        "firstAccount": {"enabled": true, "displayName": FIRST_ACCOUNT},
        "operator": {"enabled": true, "natsAddress": nats_address, "resources": small("256Mi")},
        // Systems of departments call from namespaces of their own.
        "network": {"entrances": {"grpc": {"enabled": true}}},
    })
}

/// Values of a trial.
pub fn trial_values(settings: &Settings) -> Value {
    let trial = &settings.trial_image;
    json!({
        "embedded": true,
        "image": {
            "repository": settings.image.repository, "tag": settings.image.tag, "pullPolicy": "IfNotPresent",
            "pullSecrets": settings.pull_secret.iter().collect::<Vec<_>>(),
        },
        "trial": {
            "image": {"repository": trial.repository, "tag": trial.tag},
            "storage": {"className": settings.storage_class.clone().unwrap_or_default(), "size": "8Gi"},
            "streamMaxBytes": "268435456",
            "resources": {"requests": {"cpu": "100m", "memory": "512Mi"}, "limits": {"memory": "2Gi"}},
        },
        // It plays in a pod that takes as much again.
        "check": {"enabled": false},
    })
}
