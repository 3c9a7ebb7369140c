//! The committed catalogue, `catalogue/facts.json`, and the AsyncAPI document made of it are fresh: they are made anew from the contracts, with
//! comments, and from the golden samples, and compared. `UPDATE=1` rewrites them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gongzhi_proto::Fact;
use gongzhi_proto::catalogue::{self, Choice, Classification, Declared, Entry, Field, Kind, asyncapi};
use gongzhi_proto::event::v1;
use prost_reflect::{Cardinality, DescriptorPool, FieldDescriptor, FileDescriptor, MessageDescriptor};
use serde_json::Value;

use crate::golden;

fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The contracts with their comments.
fn contracts() -> DescriptorPool {
    let mut compiler = protox::Compiler::new([project()]).unwrap();
    compiler.include_source_info(true).include_imports(true);
    let files: std::collections::BTreeSet<_> =
        Fact::ALL.iter().map(|(service, _, _)| format!("gongzhi/{service}/v1/events.proto")).collect();
    compiler.open_files(files).unwrap();
    compiler.descriptor_pool()
}

/// Where something stands in its file: the comment before it, and its first and last line, counted from 0.
struct Place {
    comment: String,
    lines: (usize, usize),
}

fn place(file: &FileDescriptor, path: &[i32]) -> Place {
    let info = file.file_descriptor_proto().source_code_info.clone().unwrap();
    let location = info.location.into_iter().find(|location| location.path == path).unwrap();
    let line = |index: usize| usize::try_from(location.span[index]).unwrap();
    let last = if location.span.len() == 4 { line(2) } else { line(0) };
    let words = location.leading_comments().split_whitespace();
    Place { comment: words.collect::<Vec<_>>().join(" "), lines: (line(0), last) }
}

/// A message as it is written, with the comment before it.
fn excerpt(text: &str, (first, last): (usize, usize)) -> String {
    let lines: Vec<_> = text.lines().collect();
    let comments = lines[..first].iter().rev().take_while(|line| line.starts_with("//")).count();
    lines[first - comments..=last].join("\n") + "\n"
}

fn fields(message: &MessageDescriptor, top: bool) -> Vec<Field> {
    let mut fields: Vec<_> = message.fields().collect();
    fields.sort_by_key(FieldDescriptor::number);
    fields.iter().map(|descriptor| field(descriptor, top)).collect()
}

fn field(descriptor: &FieldDescriptor, top: bool) -> Field {
    use prost_reflect::Kind as Of;
    assert!(!descriptor.is_map(), "{}: say what a map looks like in the catalogue", descriptor.full_name());
    let comment = place(&descriptor.parent_message().parent_file(), descriptor.path()).comment;
    assert!(!comment.is_empty(), "{} has no comment", descriptor.full_name());
    let (kind, contract_type) = match descriptor.kind() {
        Of::String => (Kind::Text, "string".to_owned()),
        Of::Bool => (Kind::Boolean, "bool".into()),
        Of::Int32 => (Kind::Integer, "int32".into()),
        Of::Uint32 => (Kind::UnsignedInteger, "uint32".into()),
        Of::Int64 => (Kind::LongInteger, "int64".into()),
        Of::Uint64 => (Kind::UnsignedLongInteger, "uint64".into()),
        Of::Double => (Kind::Number, "double".into()),
        Of::Bytes => (Kind::Bytes, "bytes".into()),
        Of::Enum(of) => (Kind::Choice(choices(&of)), of.full_name().into()),
        Of::Message(of) => (content(&of), of.full_name().into()),
        other => panic!("{}: say what {other:?} looks like in the catalogue", descriptor.full_name()),
    };
    let repeated = descriptor.cardinality() == Cardinality::Repeated;
    let filterable = top && !repeated && filterable(descriptor.name(), &comment, &kind);
    Field {
        name: descriptor.name().into(),
        json_name: descriptor.json_name().into(),
        description: comment,
        contract_type,
        kind,
        repeated,
        presence: descriptor.supports_presence(),
        filterable,
    }
}

/// Texts by which is filtered are codes, ids and those whose comment lists their words; others are names.
fn filterable(name: &str, comment: &str, kind: &Kind) -> bool {
    match kind {
        Kind::Text => name.ends_with("_id") || name.ends_with("_code") || comment.starts_with('`'),
        Kind::Bytes | Kind::Instant | Kind::Duration | Kind::Message(_) => false,
        _ => true,
    }
}

fn content(message: &MessageDescriptor) -> Kind {
    match message.full_name() {
        "google.protobuf.Timestamp" => Kind::Instant,
        "google.protobuf.Duration" => Kind::Duration,
        name if name.starts_with("google.") => panic!("say what {name} looks like in the catalogue"),
        _ => Kind::Message(fields(message, false)),
    }
}

fn choices(of: &prost_reflect::EnumDescriptor) -> Vec<Choice> {
    let choice = |value: prost_reflect::EnumValueDescriptor| Choice {
        name: value.name().into(),
        number: value.number(),
        description: place(&of.parent_file(), value.path()).comment,
    };
    of.values().map(choice).collect()
}

