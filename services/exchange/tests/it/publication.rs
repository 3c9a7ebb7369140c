//! Departments register what their facts look like and publish them; others receive what they may see.

use anyhow::Result;
use gongzhi_chassis::caller::PostClaim;
use gongzhi_chassis::client::Calling;
use gongzhi_exchange::{MIGRATIONS, NAME, service};
use gongzhi_harness::{Bench, Person, wait_until};
use gongzhi_proto::event::v1::Classification;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::catalogue_service_client::CatalogueServiceClient;
use gongzhi_proto::exchange::v1::delivery_service_client::DeliveryServiceClient;
use gongzhi_proto::exchange::v1::grant_service_client::GrantServiceClient;
use gongzhi_proto::exchange::v1::organization::Organization;
use gongzhi_proto::exchange::v1::publication_service_client::PublicationServiceClient;
use gongzhi_proto::exchange::v1::subscription_service_client::SubscriptionServiceClient;
use serde_json::{Value, json};
use tonic::Code;
use tonic_types::StatusExt;

pub const FACT: &str = "dept-urban-management.bin_overflowed";
const TYPE: &str = "gongzhi.dept-urban-management.v1.bin_overflowed";

pub async fn bench() -> Result<Bench> {
    // The program does this once in main; the second test of a binary finds it done.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut bench = Bench::new().await?;
    bench.migrate(NAME, &MIGRATIONS).await?;
    let exchange = service(&bench.context).await?;
    bench.serve(vec![exchange]).await?;
    Ok(bench)
}

pub fn publishing(person: &Person) -> PublicationServiceClient<Calling> {
    PublicationServiceClient::new(person.calls()).max_encoding_message_size(16 << 20)
}

pub fn department(code: &str) -> Option<pb::Organization> {
    Some(pb::Organization { organization: Some(Organization::DepartmentCode(code.into())) })
}

/// The system of a department.
pub fn system(bench: &Bench, department: &str) -> Person {
    bench.person_with(vec![PostClaim {
        post: "POST_DEPARTMENT_SYSTEM".into(),
        area: bench.context.bus.district().clone(),
        unit: Some(department.into()),
    }])
}

fn schema() -> Value {
    json!({
        "type": "object", "required": ["bin_code", "fill_level"], "additionalProperties": false,
        "properties": {
            "bin_code": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{4}$"},
            "fill_level": {"type": "integer", "minimum": 0, "maximum": 100},
            "cause": {"type": "string", "enum": ["full", "tipped"]},
            "note": {"type": "string", "maxLength": 200},
        },
        "examples": [{"bin_code": "GS-0017", "fill_level": 97}],
    })
}

fn registration(schema: &Value) -> pb::RegisterFactTypeRequest {
    pb::RegisterFactTypeRequest {
        organization: department("urban-management"),
        name: "bin_overflowed".into(),
        title_zh: "垃圾桶满溢".into(),
        title_en: "bin overflowed".into(),
        description: "A public bin is fuller than it should be.".into(),
        aggregate: "bin".into(),
        classification: Classification::Shared as i32,
        data_schema: schema.to_string(),
        ..Default::default()
    }
}

pub async fn register(bench: &Bench) -> Result<()> {
    publishing(&bench.liaison("urban-management")).register_fact_type(registration(&schema())).await?;
    Ok(())
}

pub fn event(bench: &Bench, id: &str, data: Value) -> Value {
    json!({
        "specversion": "1.0", "id": id, "source": "/bins", "type": TYPE, "subject": data["bin_code"],
        "area": bench.area("001052").to_string(), "data": data,
    })
}

pub fn full(level: i64) -> Value {
    json!({"bin_code": "GS-0017", "fill_level": level})
}

async fn publish(person: &Person, events: &[Value]) -> Result<Vec<pb::PublishResult>> {
    let events = events.iter().map(ToString::to_string).collect();
    Ok(publishing(person).publish(pb::PublishRequest { events }).await?.into_inner().results)
}

