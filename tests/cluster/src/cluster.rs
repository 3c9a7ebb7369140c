//! A cluster, seen through kubectl: namespaces of the suite's own, objects that are put there and read, and what is told of trouble.

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::program::{Program, Said};
use crate::until;

/// How long kubectl may take for one answer.
const ANSWER: Duration = Duration::from_secs(60);
/// Every namespace of the suite begins so; nothing else is ever touched.
pub const PREFIX: &str = "gongzhi-e2e-";
/// Label of every namespace of the suite, with the run as its value.
const RUN: &str = "gongzhi.io/e2e-run";

/// A cluster and what was made in it.
pub struct Cluster {
    /// kubectl with the cluster's kubeconfig.
    pub kubectl: Program,
    /// Letters in every name of this run.
    pub run: String,
    made: Mutex<Vec<String>>,
    closed: Mutex<Vec<String>>,
}

impl Cluster {
    /// The cluster of a kubeconfig.
    pub fn new(kubeconfig: &Path, run: &str) -> Self {
        let kubectl = std::env::var("KUBECTL").unwrap_or_else(|_| "kubectl".into());
        let kubectl = Program::new(kubectl.split_whitespace().map(str::to_owned).collect(), kubeconfig);
        Self { kubectl, run: run.into(), made: Mutex::default(), closed: Mutex::default() }
    }

    /// Says which cluster it is, so that whoever looks can stop in time.
    pub async fn present(&self) -> Result<String> {
        let context = self.kubectl.run(&["config", "current-context"], None, ANSWER).await?;
        let version = self.kubectl.run(&["version", "-o", "json"], None, ANSWER).await?;
        let version: Value = serde_json::from_str(&version.out).context("kubectl version")?;
        let word = |of: &str| version[of]["gitVersion"].as_str().unwrap_or("?").to_owned();
        Ok(format!(
            "context {}, Kubernetes {}, kubectl {}",
            context.out.trim(),
            word("serverVersion"),
            word("clientVersion")
        ))
    }

