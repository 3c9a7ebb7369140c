//! A way into the cluster: `kubectl port-forward` to a pod that is ready, and to another one when that pod goes.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;
use tonic::transport::{Channel, Endpoint};

use crate::cluster::Cluster;
use crate::pods;

/// How long it may take until the port is open.
const OPEN_WITHIN: Duration = Duration::from_secs(20);

/// A way to the pods of one part of a release. It chooses the pod by itself: for a Service kubectl takes one that may be about to go.
pub struct Way {
    cluster: Arc<Cluster>,
    namespace: String,
    selector: String,
    port: u16,
    open: Option<Open>,
    /// Which of the ready pods is taken: ways beside each other take different ones.
    turn: usize,
}

struct Open {
    child: Child,
    port: u16,
    channel: Channel,
}

impl Way {
    /// A way to a port of the pods of a part.
    pub fn new(cluster: &Arc<Cluster>, namespace: &str, release: &str, part: &str, port: u16) -> Self {
        let selector = format!("app.kubernetes.io/instance={release},{}={part}", pods::COMPONENT);
        Self { cluster: cluster.clone(), namespace: namespace.into(), selector, port, open: None, turn: 0 }
    }

    /// The same, beginning with another pod.
    pub fn beginning_with(mut self, turn: usize) -> Self {
        self.turn = turn;
        self
    }

    /// Where the port is here; opened anew where kubectl has ended.
    pub async fn local_port(&mut self) -> Result<u16> {
        Ok(self.opened().await?.port)
    }

    /// A connection, for gRPC.
    pub async fn channel(&mut self) -> Result<Channel> {
        Ok(self.opened().await?.channel.clone())
    }

    /// Lets go of what broke: the next call chooses a pod anew. kubectl does not always end when its pod does.
    pub fn broke(&mut self) {
        self.open = None;
        self.turn += 1;
    }

    async fn opened(&mut self) -> Result<&Open> {
        if let Some(open) = &mut self.open
            && open.child.try_wait()?.is_some()
        {
            self.broke();
        }
        if self.open.is_none() {
            self.open = Some(self.begin().await?);
        }
        self.open.as_ref().context("it was opened")
    }

    async fn begin(&self) -> Result<Open> {
        let pods = self.cluster.list(&self.namespace, &["pods", "-l", &self.selector]).await?;
        let ready: Vec<_> = pods.iter().filter(|pod| pods::is_ready(pod)).collect();
        anyhow::ensure!(!ready.is_empty(), "no pod of {} is ready", self.selector);
        let pod = format!("pod/{}", pods::name(ready[self.turn % ready.len()]));
        let ports = format!(":{}", self.port);
        let arguments =
            ["port-forward", "--namespace", &self.namespace, "--address", "127.0.0.1", &pod, &ports];
        let mut child = self.cluster.kubectl.start(&arguments).stderr(std::process::Stdio::null()).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("it has an output")?).lines();
        let opened = async {
            // Forwarding from 127.0.0.1:41234 -> 50051
            while let Some(line) = lines.next_line().await? {
                let port = line.split("127.0.0.1:").nth(1).and_then(|rest| rest.split_whitespace().next());
                if let Some(port) = port.and_then(|port| port.parse().ok()) {
                    return Ok(port);
                }
            }
            anyhow::bail!("kubectl port-forward to {pod} ended")
        };
        let port: u16 = tokio::time::timeout(OPEN_WITHIN, opened).await.context("no port was opened")??;
        // What it says of each connection is read on, or it would stop when the pipe is full.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let channel = Endpoint::from_shared(format!("http://127.0.0.1:{port}"))?
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(20))
            .connect_lazy();
        Ok(Open { child, port, channel })
    }
}
