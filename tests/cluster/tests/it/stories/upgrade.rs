//! An upgrade and a rollback while people work: no write fails, nothing acknowledged is lost, the migration runs before; and a program that is older than the
//! schemas is refused with a clear word.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use gongzhi_cluster::ground::sql;
use gongzhi_cluster::load::Load;
use gongzhi_cluster::people::person;
use gongzhi_cluster::pods;
use gongzhi_cluster::release::Release;
use serde_json::Value;

use super::{Installed, WHOLE_WITHIN};

/// Writes that a load must have made during an upgrade of some minutes: far less than it can.
const AT_LEAST: usize = 50;
/// A migration that no program knows: of the year 9999.
const FROM_THE_FUTURE: &str = "99991231235959";
/// How many migrations all schemas have.
const MIGRATIONS: &str = "select (select count(*) from organization._sqlx_migrations) + (select count(*) from grid._sqlx_migrations) \
     + (select count(*) from dispatch._sqlx_migrations) + (select count(*) from deliberation._sqlx_migrations) \
     + (select count(*) from reporting._sqlx_migrations) + (select count(*) from exchange._sqlx_migrations)";

pub async fn run(installed: &mut Installed) -> Result<()> {
    let (release, signer) = (&installed.release, &installed.ground.signer);
    let (old, revision) = (installed.values.clone(), release.revision().await?);
    let new = newer(installed);
    let (before, completed) = (migrations(release).await?, completions(release).await?.len());
    let worker = person(signer, "POST_COMMUNITY_WORKER", "003001", None)?;
    let load = Load::begin(release, &worker, "003001").await?;
    let upgraded = async {
        release.upgrade(&new).await?;
        release.is_whole(WHOLE_WITHIN).await
    }
    .await;
    // The load is ended and counted however the upgrade went: both are told.
    let counted = load.end(release, AT_LEAST).await;
    upgraded?;
    counted.context("during the upgrade")?;
    migrated_before(release, completed).await?;
    let after = migrations(release).await?;
    match &installed.settings.upgrade_image {
        Some(image) => {
            ensure!(after > before, "{} brings no migration: {before} before and after", image.name());
            println!("    upgraded to {}: {before} migrations before, {after} after", image.name());
        }
        None => println!(
            "    upgraded to the SAME image with another value, because GONGZHI_CLUSTER_UPGRADE_IMAGE is not set: no schema was changed"
        ),
    }

    let worker = person(signer, "POST_COMMUNITY_WORKER", "003002", None)?;
    let load = Load::begin(release, &worker, "003002").await?;
    let back = async {
        release.rollback(revision).await?;
        release.is_whole(WHOLE_WITHIN).await
    }
    .await;
    let counted = load.end(release, AT_LEAST).await;
    back?;
    counted.context("during the rollback")?;
    ensure!(migrations(release).await? == after, "a rollback changed a schema");
    println!("    rolled back to revision {revision}; the schemas stayed");

    if after > before {
        refused(release, &old).await.context("an older program on newer schemas")?;
    } else {
        pretend(release, true).await?;
        let outcome = refused(release, &old).await.context("a schema from the future");
        // Taken away however it went, or nobody could go on.
        pretend(release, false).await?;
        outcome?;
    }
    release.upgrade(&new).await.context("what was refused is in the way of the next upgrade")?;
    release.is_whole(WHOLE_WITHIN).await?;
    installed.values = new;
    Ok(())
}

/// Values of the newer version; of the same one with another value where there is none.
fn newer(installed: &Installed) -> Value {
    let mut values = installed.values.clone();
    if let Some(image) = &installed.settings.upgrade_image {
        values["image"]["repository"] = image.repository.clone().into();
        values["image"]["tag"] = image.tag.clone().into();
    }
    // Every pod is exchanged, whichever image it has.
    values["defaults"]["podAnnotations"]["gongzhi.io/e2e"] = "upgraded".into();
    values
}

async fn migrations(release: &Release) -> Result<u32> {
    let count = sql(&release.cluster, &release.namespace, MIGRATIONS).await?;
    count.trim().parse().with_context(|| format!("no number of migrations: {count:?}"))
}

