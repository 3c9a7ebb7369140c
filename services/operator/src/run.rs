//! The operator at work: stands for election, and while it leads runs a controller for each kind. Whoever loses the lease stops everything before another
//! may have begun, and stands again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::future::ready;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Namespace;
use kube::runtime::controller::{Action, Config, Controller};
use kube::runtime::events::{Recorder, Reporter};
use kube::runtime::reflector::ObjectRef;
use kube::runtime::{WatchStreamExt, reflector, watcher};
use kube::{Api, Client, ResourceExt};
use tokio_util::sync::CancellationToken;

use crate::context::{Context, Failure, Kind};
use crate::district::{DISTRICT, INSTANCE};
use crate::exchange::Exchange;
use crate::leader::Candidate;
use crate::meters::Meters;
use crate::options::Options;
use crate::resources::{District, MANAGER, SharingGrant, Subscription};
use crate::subscription::Desk;
use crate::{district, grant, subscription};

/// Works until it is told to stop. Goes on trying through every outage.
pub async fn run(client: Client, exchange: Arc<Exchange>, options: Options, stop: CancellationToken) {
    let meters = Meters::new();
    let mut candidate = Candidate::new(client.clone(), &options);
    while !stop.is_cancelled() {
        meters.leads(false);
        match candidate.lead().await {
            Ok(true) => {
                tracing::info!(identity = options.identity, "leads");
                meters.leads(true);
                let work = work(&client, &exchange, &options, &meters);
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = keep(&mut candidate) => tracing::warn!(identity = options.identity, "leads no more"),
                    () = work => {}
                }
                if let Err(error) = candidate.give_back().await {
                    tracing::debug!(%error, "the lease runs out by itself");
                }
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "the lease cannot be read or written"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(candidate.beat()) => {}
        }
    }
    meters.leads(false);
}

/// Renews the lease until that fails for so long that another might soon begin.
async fn keep(candidate: &mut Candidate) {
    let mut renewed = Instant::now();
    loop {
        tokio::time::sleep(candidate.beat()).await;
        let since = Instant::now();
        let left = (candidate.beat() * 2).saturating_sub(renewed.elapsed());
        match tokio::time::timeout(left.max(Duration::from_millis(1)), candidate.lead()).await {
            Ok(Ok(true)) => renewed = since,
            Ok(Ok(false)) => return,
            Ok(Err(error)) => tracing::warn!(%error, "the lease is not renewed"),
            Err(_) => tracing::warn!("the lease is not renewed in time"),
        }
        if renewed.elapsed() >= candidate.beat() * 2 {
            return;
        }
    }
}

/// Runs a controller for each kind. Dropping it stops them all at once: what is half done is found again by whoever leads next.
async fn work(client: &Client, exchange: &Arc<Exchange>, options: &Options, meters: &Meters) {
    let (namespaces, writer) = reflector::store();
    let all: Api<Namespace> = Api::all(client.clone());
    let watching = reflector(writer, watcher(all, watcher::Config::default().any_semantic()))
        .default_backoff()
        .for_each(|_| ready(()));
    let recorder = Recorder::new(
        client.clone(),
        Reporter { controller: MANAGER.into(), instance: Some(options.identity.clone()) },
    );
    let context = Arc::new(Context::new(
        client.clone(),
        exchange.clone(),
        namespaces,
        recorder,
        options.clone(),
        meters.clone(),
    ));
    let counted = Forget(context.clone());
    let controllers = async {
        // Before it is known whose namespaces are, everything would be refused.
        if context.namespaces.wait_until_ready().await.is_ok() {
            run_controllers(&context).await;
        }
    };
    tokio::select! {
        () = watching => {}
        () = controllers => {}
    }
    drop(counted);
}

/// However the work ends, what it counted is counted no more.
struct Forget(Arc<Context>);

impl Drop for Forget {
    fn drop(&mut self) {
        self.0.forget_all();
    }
}

async fn run_controllers(context: &Arc<Context>) {
    let client = || context.client.clone();
    let usual = || watcher::Config::default().any_semantic();
    let at_once = Config::default().concurrency(context.options.at_once);

    let grants = Controller::new(Api::<SharingGrant>::all(client()), usual()).with_config(at_once.clone());
    let grants_known = grants.store();
    let grants = grants
        .run(
            grant::reconcile,
            |object, failure: &Failure, context| after(&object, failure, &context),
            context.clone(),
        )
        .for_each(|_| ready(()));

    let subscriptions =
        Controller::new(Api::<Subscription>::all(client()), usual()).with_config(at_once.clone());
    let subscriptions_known = subscriptions.store();
    let desk = Arc::new(Desk { context: context.clone(), grants: grants_known });
    let subscriptions = subscriptions
        .watches(Api::<SharingGrant>::all(client()), usual(), move |grant| {
            // Whoever waits for a grant goes on when it is approved.
            let hangs = |one: &Arc<Subscription>| {
                one.namespace() == grant.namespace() && one.spec.grant.as_ref() == Some(&grant.name_any())
            };
            let known = subscriptions_known.state();
            known.into_iter().filter(hangs).map(|one| ObjectRef::from_obj(one.as_ref())).collect::<Vec<_>>()
        })
        .run(
            subscription::reconcile,
            |object, failure: &Failure, desk: Arc<Desk>| after(&object, failure, &desk.context),
            desk,
        )
        .for_each(|_| ready(()));

    let own = &context.options.namespace;
    let districts = Controller::new(Api::<District>::namespaced(client(), own), usual()).with_config(at_once);
    let districts_known = districts.store();
    let district_desk = Arc::new(district::Desk { context: context.clone(), districts: districts.store() });
    let copies = usual().labels(DISTRICT);
    let release = usual().labels(&format!("{INSTANCE}={},!{DISTRICT}", context.options.release));
    let districts = districts
        .owns(Api::<Deployment>::namespaced(client(), own), copies.clone())
        .owns(Api::<Job>::namespaced(client(), own), copies)
        .watches(Api::<Deployment>::namespaced(client(), own), release, move |_| {
            // Another version of the release is another version of every district.
            let known = districts_known.state();
            known.into_iter().map(|one| ObjectRef::from_obj(one.as_ref())).collect::<Vec<_>>()
        })
        .run(
            district::reconcile,
            |object, failure: &Failure, desk: Arc<district::Desk>| after(&object, failure, &desk.context),
            district_desk,
        )
        .for_each(|_| ready(()));

    tokio::join!(grants, subscriptions, districts);
}

/// When to try again what failed.
fn after<K: Kind>(object: &Arc<K>, _failure: &Failure, context: &Arc<Context>) -> Action {
    Action::requeue(context.wait(object.as_ref()))
}
