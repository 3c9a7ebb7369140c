//! An uninstallation leaves nothing: every kind that the cluster knows is asked.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use gongzhi_cluster::department::{GRANTS, SUBSCRIPTIONS};
use gongzhi_cluster::{pods, remains, until};

use super::Installed;

pub async fn run(installed: &Installed) -> Result<()> {
    let release = &installed.release;
    let cluster = &release.cluster;
    // They wait for the operator before they go, so they go before it.
    for namespace in cluster.made() {
        for kind in [SUBSCRIPTIONS, GRANTS] {
            let delete = ["delete", kind, "--all", "--timeout=120s"];
            let deleted = cluster.kubectl(&namespace, &delete, Duration::from_secs(130)).await;
            deleted
                .with_context(|| format!("{kind} of {namespace} do not go while the operator is there"))?;
        }
    }
    release.uninstall().await?;
    let what_others_owned_too = Duration::from_secs(180);
    until("nothing is left but what is named", what_others_owned_too, async || {
        let left = remains::of(release).await?;
        let others: Vec<_> = left.iter().filter(|one| !one.is_of_a_test).collect();
        Ok(if others.is_empty() { Ok(()) } else { Err(format!("{others:?}")) })
    })
    .await?;
    let left = remains::of(release).await?;
    let revisions = format!("owner=helm,name={}", release.name);
    let revisions = cluster.list(&release.namespace, &["secrets", "-l", &revisions]).await?;
    ensure!(revisions.is_empty(), "helm remembers {} revisions", revisions.len());

    let definitions = cluster.list("default", &["customresourcedefinitions"]).await?;
    let ours: Vec<_> =
        definitions.iter().filter(|one| one["spec"]["group"] == "gongzhi.io").map(pods::name).collect();
    ensure!(ours.len() == 3, "definitions are the cluster's and stay; there are {ours:?}");
    println!("    left, as it should be: definitions {}", ours.join(", "));
    for one in &left {
        println!("    left, so that its log can be read: {} {} of `helm test`", one.kind, one.name);
    }
    // As the chart's README says.
    let rest = ["delete", "job,pod", "-l", &release.selector(), "--timeout=60s"];
    cluster.kubectl(&release.namespace, &rest, Duration::from_secs(70)).await?;
    ensure!(remains::of(release).await?.is_empty(), "the README's command leaves something");
    Ok(())
}
