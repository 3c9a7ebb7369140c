//! Acts on grants and types of others, and with ids, cursors and pages that nobody was given.

use gongzhi_harness::Person;
use gongzhi_proto::event::v1::Classification;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::publication_service_client::PublicationServiceClient;
use gongzhi_proto::exchange::v1::publisher_service_client::PublisherServiceClient;
use gongzhi_proto::time::to_wire;
use jiff::SignedDuration;
use serde_json::json;
use tonic::{Code, Status};
use uuid::Uuid;

use super::acts::{Acts, Things, asked, pull_of};
use crate::town::{Town, area_of, deliveries, department_of, grants, subscriptions};

/// Grants that somebody asks for or decides who may not.
pub(super) fn of_grants(acts: &mut Acts, town: &Town, things: &Things, own: (&Person, &str)) {
    let (denied, rules) = (Code::PermissionDenied, Code::FailedPrecondition);
    let approve = |id: &str| pb::ApproveGrantRequest { grant_id: id.into(), until_at: None };
    let auditor = town.bench.person("POST_AUDITOR", &town.bench.area(""));
    let leader = town.bench.person("POST_SUB_DISTRICT_LEADER", &town.bench.area("001"));
    for (name, who) in [
        ("a liaison", &town.fire),
        ("a system", &town.fire_system),
        ("an auditor", &auditor),
        ("a leader", &leader),
    ] {
        let (mut calls, request) = (grants(who), approve(&things.asked));
        acts.add(format!("{name} approves"), denied, async move { calls.approve_grant(request).await });
        let request = pb::RevokeGrantRequest { grant_id: things.grant.clone(), reason: "不行".into() };
        let mut calls = grants(who);
        acts.add(format!("{name} revokes"), denied, async move { calls.revoke_grant(request).await });
        let request = pb::RefuseGrantRequest { grant_id: things.asked.clone(), reason: "不行".into() };
        let mut calls = grants(who);
        acts.add(format!("{name} refuses"), denied, async move { calls.refuse_grant(request).await });
    }
    let (mut calls, request) = (grants(own.0), approve(own.1));
    acts.refused(
        "who asked approves",
        rules,
        "OWN_REQUEST",
        async move { calls.approve_grant(request).await },
    );
    let (mut calls, request) = (grants(&town.operator), approve(&things.grant));
    acts.refused(
        "is approved twice",
        rules,
        "ALREADY_DECIDED",
        async move { calls.approve_grant(request).await },
    );
    let until_at = Some(to_wire(town.now() + SignedDuration::from_hours(1_000)));
    let (mut calls, request) =
        (grants(&town.operator), pb::ApproveGrantRequest { until_at, ..approve(&things.asked) });
    acts.refused("is approved for longer", rules, "LATER_THAN_ASKED", async move {
        calls.approve_grant(request).await
    });
    let elsewhere = town.bench.person("POST_PLATFORM_OPERATOR", &town.bench.area("002"));
    let (mut calls, request) = (grants(&elsewhere), approve(&things.asked));
    acts.add("an operator of elsewhere approves", denied, async move { calls.approve_grant(request).await });
    for (name, who, grantee, area, code) in [
        ("for another department", &town.housing, department_of("fire-rescue"), "001", denied),
        ("for another area", &leader, area_of(town, "002"), "002", denied),
        ("by a system", &town.fire_system, department_of("fire-rescue"), "001", denied),
        ("for nobody", &town.fire, None, "001", Code::InvalidArgument),
    ] {
        let (mut calls, request) = (grants(who), asked(town, grantee, area));
        acts.add(format!("asks for a grant {name}"), code, async move { calls.request_grant(request).await });
    }
}

/// Grants that somebody reads who may not.
pub(super) fn readings(acts: &mut Acts, town: &Town, things: &Things) {
    let denied = Code::PermissionDenied;
    let (mut calls, request) =
        (grants(&town.housing), pb::GetGrantRequest { grant_id: things.grant.clone() });
    acts.add("another department reads a grant", denied, async move { calls.get_grant(request).await });
    let request = pb::ListGrantsRequest { grantee: department_of("fire-rescue"), ..Default::default() };
    let mut calls = grants(&town.housing);
    acts.add("another department lists grants", denied, async move { calls.list_grants(request).await });
    let mut calls = grants(&town.street_system);
    acts.add("an area lists all grants", denied, async move {
        calls.list_grants(pb::ListGrantsRequest::default()).await
    });
    let request = pb::ExplainRightsRequest {
        organization: department_of("fire-rescue"),
        fact: "dispatch.case_registered".into(),
        area_code: town.bench.area("001").to_string(),
        audience: String::new(),
    };
    let mut calls = grants(&town.housing);
    acts.add(
        "another department asks for rights",
        denied,
        async move { calls.explain_rights(request).await },
    );
}

