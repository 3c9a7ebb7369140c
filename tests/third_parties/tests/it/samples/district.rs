//! A district of one's own in which the samples find what their pages ask for: departments with their people and systems, a fact type, a grant,
//! subscriptions. All services are in this process; whatever is asked is asked over gRPC by who may.

use anyhow::{Context as _, Result, ensure};
use gongzhi::process::{Ground, Process};
use gongzhi::services::Name;
use gongzhi_chassis::client::{Calling, Session};
use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::config::Settings;
use gongzhi_chassis::deliveries::{Deliveries, Standing};
use gongzhi_embedded::Part;
use gongzhi_organization::staff::{FirstAccount, appoint_as_system};
use gongzhi_proto::access::v1::Post;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::delivery_service_client::DeliveryServiceClient;
use gongzhi_proto::exchange::v1::grant_service_client::GrantServiceClient;
use gongzhi_proto::exchange::v1::organization::Organization;
use gongzhi_proto::exchange::v1::publication_service_client::PublicationServiceClient;
use gongzhi_proto::exchange::v1::publisher_service_client::PublisherServiceClient;
use gongzhi_proto::exchange::v1::subscription_service_client::SubscriptionServiceClient;
use gongzhi_proto::organization::v1 as organization;
use gongzhi_proto::organization::v1::department_service_client::DepartmentServiceClient;
use gongzhi_proto::organization::v1::identity_service_client::IdentityServiceClient;
use gongzhi_proto::organization::v1::staff_service_client::StaffServiceClient;
use gongzhi_proto::time::to_wire;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tonic::transport::Channel;

use super::page::Page;

/// 区平台管理员
pub const OPERATOR: &str = "pingtai";
/// 区城市管理局联络员, whose department publishes.
pub const PUBLISHING_LIAISON: &str = "chengguan";
/// The system of that department; its account is the one of the page.
pub const PUBLISHER: &str = "chengguan-system";
/// The system of 区消防救援大队, which receives.
pub const SUBSCRIBER: &str = "xiaofang-system";
/// The password that the page gives to an account; here everybody has it.
pub const PASSWORD: &str = "ten-letters-or-more";
const RECEIVING_LIAISON: &str = "xiaofang";
const FACT: &str = "dept-urban-management.bin_overflowed";

/// A district at work.
pub struct District {
    ground: Ground,
    process: Process,
    /// Addresses of gRPC and of the portal; they stay when the services are started again.
    pub grpc: String,
    pub portal: String,
    grant_id: String,
}

impl District {
    /// Opens a district that has what the page of curl asks for.
    pub async fn open(page: &Page) -> Result<Self> {
        // The program does this once in main.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let settings = settings("127.0.0.1:0", "127.0.0.1:0")?;
        let ground = Ground::find(&settings, None).await?;
        let process = start(&ground, &settings).await?;
        let grpc = process.grpc_address.to_string();
        let portal = process.portal_address.context("no portal is served")?.to_string();
        let mut district = Self { ground, process, grpc, portal, grant_id: String::new() };
        district.appoint(page).await?;
        let liaison = district.calls(PUBLISHING_LIAISON).await?;
        let registration: pb::RegisterFactTypeRequest = page.request("RegisterFactType")?;
        PublicationServiceClient::new(liaison).register_fact_type(registration).await?;
        district.grant_id = district.granted().await?;
        Ok(district)
    }

