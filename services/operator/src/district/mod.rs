//! From a `District` to the services of the release once more, for another district: first its schemas, then its programs, sized as it says. What the
//! release no longer has goes from the district, too; its database and its stream are never touched.

mod copy;
mod migration;

pub(crate) use copy::{COMPONENT, Copying, DISTRICT, INSTANCE, is_in_order};
use migration::{Migration, Stands, stands};

use std::sync::Arc;
use std::time::Instant;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Service, ServiceAccount};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::api::{ApiResource, DeleteParams, DynamicObject, ListParams, Patch, PatchParams};
use kube::runtime::controller::Action;
use kube::runtime::events::EventType;
use kube::{Api, Resource};
use serde_json::Value;

use crate::context::{Context, Failure, Kind, now};
use crate::credentials::owner;
use kube::runtime::reflector::Store;

use crate::resources::{Conditions, District, DistrictStatus, MANAGER, ServiceReadiness, Standing};

impl Kind for District {
    type Status = DistrictStatus;
    const NAME: &'static str = "District";

    fn status(&self) -> Option<&DistrictStatus> {
        self.status.as_ref()
    }

    fn conditions(status: &DistrictStatus) -> &[Condition] {
        &status.conditions
    }
}

/// Kinds that are copied, in the order in which they are applied: nothing runs before what it stands on.
fn kinds() -> [ApiResource; 5] {
    [
        ApiResource::erase::<ServiceAccount>(&()),
        ApiResource::erase::<NetworkPolicy>(&()),
        ApiResource::erase::<Service>(&()),
        ApiResource::erase::<PodDisruptionBudget>(&()),
        ApiResource::erase::<Deployment>(&()),
    ]
}

/// What there is of the release and of this district, by kind.
struct Ground {
    release: Vec<Value>,
    district: Vec<(ApiResource, Value)>,
}

/// What districts are tended with.
pub(crate) struct Desk {
    pub(crate) context: Arc<Context>,
    pub(crate) districts: Store<District>,
}

/// Brings one district into order.
pub(crate) async fn reconcile(district: Arc<District>, desk: Arc<Desk>) -> Result<Action, Failure> {
    let since = Instant::now();
    let context = &desk.context;
    if context.is_over(district.as_ref()) {
        return Ok(context.soon());
    }
    let outcome = match district.meta().deletion_timestamp {
        // The copies are owned: the server takes them away.
        Some(_) => {
            context.forget(district.as_ref());
            Ok(Action::await_change())
        }
        None => tend(&district, &desk).await,
    };
    context.ended(district.as_ref(), since, outcome)
}

