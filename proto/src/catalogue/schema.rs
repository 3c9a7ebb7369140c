//! JSON Schemas (2020-12) of facts, made from the catalogue for those who receive.
//!
//! They describe what a receiver must expect from this and every later version, and three things follow. Nothing in `data` is `required`:
//! canonical proto3 JSON leaves defaults out, so an absent field has the value that `default` names (an instant without a value is absent and has
//! none). `additionalProperties` is true and names of enums match a pattern beside the known ones: contracts only grow. In the envelope, which we
//! write ourselves, everything is required that every fact carries.

use serde_json::{Map, Value, json};

use super::{Choice, Entry, Field, Kind};

/// The dialect that the schemas are written in.
pub const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of a fact's `data`.
pub fn data(entry: &Entry) -> Value {
    headed(content(entry), &entry.event_type, "data")
}

/// The schema of a fact's envelope.
pub fn envelope(entry: &Entry) -> Value {
    let mut schema = attributes();
    let properties = &mut schema["properties"];
    for (name, property) in own_attributes(entry) {
        properties[name] = property;
    }
    properties["data"] = content(entry);
    schema["title"] = json!(title(entry));
    schema["description"] = json!(entry.description);
    headed(schema, &entry.event_type, "envelope")
}

/// The schema of `data` without a head, to stand within another document.
pub(super) fn content(entry: &Entry) -> Value {
    if let Some(registered) = &entry.registered_schema {
        // Its references are to its own definitions wherever it stands.
        return headed(registered.clone(), &entry.event_type, "data");
    }
    let mut schema = object(&entry.fields);
    schema["title"] = json!(title(entry));
    schema["description"] = json!(entry.description);
    schema
}

/// What this fact's envelope narrows.
pub(super) fn own_attributes(entry: &Entry) -> [(&'static str, Value); 3] {
    [
        ("type", json!({"type": "string", "const": entry.event_type})),
        ("source", json!({"type": "string", "pattern": format!("^/[0-9]{{6}}/{}$", entry.service)})),
        ("aggregatetype", json!({"type": "string", "const": entry.aggregate})),
    ]
}

/// The envelope that all facts share, without a head.
pub(super) fn attributes() -> Value {
    let mut properties = Map::new();
    let mut add = |name: &str, description: &str, mut schema: Value| {
        schema["description"] = json!(description);
        properties.insert(name.into(), schema);
    };
    let text = || json!({"type": "string", "minLength": 1});
    let pattern = |pattern: &str| json!({"type": "string", "pattern": pattern});
    add("specversion", "Version of CloudEvents.", json!({"type": "string", "const": "1.0"}));
    add(
        "id",
        "Identity of the event: the same for every copy of it.",
        json!({"type": "string", "format": "uuid"}),
    );
    add("source", "District and service that publish.", pattern("^/[0-9]{6}/[a-z][a-z0-9_-]*$"));
    add("type", "Which fact it is.", pattern(r"^gongzhi\.[a-z][a-z0-9_-]*\.v1\.[a-z][a-z0-9_]*$"));
    add("subject", "Identity of the aggregate.", text());
    add("time", "When it happened.", json!({"type": "string", "format": "date-time"}));
    add("datacontenttype", "Form of data.", json!({"type": "string", "const": "application/json"}));
    add(
        "sequence",
        "Version of the aggregate that the event made. Facts of one version are one event told to several addressees.",
        pattern("^[0-9]+$"),
    );
    add("aggregatetype", "Kind of the aggregate.", text());
    let area = "^([0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15}|[0-9]{18})$";
    add("area", "Area in which it happened (区划代码), as deep as is known.", pattern(area));
    add("audience", "Addressee: code of a department, or `all`.", text());
    add("actor", "Identity of the person on duty who made it happen, or `system:` and a service.", text());
    let trace = "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}";
    add("traceparent", "The trace in which it happened (W3C Trace Context); may be absent.", pattern(trace));
    add("data", "The fact.", json!({"type": "object"}));
    let mut required: Vec<_> = properties.keys().filter(|name| *name != "traceparent").cloned().collect();
    // The order of keys depends on how the JSON crate was built, and says nothing; that of a list is compared.
    required.sort_unstable();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": true})
}

/// Both titles in one line.
pub(super) fn title(entry: &Entry) -> String {
    format!("{} · {}", entry.title_zh, entry.title_en)
}

fn headed(mut schema: Value, event_type: &str, part: &str) -> Value {
    schema["$schema"] = json!(DIALECT);
    schema["$id"] = json!(format!("urn:gongzhi:schema:{event_type}:{part}"));
    schema
}

fn object(fields: &[Field]) -> Value {
    let properties: Map<_, _> =
        fields.iter().map(|field| (field.json_name.clone(), property(field))).collect();
    json!({"type": "object", "properties": properties, "additionalProperties": true})
}

fn property(field: &Field) -> Value {
    let (mut schema, default) = single(&field.kind);
    let default = if field.repeated {
        schema = json!({"type": "array", "items": schema});
        json!([])
    } else {
        default
    };
    if !field.presence && !default.is_null() {
        schema["default"] = default;
    }
    schema["description"] = json!(field.description);
    schema
}

/// The schema of one value and the default that an absent one has; null where it has none.
fn single(kind: &Kind) -> (Value, Value) {
    match kind {
        Kind::Text => (json!({"type": "string"}), json!("")),
        Kind::Boolean => (json!({"type": "boolean"}), json!(false)),
        Kind::Integer => (json!({"type": "integer", "minimum": i32::MIN, "maximum": i32::MAX}), json!(0)),
        Kind::UnsignedInteger => (json!({"type": "integer", "minimum": 0, "maximum": u32::MAX}), json!(0)),
        Kind::LongInteger => (json!({"type": "string", "pattern": "^-?[0-9]{1,19}$"}), json!("0")),
        Kind::UnsignedLongInteger => (json!({"type": "string", "pattern": "^[0-9]{1,20}$"}), json!("0")),
        // Three numbers of IEEE 754 have no form in JSON but a name.
        Kind::Number => (json!({"type": ["number", "string"], "pattern": "^(NaN|-?Infinity)$"}), json!(0)),
        Kind::Bytes => (json!({"type": "string", "contentEncoding": "base64"}), json!("")),
        Kind::Instant => (json!({"type": "string", "format": "date-time"}), Value::Null),
        Kind::Duration => (json!({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{1,9})?s$"}), Value::Null),
        Kind::Choice(choices) => choice(choices),
        Kind::Message(fields) => (object(fields), Value::Null),
    }
}

fn choice(choices: &[Choice]) -> (Value, Value) {
    let known = choices.iter().map(|choice| json!({"const": choice.name, "description": choice.description}));
    let default = choices.iter().find(|choice| choice.number == 0).map(|choice| choice.name.as_str());
    // Every name of an enum begins with the name of the enum; what begins so may be added.
    let prefix = default.and_then(|name| name.strip_suffix("UNSPECIFIED")).unwrap_or_default();
    let later = json!({"pattern": format!("^{prefix}[A-Z0-9_]+$"), "description": "A value that a later version adds."});
    let any: Vec<_> = known.chain([later]).collect();
    (json!({"type": "string", "anyOf": any}), json!(default))
}
