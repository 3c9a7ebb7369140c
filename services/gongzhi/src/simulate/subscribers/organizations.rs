//! Who subscribes: every sub-district by its own right, every department under a grant of its own; each signs in on a connection of its own.

use anyhow::{Context as _, Result};
use gongzhi_proto::access::v1::Post;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::organization::Organization;
use gongzhi_proto::organization::v1::HeldPost;
use gongzhi_proto::time::to_wire;
use jiff::{SignedDuration, Timestamp};

use super::mix::{Owner, Wanted, Way};
use crate::demo::actor::{Actor, Stage};
use crate::demo::cast::PASSWORD;
use crate::process::Process;
use crate::seed::{self, Divisions};

/// The fact to which everybody subscribes.
const FACT: &str = "dispatch.case_registered";

/// An organization that subscribes.
struct Subscriber {
    organization: pb::Organization,
    grant_id: String,
    actor: Actor,
}

/// All of them.
pub(super) struct Organizations {
    sub_districts: Vec<Subscriber>,
    departments: Vec<Subscriber>,
}

/// Appoints a system for each and grants departments what they subscribe to.
pub(super) async fn appoint(
    process: &Process,
    stage: &Stage,
    operator: &Actor,
    divisions: &Divisions,
) -> Result<Organizations> {
    let district = process.context.bus.district().to_string();
    let (mut sub_districts, mut departments) = (Vec::new(), Vec::new());
    for place in &divisions.sub_districts {
        let post = held(Post::SubDistrictSystem, &place.code, "");
        let account = format!("xt-{}", &place.code[6..]);
        seed::appoint(operator, &account, &place.name, PASSWORD, vec![post]).await?;
        let actor = Actor::sign_in(&Stage::of(process).await?, &account, PASSWORD).await?;
        let organization = wire(Organization::AreaCode(place.code.clone()));
        sub_districts.push(Subscriber { organization, grant_id: String::new(), actor });
    }
    for (code, name, _) in seed::DEPARTMENTS {
        let (account, liaison) = (format!("xt-{code}"), format!("lly-{code}"));
        let post = held(Post::DepartmentSystem, &district, code);
        seed::appoint(operator, &account, name, PASSWORD, vec![post]).await?;
        let post = held(Post::DepartmentLiaison, &district, code);
        seed::appoint(operator, &liaison, name, PASSWORD, vec![post]).await?;
        let liaison = Actor::sign_in(stage, &liaison, PASSWORD).await?;
        let organization = wire(Organization::DepartmentCode(code.into()));
        let grant_id = grant(&liaison, operator, &organization, &district).await?;
        let actor = Actor::sign_in(&Stage::of(process).await?, &account, PASSWORD).await?;
        departments.push(Subscriber { organization, grant_id, actor });
    }
    Ok(Organizations { sub_districts, departments })
}

fn wire(organization: Organization) -> pb::Organization {
    pb::Organization { organization: Some(organization) }
}

fn held(post: Post, area: &str, department: &str) -> HeldPost {
    HeldPost { post: post as i32, area_code: area.into(), department_code: department.into() }
}

/// The liaison asks, the operator approves.
async fn grant(
    liaison: &Actor,
    operator: &Actor,
    grantee: &pb::Organization,
    district: &str,
) -> Result<String> {
    let request = pb::RequestGrantRequest {
        grantee: Some(grantee.clone()),
        facts: vec![pb::GrantedFact { fact: FACT.into(), fields: Vec::new() }],
        area_code: district.into(),
        purpose: "测量投递时延".into(),
        until_at: Some(to_wire(Timestamp::now() + SignedDuration::from_hours(24))),
    };
    let asked = liaison.grants().request_grant(request).await?.into_inner().grant.context("no grant")?;
    let grant_id = asked.grant_id;
    operator
        .grants()
        .approve_grant(pb::ApproveGrantRequest { grant_id: grant_id.clone(), until_at: None })
        .await?;
    Ok(grant_id)
}

impl Organizations {
    /// Makes a subscription; tells who receives it, and its id.
    pub(super) async fn subscribe(
        &self,
        wanted: &Wanted,
        nth: usize,
        webhooks: &str,
    ) -> Result<(Actor, String)> {
        let owner = match wanted.owner {
            Owner::SubDistrict(nth) => &self.sub_districts[nth],
            Owner::Department(nth) => &self.departments[nth],
        };
        let way = match wanted.way {
            Way::Grpc => pb::DeliveryWay::Pull,
            Way::Webhook => pb::DeliveryWay::Webhook,
            Way::Nats => pb::DeliveryWay::Nats,
        };
        let webhook = (wanted.way == Way::Webhook)
            .then(|| pb::Webhook { url: format!("{webhooks}/{nth}"), ..Default::default() });
        let request = pb::SubscribeRequest {
            organization: Some(owner.organization.clone()),
            name: format!("测量 {nth}"),
            grant_id: owner.grant_id.clone(),
            filter: Some(pb::Filter {
                area_codes: vec![wanted.area.clone()],
                facts: vec![FACT.into()],
                audiences: Vec::new(),
                condition: wanted.condition(),
            }),
            way: way as i32,
            webhook,
            start: None,
            nats: None,
            reference: String::new(),
        };
        let made = owner.actor.subscriptions().subscribe(request).await?.into_inner();
        let id = made.subscription.context("no subscription was made")?.subscription_id;
        Ok((owner.actor.clone(), id))
    }
}