async fn tend(district: &District, desk: &Desk) -> Result<Action, Failure> {
    let context = &desk.context;
    let ground = survey(district, context).await?;
    let owner = serde_json::to_value(owner(district)).expect("an owner is JSON");
    let copying = Copying { release: &context.options.release, spec: &district.spec, owner };
    let copies = copying.copy(&ground.release);
    let mut status = district.status.clone().unwrap_or_default();
    status.observed_generation = district.meta().generation;
    if let Some(taken) = taken(district, desk, &ground) {
        return say(district, context, status, ("CodeTaken", Standing::False, taken)).await;
    }
    let Some(migration) = Migration::before(&copying, &copies) else {
        let message = format!(
            "no Deployment of the release {} is in this namespace; install the chart here, or make the District where it is",
            context.options.release
        );
        return say(district, context, status, ("NoRelease", Standing::False, message)).await;
    };
    // Where the way to the database is closed, it is opened before the migration begins.
    let (last, before): (Vec<_>, Vec<_>) = copies.into_iter().partition(|copy| copy["kind"] == "Deployment");
    for wanted in before.iter().chain(&migration.policy) {
        apply(wanted, &ground, context).await?;
    }
    if status.migrated.as_ref() != Some(&migration.digest) {
        match migrate(&migration, context).await? {
            Stands::Complete => status.migrated = Some(migration.digest.clone()),
            Stands::Runs => {
                let message = "the schemas are being migrated; programs follow when that is done".to_owned();
                return say(district, context, status, ("Migrating", Standing::False, message)).await;
            }
            Stands::Failed(why) => {
                let job = migration.job["metadata"]["name"].as_str().unwrap_or_default();
                let message = format!(
                    "the migration failed: {why}. What runs goes on as it was. Read kubectl logs job/{job}, repair the cause and delete the Job"
                );
                return say(district, context, status, ("MigrationFailed", Standing::False, message)).await;
            }
        }
    }
    let mut changed = Vec::new();
    for wanted in &last {
        if apply(wanted, &ground, context).await? {
            changed.push(wanted["metadata"]["name"].clone());
        }
    }
    let wanted: Vec<_> = before.into_iter().chain(migration.policy).chain(last).collect();
    prune(&wanted, &ground, context).await?;
    let readiness = readiness(&wanted, &ground, &changed);
    let ready = readiness.iter().filter(|one| one.ready >= one.wanted).count();
    status.summary = format!("{ready}/{}", readiness.len());
    let waits: Vec<_> = readiness
        .iter()
        .filter(|one| one.ready < one.wanted)
        .map(|one| format!("{} {}/{}", one.service, one.ready, one.wanted))
        .collect();
    status.services = readiness;
    let said = match waits.is_empty() {
        true => ("AllReady", Standing::True, String::new()),
        false => ("PodsNotReady", Standing::False, format!("waits for pods: {}", waits.join(", "))),
    };
    say(district, context, status, said).await
}

/// Two that serve one district would fight over its pods; the one that was there first keeps it.
fn taken(district: &District, desk: &Desk, ground: &Ground) -> Option<String> {
    let code = &district.spec.code;
    if copy::own_district(&ground.release) == Some(code) {
        let release = &desk.context.options.release;
        return Some(format!("the release {release} serves {code} itself; delete this District"));
    }
    let age = |one: &District| (one.meta().creation_timestamp.clone().map(|at| at.0), one.meta().uid.clone());
    let all = desk.districts.state();
    let first = all.iter().filter(|one| one.spec.code == *code).min_by_key(|one| age(one))?;
    (age(first) < age(district)).then(|| {
        let name = first.meta().name.clone().unwrap_or_default();
        format!("the District {name} serves {code} already; delete one of the two")
    })
}

