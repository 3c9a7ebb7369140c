//! Acts on subscriptions: by nobody, by people with bad tokens, by others, and by the owner beyond its rights.

use anyhow::{Context, Result};
use gongzhi_chassis::caller::PostClaim;
use gongzhi_chassis::client::Session;
use gongzhi_chassis::token::{Audience, Signer};
use gongzhi_harness::Person;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::catalogue_service_client::CatalogueServiceClient;
use gongzhi_proto::exchange::v1::delivery_service_client::DeliveryServiceClient;
use gongzhi_proto::exchange::v1::start::Start;
use gongzhi_proto::time::to_wire;
use jiff::SignedDuration;
use tonic::Code;
use uuid::Uuid;

use super::acts::{Acts, Things, of_fire, pull_of};
use crate::town::{Town, area_of, deliveries, department_of, registrations, subscriptions};

/// Everything that can be asked of somebody's subscription, by somebody.
pub(super) fn on_subscription(
    acts: &mut Acts,
    who: &'static str,
    person: &Person,
    id: &str,
    code: Code,
    operating: Code,
) {
    let id = || id.to_owned();
    let (mut delivery, mut calls) = (deliveries(person), subscriptions(person));
    let request = pull_of(&id());
    acts.add(format!("{who} pulls"), code, async move { delivery.pull(request).await });
    let (mut delivery, request) = (deliveries(person), pb::StreamRequest { subscription_id: id() });
    acts.add(format!("{who} opens a stream"), code, async move { delivery.stream(request).await });
    let (mut delivery, subscription_id) = (deliveries(person), id());
    acts.add(format!("{who} moves the cursor"), code, async move {
        delivery.acknowledge(pb::AcknowledgeRequest { subscription_id, position: 1 }).await
    });
    let request = pb::GetSubscriptionRequest { subscription_id: id() };
    acts.add(format!("{who} looks"), code, async move { calls.get_subscription(request).await });
    let (mut calls, request) = (subscriptions(person), pb::ReadSigningKeysRequest { subscription_id: id() });
    acts.add(format!("{who} reads the keys"), code, async move { calls.read_signing_keys(request).await });
    let (mut calls, request) = (subscriptions(person), pb::RotateSigningKeyRequest { subscription_id: id() });
    acts.add(
        format!("{who} changes the key"),
        operating,
        async move { calls.rotate_signing_key(request).await },
    );
    let (mut calls, request) =
        (subscriptions(person), pb::IssueNatsCredentialsRequest { subscription_id: id() });
    acts.add(format!("{who} has credentials issued"), code, async move {
        calls.issue_nats_credentials(request).await
    });
    let (mut calls, request) = (subscriptions(person), pb::SendTestRequest { subscription_id: id() });
    acts.add(format!("{who} has a test sent"), code, async move { calls.send_test(request).await });
    let request = pb::ListHeldDeliveriesRequest { subscription_id: id(), ..Default::default() };
    let mut calls = subscriptions(person);
    acts.add(
        format!("{who} lists what is held"),
        code,
        async move { calls.list_held_deliveries(request).await },
    );
    let (mut calls, request) =
        (subscriptions(person), pb::RetryHeldDeliveriesRequest { subscription_id: id() });
    acts.add(format!("{who} has it tried again"), operating, async move {
        calls.retry_held_deliveries(request).await
    });
    let request = pb::PauseSubscriptionRequest { subscription_id: id(), reason: "停一下".into() };
    let mut calls = subscriptions(person);
    acts.add(format!("{who} pauses"), operating, async move { calls.pause_subscription(request).await });
    let (mut calls, request) =
        (subscriptions(person), pb::ResumeSubscriptionRequest { subscription_id: id() });
    acts.add(format!("{who} resumes"), operating, async move { calls.resume_subscription(request).await });
    let request = pb::EndSubscriptionRequest { subscription_id: id(), reason: "停了".into() };
    let mut calls = subscriptions(person);
    acts.add(format!("{who} ends"), operating, async move { calls.end_subscription(request).await });
    let start = Some(pb::Start { start: Some(Start::Beginning(true)) });
    let (mut calls, subscription_id) = (subscriptions(person), id());
    acts.add(format!("{who} rewinds"), operating, async move {
        calls.rewind_subscription(pb::RewindSubscriptionRequest { subscription_id, start }).await
    });
}

/// By nobody, and by people whose token is none.
pub(super) fn by_nobody(acts: &mut Acts, town: &Town, things: &Things) -> Result<()> {
    let mut nobody = DeliveryServiceClient::new(town.bench.channel());
    let request = pull_of(&things.pulled);
    acts.add("nobody pulls", Code::Unauthenticated, async move { nobody.pull(request).await });
    let mut nobody = CatalogueServiceClient::new(town.bench.channel());
    acts.add("nobody reads the catalogue", Code::Unauthenticated, async move {
        nobody.list_facts(pb::ListFactsRequest::default()).await
    });
    let posts = || {
        let (area, unit) = (town.bench.area(""), Some("fire-rescue".to_owned()));
        vec![PostClaim { post: "POST_DEPARTMENT_SYSTEM".into(), area, unit }]
    };
    let now = town.now().as_second();
    let expired =
        town.bench.person_of(posts(), |claims| (claims.iat, claims.exp) = (now - 7_200, now - 3_600));
    let foreign = town.bench.person_of(posts(), |claims| claims.iss = "elsewhere".into());
    let other = town.bench.person_of(posts(), |claims| claims.aud = Audience::One("others".into()));
    let stranger = Signer::from_pkcs8(&Signer::generate()?)?;
    let forged = stranger.sign(&town.bench.claims(posts()))?;
    let mut bad = vec![
        ("an expired token", expired.calls()),
        ("a token of another issuer", foreign.calls()),
        ("a token for another audience", other.calls()),
    ];
    for (name, token) in
        [("a token of another's key", forged.as_str()), ("no token", "letmein"), ("an empty token", "")]
    {
        bad.push((name, Session::new(town.bench.channel(), token).context("not ASCII")?.calls()));
    }
    for (name, calls) in bad {
        let (mut delivery, request) = (DeliveryServiceClient::new(calls), pull_of(&things.pulled));
        acts.add(format!("{name} pulls"), Code::Unauthenticated, async move { delivery.pull(request).await });
    }
    Ok(())
}

