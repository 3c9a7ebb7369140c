//! A district in which things happen: the exchange at work, organizations that ask it, and somebody who puts facts on the bus.

use anyhow::{Context, Result};
use gongzhi_chassis::bus::Outgoing;
use gongzhi_chassis::caller::PostClaim;
use gongzhi_chassis::client::Calling;
use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::config::Settings;
use gongzhi_harness::{Bench, Person};
use gongzhi_proto::Fact;
use gongzhi_proto::dispatch::v1 as dispatch;
use gongzhi_proto::envelope::{Envelope, Meta};
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::delivery_service_client::DeliveryServiceClient;
use gongzhi_proto::exchange::v1::grant_service_client::GrantServiceClient;
use gongzhi_proto::exchange::v1::organization::Organization;
use gongzhi_proto::exchange::v1::subscription_service_client::SubscriptionServiceClient;
use gongzhi_proto::ids::DepartmentCode;
use gongzhi_proto::subjects::Audience;
use gongzhi_proto::time::to_wire;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

pub struct Town {
    pub bench: Bench,
    pub clock: Clock,
    /// 区平台管理员, two of them.
    pub operator: Person,
    pub second_operator: Person,
    pub fire: Person,
    pub housing: Person,
    /// Information systems.
    pub fire_system: Person,
    pub housing_system: Person,
    pub street_system: Person,
}

impl Town {
    /// A district whose operator lets webhooks go to this machine, where receivers of tests are.
    pub async fn new() -> Result<Self> {
        Self::with_networks("127.0.0.0/8", "").await
    }

