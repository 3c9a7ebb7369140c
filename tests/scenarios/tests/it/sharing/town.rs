//! Who subscribes: departments are registered, grants asked for and approved, a hundred subscriptions made, and the systems behind them set to work.

use anyhow::{Context, Result};
use gongzhi_chassis::client::Session;
use gongzhi_chassis::webhook_signature::VerifyingKey;
use gongzhi_harness::wait_until;
use gongzhi_proto::access::v1::Post;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::grant_service_client::GrantServiceClient;
use gongzhi_proto::exchange::v1::start::Start;
use gongzhi_proto::exchange::v1::subscription_service_client::SubscriptionServiceClient;
use gongzhi_proto::ids::AreaCode;
use gongzhi_proto::organization::v1 as organization;
use gongzhi_proto::organization::v1::department_service_client::DepartmentServiceClient;
use gongzhi_proto::organization::v1::staff_service_client::StaffServiceClient;
use gongzhi_proto::time::to_wire;
use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;

use super::receivers::{self, Hooks, Inbox};
use super::wish::{Covered, DEPARTMENTS, DISTRICT, Party, Wish};
use crate::outage::ground::Ground;

/// A subscriber at work.
pub struct Subscriber {
    pub name: String,
    pub wish: Wish,
    pub inbox: Inbox,
    session: Session,
    id: String,
}

/// All of them. Dropping it ends their systems.
pub struct Town {
    pub subscribers: Vec<Subscriber>,
    pub hooks: Hooks,
    systems: JoinSet<Result<()>>,
}

impl Town {
    /// Founds it with so many subscriptions, of all three ways in turn; the process must be serving.
    pub async fn found(ground: &Ground, subscriptions: usize) -> Result<Self> {
        let district = AreaCode::parse(DISTRICT)?;
        let operator = ground.person("POST_PLATFORM_OPERATOR", &district, None)?;
        register_departments(ground, &operator).await?;
        appoint(&operator).await?;
        let (hooks, systems) = (Hooks::open().await?, JoinSet::new());
        let mut town = Self { subscribers: Vec::new(), hooks, systems };
        for nth in 0..subscriptions {
            town.subscribe(ground, &operator, nth).await.with_context(|| format!("subscription {nth}"))?;
        }
        Ok(town)
    }

    async fn subscribe(&mut self, ground: &Ground, operator: &Session, nth: usize) -> Result<()> {
        let wish = Wish::nth(nth);
        let (post, area, unit) = match &wish.party {
            Party::Area(code) => ("POST_SUB_DISTRICT_SYSTEM", code.as_str(), None),
            Party::Department(code) => ("POST_DEPARTMENT_SYSTEM", DISTRICT, Some(*code)),
        };
        let session = ground.person(post, &AreaCode::parse(area)?, unit)?;
        let grant_id = match &wish.grant {
            Some(grant) => granted(ground, operator, &wish.party, grant).await?,
            None => String::new(),
        };
        let scheme =
            if nth.is_multiple_of(2) { pb::SignatureScheme::Ed25519 } else { pb::SignatureScheme::Hmac };
        let webhook = pb::Webhook {
            url: format!("{}/{nth}", self.hooks.url),
            scheme: scheme as i32,
            allowed_networks: vec![],
        };
        let text = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect();
        let filter = pb::Filter {
            area_codes: wish.areas.clone(),
            facts: text(&wish.facts),
            audiences: text(&wish.audiences),
            condition: wish.condition.map(|(text, _)| text.to_owned()).unwrap_or_default(),
        };
        let request = pb::SubscribeRequest {
            organization: Some(wish.party.to_wire()),
            name: format!("第{nth}号"),
            grant_id,
            filter: Some(filter),
            way: wish.way as i32,
            webhook: (wish.way == pb::DeliveryWay::Webhook).then_some(webhook),
            start: Some(pb::Start { start: Some(Start::Beginning(true)) }),
            // One in hand: the oracle asks for the order of every subscriber.
            nats: None,
            reference: String::new(),
        };
        let mut calls = SubscriptionServiceClient::new(session.calls());
        let made = calls.subscribe(request).await?.into_inner().subscription.context("no subscription")?;
        let name = format!("{nth} ({:?})", wish.party);
        let subscriber =
            Subscriber { name, wish, inbox: Inbox::default(), session, id: made.subscription_id };
        self.set_to_work(ground, nth, &subscriber).await?;
        self.subscribers.push(subscriber);
        Ok(())
    }

