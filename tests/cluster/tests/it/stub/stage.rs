//! What a run against the stub stands on: the stub with its kubeconfig, the simulated life, a real exchange, and the operator with the rights that the chart
//! has installed for it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use gongzhi_cluster::cluster::Cluster;
use gongzhi_cluster::pods::name;
use gongzhi_cluster::release::Release;
use gongzhi_harness::Bench;
use gongzhi_kube_stub::{ADMINISTRATOR, Role, Rule, Stub};
use gongzhi_operator::{Entrance, Exchange, Options};
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

use super::life::Life;

/// Token of the operator.
const OPERATOR: &str = "operator";
/// Kinds that a release consists of, as the stub names them.
const KINDS: [&str; 13] = [
    "serviceaccounts",
    "services",
    "configmaps",
    "deployments.apps",
    "statefulsets.apps",
    "poddisruptionbudgets.policy",
    "networkpolicies.networking.k8s.io",
    "leases.coordination.k8s.io",
    "roles.rbac.authorization.k8s.io",
    "rolebindings.rbac.authorization.k8s.io",
    "clusterroles.rbac.authorization.k8s.io",
    "clusterrolebindings.rbac.authorization.k8s.io",
    "jobs.batch",
];

pub struct Stage {
    pub stub: Stub,
    pub life: Life,
    pub bench: Bench,
    pub cluster: Arc<Cluster>,
    pub kubeconfig: std::path::PathBuf,
    folder: std::path::PathBuf,
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The operator at work.
pub struct Operator {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Operator {
    pub async fn stop(self) -> Result<()> {
        self.stop.cancel();
        Ok(self.task.await?)
    }
}

impl Stage {
    pub async fn new(run: &str) -> Result<Self> {
        let stub = Stub::start("127.0.0.1:0".parse()?).await?;
        // kubectl and helm show no token where there is no TLS.
        stub.strangers_are(ADMINISTRATOR);
        stub.settle_in().await?;
        let folder = std::env::temp_dir().join(format!("gongzhi-cluster-{}-{run}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let kubeconfig = folder.join("kubeconfig");
        std::fs::write(&kubeconfig, stub.kubeconfig(ADMINISTRATOR))?;
        let mut bench = Bench::new().await?;
        bench.migrate(gongzhi_exchange::NAME, &gongzhi_exchange::MIGRATIONS).await?;
        let service = gongzhi_exchange::service(&bench.context).await?;
        bench.serve(vec![service]).await?;
        let life = Life::begin(&stub);
        let cluster = Arc::new(Cluster::new(&kubeconfig, run));
        Ok(Self { stub, life, bench, cluster, kubeconfig, folder })
    }

    /// Everything of a release as it was asked for: without what the server adds, and without what the operator writes into its lease.
    pub fn asked_for(&self, release: &Release) -> BTreeMap<String, Value> {
        let mut all = BTreeMap::new();
        for kind in KINDS {
            for mut object in self.stub.objects(kind) {
                if object["metadata"]["labels"]["app.kubernetes.io/instance"] != release.name.as_str() {
                    continue;
                }
                let key = format!("{kind}/{}", name(&object));
                let fields = object.as_object_mut().expect("an object");
                fields.remove("status");
                if kind == "leases.coordination.k8s.io" {
                    fields.remove("spec");
                }
                if let Some(metadata) = object["metadata"].as_object_mut() {
                    for field in ["resourceVersion", "uid", "generation", "creationTimestamp"] {
                        metadata.remove(field);
                    }
                }
                all.insert(key, object);
            }
        }
        all
    }

    /// Starts the operator with exactly the rights that were installed for its account.
    pub async fn operator(&self, release: &Release) -> Result<Operator> {
        let account = format!("{}-operator", release.name);
        let rules = |kind: &str| -> Result<Vec<Rule>> {
            // By the bindings of its account, as a server finds them.
            let bound = self.stub.objects(&format!("{kind}bindings.rbac.authorization.k8s.io"));
            let of_account = |one: &&Value| {
                one["subjects"][0]["name"] == account.as_str()
                    && one["subjects"][0]["namespace"] == release.namespace.as_str()
            };
            let binding =
                bound.iter().find(of_account).with_context(|| format!("no {kind} is bound to {account}"))?;
            let roles = self.stub.objects(&format!("{kind}s.rbac.authorization.k8s.io"));
            let role = roles.iter().find(|role| role["metadata"]["name"] == binding["roleRef"]["name"]);
            let role =
                role.with_context(|| format!("{} is bound and is not there", binding["roleRef"]["name"]))?;
            Ok(serde_json::from_value(role["rules"].clone())?)
        };
        let within = [(release.namespace.clone(), rules("role")?)].into();
        self.stub.allow(OPERATOR, Role { everywhere: rules("clusterrole")?, within });
        let mut options = Options::new("one", &release.namespace, &release.name);
        options.look_every = Duration::from_millis(500);
        options.first_wait = Duration::from_millis(100);
        options.longest_wait = Duration::from_secs(2);
        options.lease = Duration::from_secs(3);
        options.exchange_address =
            format!("http://{}-exchange.{}.svc:50051", release.name, release.namespace);
        options.nats_address = format!("nats://ground-nats.{}:4222", release.namespace);
        let channel = Channel::from_shared(format!("http://{}", self.bench.grpc_address()))?.connect_lazy();
        let person = self.bench.person("POST_CLUSTER_OPERATOR", &self.bench.area(""));
        let token = person.bearer().trim_start_matches("Bearer ").to_owned();
        let exchange = Arc::new(Exchange::new(channel, Entrance::Token(token)));
        let kubeconfig = Kubeconfig::from_yaml(&self.stub.kubeconfig(OPERATOR))?;
        let config = kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
        let client = kube::Client::try_from(config)?;
        let stop = CancellationToken::new();
        let task = tokio::spawn(gongzhi_operator::run(client, exchange, options, stop.clone()));
        Ok(Operator { stop, task })
    }
}
