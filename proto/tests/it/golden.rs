//! One frozen sample per fact in `golden/`. `UPDATE=1` adds what is missing and never edits what is there: a sample that no longer reads is a
//! broken contract.

use std::path::PathBuf;
use std::sync::Once;

use gongzhi_proto::envelope::{Envelope, Meta};
use gongzhi_proto::ids::{AreaCode, DepartmentCode};
use gongzhi_proto::subjects::{Audience, Subject};
use gongzhi_proto::{Fact, catalogue};
use prost_reflect::{DescriptorPool, DynamicMessage, Kind, ReflectMessage, Value};

/// The file of a fact's sample.
pub fn path(service: &str, name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden").join(format!("{service}.{name}.json"))
}

/// True when what is made is to be rewritten instead of compared.
pub fn update() -> bool {
    std::env::var_os("UPDATE").is_some_and(|value| value == "1")
}

/// What a text of a field reads like.
fn text(field: &str, message: &str) -> &'static str {
    match field {
        "area_code" => "330105001052003",
        "former_area_code" => "330103001052",
        "case_id" => "0192f0c1-7a00-7000-8000-000000000001",
        "whistle_id" => "0192f0c1-7a00-7000-8000-000000000002",
        "visit_id" => "0192f0c1-7a00-7000-8000-000000000003",
        "staff_id" => "0192f0c1-7a00-7000-8000-000000000004",
        "grid_id" => "330105001052-02",
        "category_code" => "fire.lane.obstructed",
        "department_code" | "department_codes" => "urban-management",
        "grant_id" => "0192f0c1-7a00-7000-8000-000000000005",
        "subscription_id" => "0192f0c1-7a00-7000-8000-000000000006",
        "room_id" => "0192f0c1-7a00-7000-8000-000000000007",
        "summary" => "车道由物业划线,综合执法每周两次巡查,社区一个月后回访",
        "facts" => "dispatch.case_registered",
        "fact_type" => "dept-urban-management.bin_overflowed",
        "rating" => "satisfied",
        "topic_id" => "0192f0c1-7a00-7000-8000-000000000008",
        "into_topic_id" => "0192f0c1-7a00-7000-8000-000000000009",
        "topic_ids" => "0192f0c1-7a00-7000-8000-000000000008",
        "agenda_id" => "0192f0c1-7a00-7000-8000-00000000000a",
        "ballot_id" => "0192f0c1-7a00-7000-8000-00000000000b",
        "resolution_id" => "0192f0c1-7a00-7000-8000-00000000000c",
        "goal_id" | "goal_ids" => "0192f0c1-7a00-7000-8000-00000000000d",
        "meeting_id" => "0192f0c1-7a00-7000-8000-00000000000e",
        "procedure_id" => "0192f0c1-7a00-7000-8000-00000000000f",
        "held_on" | "disclosed_on" => "2026-11-26",
        "pool_id" => "0192f0c1-7a00-7000-8000-00000000000e",
        "fund_id" => "0192f0c1-7a00-7000-8000-00000000000f",
        "balance_id" => "0192f0c1-7a00-7000-8000-000000000012",
        "conversation_id" => "0192f0c1-7a00-7000-8000-000000000013",
        "drawn_number" => "047",
        "tickets_sha256" => "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "due_on" | "result_due_on" => "2026-12-31",
        "text" => "三个月内在7幢东侧建成电动自行车集中充电棚",
        "record_sha256" => "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "service" => "dispatch",
        "day" => "2026-11-26",
        "root" => "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "name" => "米市社区",
        "name_zh" => "区城市管理局",
        "name_en" => "Urban Management Bureau",
        other => panic!("say what {other} of {message} looks like"),
    }
}

