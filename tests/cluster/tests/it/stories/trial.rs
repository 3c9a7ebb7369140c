//! A trial: one pod with everything in it. Its portal answers, and what was entered is there when another pod has taken its place.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use gongzhi_cluster::cluster::Cluster;
use gongzhi_cluster::forward::Way;
use gongzhi_cluster::release::{Release, trial_values};
use gongzhi_cluster::settings::Settings;
use gongzhi_cluster::{pods, until};

use super::install::{answers, sign_in};
use super::{WHOLE_WITHIN, pull_secret};

/// As the notes of the chart say it.
const CREATE: &str = r#"GONGZHI_DATABASE_URL="postgres://gongzhi@localhost:5432/gongzhi?host=/data/gongzhi/sockets" exec gongzhi account create pingtai --name 区平台管理员"#;
/// A password for an hour.
const PASSWORD: &str = "a-trial-of-an-hour-only";

pub async fn run(cluster: &Arc<Cluster>, settings: &Settings) -> Result<()> {
    let namespace = cluster.namespace("trial", &[]).await?;
    let release = Release::new(cluster, 4, &namespace, Path::new(&settings.kubeconfig)).await?;
    pull_secret(cluster, settings, &namespace).await?;
    let said = release.install(&trial_values(settings)).await?;
    ensure!(said.out.contains("This is a trial"), "the notes do not say that it is a trial:\n{}", said.out);
    let pod = format!("{}-trial-0", release.name);
    let mut portal = Way::new(cluster, &namespace, &release.name, "trial", 8080);
    answers(&mut portal).await?;

    let set = format!("statefulset/{}-trial", release.name);
    let create = ["--namespace", &namespace, "exec", "-i", &set, "--", "sh", "-c", CREATE];
    let made = cluster.kubectl.run(&create, Some(PASSWORD), Duration::from_secs(60)).await;
    made.context("the first account cannot be made as the notes say")?;
    let mut grpc = Way::new(cluster, &namespace, &release.name, "trial", 50051);
    sign_in(&mut grpc, "pingtai", PASSWORD).await?;

    let before = cluster.get(&namespace, &["pod", &pod]).await?["metadata"]["uid"].clone();
    cluster.kubectl(&namespace, &["delete", "pod", &pod, "--timeout=120s"], Duration::from_secs(130)).await?;
    until("another pod has taken its place", WHOLE_WITHIN, async || {
        let now = cluster.find(&namespace, "pods", &pod).await?.unwrap_or_default();
        let is_another = now["metadata"]["uid"] != before && pods::is_ready(&now);
        Ok(if is_another { Ok(()) } else { Err(now["status"].to_string()) })
    })
    .await?;
    (portal, grpc) = (
        Way::new(cluster, &namespace, &release.name, "trial", 8080),
        Way::new(cluster, &namespace, &release.name, "trial", 50051),
    );
    answers(&mut portal).await?;
    sign_in(&mut grpc, "pingtai", PASSWORD).await.context("what was entered is gone with the pod")?;

    release.uninstall().await?;
    let volumes = cluster.list(&namespace, &["persistentvolumeclaims"]).await?;
    ensure!(volumes.len() == 1, "an uninstallation must leave the volume; there are {}", volumes.len());
    println!("    data outlived the pod; the volume {} outlived the release", pods::name(&volumes[0]));
    Ok(())
}