    /// Makes a namespace; `labels` are laid over those of the suite. PodSecurity `restricted` is enforced and warned of in each.
    pub async fn namespace(&self, purpose: &str, labels: &[(&str, &str)]) -> Result<String> {
        let name = format!("{PREFIX}{}-{purpose}", self.run);
        let mut object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {
            RUN: self.run,
            "pod-security.kubernetes.io/enforce": "restricted",
            "pod-security.kubernetes.io/warn": "restricted",
        }}});
        for (label, value) in labels {
            object["metadata"]["labels"][label] = (*value).into();
        }
        // Known before it is made, so that one which is half made is cleaned up, too.
        self.made.lock().expect("nobody panics with it").push(name.clone());
        self.kubectl.run(&["create", "-f", "-"], Some(&object.to_string()), ANSWER).await?;
        Ok(name)
    }

    /// Makes or changes objects. What the API server warns of fails: PodSecurity and deprecated versions are told so.
    pub async fn apply(&self, namespace: &str, objects: &[Value]) -> Result<()> {
        let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
        let arguments = ["apply", "--server-side", "--namespace", namespace, "-f", "-"];
        let said = self.kubectl.run(&arguments, Some(&list.to_string()), ANSWER).await?;
        no_warning(&said)
    }

    /// What kubectl says of something, as JSON.
    pub async fn get(&self, namespace: &str, arguments: &[&str]) -> Result<Value> {
        let all = [&["get", "--namespace", namespace, "-o", "json"], arguments].concat();
        let said = self.kubectl.run(&all, None, ANSWER).await?;
        serde_json::from_str(&said.out).with_context(|| format!("kubectl get {}", arguments.join(" ")))
    }

    /// The items of a list.
    pub async fn list(&self, namespace: &str, arguments: &[&str]) -> Result<Vec<Value>> {
        let mut list = self.get(namespace, arguments).await?;
        Ok(match list["items"].take() {
            Value::Array(items) => items,
            _ => anyhow::bail!("kubectl get {} gives no list", arguments.join(" ")),
        })
    }

    /// One object; none where there is none.
    pub async fn find(&self, namespace: &str, kind: &str, name: &str) -> Result<Option<Value>> {
        let arguments = ["get", "--namespace", namespace, "-o", "json", "--ignore-not-found", kind, name];
        let said = self.kubectl.run(&arguments, None, ANSWER).await?;
        if said.out.trim().is_empty() {
            return Ok(None);
        }
        Ok(Some(serde_json::from_str(&said.out).with_context(|| format!("{kind} {name}"))?))
    }

    /// Runs kubectl in a namespace.
    pub async fn kubectl(&self, namespace: &str, arguments: &[&str], within: Duration) -> Result<Said> {
        self.kubectl.run(&[&["--namespace", namespace], arguments].concat(), None, within).await
    }

    /// Data of a Secret, decoded; none where it is not there.
    pub async fn secret(
        &self,
        namespace: &str,
        name: &str,
    ) -> Result<Option<std::collections::BTreeMap<String, String>>> {
        use base64::Engine as _;
        let Some(secret) = self.find(namespace, "secrets", name).await? else { return Ok(None) };
        let data = secret["data"].as_object().into_iter().flatten();
        let text = |(name, value): (&String, &Value)| {
            let bytes = base64::engine::general_purpose::STANDARD.decode(value.as_str().unwrap_or_default());
            Ok((name.clone(), String::from_utf8(bytes?)?))
        };
        data.map(text).collect::<Result<_>>().map(Some)
    }

    /// What stands in the way in a namespace: pods that are not well, their last words, and what was told of anything.
    pub async fn trouble(&self, namespace: &str) -> String {
        let mut told = format!("---- {namespace}\n");
        let mut say = |said: Result<Said>| match said {
            Ok(said) => told.push_str(&said.all()),
            Err(error) => told.push_str(&format!("{error:#}\n")),
        };
        say(self.kubectl(namespace, &["get", "pods,jobs,pvc", "-o", "wide"], ANSWER).await);
        let warned =
            ["get", "events", "--sort-by=.metadata.creationTimestamp", "--field-selector=type=Warning"];
        say(self.kubectl(namespace, &warned, ANSWER).await);
        for pod in self.list(namespace, &["pods"]).await.unwrap_or_default() {
            let name = pod["metadata"]["name"].as_str().unwrap_or_default();
            if crate::pods::is_ready(&pod) || pod["status"]["phase"] == "Succeeded" {
                continue;
            }
            for former in ["--previous=true", "--previous=false"] {
                let logs = ["logs", name, "--all-containers", "--tail=30", "--prefix", former];
                if let Ok(said) = self.kubectl(namespace, &logs, ANSWER).await {
                    say(Ok(said));
                }
            }
        }
        told
    }

    /// Remembers a node that is about to be closed, so that it is opened however a story ends.
    pub fn closes(&self, node: &str) {
        self.closed.lock().expect("nobody panics with it").push(node.into());
    }

    /// Opens every node that was closed.
    pub async fn open_nodes(&self) -> Result<()> {
        let closed = self.closed.lock().expect("nobody panics with it").clone();
        for node in &closed {
            let opened = self.kubectl.run(&["uncordon", node], None, ANSWER).await;
            opened.with_context(|| format!("{node} stays closed: kubectl uncordon {node}"))?;
        }
        self.closed.lock().expect("nobody panics with it").clear();
        Ok(())
    }

    /// All namespaces that were made.
    pub fn made(&self) -> Vec<String> {
        self.made.lock().expect("nobody panics with it").clone()
    }

    /// Deletes every namespace that this run made and waits until they are gone. What an operator would have to let go is let go by force: it may be gone.
    pub async fn clean_up(&self) -> Result<()> {
        let made = self.made();
        // What a release has outside of its namespace, where helm could not remove it.
        let releases = format!("app.kubernetes.io/instance in (gz3-{0},gz4-{0})", self.run);
        let everywhere =
            ["delete", "clusterroles,clusterrolebindings", "-l", &releases, "--ignore-not-found"];
        self.kubectl.run(&everywhere, None, ANSWER).await?;
        for name in &made {
            self.release_finalizers(name).await;
            let delete = ["delete", "namespace", name, "--ignore-not-found", "--wait=false"];
            self.kubectl.run(&delete, None, ANSWER).await?;
        }
        for name in &made {
            until(&format!("namespace {name} is gone"), Duration::from_secs(300), async || {
                self.release_finalizers(name).await;
                let left = self.find("default", "namespaces", name).await?;
                Ok(left.map_or(Ok(()), |left| Err(left["status"].to_string())))
            })
            .await?;
        }
        self.made.lock().expect("nobody panics with it").clear();
        Ok(())
    }

    async fn release_finalizers(&self, namespace: &str) {
        for kind in ["subscriptions.gongzhi.io", "sharinggrants.gongzhi.io"] {
            // Where the kind is not known there is nothing to be let go.
            let Ok(found) = self.kubectl(namespace, &["get", kind, "-o", "name"], ANSWER).await else {
                continue;
            };
            for name in found.out.lines() {
                let free = ["patch", name, "--type=merge", "-p", r#"{"metadata":{"finalizers":null}}"#];
                let _ = self.kubectl(namespace, &free, ANSWER).await;
            }
        }
    }
}

/// Fails on what an API server warned of.
pub fn no_warning(said: &Said) -> Result<()> {
    // As kubectl and both helms print it; helm's own advice on kubeconfigs and versions is not meant.
    let is_the_servers = |line: &&str| {
        line.starts_with("Warning:") || line.contains("warnings.go") || line.contains("PodSecurity")
    };
    let warned: Vec<_> = said.err.lines().filter(is_the_servers).collect();
    anyhow::ensure!(warned.is_empty(), "the API server warns:\n{}", warned.join("\n"));
    Ok(())
}
