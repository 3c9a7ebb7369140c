//! The processes of a measurement: every service has its replicas, each a process of its own, and an address before them, as a Deployment and a Service have.

use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use gongzhi_chassis::config::Settings;
use gongzhi_embedded::Companion;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::process::Ground;
use crate::services::Name;
use crate::simulate::balancer::Balancer;

/// How long a new replica may take until it is ready.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// How long one that goes still serves after nobody is sent to it any more: less than the chart's 8 s, which is worse for callers.
const DRAIN: Duration = Duration::from_secs(2);
/// How long it may then take to end.
const ENDED_WITHIN: Duration = Duration::from_secs(30);

/// All services with their replicas.
pub(super) struct Fleet<'a> {
    ground: &'a Ground,
    settings: &'a Settings,
    deployments: Vec<Deployment>,
}

/// A service, its replicas and their address.
struct Deployment {
    service: &'static str,
    balancer: Balancer,
    replicas: Vec<Replica>,
}

/// A replica at work.
struct Replica {
    process: Companion,
    grpc: SocketAddr,
}

/// What a rolling restart did.
#[derive(Clone, Copy, Default)]
pub(super) struct Exchanged {
    /// Replicas that were exchanged.
    pub(super) replicas: usize,
    /// Those that had to be killed.
    pub(super) killed: usize,
}

impl<'a> Fleet<'a> {
    /// Starts so many replicas of every service that has a record, and waits until all are ready.
    pub(super) async fn start(ground: &'a Ground, settings: &'a Settings, replicas: usize) -> Result<Self> {
        let mut fleet = Self { ground, settings, deployments: Vec::new() };
        for service in Name::WITH_RECORD.into_iter().filter_map(Name::schema) {
            let mut deployment =
                Deployment { service, balancer: Balancer::open().await?, replicas: Vec::new() };
            for _ in 0..replicas {
                let replica = fleet.start_one(service).await?;
                deployment.balancer.add(replica.grpc);
                deployment.replicas.push(replica);
            }
            fleet.deployments.push(deployment);
        }
        Ok(fleet)
    }

    /// Where a service is called.
    pub(super) fn address(&self, service: &str) -> Result<String> {
        let deployment = self.deployments.iter().find(|deployment| deployment.service == service);
        deployment
            .map(|deployment| format!("http://{}", deployment.balancer.address))
            .with_context(|| format!("{service} is not served"))
    }

    /// How many processes there are.
    pub(super) fn processes(&self) -> usize {
        self.deployments.iter().map(|deployment| deployment.replicas.len()).sum()
    }

    /// Exchanges every replica of every service, one after the other: a new one first, then the old one is sent nobody, drained and told to end.
    pub(super) async fn restart(&mut self) -> Result<Exchanged> {
        let mut exchanged = Exchanged::default();
        for nth in 0..self.deployments.len() {
            let service = self.deployments[nth].service;
            eprintln!("exchanging replicas of {service}…");
            for place in 0..self.deployments[nth].replicas.len() {
                let new = self.start_one(service).await?;
                let deployment = &mut self.deployments[nth];
                deployment.balancer.add(new.grpc);
                let old = std::mem::replace(&mut deployment.replicas[place], new);
                deployment.balancer.remove(old.grpc);
                tokio::time::sleep(DRAIN).await;
                let ended = end(old).await.with_context(|| format!("a replica of {service}"))?;
                exchanged.replicas += 1;
                exchanged.killed += usize::from(!ended);
            }
        }
        Ok(exchanged)
    }

    /// Ends everything in order.
    pub(super) async fn stop(self) -> Result<()> {
        for replica in self.deployments.into_iter().flat_map(|deployment| deployment.replicas) {
            end(replica).await?;
        }
        Ok(())
    }

    /// Starts a replica and waits until it is ready.
    async fn start_one(&self, service: &str) -> Result<Replica> {
        let (grpc, operations) = (free_address()?, free_address()?);
        let mut command =
            Command::new(std::env::current_exe().context("where this program is, is not known")?);
        for (name, _) in
            std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GONGZHI_"))
        {
            command.env_remove(name);
        }
        command
            .args(["serve", service])
            .env("GONGZHI_DATABASE_URL", &self.ground.database_url)
            .env("GONGZHI_NATS_URL", &self.ground.nats_url)
            .env("GONGZHI_DISTRICT", self.settings.district.as_str())
            .env("GONGZHI_GRPC_ADDRESS", grpc.to_string())
            .env("GONGZHI_OPERATIONS_ADDRESS", operations.to_string())
            .env("GONGZHI_DATABASE_CONNECTIONS", "6")
            .env("GONGZHI_LOG", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        if let Some(credentials) = &self.ground.nats_credentials {
            command.env("GONGZHI_NATS_CREDENTIALS", credentials.reveal());
        }
        let mut process =
            Companion::start(command).with_context(|| format!("a replica of {service} does not start"))?;
        let since = Instant::now();
        while !is_ready(operations).await {
            ensure!(process.ended()?.is_none(), "a replica of {service} ended while it started");
            ensure!(
                since.elapsed() < READY_WITHIN,
                "a replica of {service} was not ready within {} s",
                READY_WITHIN.as_secs()
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(Replica { process, grpc })
    }
}

/// Tells a replica to end; false when it had to be killed.
async fn end(replica: Replica) -> Result<bool> {
    Ok(tokio::task::spawn_blocking(move || replica.process.stop(ENDED_WITHIN)).await??)
}

/// Asks as a kubelet asks.
async fn is_ready(operations: SocketAddr) -> bool {
    let Ok(channel) = gongzhi_chassis::client::connection(
        &format!("http://{operations}"),
        &gongzhi_chassis::tls::Files::default(),
    ) else {
        return false;
    };
    let request = HealthCheckRequest { service: gongzhi_chassis::operations::READY.into() };
    let answer = HealthClient::new(channel).check(request).await;
    answer.is_ok_and(|answer| answer.into_inner().status() == ServingStatus::Serving)
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