fn entry(pool: &DescriptorPool, declared: &BTreeMap<String, Declared>, fact: (&str, &str, &str)) -> Entry {
    let (service, name, message) = fact;
    let descriptor = pool.get_message_by_name(message).unwrap();
    let file = descriptor.parent_file();
    let text = std::fs::read_to_string(project().join(file.name())).unwrap();
    let place = place(&file, descriptor.path());
    assert!(!place.comment.is_empty(), "{message} has no comment");
    let options = &declared[message].options;
    let sample = std::fs::read_to_string(golden::path(service, name)).unwrap();
    Entry {
        registered_schema: None,
        service: service.into(),
        fact: name.into(),
        event_type: format!("gongzhi.{service}.v1.{name}"),
        message: message.into(),
        title_zh: options.title_zh.clone(),
        title_en: options.title_en.clone(),
        description: place.comment,
        classification: match options.classification() {
            v1::Classification::Open => Classification::Open,
            v1::Classification::Shared => Classification::Shared,
            v1::Classification::Restricted => Classification::Restricted,
            v1::Classification::Unspecified => panic!("{message} has no classification"),
        },
        aggregate: options.aggregate.clone(),
        retention_days: options.retention_days,
        fields: fields(&descriptor, true),
        source_file: file.name().into(),
        source: excerpt(&text, place.lines),
        sample: serde_json::value::RawValue::from_string(sample.trim_end().into()).unwrap(),
    }
}

/// Compares a committed document with what it should be; the order of keys says nothing.
fn fresh(name: &str, wanted: &str) {
    let path = project().join("catalogue").join(name);
    if golden::update() {
        std::fs::write(&path, wanted.to_owned() + "\n").unwrap();
    }
    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let committed = std::fs::read_to_string(Path::new(&path)).unwrap();
    assert!(
        value(&committed) == value(wanted),
        "{name} is stale, rewrite with `UPDATE=1 cargo test -p gongzhi-proto`"
    );
}

#[test]
fn the_committed_catalogue_is_fresh() {
    golden::add_missing();
    let pool = contracts();
    let declared: BTreeMap<_, _> =
        catalogue::declared().into_iter().map(|declared| (declared.message.clone(), declared)).collect();
    let entries: Vec<_> = Fact::ALL.iter().map(|fact| entry(&pool, &declared, *fact)).collect();
    assert_eq!(entries.len(), declared.len());
    fresh("facts.json", &serde_json::to_string_pretty(&entries).unwrap());
    let document = asyncapi::document(&entries, &asyncapi::Setting::default());
    fresh("asyncapi.json", &serde_json::to_string_pretty(&document).unwrap());
}

#[test]
fn an_entry_tells_a_subscriber_everything() {
    let entry = catalogue::find("dispatch", "whistle_sounded").unwrap();
    assert!(std::ptr::eq(entry, catalogue::by_type("gongzhi.dispatch.v1.whistle_sounded").unwrap()));
    assert_eq!((entry.title_zh.as_str(), entry.classification), ("街道吹哨", Classification::Shared));
    assert!(entry.description.starts_with("A sub-district has called departments to one case (街道吹哨)."));
    assert!(entry.source.starts_with("// A sub-district has called") && entry.source.ends_with("\n}\n"));
    let filterable: Vec<_> = entry.filterable().map(|field| field.json_name.as_str()).collect();
    assert_eq!(filterable, ["whistleId", "caseId", "departmentCode", "kind", "level", "categoryCode"]);
    assert_eq!(entry.field("finish_due_at"), entry.field("finishDueAt"));
    let schema = entry.data_schema();
    assert_eq!(schema["properties"]["finishDueAt"]["format"], "date-time");
    assert_eq!(schema["properties"]["departmentCodes"]["default"], serde_json::json!([]));
    assert_eq!(schema["properties"]["level"]["default"], "WHISTLE_LEVEL_UNSPECIFIED");
    assert_eq!(schema.get("required"), None);
    let envelope = entry.envelope_schema();
    assert_eq!(envelope["properties"]["type"]["const"], entry.event_type);
    assert_eq!(envelope["required"].as_array().unwrap().len(), 13);
    let rating = catalogue::find("dispatch", "case_rated").unwrap().field("rating").unwrap();
    assert!(
        rating.filterable
            && !catalogue::find("grid", "grid_drawn").unwrap().field("name").unwrap().filterable
    );
    let sample: Value = serde_json::from_str(entry.sample.get()).unwrap();
    assert_eq!(sample["type"], entry.event_type);
}

#[test]
fn a_document_can_be_made_for_one_district_and_some_facts() {
    let district = gongzhi_proto::ids::AreaCode::parse("330105").unwrap();
    let setting = asyncapi::Setting {
        host: Some("bus.example:4222".into()),
        district: Some(district),
        ..asyncapi::Setting::default()
    };
    let open = catalogue::entries().iter().filter(|entry| entry.classification == Classification::Open);
    let document = asyncapi::document(open, &setting);
    assert_eq!(document["servers"]["bus"]["host"], "bus.example:4222");
    assert_eq!(document["components"]["parameters"]["district"]["enum"], serde_json::json!(["330105"]));
    let channels = document["channels"].as_object().unwrap();
    assert!(channels.contains_key("grid.grid_drawn") && !channels.contains_key("dispatch.case_registered"));
    assert_eq!(document["operations"].as_object().unwrap().len(), channels.len() * 2);
}