/// Who subscribes to what, and how it is denied.
type Rows<'a> = Vec<(&'static str, Code, &'a Person, pb::SubscribeRequest)>;

fn subscribing(acts: &mut Acts, rows: Rows<'_>) {
    for (name, code, who, request) in rows {
        let mut calls = subscriptions(who);
        acts.add(format!("subscribes: {name}"), code, async move { calls.subscribe(request).await });
    }
}

fn of_area(code: String) -> pb::Filter {
    pb::Filter { area_codes: vec![code], ..Default::default() }
}

fn on_condition(text: &str) -> pb::Filter {
    pb::Filter { condition: text.into(), ..Default::default() }
}

/// Beyond what a grant covers, or by a grant that is none.
pub(super) fn beyond_grants(acts: &mut Acts, town: &Town, things: &Things) {
    let under = |filter: pb::Filter| pb::SubscribeRequest {
        grant_id: things.grant.clone(),
        filter: Some(filter),
        ..of_fire()
    };
    let facts = |name: &str| pb::Filter { facts: vec![name.into()], ..Default::default() };
    let (invalid, denied) = (Code::InvalidArgument, Code::PermissionDenied);
    let fire = &town.fire_system;
    let rows = vec![
        ("facts that the grant does not cover", invalid, fire, under(facts("dispatch.case_settled"))),
        ("an area outside of the grant", invalid, fire, under(of_area(town.bench.area("002").to_string()))),
        ("a condition on a hidden field", invalid, fire, under(on_condition("urgency = \"URGENCY_NORMAL\""))),
        ("a fact with a wildcard", invalid, fire, under(facts("dispatch.*"))),
        ("every fact by a wildcard", invalid, fire, under(facts(">"))),
        ("an area with a wildcard", invalid, fire, under(of_area("330105*".into()))),
        ("another district", invalid, fire, under(of_area("110101".into()))),
        (
            "a grant that nobody approved",
            invalid,
            fire,
            pb::SubscribeRequest { grant_id: things.asked.clone(), ..of_fire() },
        ),
        (
            "a grant that is not there",
            Code::NotFound,
            fire,
            pb::SubscribeRequest { grant_id: Uuid::now_v7().to_string(), ..of_fire() },
        ),
        ("a grant by a wildcard", invalid, fire, pb::SubscribeRequest { grant_id: "*".into(), ..of_fire() }),
        (
            "another's grant",
            invalid,
            &town.housing_system,
            pb::SubscribeRequest {
                grant_id: things.grant.clone(),
                organization: department_of("housing"),
                ..of_fire()
            },
        ),
        ("another's grant in its name", denied, &town.housing_system, under(pb::Filter::default())),
        ("in another department's name", denied, &town.housing_system, of_fire()),
    ];
    subscribing(acts, rows);
}

/// Beyond what an area may see or be, and what no subscription may ask for.
pub(super) fn beyond_own_area(acts: &mut Acts, town: &Town) {
    let of_street = |filter| pb::SubscribeRequest {
        way: pb::DeliveryWay::Pull as i32,
        name: "越权".into(),
        filter: Some(filter),
        ..registrations(town)
    };
    let (invalid, denied) = (Code::InvalidArgument, Code::PermissionDenied);
    let street = &town.street_system;
    let many = pb::Filter { facts: vec!["dispatch.case_registered".into(); 101], ..Default::default() };
    let deep = format!("{}area_code = \"1\"{}", "(".repeat(40), ")".repeat(40));
    let rows = vec![
        (
            "in another area's name",
            denied,
            street,
            pb::SubscribeRequest { organization: area_of(town, "002"), ..of_street(pb::Filter::default()) },
        ),
        (
            "in the name of the district",
            denied,
            street,
            pb::SubscribeRequest { organization: area_of(town, ""), ..of_street(pb::Filter::default()) },
        ),
        ("in a department's name, by an area", denied, street, of_fire()),
        (
            "an area that is not its own",
            invalid,
            street,
            of_street(of_area(town.bench.area("002").to_string())),
        ),
        ("more entries than a filter has", invalid, street, of_street(many)),
        ("a condition as deep as a well", invalid, street, of_street(on_condition(&deep))),
        ("a condition of SQL", invalid, street, of_street(on_condition("1=1; drop table cursors --"))),
        (
            "an unknown way",
            invalid,
            street,
            pb::SubscribeRequest { way: 99, ..of_street(pb::Filter::default()) },
        ),
        (
            "a beginning that lies ahead",
            invalid,
            street,
            pb::SubscribeRequest {
                start: Some(pb::Start {
                    start: Some(Start::Time(to_wire(town.now() + SignedDuration::from_hours(1)))),
                }),
                ..of_street(pb::Filter::default())
            },
        ),
    ];
    subscribing(acts, rows);
}