/// Ids, cursors, pages and keys that nobody was given.
pub(super) fn forged(acts: &mut Acts, town: &Town, things: &Things) {
    let invalid = Code::InvalidArgument;
    let ids = [
        "*",
        ">",
        "",
        "订阅",
        "../../etc",
        "' or '1'='1",
        "00000000-0000-0000-0000-00000000000g",
        "sub.330105.*",
    ];
    let long = "9".repeat(100_000);
    for id in ids.into_iter().chain([long.as_str()]) {
        let shown: String = id.chars().take(20).collect();
        let (mut delivery, request) = (deliveries(&town.fire_system), pull_of(id));
        acts.add(format!("pulls {shown:?}"), invalid, async move { delivery.pull(request).await });
    }
    for (name, change) in [
        ("less than nothing", pb::PullRequest { max_facts: -1, ..pull_of(&things.pulled) }),
        ("more than there is room for", pb::PullRequest { max_facts: 1_001, ..pull_of(&things.pulled) }),
        ("as much as a number holds", pb::PullRequest { max_facts: i32::MAX, ..pull_of(&things.pulled) }),
        ("and waits for an hour", pb::PullRequest { wait_seconds: 3_600, ..pull_of(&things.pulled) }),
    ] {
        let mut delivery = deliveries(&town.fire_system);
        acts.add(format!("pulls {name}"), invalid, async move { delivery.pull(change).await });
    }
    for position in [-1, i64::MIN, i64::MAX, 1_000_000] {
        let (mut delivery, subscription_id) = (deliveries(&town.fire_system), things.pulled.clone());
        acts.add(format!("acknowledges position {position}"), invalid, async move {
            delivery.acknowledge(pb::AcknowledgeRequest { subscription_id, position }).await
        });
    }
    for (name, who, id) in [
        ("a webhook", &town.street_system, &things.hooked),
        ("what goes over NATS", &town.fire_system, &things.over_nats),
    ] {
        let (mut delivery, request) = (deliveries(who), pull_of(id));
        acts.refused(format!("pulls {name}"), Code::FailedPrecondition, "NOT_PULLED", async move {
            delivery.pull(request).await
        });
        let (mut delivery, request) = (deliveries(who), pb::StreamRequest { subscription_id: id.clone() });
        acts.refused(format!("streams {name}"), Code::FailedPrecondition, "NOT_PULLED", async move {
            delivery.stream(request).await
        });
        let (mut delivery, subscription_id) = (deliveries(who), id.clone());
        acts.refused(format!("moves the cursor of {name}"), Code::FailedPrecondition, "NOT_PULLED", async move {
            delivery.acknowledge(pb::AcknowledgeRequest { subscription_id, position: 1 }).await
        });
    }
    for (size, token) in [(201, ""), (-1, ""), (0, "%%%"), (0, "_w")] {
        let mut calls = subscriptions(&town.operator);
        let request =
            pb::ListSubscriptionsRequest { page_size: size, page_token: token.into(), ..Default::default() };
        acts.add(format!("a page of {size} from {token:?}"), invalid, async move {
            calls.list_subscriptions(request).await
        });
    }
}