/// `ACCEPTED`, `DUPLICATE`, or every fault as `path REASON`.
fn told(results: &[pb::PublishResult]) -> Vec<String> {
    let fault = |fault: &pb::EventFault| format!("{} {}", fault.path, fault.reason);
    results
        .iter()
        .map(|result| match result.outcome() {
            pb::PublishOutcome::Refused => result.faults.iter().map(fault).collect::<Vec<_>>().join(", "),
            outcome => outcome.as_str_name().trim_start_matches("PUBLISH_OUTCOME_").to_owned(),
        })
        .collect()
}

#[tokio::test]
async fn a_type_is_registered_once_and_grows_but_never_shrinks() -> Result<()> {
    let bench = bench().await?;
    let liaison = bench.liaison("urban-management");
    let first = publishing(&liaison).register_fact_type(registration(&schema())).await?.into_inner();
    let first = first.fact_type.unwrap();
    assert_eq!((first.fact.as_str(), first.event_type.as_str(), first.version), (FACT, TYPE, 1));
    assert_eq!(first.area_codes, [bench.context.bus.district().to_string()]);
    let again = publishing(&liaison).register_fact_type(registration(&schema())).await?.into_inner();
    assert_eq!(again.fact_type.unwrap().version, 1, "the same again changes nothing");

    let mut wider = schema();
    wider["properties"]["weight_kg"] = json!({"type": "number"});
    let second = publishing(&liaison).register_fact_type(registration(&wider)).await?.into_inner();
    assert_eq!(second.fact_type.unwrap().version, 2);

    let mut narrower = wider.clone();
    narrower["properties"].as_object_mut().unwrap().remove("cause");
    narrower["properties"]["fill_level"]["type"] = json!("number");
    narrower["required"] = json!(["bin_code", "fill_level", "note"]);
    let refused =
        publishing(&liaison).register_fact_type(registration(&narrower)).await.expect_err("incompatible");
    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert_eq!(refused.get_details_error_info().unwrap().reason, "INCOMPATIBLE");
    for reason in ["cause: was removed", "fill_level: was integer, would be number", "note: became required"]
    {
        assert!(refused.message().contains(reason), "{}", refused.message());
    }

    let foreign = bench.liaison("fire-rescue");
    let refused =
        publishing(&foreign).register_fact_type(registration(&schema())).await.expect_err("foreign");
    assert_eq!(refused.code(), Code::PermissionDenied);
    let mut wrong =
        registration(&json!({"type": "object", "properties": {"a": {"$ref": "https://example.com/x"}}}));
    wrong.name = "Bin".into();
    let refused = publishing(&liaison).register_fact_type(wrong).await.expect_err("two fields are wrong");
    let fields = refused.get_details_bad_request().unwrap().field_violations;
    let fields: Vec<_> = fields.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(fields, ["name", "data_schema/properties/a/$ref"]);
    bench.stop().await
}