    /// The first operator by the system's word, everybody else by the operator's.
    async fn appoint(&self, page: &Page) -> Result<()> {
        let context = &self.process.context;
        let district = context.bus.district();
        let held = |post: Post, department: &str| organization::HeldPost {
            post: post as i32,
            area_code: district.to_string(),
            department_code: department.into(),
        };
        let first = FirstAccount {
            account: OPERATOR.into(),
            display_name: "区平台管理员".into(),
            password: PASSWORD.into(),
            posts: vec![held(Post::PlatformOperator, "")],
        };
        appoint_as_system(&context.writer(gongzhi_organization::NAME).await?, district, first).await?;
        let operator = self.calls(OPERATOR).await?;
        for (code, name_zh, name_en) in [
            ("fire-rescue", "区消防救援大队", "Fire and Rescue Brigade"),
            ("urban-management", "区城市管理局", "Urban Management Bureau"),
        ] {
            let department = organization::RegisterDepartmentRequest {
                department_code: code.into(),
                name_zh: name_zh.into(),
                name_en: name_en.into(),
                area_code: district.to_string(),
            };
            DepartmentServiceClient::new(operator.clone()).register_department(department).await?;
        }
        let person = |account: &str, post, department| organization::AppointStaffRequest {
            account: account.into(),
            display_name: account.into(),
            password: PASSWORD.into(),
            posts: vec![held(post, department)],
        };
        for appointed in [
            page.request("AppointStaff")?,
            person(PUBLISHING_LIAISON, Post::DepartmentLiaison, "urban-management"),
            person(RECEIVING_LIAISON, Post::DepartmentLiaison, "fire-rescue"),
            person(SUBSCRIBER, Post::DepartmentSystem, "fire-rescue"),
        ] {
            StaffServiceClient::new(operator.clone()).appoint_staff(appointed).await?;
        }
        Ok(())
    }

    /// The fire brigade may see the fact everywhere: its liaison asked, the operator approved.
    async fn granted(&self) -> Result<String> {
        let request = pb::RequestGrantRequest {
            grantee: receiving(),
            facts: vec![pb::GrantedFact { fact: FACT.into(), fields: Vec::new() }],
            area_code: self.process.context.bus.district().to_string(),
            purpose: "消防安全联合研判".into(),
            until_at: Some(to_wire(Timestamp::now() + SignedDuration::from_hours(24))),
        };
        let mut liaison = GrantServiceClient::new(self.calls(RECEIVING_LIAISON).await?);
        let grant = liaison.request_grant(request).await?.into_inner().grant.context("no grant")?;
        let approval = pb::ApproveGrantRequest { grant_id: grant.grant_id.clone(), until_at: None };
        GrantServiceClient::new(self.calls(OPERATOR).await?).approve_grant(approval).await?;
        Ok(grant.grant_id)
    }

    /// The calls of somebody with an account, each with a new idempotency key.
    async fn calls(&self, account: &str) -> Result<Calling> {
        let channel = Channel::from_shared(format!("http://{}", self.grpc))?.connect().await?;
        let request = organization::SignInRequest { account: account.into(), password: PASSWORD.into() };
        let answer = IdentityServiceClient::new(channel.clone()).sign_in(request).await?.into_inner();
        Ok(Session::new(channel, &answer.token).context("a token is not ASCII")?.calls())
    }

    async fn subscriptions(&self) -> Result<SubscriptionServiceClient<Calling>> {
        Ok(SubscriptionServiceClient::new(self.calls(SUBSCRIBER).await?))
    }

    /// A subscription under the grant, made by the system that receives.
    pub async fn subscribes(&self, way: pb::DeliveryWay, url: Option<String>) -> Result<String> {
        let scheme = pb::SignatureScheme::Hmac as i32;
        let request = pb::SubscribeRequest {
            organization: receiving(),
            name: "示例".into(),
            grant_id: self.grant_id.clone(),
            filter: Some(pb::Filter { facts: vec![FACT.into()], ..Default::default() }),
            way: way as i32,
            webhook: url.map(|url| pb::Webhook { url, scheme, allowed_networks: Vec::new() }),
            ..Default::default()
        };
        let made = self.subscriptions().await?.subscribe(request).await?.into_inner().subscription;
        Ok(made.context("no subscription")?.subscription_id)
    }

    /// The secret with which the webhook of a subscription is signed.
    pub async fn secret(&self, subscription_id: &str) -> Result<String> {
        let request = pb::ReadSigningKeysRequest { subscription_id: subscription_id.into() };
        let keys = self.subscriptions().await?.read_signing_keys(request).await?.into_inner().keys;
        Ok(keys.into_iter().next().context("no key")?.key)
    }

    /// New NATS credentials of a subscription, and where the server is.
    pub async fn credentials(
        &self,
        subscription_id: &str,
    ) -> Result<(pb::IssueNatsCredentialsResponse, String)> {
        let request = pb::IssueNatsCredentialsRequest { subscription_id: subscription_id.into() };
        let issued = self.subscriptions().await?.issue_nats_credentials(request).await?.into_inner();
        Ok((issued, self.ground.nats_url.clone()))
    }

