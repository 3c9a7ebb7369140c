//! Every pod is killed, one after the other, while people work: no write fails, everything acknowledged is there, and a whistle goes through afterwards.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use gongzhi_cluster::load::Load;
use gongzhi_cluster::people::person;
use gongzhi_cluster::pods;

use super::{Installed, WHOLE_WITHIN};

pub async fn run(installed: &Installed) -> Result<()> {
    let release = &installed.release;
    release.is_whole(WHOLE_WITHIN).await?;
    let worker = person(&installed.ground.signer, "POST_COMMUNITY_WORKER", "003003", None)?;
    let pods = release.pods().await?;
    let load = Load::begin(release, &worker, "003003").await?;
    let killed = async {
        for pod in &pods {
            let name = pods::name(pod);
            // The object is gone at once and the kubelet kills what ran, without drain.
            let kill = ["delete", "pod", &name, "--grace-period=0", "--force", "--wait=false"];
            release.cluster.kubectl(&release.namespace, &kill, Duration::from_secs(60)).await?;
            // Both pods of a service at once would be another story.
            release.is_whole(WHOLE_WITHIN).await.with_context(|| format!("after {name} was killed"))?;
        }
        Ok::<_, anyhow::Error>(())
    }
    .await;
    let counted = load.end(release, 10 * pods.len()).await;
    killed?;
    counted?;
    ensure!(pods.len() >= 14, "only {} pods were there to be killed", pods.len());
    // Chains, seals and bus are held against each other, too.
    release.test().await.context("after all pods were killed")?;
    println!("    {} pods killed, one after the other; helm test is well after it", pods.len());
    Ok(())
}
