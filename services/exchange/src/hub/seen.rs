//! A fact as it passes by: read once, looked at by everybody whom it may concern.

use std::sync::{Arc, OnceLock};

use gongzhi_chassis::reading::Received;
use gongzhi_proto::catalogue::{Classification, Entry};
use gongzhi_proto::envelope::Envelope;
use gongzhi_proto::ids::DepartmentCode;
use gongzhi_proto::subjects::{Audience, Subject};
use serde_json::{Map, Value};

use crate::catalogue::Catalogue;
use crate::grant::Fields;
use crate::rights::What;

/// A fact that was read from the stream.
#[derive(Debug)]
pub(crate) struct Seen {
    /// Position in the stream.
    pub(crate) position: i64,
    /// Subject.
    pub(crate) subject: String,
    /// Service and name.
    pub(crate) fact: String,
    /// Attributes.
    pub(crate) envelope: Envelope,
    /// Addressee.
    pub(crate) audience: Audience,
    /// Its catalogue entry; none for a fact that this program does not know.
    pub(crate) entry: Option<Arc<Entry>>,
    /// The bytes.
    pub(crate) body: bytes::Bytes,
    data: OnceLock<Map<String, Value>>,
}

impl Seen {
    /// Reads a fact; none for what is no fact of ours, which then concerns nobody.
    pub(crate) fn read(received: &Received, catalogue: &Catalogue) -> Option<Self> {
        let envelope = Envelope::from_bytes(&received.body).ok()?;
        let subject = Subject::parse(&received.subject).ok()?;
        let audience = match envelope.audience.as_str() {
            "all" => Audience::All,
            code => Audience::Department(DepartmentCode::parse(code).ok()?),
        };
        let fact = format!("{}.{}", subject.service, subject.fact);
        Some(Self {
            position: i64::try_from(received.sequence).ok()?,
            entry: catalogue.fact(&fact),
            subject: received.subject.clone(),
            body: received.body.clone(),
            data: OnceLock::new(),
            fact,
            envelope,
            audience,
        })
    }

    /// Reads the bytes of a fact that was kept, perhaps without some of its fields; it has no position.
    pub(crate) fn kept(body: &[u8], catalogue: &Catalogue) -> Option<Self> {
        let subject = Envelope::from_bytes(body).ok()?.bus_subject().ok()?.to_string();
        let body = bytes::Bytes::copy_from_slice(body);
        Self::read(&Received { sequence: 0, behind: 0, subject, body }, catalogue)
    }

    /// The fact, as far as rights are concerned. What the program does not know is restricted until it does.
    pub(crate) fn what(&self) -> What<'_> {
        What {
            fact: &self.fact,
            classification: self
                .entry
                .as_ref()
                .map_or(Classification::Restricted, |entry| entry.classification),
            area: &self.envelope.area,
            audience: &self.audience,
        }
    }

    /// Its content.
    pub(crate) fn data(&self) -> &Map<String, Value> {
        self.data.get_or_init(|| match serde_json::from_slice::<Value>(&self.body) {
            Ok(Value::Object(mut event)) => match event.remove("data") {
                Some(Value::Object(data)) => data,
                _ => Map::new(),
            },
            _ => Map::new(),
        })
    }

    /// The bytes for somebody who may see these fields: untouched where all may be seen, otherwise without the others.
    pub(crate) fn shown(&self, fields: &Fields) -> Vec<u8> {
        let Fields::Only(names) = fields else { return self.body.to_vec() };
        let visible = |json_name: &str| {
            self.entry.as_ref().is_some_and(|entry| {
                entry.fields.iter().any(|field| field.json_name == json_name && names.contains(&field.name))
            })
        };
        let Ok(Value::Object(mut event)) = serde_json::from_slice::<Value>(&self.body) else {
            return Vec::new();
        };
        if let Some(Value::Object(data)) = event.get_mut("data") {
            data.retain(|name, _| visible(name));
        }
        serde_json::to_vec(&event).unwrap_or_default()
    }
}