/// Facts of others, or of elsewhere; the type is of urban management.
pub(super) fn publications(acts: &mut Acts, town: &Town, publisher: &Person) {
    let bin = |kind: &str, area: &str, audience: &str| {
        let area = town.bench.area(area).to_string();
        let (id, data) = (Uuid::now_v7().to_string(), json!({"bin_code": "GS-0017"}));
        json!({
            "specversion": "1.0", "id": id, "source": "/bins", "type": kind, "subject": "GS-0017", "area": area,
            "audience": audience, "data": data,
        })
        .to_string()
    };
    let own = "gongzhi.dept-urban-management.v1.bin_overflowed";
    let mut elsewhere: serde_json::Value = serde_json::from_str(&bin(own, "001", "all")).expect("is JSON");
    elsewhere["area"] = json!("110101001");
    for (name, who, event) in [
        ("another's fact", &town.housing_system, bin(own, "001", "all")),
        ("a fact of the house", publisher, bin("gongzhi.dispatch.v1.whistle_sounded", "001", "all")),
        ("a fact of the exchange", publisher, bin("gongzhi.exchange.v1.grant_approved", "001", "all")),
        ("a fact by a wildcard", publisher, bin("gongzhi.dept-urban-management.v1.*", "001", "all")),
        ("a fact of another district", publisher, elsewhere.to_string()),
        ("to an addressee by a wildcard", publisher, bin(own, "001", "*")),
        ("to an addressee with a dot", publisher, bin(own, "001", "all.>")),
    ] {
        let mut calls = PublicationServiceClient::new(who.calls());
        acts.refused(format!("publishes {name}"), Code::Ok, "EVENT_REFUSED", async move {
            let results =
                calls.publish(pb::PublishRequest { events: vec![event] }).await?.into_inner().results;
            let refused = results.iter().all(|one| one.outcome() == pb::PublishOutcome::Refused);
            // The call goes well, the event does not.
            if refused && !results.is_empty() { Err(Status::ok("EVENT_REFUSED")) } else { Ok(()) }
        });
    }
    let registration = |code: &str, name: &str| pb::RegisterFactTypeRequest {
        organization: department_of(code),
        name: name.into(),
        title_zh: "垃圾桶满溢".into(),
        title_en: "bin overflowed".into(),
        description: "A public bin is fuller than it should be.".into(),
        aggregate: "bin".into(),
        classification: Classification::Shared as i32,
        data_schema: json!({"type": "object", "properties": {"bin_code": {"type": "string"}}}).to_string(),
        ..Default::default()
    };
    let denied = Code::PermissionDenied;
    for (name, who, request, code) in [
        ("for another department", &town.fire, registration("urban-management", "taken"), denied),
        ("by a system", publisher, registration("urban-management", "bin_emptied"), denied),
        ("with dots in its name", &town.fire, registration("fire-rescue", "a.b"), Code::InvalidArgument),
        ("with a wildcard in its name", &town.fire, registration("fire-rescue", "*"), Code::InvalidArgument),
    ] {
        let mut calls = PublicationServiceClient::new(who.calls());
        acts.add(
            format!("registers a fact {name}"),
            code,
            async move { calls.register_fact_type(request).await },
        );
    }
    let retire = pb::RetireFactTypeRequest {
        fact: "dept-urban-management.bin_overflowed".into(),
        reason: "不用了".into(),
    };
    let mut calls = PublicationServiceClient::new(town.fire.calls());
    acts.add("retires another's fact", denied, async move { calls.retire_fact_type(retire).await });
}

/// Credentials to publish over NATS that somebody wants, takes back or looks at who may not.
pub(super) fn publishers(acts: &mut Acts, town: &Town) {
    let denied = Code::PermissionDenied;
    let of = |who: &Person| PublisherServiceClient::new(who.calls());
    let (resident, street) = (town.bench.person_with(vec![]), town.bench.area("001"));
    let officer = town.bench.person("POST_SUB_DISTRICT_DUTY_OFFICER", &street);
    let issue = |organization| pb::IssuePublisherCredentialsRequest { organization };
    for (name, who, organization, code) in [
        ("a resident", &resident, department_of("housing"), denied),
        ("an operator", &town.operator, department_of("housing"), denied),
        ("another department's liaison", &town.fire, department_of("housing"), denied),
        ("another department's system", &town.fire_system, department_of("housing"), denied),
        ("a duty officer", &officer, area_of(town, "001"), denied),
        ("a system of elsewhere", &town.street_system, area_of(town, "002"), denied),
        ("a system, for all above it", &town.street_system, area_of(town, ""), denied),
        ("a liaison, for an area", &town.fire, area_of(town, "001"), Code::PermissionDenied),
        ("a liaison, for nobody", &town.fire, None, Code::InvalidArgument),
    ] {
        let (mut calls, request) = (of(who), issue(organization.clone()));
        acts.add(format!("{name} wants to publish over NATS"), code, async move {
            calls.issue_publisher_credentials(request).await
        });
        if std::ptr::eq(who, &town.operator) {
            continue;
        }
        let request = pb::RevokePublisherCredentialsRequest {
            organization: organization.clone(),
            reason: "不行".into(),
        };
        let mut calls = of(who);
        acts.add(format!("{name} takes credentials to publish back"), code, async move {
            calls.revoke_publisher_credentials(request).await
        });
        let (mut calls, request) = (of(who), pb::GetPublisherRequest { organization });
        acts.add(
            format!("{name} looks at a publisher"),
            code,
            async move { calls.get_publisher(request).await },
        );
    }
    let request = pb::RevokePublisherCredentialsRequest {
        organization: department_of("housing"),
        reason: "不行".into(),
    };
    let mut calls = of(&town.operator);
    let never = Code::NotFound;
    acts.add("takes back what was never issued", never, async move {
        calls.revoke_publisher_credentials(request).await
    });
}