    /// A district whose operator opens some networks to webhooks and closes others.
    pub async fn with_networks(open: &str, closed: &str) -> Result<Self> {
        // The program does this once in main; the second test of a binary finds it done.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = Clock::starting_at("2026-11-09T01:30:00Z".parse()?);
        let mut bench = Bench::at(clock.clone()).await?;
        let district = bench.area("");
        let (settings, _) = Settings::read(|name| match name {
            "GONGZHI_DISTRICT" => Some(district.to_string()),
            "GONGZHI_WEBHOOK_NETWORKS" => Some(open.into()),
            "GONGZHI_WEBHOOK_CLOSED_NETWORKS" => Some(closed.into()),
            _ => None,
        })?;
        bench.context.settings = settings.into();
        bench.migrate(gongzhi_exchange::NAME, &gongzhi_exchange::MIGRATIONS).await?;
        let service = gongzhi_exchange::service(&bench.context).await?;
        bench.serve(vec![service]).await?;
        let system = |unit: &str| {
            let (post, area) = ("POST_DEPARTMENT_SYSTEM".into(), district.clone());
            bench.person_with(vec![PostClaim { post, area, unit: Some(unit.into()) }])
        };
        Ok(Self {
            operator: bench.person("POST_PLATFORM_OPERATOR", &district),
            second_operator: bench.person("POST_PLATFORM_OPERATOR", &district),
            fire: bench.liaison("fire-rescue"),
            housing: bench.liaison("housing"),
            fire_system: system("fire-rescue"),
            housing_system: system("housing"),
            street_system: bench.person("POST_SUB_DISTRICT_SYSTEM", &bench.area("001")),
            clock,
            bench,
        })
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Puts a fact on the bus as its owner's relay does; gives its id.
    pub async fn tells(
        &self,
        (case, version): (Uuid, i64),
        area: &str,
        audience: Audience,
        fact: impl Into<Fact>,
    ) -> Result<Uuid> {
        let event_id = Uuid::now_v7();
        let meta = Meta {
            event_id,
            aggregate_kind: "case",
            aggregate_id: case.to_string(),
            version,
            at: self.now(),
            area: self.bench.area(area),
            audience,
            actor: "system:dispatch".into(),
            traceparent: None,
        };
        let envelope = Envelope::seal(&fact.into(), meta)?;
        let subject = envelope.bus_subject()?.to_string();
        let outgoing = Outgoing { subject, id: event_id, body: envelope.to_bytes().into() };
        self.bench.context.bus.publish(&[outgoing]).await?;
        Ok(event_id)
    }

    /// Tells everybody in an area that a case was registered.
    pub async fn registered(&self, case: Uuid, area: &str, category: &str) -> Result<Uuid> {
        let fact = dispatch::CaseRegistered {
            case_id: case.to_string(),
            area_code: self.bench.area(area).to_string(),
            category_code: category.into(),
            ..Default::default()
        };
        self.tells((case, 1), area, Audience::All, fact).await
    }

    /// Tells a department that it is called.
    pub async fn whistled(&self, case: Uuid, area: &str, department: &str) -> Result<Uuid> {
        let fact = dispatch::WhistleSounded {
            whistle_id: Uuid::now_v7().to_string(),
            case_id: case.to_string(),
            department_code: department.into(),
            ..Default::default()
        };
        let audience = Audience::Department(DepartmentCode::parse(department)?);
        self.tells((case, 2), area, audience, fact).await
    }

    /// A grant to the fire brigade, asked for by its liaison and approved by an operator.
    pub async fn granted(&self, facts: Vec<pb::GrantedFact>, area: &str, days: i64) -> Result<String> {
        let request = pb::RequestGrantRequest {
            grantee: department_of("fire-rescue"),
            facts,
            area_code: self.bench.area(area).to_string(),
            purpose: "消防安全联合研判".into(),
            until_at: Some(to_wire(self.now() + SignedDuration::from_hours(24 * days))),
        };
        let grant =
            grants(&self.fire).request_grant(request).await?.into_inner().grant.context("no grant")?;
        let approve = pb::ApproveGrantRequest { grant_id: grant.grant_id.clone(), until_at: None };
        grants(&self.operator).approve_grant(approve).await?;
        Ok(grant.grant_id)
    }

    /// A subscription that is pulled.
    pub async fn pulls(&self, who: &Person, request: pb::SubscribeRequest) -> Result<String> {
        let request =
            pb::SubscribeRequest { way: pb::DeliveryWay::Pull as i32, name: "测试".into(), ..request };
        let made = subscriptions(who).subscribe(request).await?.into_inner().subscription;
        Ok(made.context("no subscription")?.subscription_id)
    }

    /// Everything that waits for a subscription, acknowledged page by page.
    pub async fn takes(&self, who: &Person, subscription_id: &str) -> Result<Vec<pb::Delivery>> {
        let mut all = Vec::new();
        loop {
            let subscription_id = subscription_id.to_owned();
            let request =
                pb::PullRequest { subscription_id: subscription_id.clone(), max_facts: 77, wait_seconds: 1 };
            let answer = deliveries(who).pull(request).await?.into_inner();
            let position = answer.position;
            deliveries(who).acknowledge(pb::AcknowledgeRequest { subscription_id, position }).await?;
            if answer.deliveries.is_empty() {
                return Ok(all);
            }
            all.extend(answer.deliveries);
        }
    }
}

pub fn department_of(code: &str) -> Option<pb::Organization> {
    Some(pb::Organization { organization: Some(Organization::DepartmentCode(code.into())) })
}

pub fn area_of(town: &Town, below: &str) -> Option<pb::Organization> {
    Some(pb::Organization { organization: Some(Organization::AreaCode(town.bench.area(below).to_string())) })
}

/// Registrations in the area of the sub-district.
pub fn registrations(town: &Town) -> pb::SubscribeRequest {
    pb::SubscribeRequest {
        organization: area_of(town, "001"),
        filter: Some(pb::Filter { facts: vec!["dispatch.case_registered".into()], ..Default::default() }),
        ..Default::default()
    }
}

pub fn grants(who: &Person) -> GrantServiceClient<Calling> {
    GrantServiceClient::new(who.calls())
}

pub fn subscriptions(who: &Person) -> SubscriptionServiceClient<Calling> {
    SubscriptionServiceClient::new(who.calls())
}

pub fn deliveries(who: &Person) -> DeliveryServiceClient<Calling> {
    DeliveryServiceClient::new(who.calls())
}

pub fn event(delivery: &pb::Delivery) -> serde_json::Value {
    serde_json::from_str(&delivery.event).expect("an event is JSON")
}

/// The id of a delivered event.
pub fn id_of(delivery: &pb::Delivery) -> Uuid {
    event(delivery)["id"].as_str().and_then(|id| id.parse().ok()).expect("an event has an id")
}

pub fn ids_of(deliveries: &[pb::Delivery]) -> Vec<Uuid> {
    deliveries.iter().map(id_of).collect()
}

/// A granted fact with these fields; none for all.
pub fn fact(name: &str, fields: &[&str]) -> pb::GrantedFact {
    pb::GrantedFact { fact: name.into(), fields: fields.iter().map(|field| (*field).to_owned()).collect() }
}

/// The word by which the rules said no.
pub fn reason(status: &tonic::Status) -> String {
    use tonic_types::StatusExt;
    status.get_details_error_info().map(|info| info.reason).unwrap_or_else(|| format!("{status:?}"))
}