async fn say(
    district: &District,
    context: &Context,
    mut status: DistrictStatus,
    (reason, standing, message): (&'static str, Standing, String),
) -> Result<Action, Failure> {
    let migrated = match reason {
        "Migrating" => (Standing::Unknown, "Migrating"),
        "MigrationFailed" => (Standing::False, "MigrationFailed"),
        _ if status.migrated.is_some() => (Standing::True, "Migrated"),
        _ => (Standing::Unknown, "NotYet"),
    };
    let was =
        district.status.as_ref().and_then(|status| status.conditions.iter().find(|one| one.type_ == "Ready"));
    let news = was.is_none_or(|was| was.reason != reason);
    status.conditions = Conditions::of(&status.conditions, district.meta().generation, now())
        .say("Migrated", migrated.0, migrated.1, "")
        .say("Ready", standing, reason, message.clone())
        .list();
    if news && matches!(reason, "MigrationFailed" | "NoRelease" | "CodeTaken") {
        context.tell(district, EventType::Warning, reason, &message).await;
    }
    if news && reason == "AllReady" {
        context.tell(district, EventType::Normal, reason, "every service has its pods").await;
    }
    context.answer(district, &status).await?;
    Ok(context.later())
}

fn api(context: &Context, kind: &ApiResource) -> Api<DynamicObject> {
    Api::namespaced_with(context.client.clone(), &context.options.namespace, kind)
}

/// Reads what there is: one list per kind for the release, and one for the district.
async fn survey(district: &District, context: &Context) -> Result<Ground, Failure> {
    let mut ground = Ground { release: Vec::new(), district: Vec::new() };
    let release = format!("{INSTANCE}={},!{DISTRICT}", context.options.release);
    let own = format!("{DISTRICT}={}", district.spec.code);
    for kind in kinds() {
        let read = |mut object: DynamicObject| {
            // The items of a list do not say what they are.
            object.types =
                Some(kube::core::TypeMeta { api_version: kind.api_version.clone(), kind: kind.kind.clone() });
            serde_json::to_value(object).expect("an object is JSON")
        };
        let api = api(context, &kind);
        let found = api.list(&ListParams::default().labels(&release)).await?;
        ground.release.extend(found.items.into_iter().map(read));
        let found = api.list(&ListParams::default().labels(&own)).await?;
        ground.district.extend(found.items.into_iter().map(|object| (kind.clone(), read(object))));
    }
    Ok(ground)
}

fn is_same(one: &Value, other: &Value) -> bool {
    one["kind"] == other["kind"] && one["metadata"]["name"] == other["metadata"]["name"]
}

/// Applies a copy, unless it is as it should be; tells whether it did.
async fn apply(wanted: &Value, ground: &Ground, context: &Context) -> Result<bool, Failure> {
    let is = ground.district.iter().map(|(_, is)| is).find(|is| is_same(wanted, is));
    if is.is_some_and(|is| is_in_order(wanted, is)) {
        return Ok(false);
    }
    let Some(kind) = kinds().into_iter().find(|kind| wanted["kind"] == kind.kind) else { return Ok(false) };
    let name = wanted["metadata"]["name"].as_str().unwrap_or_default();
    api(context, &kind).patch(name, &PatchParams::apply(MANAGER).force(), &Patch::Apply(wanted)).await?;
    Ok(true)
}

/// Takes away what the release no longer has.
async fn prune(wanted: &[Value], ground: &Ground, context: &Context) -> Result<(), Failure> {
    for (kind, is) in &ground.district {
        if wanted.iter().any(|wanted| is_same(wanted, is)) {
            continue;
        }
        let name = is["metadata"]["name"].as_str().unwrap_or_default();
        match api(context, kind).delete(name, &DeleteParams::background()).await {
            Ok(_) => {}
            Err(kube::Error::Api(answer)) if answer.code == 404 => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Starts the migration, or sees how it stands. Jobs cannot be changed: another migration has another name.
async fn migrate(migration: &Migration, context: &Context) -> Result<Stands, Failure> {
    let jobs: Api<Job> = Api::namespaced(context.client.clone(), &context.options.namespace);
    let name = migration.job["metadata"]["name"].as_str().unwrap_or_default();
    if let Some(job) = jobs.get_opt(name).await? {
        return Ok(stands(&serde_json::to_value(job).expect("a Job is JSON")));
    }
    jobs.patch(name, &PatchParams::apply(MANAGER).force(), &Patch::Apply(&migration.job)).await?;
    Ok(Stands::Runs)
}

/// How many pods of each service are ready. What was changed a moment ago is not ready, whatever was read before.
fn readiness(wanted: &[Value], ground: &Ground, changed: &[Value]) -> Vec<ServiceReadiness> {
    let number = |value: &Value| value.as_i64().and_then(|number| i32::try_from(number).ok());
    wanted
        .iter()
        .filter(|wanted| wanted["kind"] == "Deployment")
        .map(|wanted| {
            let is = ground.district.iter().map(|(_, is)| is).find(|is| is_same(wanted, is));
            // Pods of the version before do not count: only what the present template made.
            let current = is.filter(|is| {
                !changed.contains(&is["metadata"]["name"])
                    && number(&is["status"]["observedGeneration"]) >= number(&is["metadata"]["generation"])
            });
            let ready = current.and_then(|is| {
                let updated = number(&is["status"]["updatedReplicas"])?;
                Some(updated.min(number(&is["status"]["readyReplicas"]).unwrap_or(0)))
            });
            ServiceReadiness {
                service: wanted["metadata"]["labels"][COMPONENT].as_str().unwrap_or_default().to_owned(),
                wanted: number(&wanted["spec"]["replicas"]).unwrap_or(1),
                ready: ready.unwrap_or(0),
            }
        })
        .collect()
}
