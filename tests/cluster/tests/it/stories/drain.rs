//! Nodes are drained, or where there is one only, every pod is evicted: budgets keep one pod of each service, and no write fails.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use gongzhi_cluster::load::Load;
use gongzhi_cluster::people::person;
use gongzhi_cluster::pods::{self, Watch};
use gongzhi_cluster::release::{Release, SERVICES};
use serde_json::{Value, json};

use super::{Installed, WHOLE_WITHIN};

pub async fn run(installed: &Installed) -> Result<()> {
    let release = &installed.release;
    release.is_whole(WHOLE_WITHIN).await?;
    let worker = person(&installed.ground.signer, "POST_COMMUNITY_WORKER", "003004", None)?;
    let parts: BTreeSet<_> = SERVICES.iter().map(|part| (*part).to_owned()).collect();
    let watch = Watch::begin(&release.cluster, &release.namespace, &release.selector(), &parts).await?;
    let load = Load::begin(release, &worker, "003004").await?;
    let moved = match schedulable(release).await {
        Ok(nodes) if nodes.len() >= 2 => drain(release, &nodes).await,
        Ok(_) => {
            println!(
                "    fewer than two nodes can take pods: nothing is drained, every pod is evicted instead"
            );
            evict(release).await
        }
        Err(error) => {
            println!(
                "    nodes cannot be listed ({error:#}): nothing is drained, every pod is evicted instead"
            );
            evict(release).await
        }
    };
    let whole = release.is_whole(WHOLE_WITHIN).await;
    let fewest = watch.end();
    let counted = load.end(release, 50).await;
    moved?;
    whole?;
    counted?;
    println!("    fewest ready pods at any time: {fewest:?}");
    let none: Vec<_> = fewest.iter().filter(|(_, fewest)| **fewest == 0).map(|(part, _)| part).collect();
    ensure!(none.is_empty(), "for a while no pod was ready of {none:?}");
    Ok(())
}

/// Names of nodes that are ready and take pods that tolerate nothing.
async fn schedulable(release: &Release) -> Result<Vec<String>> {
    let nodes = release.cluster.list("default", &["nodes"]).await?;
    let takes = |node: &&Value| {
        let taints = node["spec"]["taints"].as_array();
        let is_tainted = taints.into_iter().flatten().any(|taint| taint["effect"] != "PreferNoSchedule");
        pods::is_ready(node) && node["spec"]["unschedulable"] != true && !is_tainted
    };
    Ok(nodes.iter().filter(takes).map(pods::name).collect())
}

/// Drains every node of our pods and of nobody else's: what stands below them stays, because its volume may be of that node.
async fn drain(release: &Release, nodes: &[String]) -> Result<()> {
    let selector = format!("--pod-selector={}", release.selector());
    for node in nodes {
        let drain =
            ["drain", node, &selector, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=600s"];
        release.cluster.closes(node);
        let drained = release.cluster.kubectl("default", &drain, Duration::from_secs(620)).await;
        // The others would find no place, were it left closed.
        release.cluster.open_nodes().await?;
        drained.with_context(|| format!("{node} cannot be drained"))?;
        release.is_whole(WHOLE_WITHIN).await?;
        println!("    {node} was drained and takes pods again");
    }
    Ok(())
}

/// Evicts every pod that is there now, as fast as the budgets let it.
async fn evict(release: &Release) -> Result<()> {
    let since = Instant::now();
    let (mut waiting, mut refusals) = (release.pods().await?, 0);
    let count = waiting.len();
    while !waiting.is_empty() {
        let mut left = Vec::new();
        for pod in waiting {
            let name = pods::name(&pod);
            let eviction = json!({"apiVersion": "policy/v1", "kind": "Eviction",
                "metadata": {"name": name, "namespace": release.namespace}});
            let path = format!("/api/v1/namespaces/{}/pods/{name}/eviction", release.namespace);
            // kubectl itself may try a while before it tells of a budget.
            let create = ["create", "--raw", &path, "-f", "-"];
            let said = release
                .cluster
                .kubectl
                .ask(&create, Some(&eviction.to_string()), Duration::from_secs(240))
                .await?;
            let is_gone = said.err.contains("NotFound") || said.err.contains("not found");
            if said.is_well || is_gone {
                continue;
            }
            // 429: the budget says not now.
            let is_budget = said.err.contains("disruption budget") || said.err.contains("TooManyRequests");
            ensure!(is_budget, "{name} cannot be evicted: {}", said.err.trim());
            refusals += 1;
            left.push(pod);
        }
        waiting = left;
        ensure!(
            since.elapsed() < Duration::from_secs(900),
            "budgets have kept {} pods for 15 minutes",
            waiting.len()
        );
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    println!(
        "    {count} pods evicted in {} s; budgets said {refusals} times: not now",
        since.elapsed().as_secs()
    );
    Ok(())
}