#[tokio::test]
async fn a_batch_is_answered_event_by_event() -> Result<()> {
    let bench = bench().await?;
    register(&bench).await?;
    let bins = system(&bench, "urban-management");
    let first = publish(&bins, &[event(&bench, "1", full(97))]).await?;
    assert_eq!(told(&first), ["ACCEPTED"]);

    let mut elsewhere = event(&bench, "3", full(97));
    elsewhere["area"] = json!("110101001");
    let mut unknown = event(&bench, "4", full(97));
    unknown["type"] = json!("gongzhi.dept-urban-management.v1.bin_emptied");
    let mut forged = event(&bench, "8", full(97));
    forged["type"] = json!("gongzhi.dispatch.v1.whistle_sounded");
    let mut later = event(&bench, "9", full(97));
    later["time"] = json!("2999-01-01T00:00:00Z");
    let mut broken = event(&bench, "10", full(97));
    broken["specversion"] = json!("0.3");
    broken.as_object_mut().unwrap().remove("source");
    let batch = [
        event(&bench, "1", full(97)),
        event(&bench, "1", full(98)),
        event(&bench, "2", full(97)),
        event(&bench, "2", full(97)),
        elsewhere,
        unknown,
        event(&bench, "5", json!({"bin_code": "gs", "fill_level": 120, "colour": "red"})),
        event(&bench, "6", json!({"bin_code": "GS-0017", "fill_level": 9, "note": "请联系13800138000"})),
        event(&bench, "7", json!({"bin_code": "GS-0017"})),
        forged,
        later,
        broken,
    ];
    let results = publish(&bins, &batch).await?;
    assert_eq!(
        told(&results),
        [
            "DUPLICATE",
            "/id ID_REUSED",
            "ACCEPTED",
            "DUPLICATE",
            "/area AREA",
            "/type UNKNOWN_TYPE",
            "/data/bin_code SCHEMA, /data/fill_level SCHEMA, /data SCHEMA",
            "/data/note PERSONAL_DATA",
            "/data SCHEMA",
            "/type UNKNOWN_TYPE",
            "/time TIME",
            "/specversion NOT_A_CLOUD_EVENT, /source NOT_A_CLOUD_EVENT",
        ]
    );
    assert_eq!(results[0].event_id, first[0].event_id, "a repeat has the identity of the first");
    let said = serde_json::to_string(&results[7].faults[0].message)?;
    assert!(!said.contains("13800138000"), "{said}");

    let twice = event(&bench, "11", full(97))
        .to_string()
        .replace("\"fill_level\":97", "\"fill_level\":97,\"note\":\"13800138000\",\"note\":\"x\"");
    let large = event(&bench, "12", json!({"bin_code": "GS-0017", "note": "满".repeat(30_000)})).to_string();
    let answer = publishing(&bins).publish(pb::PublishRequest { events: vec![twice, large] }).await?;
    assert_eq!(told(&answer.into_inner().results), ["/data/note NAMED_TWICE", " TOO_LARGE"]);

    let rescue = system(&bench, "fire-rescue");
    let results = publish(&rescue, &[event(&bench, "1", full(97))]).await?;
    assert_eq!(told(&results), ["/type FOREIGN_ORGANIZATION"]);
    let many: Vec<_> = (0..101).map(|nth| event(&bench, &format!("m{nth}"), full(1))).collect();
    assert!(publish(&bins, &many).await.is_err(), "more than a batch");
    bench.stop().await
}

#[tokio::test]
async fn two_who_publish_the_same_at_once_are_told_apart() -> Result<()> {
    let bench = bench().await?;
    register(&bench).await?;
    let bins = system(&bench, "urban-management");
    let batch: Vec<_> = (0..20).map(|nth| event(&bench, &nth.to_string(), full(nth))).collect();
    let backwards: Vec<_> = batch.iter().rev().cloned().collect();
    let (one, other) = tokio::join!(publish(&bins, &batch), publish(&bins, &backwards));
    let mut all = told(&one?);
    all.extend(told(&other?));
    all.sort();
    assert_eq!(all, [vec!["ACCEPTED"; 20], vec!["DUPLICATE"; 20]].concat());
    bench.stop().await
}

#[tokio::test]
async fn who_publishes_too_much_is_told_when_to_come_again() -> Result<()> {
    let bench = bench().await?;
    register(&bench).await?;
    let bins = system(&bench, "urban-management");
    let mut refused = None;
    for round in 0..8 {
        let batch: Vec<_> = (0..100).map(|nth| event(&bench, &format!("{round}-{nth}"), full(1))).collect();
        if let Err(error) = publish(&bins, &batch).await {
            refused = error.downcast::<tonic::Status>().ok();
            break;
        }
    }
    let refused = refused.expect("a bucket holds 500");
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert!(refused.get_details_retry_info().unwrap().retry_delay.is_some());
    bench.stop().await
}

