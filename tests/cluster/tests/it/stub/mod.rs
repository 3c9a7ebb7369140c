//! One run against the API server's stand-in, for each version of helm: what can be proved without a node. The operator and the exchange are real; that Jobs end
//! and that pods are well is simulated (`life`).

mod life;
mod stage;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use gongzhi_cluster::department::{self, GRANTS, SUBSCRIPTIONS, is_ready, stands};
use gongzhi_cluster::pods;
use gongzhi_cluster::release::{Release, SERVICES, values};
use gongzhi_cluster::settings::Image;
use gongzhi_cluster::{ground, remains};
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::grant_service_client::GrantServiceClient;
use serde_json::{Value, json};

use self::stage::Stage;

pub async fn run(major: u8) -> Result<()> {
    let stage = Stage::new(&format!("stub{major}")).await?;
    let cluster = &stage.cluster;
    println!("    {}", cluster.present().await?);
    let namespace = cluster.namespace("release", &[]).await?;
    let release = Release::new(cluster, major, &namespace, &stage.kubeconfig).await?;
    let (_, secrets) = ground::secrets(&namespace)?;
    cluster.apply(&namespace, &secrets).await?;

    let wanted = wanted(&namespace);
    let first = install(&stage, &release, &wanted).await?;
    share(&stage, &release).await.context("custom resources")?;
    upgrade(&stage, &release, &wanted, &first).await?;
    refused(&stage, &release, &wanted).await.context("a migration that fails")?;
    back(&stage, &release, &first).await?;
    remove(&stage, &release).await?;
    cluster.clean_up().await?;
    ensure!(stage.stub.objects("namespaces").len() == 3, "a namespace of the suite is left");
    Ok(())
}

fn wanted(namespace: &str) -> Value {
    let image = Image { repository: "registry.example.org/gongzhi".into(), tag: "1".into() };
    values(&image, None, &format!("nats://ground-nats.{namespace}:4222"))
}

async fn install(stage: &Stage, release: &Release, wanted: &Value) -> Result<BTreeMap<String, Value>> {
    let said = release.install(wanted).await?;
    ensure!(said.out.contains("What to do next"), "helm prints no notes: {}", said.out);
    let ended = stage.life.ended();
    let jobs: Vec<_> =
        ended.iter().map(|one| one.job.trim_start_matches(&format!("{}-", release.name))).collect();
    ensure!(
        jobs == ["migrate", "account-first", "account-operator"],
        "Jobs ended in another order: {jobs:?}"
    );
    ensure!(ended[0].deployments.is_empty(), "something was there before the migration: {:?}", ended[0]);
    ensure!(ended[1].deployments.len() == SERVICES.len() + 1, "accounts before the services: {:?}", ended[1]);
    release.is_rolled_out(Duration::from_secs(10)).await?;
    release.test_without_logs().await?;
    let objects = stage.asked_for(release);
    ensure!(
        !objects.keys().any(|name| name.starts_with("jobs")),
        "a hook that went well is left: {:?}",
        objects.keys()
    );
    println!("    installed {} objects; hooks in their order: {}", objects.len(), jobs.join(", "));
    Ok(objects)
}

/// From what a department writes to the Secret that its systems mount, by the operator with the rights that were installed.
async fn share(stage: &Stage, release: &Release) -> Result<()> {
    let cluster = &stage.cluster;
    let fire = cluster.namespace("fire", &[("gongzhi.io/department", "fire-rescue")]).await?;
    let area = stage.bench.area("001052").to_string();
    let objects = [
        department::grant("fire-lanes", &area),
        department::subscription("pulled", json!({"delivery": {"pull": {}}})),
        department::subscription("streamed", json!({"grant": "fire-lanes", "delivery": {"nats": {}}})),
    ];
    cluster.apply(&fire, &objects).await?;
    let operator = stage.operator(release).await?;
    let asked = stands(cluster, (&fire, GRANTS, "fire-lanes"), "is asked for", |one| {
        one["status"]["phase"] == "Requested"
    })
    .await?;
    let waiting = cluster.find(&fire, SUBSCRIPTIONS, "streamed").await?.unwrap_or_default();
    ensure!(!is_ready(&waiting), "a subscription went before its grant");
    let grant_id = asked["status"]["grantId"].as_str().context("it has a grant")?.to_owned();
    let decider = stage.bench.person("POST_PLATFORM_OPERATOR", &stage.bench.area(""));
    let request = pb::ApproveGrantRequest { grant_id, until_at: None };
    GrantServiceClient::new(decider.calls()).approve_grant(request).await?;
    let pulled = stands(cluster, (&fire, SUBSCRIPTIONS, "pulled"), "is ready", is_ready).await?;
    let streamed = stands(cluster, (&fire, SUBSCRIPTIONS, "streamed"), "is ready", is_ready).await?;
    department::check_secrets(cluster, &fire, &pulled, &streamed).await?;

    for kind in [SUBSCRIPTIONS, GRANTS] {
        cluster.kubectl(&fire, &["delete", kind, "--all", "--timeout=60s"], Duration::from_secs(70)).await?;
    }
    ensure!(cluster.list(&fire, &["secrets"]).await?.is_empty(), "Secrets stay behind their Subscriptions");
    operator.stop().await?;
    let forbidden = stage.stub.forbidden();
    ensure!(forbidden.is_empty(), "rights that the chart did not install: {forbidden:?}");
    println!(
        "    a grant asked for and approved, two Subscriptions with their Secrets, all of it gone again when it was deleted"
    );
    Ok(())
}