    /// Starts the system behind a subscription.
    async fn set_to_work(&mut self, ground: &Ground, nth: usize, subscriber: &Subscriber) -> Result<()> {
        let (session, id, inbox) =
            (subscriber.session.clone(), subscriber.id.clone(), subscriber.inbox.clone());
        let mut calls = SubscriptionServiceClient::new(session.calls());
        match subscriber.wish.way {
            pb::DeliveryWay::Webhook => {
                let request = pb::ReadSigningKeysRequest { subscription_id: id };
                let keys = calls.read_signing_keys(request).await?.into_inner().keys;
                let keys = keys.iter().map(|key| VerifyingKey::parse(&key.key)).collect::<Result<_, _>>()?;
                self.hooks.expect(nth, inbox, keys);
            }
            pb::DeliveryWay::Nats => {
                let request = pb::IssueNatsCredentialsRequest { subscription_id: id };
                let issued = calls.issue_nats_credentials(request).await?.into_inner();
                self.systems.spawn(receivers::nats(ground.nats_url(), issued, inbox));
            }
            // Half of them hold a stream open, half pull.
            pb::DeliveryWay::Pull | pb::DeliveryWay::Unspecified if nth.is_multiple_of(2) => {
                self.systems.spawn(async move {
                    receivers::stream(session, id, inbox).await;
                    Ok(())
                });
            }
            pb::DeliveryWay::Pull | pb::DeliveryWay::Unspecified => {
                self.systems.spawn(async move {
                    receivers::pull(session, id, inbox).await;
                    Ok(())
                });
            }
        }
        Ok(())
    }

    /// Fails as the first system did that ended: none does by itself.
    pub fn goes_well(&mut self) -> Result<()> {
        match self.systems.try_join_next() {
            Some(ended) => ended?.and_then(|()| anyhow::bail!("a subscriber's system ended")),
            None => Ok(()),
        }
    }

    /// How much came, to all of them.
    pub fn came(&self) -> usize {
        self.subscribers.iter().map(|subscriber| subscriber.inbox.count()).sum()
    }

    /// Has what failed twice tried at once instead of in five minutes, as its owner would; tells how much that is.
    pub async fn retry_held(&self) -> Result<i64> {
        let mut retried = 0;
        for one in self.subscribers.iter().filter(|one| one.wish.way == pb::DeliveryWay::Webhook) {
            let request = pb::RetryHeldDeliveriesRequest { subscription_id: one.id.clone() };
            let mut calls = SubscriptionServiceClient::new(one.session.calls());
            retried += calls.retry_held_deliveries(request).await?.into_inner().retried;
        }
        Ok(retried)
    }
}

/// Registers the departments, and waits until dispatch has heard of them over the bus.
async fn register_departments(ground: &Ground, operator: &Session) -> Result<()> {
    for code in DEPARTMENTS {
        let request = organization::RegisterDepartmentRequest {
            department_code: code.into(),
            name_zh: format!("{code} 局"),
            name_en: code.into(),
            area_code: DISTRICT.into(),
        };
        DepartmentServiceClient::new(operator.calls()).register_department(request).await?;
    }
    let dispatch = ground.record("dispatch").pool();
    wait_until("dispatch knows the departments", || async {
        let known: i64 = sqlx::query_scalar("select count(*) from departments").fetch_one(dispatch).await?;
        Ok(if known == 3 { Ok(()) } else { Err(format!("{known} known")) })
    })
    .await
}

/// Appoints people, of which only a grant that names it lets anybody know.
async fn appoint(operator: &Session) -> Result<()> {
    for nth in 1..=3 {
        let post = organization::HeldPost {
            post: Post::GridWorker as i32,
            area_code: format!("{DISTRICT}{nth:03}051"),
            department_code: String::new(),
        };
        let request = organization::AppointStaffRequest {
            account: format!("worker-{nth}"),
            display_name: "网格员".into(),
            password: String::new(),
            posts: vec![post],
        };
        StaffServiceClient::new(operator.calls()).appoint_staff(request).await?;
    }
    Ok(())
}

/// A grant that somebody of the organization asks for and the operator approves.
async fn granted(ground: &Ground, operator: &Session, party: &Party, covered: &Covered) -> Result<String> {
    let asking = match party {
        Party::Department(code) => {
            ground.person("POST_DEPARTMENT_LIAISON", &AreaCode::parse(DISTRICT)?, Some(code))?
        }
        Party::Area(code) => ground.person("POST_SUB_DISTRICT_LEADER", &AreaCode::parse(code)?, None)?,
    };
    let facts = covered.facts.iter().map(|(fact, fields)| pb::GrantedFact {
        fact: (*fact).to_owned(),
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
    });
    let request = pb::RequestGrantRequest {
        grantee: Some(party.to_wire()),
        facts: facts.collect(),
        area_code: covered.area.clone(),
        purpose: "消防安全联合研判".into(),
        until_at: Some(to_wire(Timestamp::now() + SignedDuration::from_hours(24))),
    };
    let asked = GrantServiceClient::new(asking.calls()).request_grant(request).await?.into_inner();
    let grant_id = asked.grant.context("no grant")?.grant_id;
    let approve = pb::ApproveGrantRequest { grant_id: grant_id.clone(), until_at: None };
    GrantServiceClient::new(operator.calls()).approve_grant(approve).await?;
    Ok(grant_id)
}