#[tokio::test]
async fn the_system_of_a_sub_district_publishes_within_its_area_only() -> Result<()> {
    let bench = bench().await?;
    let own = bench.area("001");
    let mut request = registration(&schema());
    request.organization =
        Some(pb::Organization { organization: Some(Organization::AreaCode(own.to_string())) });
    let leader = bench.person("POST_SUB_DISTRICT_LEADER", &own);
    let elsewhere = bench.person("POST_SUB_DISTRICT_LEADER", &bench.area("002"));
    let refused = publishing(&elsewhere).register_fact_type(request.clone()).await.expect_err("foreign");
    assert_eq!(refused.code(), Code::PermissionDenied);
    let registered = publishing(&leader).register_fact_type(request).await?.into_inner().fact_type.unwrap();
    assert_eq!(registered.fact, format!("area-{own}.bin_overflowed"));
    assert_eq!(registered.area_codes, [own.to_string()]);

    let event = |id: &str, area: Option<&str>| {
        let mut event = event(&bench, id, full(97));
        event["type"] = json!(registered.event_type);
        event["area"] = area.map_or(Value::Null, |below| json!(bench.area(below).to_string()));
        event
    };
    let batch =
        [event("1", Some("001052")), event("2", Some("002051")), event("3", Some("")), event("4", None)];
    let results = publish(&bench.person("POST_SUB_DISTRICT_SYSTEM", &own), &batch).await?;
    assert_eq!(told(&results), ["ACCEPTED", "/area AREA", "/area AREA", "ACCEPTED"]);
    let foreign = bench.person("POST_SUB_DISTRICT_SYSTEM", &bench.area("002"));
    assert_eq!(told(&publish(&foreign, &batch[..1]).await?), ["/type FOREIGN_ORGANIZATION"]);
    bench.stop().await
}

#[tokio::test]
async fn a_retired_type_takes_no_more_until_it_is_registered_again() -> Result<()> {
    let bench = bench().await?;
    register(&bench).await?;
    let (bins, liaison) = (system(&bench, "urban-management"), bench.liaison("urban-management"));
    let retirement = pb::RetireFactTypeRequest { fact: FACT.into(), reason: "桶已更换".into() };
    let foreign = publishing(&bench.liaison("fire-rescue")).retire_fact_type(retirement.clone()).await;
    assert_eq!(foreign.expect_err("not theirs").code(), Code::PermissionDenied);
    publishing(&liaison).retire_fact_type(retirement).await?;
    assert_eq!(told(&publish(&bins, &[event(&bench, "1", full(97))]).await?), ["/type RETIRED"]);
    register(&bench).await?;
    assert_eq!(told(&publish(&bins, &[event(&bench, "1", full(97))]).await?), ["ACCEPTED"]);
    let listed =
        publishing(&liaison).list_fact_types(pb::ListFactTypesRequest::default()).await?.into_inner();
    let listed: Vec<_> = listed.fact_types.iter().map(|one| (one.fact.as_str(), one.version)).collect();
    assert_eq!(listed, [(FACT, 3)]);
    bench.stop().await
}

/// A grant of some fields to a department, approved.
async fn grant(bench: &Bench, to: &str, fields: &[&str]) -> Result<String> {
    let until = bench.context.clock.now() + jiff::SignedDuration::from_hours(24);
    let request = pb::RequestGrantRequest {
        grantee: department(to),
        facts: vec![pb::GrantedFact {
            fact: FACT.into(),
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        }],
        area_code: bench.area("001").to_string(),
        purpose: "消防通道巡查".into(),
        until_at: Some(gongzhi_proto::time::to_wire(until)),
    };
    let asked = GrantServiceClient::new(bench.liaison(to).calls()).request_grant(request).await?.into_inner();
    let grant_id = asked.grant.unwrap().grant_id;
    let operator = bench.person("POST_PLATFORM_OPERATOR", bench.context.bus.district());
    let approval = pb::ApproveGrantRequest { grant_id: grant_id.clone(), until_at: None };
    GrantServiceClient::new(operator.calls()).approve_grant(approval).await?;
    Ok(grant_id)
}