    /// New NATS credentials of the department that publishes, and where the server is.
    pub async fn publishing_credentials(&self) -> Result<(pb::IssuePublisherCredentialsResponse, String)> {
        let organization = Organization::DepartmentCode("urban-management".into());
        let organization = Some(pb::Organization { organization: Some(organization) });
        let mut calls = PublisherServiceClient::new(self.calls(PUBLISHER).await?);
        let request = pb::IssuePublisherCredentialsRequest { organization };
        let issued = calls.issue_publisher_credentials(request).await?.into_inner();
        Ok((issued, self.ground.nats_url.clone()))
    }

    /// True while something is not acknowledged: of a subscription that is pulled, or of a durable on NATS.
    pub async fn waits(&self, subscription_id: &str, durable: Option<&str>) -> Result<bool> {
        if let Some(durable) = durable {
            let standing = Deliveries::new(self.process.context.bus.clone()).standing(durable).await?;
            return Ok(standing != Standing::default());
        }
        let subscription_id = subscription_id.into();
        let request = pb::PullRequest { subscription_id, max_facts: 1, wait_seconds: 0 };
        let mut system = DeliveryServiceClient::new(self.calls(SUBSCRIBER).await?);
        Ok(!system.pull(request).await?.into_inner().deliveries.is_empty())
    }

    /// Everything that the bus keeps comes again.
    pub async fn rewinds(&self, subscription_id: &str) -> Result<()> {
        let start = Some(pb::Start { start: Some(pb::start::Start::Beginning(true)) });
        let request = pb::RewindSubscriptionRequest { subscription_id: subscription_id.into(), start };
        self.subscriptions().await?.rewind_subscription(request).await?;
        Ok(())
    }

    /// What failed and waits is tried at once, as somebody does who has repaired the receiver.
    pub async fn retries(&self, subscription_id: &str) -> Result<()> {
        let request = pb::RetryHeldDeliveriesRequest { subscription_id: subscription_id.into() };
        self.subscriptions().await?.retry_held_deliveries(request).await?;
        Ok(())
    }

    /// Publishes events over gRPC; all must be accepted, now or before.
    pub async fn publishes(&self, events: &[Value]) -> Result<()> {
        let events = events.iter().map(ToString::to_string).collect();
        let mut publisher = PublicationServiceClient::new(self.calls(PUBLISHER).await?);
        let results = publisher.publish(pb::PublishRequest { events }).await?.into_inner().results;
        ensure!(results.iter().all(|result| !result.event_id.is_empty()), "{results:?}");
        Ok(())
    }

    /// The services end, the broker dies, and both come back at the same addresses.
    pub async fn restarts(mut self) -> Result<Self> {
        ensure!(self.process.stop().await?, "the services did not end in time");
        let embedded = self.ground.embedded().context("the broker is not ours")?;
        tokio::task::block_in_place(|| {
            embedded.kill(Part::Nats)?;
            embedded.restart(Part::Nats)
        })?;
        let settings = settings(&self.grpc, &self.portal)?;
        self.process = start(&self.ground, &settings).await?;
        Ok(self)
    }

    /// Ends the district.
    pub async fn close(self) -> Result<()> {
        let ended = self.process.stop().await?;
        self.ground.stop().await?;
        ensure!(ended, "the services did not end in time");
        Ok(())
    }
}

/// Receivers of webhooks are on this machine.
fn settings(grpc: &str, portal: &str) -> Result<Settings> {
    let (settings, _) = Settings::read(|name| match name {
        "GONGZHI_GRPC_ADDRESS" => Some(grpc.to_owned()),
        "GONGZHI_PORTAL_ADDRESS" => Some(portal.to_owned()),
        "GONGZHI_WEBHOOK_NETWORKS" => Some("127.0.0.0/8".into()),
        _ => None,
    })?;
    Ok(settings)
}

async fn start(ground: &Ground, settings: &Settings) -> Result<Process> {
    let context = ground.prepare(settings, Clock::system()).await?;
    Process::start(context, &[Name::Organization, Name::Exchange, Name::Portal]).await
}

fn receiving() -> Option<pb::Organization> {
    Some(pb::Organization { organization: Some(Organization::DepartmentCode("fire-rescue".into())) })
}
