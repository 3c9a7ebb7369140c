//! A fact type as the catalogue has it: the fields are those at the top of its schema.

use std::sync::Arc;

use gongzhi_proto::catalogue::{Choice, Entry, Field, Kind};
use gongzhi_proto::envelope::{Carried, Envelope, Meta, event_type};
use gongzhi_proto::subjects::Audience;
use jiff::Timestamp;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use uuid::Uuid;

use super::FactType;

/// The catalogue's entry.
pub(crate) fn entry(fact_type: &FactType) -> Arc<Entry> {
    let definition = &fact_type.definition;
    let service = definition.owner.token();
    let required = |name: &str| {
        let names = definition.schema.get("required").and_then(Value::as_array);
        names.is_some_and(|names| names.iter().any(|required| required == name))
    };
    let properties = definition.schema.get("properties").and_then(Value::as_object);
    let fields = properties
        .into_iter()
        .flatten()
        .map(|(name, schema)| field(name, resolve(&definition.schema, schema), required(name)))
        .collect();
    Arc::new(Entry {
        event_type: event_type(&service, &definition.name),
        message: String::new(),
        fact: definition.name.clone(),
        title_zh: definition.title_zh.clone(),
        title_en: definition.title_en.clone(),
        description: definition.description.clone(),
        classification: definition.classification,
        aggregate: definition.aggregate.clone(),
        retention_days: definition.retention_days,
        fields,
        source_file: String::new(),
        source: String::new(),
        sample: sample(fact_type, &service),
        registered_schema: Some(definition.schema.clone()),
        service,
    })
}

/// What a schema that only refers to a definition says; one step is enough for a field.
fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let target = schema.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
    target.and_then(|pointer| root.pointer(pointer)).unwrap_or(schema)
}

fn field(name: &str, schema: &Value, required: bool) -> Field {
    // A type beside null is that type, which may be absent.
    let types: Vec<_> = match schema.get("type") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(several)) => {
            several.iter().filter_map(Value::as_str).filter(|name| *name != "null").collect()
        }
        _ => Vec::new(),
    };
    let contract_type = if types.is_empty() { "any".to_owned() } else { types.join(" or ") };
    let (kind, filterable) = match types[..] {
        ["string"] => (text(schema), true),
        ["integer"] => (Kind::LongInteger, true),
        ["number"] => (Kind::Number, true),
        ["boolean"] => (Kind::Boolean, true),
        _ => (Kind::Message(Vec::new()), false),
    };
    let said = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    Field {
        name: name.to_owned(),
        json_name: name.to_owned(),
        description: if required {
            said.to_owned()
        } else {
            format!("{said} (may be absent)").trim().to_owned()
        },
        repeated: contract_type == "array",
        contract_type,
        kind,
        // No default stands for what is absent.
        presence: true,
        filterable,
    }
}

/// A text: one of a list, an instant, or any.
fn text(schema: &Value) -> Kind {
    if schema.get("format").is_some_and(|format| format == "date-time") {
        return Kind::Instant;
    }
    let Some(values) = schema.get("enum").and_then(Value::as_array) else { return Kind::Text };
    let names = values.iter().filter_map(Value::as_str);
    let choice =
        |(name, number): (&str, i32)| Choice { name: name.to_owned(), number, description: String::new() };
    Kind::Choice(names.zip(1..).map(choice).collect())
}

/// An event as it would stand on the bus, with the first example of the schema as its content.
fn sample(fact_type: &FactType, service: &str) -> Box<RawValue> {
    let definition = &fact_type.definition;
    let example = definition.schema.pointer("/examples/0").cloned().unwrap_or_else(|| json!({}));
    let area = definition.areas.first().unwrap_or(&definition.district).clone();
    let event_id = Uuid::nil();
    let carried = Carried {
        event_id,
        service: service.to_owned(),
        fact: definition.name.clone(),
        aggregate_kind: definition.aggregate.clone(),
        aggregate_id: format!("{}-0001", definition.aggregate),
        at: Timestamp::UNIX_EPOCH,
        data: serde_json::value::to_raw_value(&example).unwrap_or_default(),
    };
    let meta = Meta {
        event_id,
        aggregate_kind: "",
        aggregate_id: String::new(),
        version: 1,
        at: Timestamp::UNIX_EPOCH,
        area,
        audience: Audience::All,
        actor: "01890a5d-ac96-774b-bcce-b302099a8057".into(),
        traceparent: None,
    };
    let bytes = Envelope::carry(carried, meta).map(|envelope| envelope.to_bytes()).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}
