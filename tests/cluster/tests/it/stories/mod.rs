//! The stories in a real cluster, in the order in which an installation lives: a trial; then an installation that is used, upgraded, hurt, drained and removed.
//! With helm 4 all of it, with helm 3 what helm itself does.

mod drain;
mod install;
mod kill;
mod sharing;
mod trial;
mod uninstall;
mod upgrade;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use gongzhi_cluster::cluster::Cluster;
use gongzhi_cluster::ground::Ground;
use gongzhi_cluster::release::Release;
use gongzhi_cluster::settings::Settings;
use serde_json::Value;

use crate::Report;

/// How long all pods may take to be whole again: an image may be pulled, a lease may have to run out.
pub const WHOLE_WITHIN: Duration = Duration::from_secs(420);

/// A release that is used by one story after the other.
pub struct Installed {
    pub release: Release,
    pub ground: Ground,
    pub settings: Settings,
    /// What is installed now.
    pub values: Value,
}

/// Runs them; what was made is removed at the end, however it came, unless it shall stay.
pub async fn run(report: &mut Report, settings: Settings) {
    let run = uuid::Uuid::now_v7().simple().to_string();
    let cluster = Arc::new(Cluster::new(&settings.kubeconfig, &run[run.len() - 6..]));
    match cluster.present().await {
        Ok(shown) => println!(
            "cluster {shown}; namespaces of this run begin with {}{}",
            gongzhi_cluster::cluster::PREFIX,
            cluster.run
        ),
        Err(error) => {
            report.run("cluster_answers", async { Err(error) }).await;
            return;
        }
    }
    if !report.run("nobody_elses_operator", alone(&cluster)).await {
        return;
    }
    let definitions_before = definitions(&cluster).await;
    tokio::select! {
        () = all(report, &cluster, &settings) => {}
        () = interrupted() => {
            report.run("interrupted", async { anyhow::bail!("told to end before the end") }).await;
        }
    }
    if let Err(error) = cluster.open_nodes().await {
        report.run("nodes_are_open", async { Err(error) }).await;
    }
    if settings.keep {
        println!("kept (GONGZHI_CLUSTER_KEEP): {}", cluster.made().join(" "));
        return;
    }
    report.run("cleaned_up", clean_up(&cluster, definitions_before)).await;
}

/// Fails where an operator of Gongzhi runs already: it would serve the namespaces of this run, too, and two would write against each other.
async fn alone(cluster: &Cluster) -> Result<()> {
    let operators = "app.kubernetes.io/name=gongzhi,app.kubernetes.io/component=operator";
    let found = cluster.list("default", &["deployments", "--all-namespaces", "-l", operators]).await?;
    let found: Vec<_> = found
        .iter()
        .filter(|one| one["spec"]["replicas"].as_u64() != Some(0))
        .map(|one| {
            format!(
                "{} in {}",
                gongzhi_cluster::pods::name(one),
                one["metadata"]["namespace"].as_str().unwrap_or_default()
            )
        })
        .collect();
    anyhow::ensure!(
        found.is_empty(),
        "this cluster has an operator already: {}. Take another cluster, or scale it to 0 while this runs",
        found.join(", ")
    );
    Ok(())
}

async fn interrupted() {
    let terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    match terminated {
        Ok(mut terminated) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminated.recv() => {}
        },
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

/// Names of our definitions in the cluster.
async fn definitions(cluster: &Cluster) -> Result<Vec<String>> {
    let all = cluster.list("default", &["customresourcedefinitions"]).await?;
    Ok(all
        .iter()
        .filter(|one| one["spec"]["group"] == "gongzhi.io")
        .map(gongzhi_cluster::pods::name)
        .collect())
}

async fn clean_up(cluster: &Cluster, before: Result<Vec<String>>) -> Result<()> {
    cluster.clean_up().await?;
    let before = before.context("it is not known which definitions were there before; they stay")?;
    for name in definitions(cluster).await?.into_iter().filter(|name| !before.contains(name)) {
        // With one go all objects of its kind, so it goes only where the cluster has none left.
        let left = cluster.list("default", &[&name, "--all-namespaces"]).await?;
        anyhow::ensure!(
            left.is_empty(),
            "{name} has {} objects that are not of this run; it stays",
            left.len()
        );
        let delete = ["delete", "customresourcedefinition", &name, "--timeout=60s"];
        cluster.kubectl("default", &delete, Duration::from_secs(70)).await?;
    }
    Ok(())
}

async fn all(report: &mut Report, cluster: &Arc<Cluster>, settings: &Settings) {
    tell(report, cluster, "trial", 4, trial::run(cluster, settings)).await;
    for major in [4, 3] {
        let stories = ["install", "sharing", "upgrade", "kill", "drain", "uninstall"];
        if !stories.iter().any(|story| report.wants(&format!("{story}_helm_{major}"))) {
            continue;
        }
        let mut slot = None;
        tell(report, cluster, "install", major, install::run(cluster, settings, major, &mut slot)).await;
        let Some(mut installed) = slot else {
            let names = ["sharing", "upgrade", "kill", "drain", "uninstall"].iter();
            let names: Vec<_> =
                names.filter(|name| major == 4 || matches!(**name, "upgrade" | "uninstall")).collect();
            for name in names {
                report.skip(&format!("{name}_helm_{major}"), "nothing is installed");
            }
            continue;
        };
        if major == 4 {
            tell(report, cluster, "sharing", major, sharing::run(&installed)).await;
        }
        tell(report, cluster, "upgrade", major, upgrade::run(&mut installed)).await;
        if major == 4 {
            tell(report, cluster, "kill", major, kill::run(&installed)).await;
            tell(report, cluster, "drain", major, drain::run(&installed)).await;
        }
        tell(report, cluster, "uninstall", major, uninstall::run(&installed)).await;
    }
}

/// Runs a story; where it fails tells what stands in the way in every namespace of this run.
async fn tell(
    report: &mut Report,
    cluster: &Cluster,
    name: &str,
    major: u8,
    story: impl Future<Output = Result<()>>,
) {
    let name = format!("{name}_helm_{major}");
    // An installation is what the others stand on, and two at the same time would have two operators.
    if !report.wants(&name) && !name.starts_with("install") && !name.starts_with("uninstall") {
        return;
    }
    if !report.run(&name, story).await {
        for namespace in cluster.made() {
            println!("{}", cluster.trouble(&namespace).await);
        }
    }
}

/// Lets pods of a namespace pull from a registry that is closed.
pub async fn pull_secret(cluster: &Cluster, settings: &Settings, namespace: &str) -> Result<()> {
    let Some(name) = &settings.pull_secret else { return Ok(()) };
    let found = cluster.find("default", "secrets", name).await?;
    let found = found.with_context(|| format!("the namespace default has no Secret {name}"))?;
    let copy = serde_json::json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name},
        "type": found["type"], "data": found["data"]});
    cluster.apply(namespace, &[copy]).await
}
