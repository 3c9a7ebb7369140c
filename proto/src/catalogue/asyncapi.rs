//! The catalogue as an AsyncAPI 3.0 document, for tools that read such documents. `proto/catalogue/asyncapi.json` is what [`document`] makes of
//! the whole catalogue; exchange may make another for one district, or with fewer facts.
//!
//! Payload schemas stand in the default format of AsyncAPI and not in JSON Schema 2020-12, which the official parser does not know; what is
//! used here means the same in both.

use serde_json::{Map, Value, json};

use super::{Classification, Entry, schema};
use crate::ids::AreaCode;

/// What a document says beside the facts.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Version of the document.
    pub version: String,
    /// Host and port of the bus, when they are known.
    pub host: Option<String>,
    /// The district, when the document is made for one.
    pub district: Option<AreaCode>,
}

impl Default for Setting {
    fn default() -> Self {
        Self { version: env!("CARGO_PKG_VERSION").into(), host: None, district: None }
    }
}

/// The media type of the body of every message.
const CONTENT_TYPE: &str = "application/cloudevents+json";

/// Makes the document of these facts.
pub fn document<'a>(entries: impl IntoIterator<Item = &'a Entry>, setting: &Setting) -> Value {
    let entries: Vec<_> = entries.into_iter().collect();
    let by_key = |make: &dyn Fn(&Entry) -> Value| -> Map<String, Value> {
        entries.iter().map(|entry| (key(entry), make(entry))).collect()
    };
    let mut schemas = by_key(&schema::content);
    schemas.insert("envelope".into(), schema::attributes());
    schemas.insert("headers".into(), headers());
    json!({
        "asyncapi": "3.0.0",
        "id": "urn:gongzhi:catalogue",
        "info": info(&entries, setting),
        "defaultContentType": CONTENT_TYPE,
        "servers": { "bus": server(setting) },
        "channels": by_key(&channel),
        "operations": operations(&entries),
        "components": {
            "messages": by_key(&message),
            "parameters": parameters(setting),
            "schemas": schemas,
        },
    })
}

/// The key of a fact in every map of the document.
fn key(entry: &Entry) -> String {
    format!("{}.{}", entry.service, entry.fact)
}

fn info(entries: &[&Entry], setting: &Setting) -> Value {
    let mut services: Vec<_> = entries.iter().map(|entry| entry.service.as_str()).collect();
    services.sort_unstable();
    services.dedup();
    let by_service = services.iter().map(|service| {
        json!({"name": service, "description": format!("由 {service} 服务发布。Published by the service {service}.")})
    });
    let by_class = [Classification::Open, Classification::Shared, Classification::Restricted].map(|class| {
        let (name, zh, en) = classification(class);
        json!({"name": name, "description": format!("{zh}。{en}.")})
    });
    json!({
        "title": "共治事实目录 · Gongzhi catalogue of governance facts",
        "version": setting.version,
        "description": "共治系统各服务在总线上发布的全部治理事实：主题、信封、字段与样例。每条消息是一个结构化 JSON 的 CloudEvents 1.0 事件，\
            `data` 为规范的 proto3 JSON：默认值省略，64 位整数为文本，时间为 UTC。契约只增不改，请忽略不认识的字段与取值。消息至少送达一次，\
            同一聚合内有序；请按 `id` 去重。消息不含姓名、号码和自由文本。\n\n\
            Every governance fact that the services of Gongzhi publish on the bus: subjects, envelope, fields and samples. Every message is a \
            CloudEvent 1.0 in structured JSON; `data` is canonical proto3 JSON: defaults are left out, 64-bit integers are text, times are in UTC. \
            Contracts only grow: skip fields and values that you do not know. Messages come at least once and in order within an aggregate: \
            know repeats by their `id`. No message carries a name, a number of a person or free text.",
        "license": { "name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0" },
        "tags": by_service.chain(by_class).collect::<Vec<_>>(),
    })
}

fn classification(class: Classification) -> (&'static str, &'static str, &'static str) {
    match class {
        Classification::Open => ("open", "公开：可以向社会公开", "Open: may be disclosed to the public"),
        Classification::Shared => (
            "shared",
            "共享：本区域各单位可见，部门可见发给自己的",
            "Shared: every organization within the area; departments when addressed",
        ),
        Classification::Restricted => {
            ("restricted", "受限：须有指明该事实的授权", "Restricted: only with a grant that names this fact")
        }
    }
}