/// A value for every field, chosen by the name of the field so that the sample reads like life.
fn sample(pool: &DescriptorPool, message: &str) -> String {
    let mut sample = DynamicMessage::new(pool.get_message_by_name(message).unwrap());
    for field in sample.descriptor().fields().collect::<Vec<_>>() {
        let value = match field.kind() {
            Kind::String => Value::String(text(field.name(), message).to_owned()),
            Kind::Enum(kind) => Value::EnumNumber(kind.values().nth(1).unwrap().number()),
            Kind::Int32 => Value::I32(2),
            Kind::Int64 => Value::I64(3),
            Kind::Bool => Value::Bool(true),
            Kind::Double => Value::F64(4266.5),
            Kind::Message(kind) if kind.full_name() == "google.protobuf.Timestamp" => {
                let mut at = DynamicMessage::new(kind);
                at.set_field_by_name("seconds", Value::I64(1_763_863_200));
                Value::Message(at)
            }
            Kind::Message(kind) if kind.full_name() == "gongzhi.exchange.v1.Organization" => {
                let mut organization = DynamicMessage::new(kind);
                organization.set_field_by_name("department_code", Value::String("urban-management".into()));
                Value::Message(organization)
            }
            Kind::Message(kind) if kind.full_name() == "gongzhi.exchange.v1.RoomSubject" => {
                let mut subject = DynamicMessage::new(kind);
                subject.set_field_by_name("area_code", Value::String("330105001052".into()));
                subject.set_field_by_name(
                    "case_id",
                    Value::String("0192f0c1-7a00-7000-8000-000000000001".into()),
                );
                Value::Message(subject)
            }
            Kind::Message(kind) if kind.full_name() == "gongzhi.deliberation.v1.BallotCount" => {
                let mut count = DynamicMessage::new(kind);
                for (name, heads) in [("total_heads", 120), ("part_heads", 96), ("for_heads", 81)] {
                    count.set_field_by_name(name, Value::I64(heads));
                }
                Value::Message(count)
            }
            Kind::Message(kind) if kind.full_name() == "gongzhi.deliberation.v1.ShowOfHands" => {
                let mut count = DynamicMessage::new(kind);
                for (name, votes) in [("ayes", 11), ("noes", 4), ("abstentions", 1)] {
                    count.set_field_by_name(name, Value::I32(votes));
                }
                Value::Message(count)
            }
            other => panic!("say what {other:?} of {message} looks like"),
        };
        let value = if field.is_list() { Value::List(vec![value]) } else { value };
        sample.set_field(&field, value);
    }
    serde_json::to_string(&sample).unwrap()
}

/// Adds the samples that are missing when `UPDATE=1` asks for it; once, whichever test comes first.
pub fn add_missing() {
    static ADDED: Once = Once::new();
    if update() {
        ADDED.call_once(add);
    }
}

fn add() {
    let pool = DescriptorPool::decode(gongzhi_proto::DESCRIPTOR_SET).unwrap();
    for (service, name, message) in Fact::ALL {
        let path = path(service, name);
        if path.exists() {
            continue;
        }
        let fact = Fact::from_json(service, name, &sample(&pool, message)).unwrap().unwrap();
        let entry = catalogue::declared().into_iter().find(|entry| entry.message == *message).unwrap();
        let meta = Meta {
            event_id: uuid::Uuid::from_u128(0x0192_f0c1_7a00_7000_8000_0000_0000_00ff),
            aggregate_kind: "case",
            aggregate_id: "0192f0c1-7a00-7000-8000-000000000001".into(),
            version: 7,
            at: jiff::Timestamp::from_second(1_763_863_200).unwrap(),
            area: AreaCode::parse("330105001052003").unwrap(),
            audience: Audience::Department(DepartmentCode::parse("urban-management").unwrap()),
            actor: "0192f0c1-7a00-7000-8000-000000000004".into(),
            traceparent: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into()),
        };
        let text = String::from_utf8(Envelope::seal(&fact, meta).unwrap().to_bytes()).unwrap();
        std::fs::write(path, text.replace("\"case\"", &format!("{:?}", entry.options.aggregate)) + "\n")
            .unwrap();
    }
}

#[test]
fn every_fact_has_a_golden_sample_that_still_reads() {
    add_missing();
    for (service, name, _) in Fact::ALL {
        let text = std::fs::read_to_string(path(service, name))
            .unwrap_or_else(|_| panic!("no golden sample of {service}.{name}: UPDATE=1 adds it"));
        let envelope = Envelope::from_bytes(text.as_bytes()).unwrap();
        let fact = envelope.fact().unwrap().expect("a known fact");
        assert_eq!((fact.service(), fact.name()), (*service, *name));
        // What was read and written again must hold everything that the frozen sample held.
        let mut frozen: serde_json::Value = serde_json::from_str(&text).unwrap();
        let again: serde_json::Value = serde_json::from_slice(&envelope.to_bytes()).unwrap();
        assert_eq!(again, frozen);
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&fact.to_json()).unwrap(),
            frozen["data"].take()
        );
        let subject = envelope.bus_subject().unwrap();
        assert_eq!(subject.to_string(), format!("gov.330105.001.052.{service}.{name}.urban-management"));
        assert_eq!(Subject::parse(&subject.to_string()).unwrap(), subject);
    }
}
