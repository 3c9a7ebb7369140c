//! Pods: when one serves, and a watcher that remembers the fewest that served at any time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::task::JoinHandle;

use crate::cluster::Cluster;

/// Label that says which part of the release a pod is of.
pub const COMPONENT: &str = "app.kubernetes.io/component";

/// True when a pod serves and is not about to go.
pub fn is_ready(pod: &Value) -> bool {
    let conditions = pod["status"]["conditions"].as_array();
    pod["metadata"]["deletionTimestamp"].is_null()
        && conditions.into_iter().flatten().any(|one| one["type"] == "Ready" && one["status"] == "True")
}

/// The name of an object.
pub fn name(object: &Value) -> String {
    object["metadata"]["name"].as_str().unwrap_or_default().to_owned()
}

/// The part that a pod is of.
pub fn component(pod: &Value) -> String {
    pod["metadata"]["labels"][COMPONENT].as_str().unwrap_or_default().to_owned()
}

/// What was seen of the pods of some parts.
#[derive(Default)]
struct Seen {
    /// By uid, because a pod of a StatefulSet comes back under its name.
    pods: BTreeMap<String, (String, bool)>,
    fewest: BTreeMap<String, usize>,
}

impl Seen {
    fn put(&mut self, pod: &Value, is_gone: bool) {
        let uid = pod["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
        if is_gone {
            self.pods.remove(&uid);
        } else {
            self.pods.insert(uid, (component(pod), is_ready(pod)));
        }
    }

    fn count(&mut self) {
        for (component, fewest) in &mut self.fewest {
            let ready = self.pods.values().filter(|(of, is_ready)| of == component && *is_ready).count();
            *fewest = ready.min(*fewest);
        }
    }
}

/// Watches until it is asked.
pub struct Watch {
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

impl Watch {
    /// Begins to watch the pods of parts; all of them must serve now.
    pub async fn begin(
        cluster: &Arc<Cluster>,
        namespace: &str,
        selector: &str,
        parts: &BTreeSet<String>,
    ) -> Result<Self> {
        let seen = Arc::new(Mutex::new(Seen {
            fewest: parts.iter().map(|part| (part.clone(), usize::MAX)).collect(),
            ..Seen::default()
        }));
        look(cluster, namespace, selector, &seen).await?;
        let (cluster, namespace, selector) = (cluster.clone(), namespace.to_owned(), selector.to_owned());
        let kept = seen.clone();
        let task = tokio::spawn(async move {
            loop {
                // Ended by the server after a while, or with a connection that broke: looked at anew.
                let _ = follow(&cluster, &namespace, &selector, &kept).await;
                tokio::time::sleep(Duration::from_millis(200)).await;
                let _ = look(&cluster, &namespace, &selector, &kept).await;
            }
        });
        Ok(Self { seen, task })
    }

    /// Ends, and tells the fewest pods of each part that served at any time since.
    pub fn end(self) -> BTreeMap<String, usize> {
        self.task.abort();
        self.seen.lock().expect("nobody panics with it").fewest.clone()
    }
}

async fn look(cluster: &Cluster, namespace: &str, selector: &str, seen: &Mutex<Seen>) -> Result<()> {
    let pods = cluster.list(namespace, &["pods", "-l", selector]).await?;
    let mut seen = seen.lock().expect("nobody panics with it");
    seen.pods.clear();
    for pod in &pods {
        seen.put(pod, false);
    }
    seen.count();
    Ok(())
}

async fn follow(cluster: &Cluster, namespace: &str, selector: &str, seen: &Mutex<Seen>) -> Result<()> {
    let arguments = [
        "get",
        "pods",
        "--namespace",
        namespace,
        "-l",
        selector,
        "-o",
        "json",
        "--watch",
        "--output-watch-events",
    ];
    let mut child = cluster.kubectl.start(&arguments).stderr(std::process::Stdio::null()).spawn()?;
    let mut out = child.stdout.take().context("it has an output")?;
    let (mut text, mut piece) = (Vec::new(), [0; 16 << 10]);
    loop {
        let read = out.read(&mut piece).await?;
        if read == 0 {
            return Ok(());
        }
        text.extend_from_slice(&piece[..read]);
        let mut events = serde_json::Deserializer::from_slice(&text).into_iter::<Value>();
        let mut seen = seen.lock().expect("nobody panics with it");
        while let Some(Ok(event)) = events.next() {
            seen.put(&event["object"], event["type"] == "DELETED");
            seen.count();
        }
        let rest = events.byte_offset();
        drop(seen);
        text.drain(..rest);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Seen, is_ready};

    #[test]
    fn the_fewest_are_remembered_and_who_goes_serves_no_more() {
        let pod = |uid: &str, status: &str| {
            json!({"metadata": {"uid": uid, "labels": {"app.kubernetes.io/component": "grid"}},
                "status": {"conditions": [{"type": "Ready", "status": status}]}})
        };
        let mut seen = Seen { fewest: [("grid".to_owned(), usize::MAX)].into(), ..Seen::default() };
        seen.put(&pod("a", "True"), false);
        seen.put(&pod("b", "True"), false);
        seen.count();
        assert_eq!(seen.fewest["grid"], 2);
        let mut going = pod("a", "True");
        going["metadata"]["deletionTimestamp"] = "2026-11-28T00:00:00Z".into();
        assert!(!is_ready(&going));
        seen.put(&going, false);
        seen.count();
        seen.put(&going, true);
        seen.put(&pod("c", "True"), false);
        seen.count();
        assert_eq!(seen.fewest["grid"], 1);
    }
}
