//! A stand-in for an API server of Kubernetes, in this process: keeps objects of any kind of its table and of every definition that is installed, over plain
//! HTTP, as the real one does where controllers, kubectl and helm can tell: versions and conflicts, watches with bookmarks and 410, server-side apply,
//! status, finalizers, owners, schemas with their CEL rules, and rights. What is wrong on demand, and what was written, are told by the same handle.
//!
//! It runs nothing: a Deployment has no pods, a Job never ends; whoever tests sets their status. It knows no admission but schemas and the rights, keeps no
//! `managedFields` that clients could read, and owns lists as a whole (but finalizers and owner references).

mod apply;
mod change;
mod collect;
mod discovery;
mod faults;
mod http;
mod kinds;
mod list;
mod protobuf;
mod rights;
mod schema;
mod status;
mod store;
mod strategic;
mod watch;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use faults::Fault;
pub use rights::{Role, Rule};

use crate::http::Server;

/// Token of somebody who may do everything.
pub const ADMINISTRATOR: &str = "administrator";

/// A running stub; it ends with its last handle.
#[derive(Clone)]
pub struct Stub {
    server: Arc<Server>,
    address: SocketAddr,
    _ends: Arc<Ends>,
}

struct Ends(CancellationToken);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl Stub {
    /// Serves on an address; port 0 for any.
    pub async fn start(address: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let server = Arc::new(Server::default());
        let stop = CancellationToken::new();
        let (router, stopped) = (http::router(server.clone()), stop.clone());
        tokio::spawn(async move {
            let serving = axum::serve(listener, router);
            tokio::select! {
                outcome = async { serving.await } => if let Err(error) = outcome {
                    eprintln!("the stub of an API server ended: {error}");
                },
                () = stopped.cancelled() => {}
            }
        });
        Ok(Self { server, address, _ends: Arc::new(Ends(stop)) })
    }

    /// Makes the namespaces that every cluster has.
    pub async fn settle_in(&self) -> Result<()> {
        for name in ["default", "kube-system", "kube-public"] {
            self.put("v1", "namespaces", &serde_json::json!({"metadata": {"name": name}}))?;
        }
        Ok(())
    }

    /// Makes kinds known: definitions, as somebody has installed them.
    pub fn define<D: serde::Serialize>(&self, definitions: impl IntoIterator<Item = D>) -> Result<()> {
        for definition in definitions {
            let definition = serde_json::to_value(definition)?;
            self.put("apiextensions.k8s.io/v1", "customresourcedefinitions", &definition)?;
        }
        Ok(())
    }

    /// Puts an object there without asking for rights, faults or counts: what somebody else did before.
    pub fn put(&self, api_version: &str, plural: &str, object: &Value) -> Result<Value> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let kind = self.server.store.kind(group, version, plural);
        let kind = kind.ok_or_else(|| anyhow::anyhow!("there is no {plural} in {api_version}"))?;
        let word = |field: &str| object["metadata"][field].as_str().unwrap_or_default();
        let namespace = if kind.namespaced { word("namespace") } else { "" };
        let write = change::Write {
            kind: &kind,
            namespace,
            name: word("name"),
            part: "",
            manager: "somebody",
            strict: true,
            dry: false,
        };
        let place = (namespace.to_owned(), word("name").to_owned());
        let done = self.server.store.write(|inner| match inner.get(&kind.resource(), &place).is_some() {
            true => {
                // With its status, which nobody else sets here.
                let whole = kinds::Kind { status: false, ..kind.clone() };
                change::Write { kind: &whole, ..write }.replace(inner, object.clone())
            }
            false => write.create(inner, object.clone()),
        });
        Ok(done.map_err(|no| anyhow::anyhow!("{}", no.object()["message"]))?.as_ref().clone())
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A kubeconfig for a token.
    pub fn kubeconfig(&self, token: &str) -> String {
        let url = self.url();
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: stub\nclusters:\n- name: stub\n  cluster: {{server: \"{url}\"}}\nusers:\n- name: stub\n  user: {{token: \"{token}\"}}\ncontexts:\n- name: stub\n  context: {{cluster: stub, user: stub, namespace: default}}\n"
        )
    }

    /// Gives a token rights. A token that nobody gave any may do nothing.
    pub fn allow(&self, token: &str, role: Role) {
        self.server.rights.allow(token, role);
    }

    /// Takes who shows no token for somebody. kubectl and helm show none where there is no TLS.
    pub fn strangers_are(&self, token: &str) {
        self.server.rights.strangers_are(token);
    }

    /// Rights of a token that it never used, each in words.
    pub fn unused_rights(&self, token: &str) -> Vec<String> {
        self.server.rights.unused(token)
    }

    /// What was asked for and not allowed, each in words.
    pub fn forbidden(&self) -> Vec<String> {
        self.server.rights.forbidden()
    }

    /// Lets the next calls that fit fail, or wait.
    pub fn fault(&self, fault: Fault) {
        self.server.faults.add(fault);
    }

    /// Takes all faults back.
    pub fn well_again(&self) {
        self.server.faults.clear();
    }

    /// Ends every watch with 410 and forgets the past: who goes on from a version of before is told that it is gone.
    pub fn forget_the_past(&self) {
        self.server.store.forget_the_past();
    }

    /// Writes that were asked for, by kind and verb, for example `subscriptions.gongzhi.io/status patch`.
    pub fn writes(&self) -> std::collections::BTreeMap<String, u64> {
        self.server.writes.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// The newest version of anything.
    pub fn version(&self) -> u64 {
        self.server.store.version()
    }

    /// Every object of a kind, for example `secrets` or `subscriptions.gongzhi.io`, as it stands.
    pub fn objects(&self, resource: &str) -> Vec<Value> {
        self.server.store.all(resource)
    }
}
