//! The catalogue of facts: what a subscriber reads before it asks for anything. Titles, meaning, fields, sample, source, JSON Schemas and
//! subjects of every fact. Everything is made from the contracts: the texts stand in the committed `catalogue/facts.json`, because the compiled
//! contracts in the program carry no comments; schemas ([`schema`]) and the AsyncAPI document ([`asyncapi`]) are made of it on demand.
//!
//! Does not know who may see a fact: grants are the business of exchange.

pub mod asyncapi;
pub mod schema;

use std::sync::LazyLock;

use prost_reflect::{DynamicMessage, MessageDescriptor, Value};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::event::v1::FactOptions;
use crate::ids::AreaCode;
use crate::json::POOL;
use crate::subjects::{self, Audience};

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../catalogue/facts.json")).expect("the committed catalogue is valid")
});

/// One fact of the catalogue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// The service that owns and publishes it: `dispatch`.
    pub service: String,
    /// Its name in subjects, logs and tables: `whistle_sounded`.
    pub fact: String,
    /// The CloudEvents attribute `type`: `gongzhi.dispatch.v1.whistle_sounded`.
    pub event_type: String,
    /// Full name of its message: `gongzhi.dispatch.v1.WhistleSounded`.
    pub message: String,
    /// Chinese title.
    pub title_zh: String,
    /// English title.
    pub title_en: String,
    /// What it means: the comment of the message in the contract.
    pub description: String,
    /// Who may see it without a grant.
    pub classification: Classification,
    /// Kind of the aggregate whose history it belongs to; the CloudEvents attribute `aggregatetype`.
    pub aggregate: String,
    /// Days for which the stream keeps it.
    pub retention_days: i32,
    /// What it tells, in the order of the contract.
    pub fields: Vec<Field>,
    /// The file of the contract: `gongzhi/dispatch/v1/events.proto`.
    pub source_file: String,
    /// The message as it is written in the contract, with its comments.
    pub source: String,
    /// The frozen golden sample: a whole envelope, byte for byte.
    pub sample: Box<RawValue>,
    /// The schema of `data` as an organization registered it; none for facts of our own contracts, whose schemas are made of their fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered_schema: Option<serde_json::Value>,
}

/// Who may see a fact without a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Classification {
    /// 公开: may be disclosed to the public.
    Open,
    /// 共享: every organization within the area; departments when addressed.
    Shared,
    /// 受限: only organizations that hold a grant naming this fact.
    Restricted,
}

/// One field of a fact, or of a message within it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name in the contract: `sign_for_due_at`.
    pub name: String,
    /// Its name in JSON: `signForDueAt`.
    pub json_name: String,
    /// Its comment in the contract.
    pub description: String,
    /// Its type in the contract: `string`, `google.protobuf.Timestamp`, `gongzhi.dispatch.v1.WhistleKind`.
    pub contract_type: String,
    /// What it holds, by its JSON form.
    pub kind: Kind,
    /// True for a list.
    pub repeated: bool,
    /// True when absence differs from the default. Any field may be absent in JSON: canonical proto3 JSON leaves defaults out.
    pub presence: bool,
    /// True when a subscription may name it in a filter: a single code, id, choice, number or truth value at the top level of the fact.
    pub filterable: bool,
}

/// What a field holds, by its form in canonical proto3 JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A text.
    Text,
    /// True or false.
    Boolean,
    /// A whole number of 32 bits.
    Integer,
    /// A whole number of 32 bits, not below zero.
    UnsignedInteger,
    /// A whole number of 64 bits, which JSON carries as text.
    LongInteger,
    /// A whole number of 64 bits, not below zero, which JSON carries as text.
    UnsignedLongInteger,
    /// A number with a fraction.
    Number,
    /// Bytes, which JSON carries as base64.
    Bytes,
    /// An instant (`google.protobuf.Timestamp`): RFC 3339 in UTC.
    Instant,
    /// A length of time (`google.protobuf.Duration`): seconds and the letter s.
    Duration,
    /// One of a list of names, which may grow.
    Choice(Vec<Choice>),
    /// A message with fields of its own.
    Message(Vec<Field>),
}

/// One value of an enum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Its name, as JSON has it: `URGENCY_NORMAL`.
    pub name: String,
    /// Its number in the contract; 0 is the default, which JSON leaves out.
    pub number: i32,
    /// Its comment in the contract.
    pub description: String,
}

/// Every fact, by service and then in the order of the contract.
pub fn entries() -> &'static [Entry] {
    &ENTRIES
}

/// The fact of a service with this name.
pub fn find(service: &str, fact: &str) -> Option<&'static Entry> {
    entries().iter().find(|entry| entry.service == service && entry.fact == fact)
}

/// The fact with this CloudEvents type.
pub fn by_type(event_type: &str) -> Option<&'static Entry> {
    entries().iter().find(|entry| entry.event_type == event_type)
}

impl Entry {
    /// JSON Schema 2020-12 of the `data` of the envelope.
    pub fn data_schema(&self) -> serde_json::Value {
        schema::data(self)
    }

    /// JSON Schema 2020-12 of the whole envelope.
    pub fn envelope_schema(&self) -> serde_json::Value {
        schema::envelope(self)
    }

    /// The address with a name in braces for what varies.
    pub fn subject_pattern(&self) -> String {
        subjects::fact_pattern(&self.service, &self.fact)
    }

    /// The NATS filter of this fact within an area, for one addressee or for whomever it is addressed to.
    pub fn subject_filter(&self, area: &AreaCode, audience: Option<&Audience>) -> String {
        subjects::fact_filter(area, &self.service, &self.fact, audience)
    }

    /// The field with this name in the contract or in JSON.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name || field.json_name == name)
    }

    /// The fields that a subscription may name in a filter.
    pub fn filterable(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.filterable)
    }
}

/// A message that the compiled contracts mark as a fact. The catalogue is made of these and tested against them.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Full name of the message.
    pub message: String,
    /// Titles, classification, retention.
    pub options: FactOptions,
}

/// Every message of the compiled contracts that is marked as a fact, by its full name.
pub fn declared() -> Vec<Declared> {
    let mut declared: Vec<_> = POOL.all_messages().filter_map(|message| declaration(&message)).collect();
    declared.sort_by(|a, b| a.message.cmp(&b.message));
    declared
}

fn declaration(message: &MessageDescriptor) -> Option<Declared> {
    let extension = POOL.get_extension_by_name("gongzhi.event.v1.fact")?;
    let options: DynamicMessage = message.options();
    if !options.has_extension(&extension) {
        return None;
    }
    let value = options.get_extension(&extension).into_owned();
    let Value::Message(value) = value else { return None };
    Some(Declared { message: message.full_name().to_owned(), options: value.transcode_to().ok()? })
}
