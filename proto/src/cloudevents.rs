//! CloudEvents 1.0 as others write them: structured JSON, single and in batches, or headers and body of HTTP; with any extension attributes. What a department publishes
//! arrives in this form. A body that breaks the rules is refused with every fault at once, so that its sender needs one look, not ten.
//!
//! Does not know our own facts: [`crate::envelope`] is their stricter form, with the attributes that each of them must have.

mod fault;
mod http;
mod json;
mod rules;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

pub use fault::{Fault, InvalidEvent, Wrong};

/// Media type of one event in structured JSON.
pub const MEDIA_TYPE: &str = "application/cloudevents+json";
/// Media type of a batch.
pub const BATCH_MEDIA_TYPE: &str = "application/cloudevents-batch+json";

/// One event. The version is 1.0; a body of another version is refused.
#[derive(Clone, Debug)]
pub struct CloudEvent {
    /// Identity, unique within the source.
    pub id: String,
    /// Where it happened: a URI-reference.
    pub source: String,
    /// The attribute `type`.
    pub kind: String,
    /// What it is about, within the source.
    pub subject: Option<String>,
    /// When it happened.
    pub time: Option<Timestamp>,
    /// Media type of the data; JSON when absent.
    pub datacontenttype: Option<String>,
    /// The schema that the data keeps to: a URI.
    pub dataschema: Option<String>,
    /// Every attribute beyond the standard.
    pub extensions: BTreeMap<String, Attribute>,
    /// The content.
    pub data: Option<Data>,
}

/// The value of an extension attribute. JSON tells three types apart; who knows the attribute reads the others out of the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Attribute {
    /// True or false.
    Boolean(bool),
    /// A whole number of 32 bits.
    Integer(i32),
    /// A text, which may stand for bytes, a URI, a URI-reference or an instant.
    Text(String),
}

/// The content of an event.
#[derive(Clone, Debug)]
pub enum Data {
    /// A JSON value, as it was written.
    Json(Box<RawValue>),
    /// A text whose media type is not JSON.
    Text(String),
    /// Bytes, which JSON carries as base64.
    Binary(Vec<u8>),
}

impl CloudEvent {
    /// Reads one event in structured JSON.
    pub fn from_json(body: &[u8]) -> Result<Self, InvalidEvent> {
        json::one(body)
    }

    /// Reads a batch: a JSON array of events, which may be empty. One event that breaks the rules refuses the batch; faults name its place.
    pub fn batch_from_json(body: &[u8]) -> Result<Vec<Self>, InvalidEvent> {
        json::batch(body)
    }

    /// Reads what came over HTTP, by its headers (names in any case): one event or a batch in structured JSON, or one whose attributes are headers
    /// and whose data is the body.
    pub fn from_http<'a>(
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
        body: &[u8],
    ) -> Result<Vec<Self>, InvalidEvent> {
        http::read(headers, body)
    }

    /// Writes the event in structured JSON. Absent attributes are left out.
    pub fn to_json(&self) -> String {
        json::write(self)
    }

    /// True when the data is JSON by its media type: `application/json`, any `+json`, or none named.
    pub fn holds_json(&self) -> bool {
        rules::is_json(self.datacontenttype.as_deref())
    }
}

impl Attribute {
    /// The text; none for a number or truth value.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Boolean(_) | Self::Integer(_) => None,
        }
    }

    /// The instant for which the text stands.
    pub fn as_timestamp(&self) -> Option<Timestamp> {
        self.as_text().and_then(rules::timestamp)
    }

    /// The bytes for which the text stands.
    pub fn as_binary(&self) -> Option<Vec<u8>> {
        self.as_text().and_then(rules::binary)
    }

    /// The text when it is an absolute URI.
    pub fn as_uri(&self) -> Option<&str> {
        self.as_text().filter(|text| rules::is_uri(text))
    }

    /// The text when it is a URI-reference.
    pub fn as_uri_reference(&self) -> Option<&str> {
        self.as_text().filter(|text| rules::is_uri_reference(text))
    }
}