fn server(setting: &Setting) -> Value {
    let stream =
        setting.district.as_ref().map_or_else(|| "GOV-<district>".into(), crate::subjects::stream_name);
    let mut server = json!({
        "host": "{host}:{port}",
        "protocol": "nats",
        "title": "区级总线 · Bus of a district",
        "description": format!(
            "NATS JetStream，数据流 {stream}。订阅方使用自己的账号，只能读取自己的消费者。\
             NATS JetStream, stream {stream}. A subscriber has an account of its own and reads its own consumer only."
        ),
    });
    match &setting.host {
        Some(host) => server["host"] = json!(host),
        None => {
            server["variables"] = json!({
                "host": {"default": "localhost", "description": "总线地址 · Address of the bus"},
                "port": {"default": "4222", "description": "端口 · Port"},
            });
        }
    }
    server
}

fn parameters(setting: &Setting) -> Value {
    let mut district = json!({
        "description": "区划代码前六位 · The six digits of the district",
        "examples": ["330105"],
    });
    if let Some(code) = &setting.district {
        district = json!({"description": district["description"], "enum": [code], "default": code});
    }
    json!({
        "district": district,
        "sub_district": {
            "description": "街道三位代码，无街道时为 - · Three digits of the sub-district; - when there is none",
            "examples": ["001", "-"],
        },
        "community": {
            "description": "社区三位代码，无社区时为 - · Three digits of the community; - when there is none",
            "examples": ["052", "-"],
        },
        "audience": {
            "description": "收件部门代码，或 all · Code of the addressed department, or all",
            "examples": ["all", "urban-management"],
            "location": "$message.payload#/audience",
        },
    })
}

fn channel(entry: &Entry) -> Value {
    let parameter = |name: &str| json!({"$ref": format!("#/components/parameters/{name}")});
    json!({
        "address": entry.subject_pattern(),
        "title": schema::title(entry),
        "description": entry.description,
        "servers": [{"$ref": "#/servers/bus"}],
        "parameters": {
            "district": parameter("district"),
            "sub_district": parameter("sub_district"),
            "community": parameter("community"),
            "audience": parameter("audience"),
        },
        "messages": {
            &entry.fact: {"$ref": format!("#/components/messages/{}", key(entry))},
        },
        "tags": tags(entry),
    })
}

fn tags(entry: &Entry) -> Value {
    json!([{"name": entry.service}, {"name": classification(entry.classification).0}])
}

/// The owner sends; subscribers receive.
fn operations(entries: &[&Entry]) -> Map<String, Value> {
    let both = entries.iter().flat_map(|entry| {
        let operation = |action: &str, zh: &str, en: &str| {
            let key = key(entry);
            let value = json!({
                "action": action,
                "title": format!("{zh}{} · {en} {}", entry.title_zh, entry.title_en),
                "channel": {"$ref": format!("#/channels/{key}")},
                "messages": [{"$ref": format!("#/channels/{key}/messages/{}", entry.fact)}],
                "tags": tags(entry),
            });
            (format!("{action}.{key}"), value)
        };
        [operation("send", "发布", "publish"), operation("receive", "订阅", "receive")]
    });
    both.collect()
}

fn message(entry: &Entry) -> Value {
    let (_, zh, en) = classification(entry.classification);
    let properties: Map<_, _> = schema::own_attributes(entry)
        .into_iter()
        .map(|(name, property)| (name.to_owned(), property))
        .chain([("data".to_owned(), json!({"$ref": format!("#/components/schemas/{}", key(entry))}))])
        .collect();
    let sample: Value = serde_json::from_str(entry.sample.get()).expect("a golden sample is JSON");
    json!({
        "name": entry.event_type,
        "title": schema::title(entry),
        "summary": entry.description,
        "description": format!(
            "{zh}。数据流保留 {days} 天。\n\n{en}. The stream keeps it for {days} days.",
            days = entry.retention_days
        ),
        "contentType": CONTENT_TYPE,
        "headers": {"$ref": "#/components/schemas/headers"},
        "payload": {
            "allOf": [{"$ref": "#/components/schemas/envelope"}, {"type": "object", "properties": properties}],
        },
        "examples": [{
            "name": "golden",
            "summary": "永不修改的样例 · The sample that is never edited",
            "headers": {"Nats-Msg-Id": sample["id"]},
            "payload": sample,
        }],
        "tags": tags(entry),
    })
}

/// The headers on the bus. All attributes of CloudEvents stand in the body.
fn headers() -> Value {
    json!({
        "type": "object",
        "properties": {
            "Nats-Msg-Id": {
                "type": "string",
                "format": "uuid",
                "description": "事件的 id，用于去重 · The id of the event, by which the server knows repeats",
            },
        },
        "additionalProperties": true,
    })
}