/// Puts a migration of a newer version into a schema, as if that version had been here, or takes it away.
async fn pretend(release: &Release, is_there: bool) -> Result<()> {
    let statement = match is_there {
        true => format!(
            "insert into dispatch._sqlx_migrations (version, description, success, checksum, execution_time) \
             values ({FROM_THE_FUTURE}, 'from the future', true, '\\x00', 0)"
        ),
        false => format!("delete from dispatch._sqlx_migrations where version = {FROM_THE_FUTURE}"),
    };
    sql(&release.cluster, &release.namespace, &statement).await.map(drop)
}

/// Instants at which a migration of the release was completed, as events tell for an hour.
async fn completions(release: &Release) -> Result<Vec<String>> {
    let selector = format!(
        "--field-selector=involvedObject.kind=Job,involvedObject.name={}-migrate,reason=Completed",
        release.name
    );
    let events = release.cluster.list(&release.namespace, &["events", &selector]).await?;
    let instant = |event: &Value| {
        let told = ["lastTimestamp", "eventTime", "firstTimestamp"].map(|field| event[field].as_str());
        told.into_iter().flatten().next().unwrap_or_default().to_owned()
    };
    Ok(events.iter().map(instant).collect())
}

/// One more migration was completed, and the newest ReplicaSet of dispatch was made after it.
async fn migrated_before(release: &Release, completed: usize) -> Result<()> {
    let cluster = &release.cluster;
    let events = completions(release).await?;
    ensure!(events.len() > completed, "no event tells that the upgrade completed a migration: {events:?}");
    let ended = events.into_iter().max().unwrap_or_default();
    let sets = format!("app.kubernetes.io/instance={},{}=dispatch", release.name, pods::COMPONENT);
    let sets = cluster.list(&release.namespace, &["replicasets", "-l", &sets]).await?;
    let made = |set: &Value| set["metadata"]["creationTimestamp"].as_str().unwrap_or_default().to_owned();
    let newest = sets.iter().map(made).max().context("dispatch has no ReplicaSet")?;
    ensure!(sets.len() > 1, "the upgrade exchanged no pod of dispatch");
    // RFC 3339 in UTC, to the second: text is in the order of time. Fractions of an event are cut off.
    ensure!(
        ended[..19.min(ended.len())] <= newest[..19.min(newest.len())],
        "migrated at {ended}, pods made at {newest}"
    );
    println!("    migrated at {ended}, first new pods at {newest}");
    Ok(())
}

/// Tries to install an older version: the migration refuses, says why, and what runs goes on.
async fn refused(release: &Release, old: &Value) -> Result<()> {
    let cluster = &release.cluster;
    let generations = async || -> Result<Vec<(String, Value)>> {
        let all = cluster.list(&release.namespace, &["deployments", "-l", &release.selector()]).await?;
        Ok(all.iter().map(|one| (pods::name(one), one["metadata"]["generation"].clone())).collect())
    };
    let before = generations().await?;
    let mut values = old.clone();
    // Three tries of a program that says no are enough to believe it.
    values["migration"]["deadlineSeconds"] = 120.into();
    values["defaults"]["podAnnotations"]["gongzhi.io/e2e"] = "refused".into();
    let said = release.try_upgrade(&values).await?;
    ensure!(!said.is_well, "an older program was installed on newer schemas");
    let selector = format!("job-name={}-migrate", release.name);
    let logs = ["logs", "-l", &selector, "--tail=50"];
    let logs = cluster.kubectl(&release.namespace, &logs, Duration::from_secs(60)).await?;
    ensure!(
        logs.out.contains("is newer than this program"),
        "the migration does not say why it refuses:\n{}\nhelm said:\n{}",
        logs.all(),
        said.all()
    );
    ensure!(generations().await? == before, "something was changed although the migration refused");
    release.is_whole(Duration::from_secs(60)).await?;
    println!(
        "    refused: {}",
        logs.out.lines().find(|line| line.contains("is newer")).unwrap_or_default().trim()
    );
    Ok(())
}
