//! Acts as they are gathered, and what there is to be taken by them.

use anyhow::{Context, Result};
use futures::future::BoxFuture;
use gongzhi_harness::Person;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::time::to_wire;
use jiff::SignedDuration;
use tonic::{Code, Status};

use crate::receiver::Receiver;
use crate::town::{Town, department_of, fact, grants, registrations, subscriptions};

/// An act, and how it must be denied.
pub(super) struct Act {
    pub(super) name: String,
    pub(super) code: Code,
    /// The word for it; empty where the code says everything.
    pub(super) reason: &'static str,
    pub(super) act: BoxFuture<'static, Result<(), Status>>,
}

/// Acts as they are gathered.
#[derive(Default)]
pub(super) struct Acts(pub(super) Vec<Act>);

impl Acts {
    pub(super) fn add<T>(
        &mut self,
        name: impl Into<String>,
        code: Code,
        act: impl Future<Output = Result<T, Status>> + Send + 'static,
    ) {
        self.refused(name, code, "", act);
    }

    pub(super) fn refused<T>(
        &mut self,
        name: impl Into<String>,
        code: Code,
        reason: &'static str,
        act: impl Future<Output = Result<T, Status>> + Send + 'static,
    ) {
        let act = Box::pin(async move { act.await.map(drop) });
        self.0.push(Act { name: name.into(), code, reason, act });
    }
}

/// What there is to be taken: things of the fire brigade and of a sub-district.
pub(super) struct Things {
    pub(super) grant: String,
    /// Asked for, not decided.
    pub(super) asked: String,
    /// Of the fire brigade: by its own rights, under its grant, over NATS.
    pub(super) pulled: String,
    pub(super) granted: String,
    pub(super) over_nats: String,
    /// Of the sub-district.
    pub(super) street: String,
    pub(super) hooked: String,
}

pub(super) fn asked(town: &Town, grantee: Option<pb::Organization>, area: &str) -> pb::RequestGrantRequest {
    pb::RequestGrantRequest {
        grantee,
        facts: vec![fact("dispatch.case_registered", &[])],
        area_code: town.bench.area(area).to_string(),
        purpose: "消防安全联合研判".into(),
        until_at: Some(to_wire(town.now() + SignedDuration::from_hours(48))),
    }
}

pub(super) fn of_fire() -> pb::SubscribeRequest {
    let (organization, way) = (department_of("fire-rescue"), pb::DeliveryWay::Pull as i32);
    pb::SubscribeRequest { organization, way, name: "越权".into(), ..Default::default() }
}

pub(super) async fn subscribed(who: &Person, request: pb::SubscribeRequest) -> Result<String> {
    let made = subscriptions(who).subscribe(request).await?.into_inner().subscription;
    Ok(made.context("no subscription")?.subscription_id)
}

pub(super) async fn things(town: &Town, receiver: &Receiver) -> Result<Things> {
    let covered = vec![fact("dispatch.case_registered", &["case_id", "category_code"])];
    let grant = town.granted(covered, "001", 10).await?;
    let open = grants(&town.fire).request_grant(asked(town, department_of("fire-rescue"), "001")).await?;
    let under = pb::SubscribeRequest { grant_id: grant.clone(), ..of_fire() };
    let nats = pb::SubscribeRequest { way: pb::DeliveryWay::Nats as i32, ..of_fire() };
    let over_nats = subscribed(&town.fire_system, nats).await?;
    let request = pb::IssueNatsCredentialsRequest { subscription_id: over_nats.clone() };
    subscriptions(&town.fire_system).issue_nats_credentials(request).await?;
    let hook = pb::SubscribeRequest {
        name: "大屏".into(),
        way: pb::DeliveryWay::Webhook as i32,
        webhook: Some(pb::Webhook { url: receiver.url.clone(), ..Default::default() }),
        ..registrations(town)
    };
    let street = pb::SubscribeRequest {
        name: "街道".into(),
        way: pb::DeliveryWay::Pull as i32,
        ..registrations(town)
    };
    Ok(Things {
        asked: open.into_inner().grant.context("no grant")?.grant_id,
        pulled: subscribed(&town.fire_system, of_fire()).await?,
        granted: subscribed(&town.fire_system, under).await?,
        street: subscribed(&town.street_system, street).await?,
        hooked: subscribed(&town.street_system, hook).await?,
        over_nats,
        grant,
    })
}

pub(super) fn pull_of(id: &str) -> pb::PullRequest {
    pb::PullRequest { subscription_id: id.into(), max_facts: 10, wait_seconds: 0 }
}