async fn subscribe(bench: &Bench, grant_id: &str, condition: &str) -> Result<String, tonic::Status> {
    let request = pb::SubscribeRequest {
        organization: department("fire-rescue"),
        name: "满溢桶".into(),
        grant_id: grant_id.into(),
        filter: Some(pb::Filter {
            facts: vec![FACT.into()],
            condition: condition.into(),
            ..Default::default()
        }),
        way: pb::DeliveryWay::Pull as i32,
        ..Default::default()
    };
    let made =
        SubscriptionServiceClient::new(bench.liaison("fire-rescue").calls()).subscribe(request).await?;
    Ok(made.into_inner().subscription.unwrap().subscription_id)
}

#[tokio::test]
async fn another_department_receives_what_a_grant_covers_and_no_more() -> Result<()> {
    let bench = bench().await?;
    register(&bench).await?;
    let shown = CatalogueServiceClient::new(bench.liaison("fire-rescue").calls())
        .get_fact(pb::GetFactRequest { fact: FACT.into() })
        .await?
        .into_inner();
    assert_eq!(serde_json::from_str::<Value>(&shown.data_schema)?["properties"], schema()["properties"]);
    assert_eq!(serde_json::from_str::<Value>(&shown.sample)?["data"]["bin_code"], "GS-0017");
    let grant_id = grant(&bench, "fire-rescue", &["bin_code", "fill_level"]).await?;
    let refused = subscribe(&bench, &grant_id, "cause = \"tipped\"").await.expect_err("cause is withheld");
    assert_eq!(refused.code(), Code::InvalidArgument);
    let subscription_id = subscribe(&bench, &grant_id, "fill_level >= 90").await?;

    let bins = system(&bench, "urban-management");
    let mut elsewhere = event(&bench, "2", full(99));
    elsewhere["area"] = json!(bench.area("002051").to_string());
    let wanted = json!({"bin_code": "GS-0017", "fill_level": 97, "cause": "tipped"});
    let mut forged = event(&bench, "3", wanted);
    forged["actor"] = json!("system:dispatch");
    forged["sequence"] = json!("999");
    forged["aggregatetype"] = json!("case");
    let results = publish(&bins, &[event(&bench, "1", full(50)), elsewhere, forged]).await?;
    assert_eq!(told(&results), ["ACCEPTED"; 3]);

    let receiver = system(&bench, "fire-rescue");
    let pull = pb::PullRequest { subscription_id, max_facts: 10, wait_seconds: 1 };
    let deliveries = wait_until("the fact is delivered", || async {
        let answer = DeliveryServiceClient::new(receiver.calls()).pull(pull.clone()).await?.into_inner();
        Ok(if answer.deliveries.is_empty() { Err("nothing".to_owned()) } else { Ok(answer.deliveries) })
    })
    .await?;
    assert_eq!(deliveries.len(), 1, "neither the one below 90 nor the one outside of the grant");
    let district = bench.context.bus.district();
    assert_eq!(deliveries[0].subject, format!("gov.{district}.001.052.{FACT}.all"));
    let seen: Value = serde_json::from_str(&deliveries[0].event)?;
    assert_eq!(seen["data"], full(97), "the cause is withheld");
    assert_eq!(seen["id"], results[2].event_id);
    assert_eq!(seen["source"], format!("/{district}/dept-urban-management"));
    assert_eq!(
        [&seen["type"], &seen["subject"], &seen["aggregatetype"], &seen["sequence"], &seen["actor"]],
        [TYPE, "GS-0017", "bin", "3", &bins.id.to_string()]
    );
    bench.stop().await
}