async fn upgrade(
    stage: &Stage,
    release: &Release,
    wanted: &Value,
    first: &BTreeMap<String, Value>,
) -> Result<()> {
    let before = generations(stage);
    release.upgrade(&changed(wanted)).await?;
    let ended = stage.life.ended();
    ensure!(
        ended.first().is_some_and(|one| one.job.ends_with("-migrate")),
        "no migration ran first: {ended:?}"
    );
    ensure!(ended[0].deployments == before, "a Deployment was changed before the migration ended");
    let now = stage.asked_for(release);
    let different: Vec<_> = now.keys().filter(|name| now.get(*name) != first.get(*name)).collect();
    ensure!(now.len() == first.len(), "objects came or went");
    let is_a_service = |name: &&&String| name.starts_with("deployments.apps/");
    ensure!(
        different.iter().all(|name| is_a_service(&name)) && different.len() == SERVICES.len() + 1,
        "another filter of the logs changed {different:?}"
    );
    for name in &different {
        let (is, was) = (&now[*name], &first[*name]);
        let back = is.to_string().replace("info,gongzhi=debug", "warn,gongzhi=info");
        ensure!(
            back.as_str() == was.to_string().as_str(),
            "{name} is different in more than that:\n{was:#}\n{is:#}"
        );
    }
    println!(
        "    an upgrade changed one value of {} Deployments and nothing else, behind its migration",
        different.len()
    );
    Ok(())
}

/// A migration that is refused: the upgrade fails and what runs is as it was.
async fn refused(stage: &Stage, release: &Release, wanted: &Value) -> Result<()> {
    let (objects, before) = (stage.asked_for(release), generations(stage));
    stage.life.fails(Some("-migrate"));
    let mut next = wanted.clone();
    next["image"]["tag"] = "0".into();
    let said = release.try_upgrade(&next).await?;
    stage.life.fails(None);
    ensure!(!said.is_well, "helm went on behind a migration that failed: {}", said.all());
    ensure!(said.all().contains("pre-upgrade hooks failed"), "helm does not say why: {}", said.all());
    let mut now = stage.asked_for(release);
    let job = format!("jobs.batch/{}-migrate", release.name);
    ensure!(now.remove(&job).is_some(), "the Job that failed is gone, and its log with it");
    // Its account and its policy stay with it until the next try.
    now.retain(|name, _| objects.contains_key(name));
    ensure!(now == objects && generations(stage) == before, "something was changed all the same");
    println!(
        "    a migration that failed stopped the upgrade; nothing was changed, its Job can be looked at"
    );
    Ok(())
}

async fn back(stage: &Stage, release: &Release, first: &BTreeMap<String, Value>) -> Result<()> {
    stage.life.ended();
    release.rollback(1).await?;
    let ended = stage.life.ended();
    ensure!(ended.is_empty(), "a rollback ran {ended:?}");
    let mut now = stage.asked_for(release);
    now.retain(|name, _| !name.ends_with("-migrate"));
    let different: Vec<_> = first.keys().filter(|name| now.get(*name) != first.get(*name)).collect();
    ensure!(different.is_empty() && now.len() == first.len(), "not as it was before: {different:?}");
    println!("    a rollback made everything as it was at first, and ran no migration");
    Ok(())
}

async fn remove(stage: &Stage, release: &Release) -> Result<()> {
    release.uninstall().await?;
    let left = remains::of(release).await?;
    let (of_tests, others): (Vec<_>, Vec<_>) = left.into_iter().partition(|one| one.is_of_a_test);
    // What the migration that failed has left; the README of the chart names it.
    let (of_failure, others): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|one| one.name.ends_with("-migrate"));
    ensure!(others.is_empty(), "left behind: {others:#?}");
    let definitions = stage.stub.objects("customresourcedefinitions.apiextensions.k8s.io").len();
    ensure!(definitions == 3, "definitions went with a release: {definitions} are left of 3");
    println!(
        "    uninstalled; left are {} pods of `helm test`, {} objects of the migration that had failed, and 3 definitions",
        of_tests.len(),
        of_failure.len()
    );
    Ok(())
}

/// Values with another filter of the logs.
fn changed(wanted: &Value) -> Value {
    let mut next = wanted.clone();
    next["telemetry"]["log"] = "info,gongzhi=debug".into();
    next
}

fn generations(stage: &Stage) -> BTreeMap<String, i64> {
    let all = stage.stub.objects("deployments.apps");
    all.iter().map(|one| (pods::name(one), one["metadata"]["generation"].as_i64().unwrap_or(0))).collect()
}
