//! The envelope of a fact on the wire: CloudEvents 1.0 in structured JSON mode. The same bytes stand in the outbox, in the stream and in a
//! webhook's body; they are made once, by [`Envelope::to_bytes`], and never serialised again.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::facts::Fact;
use crate::ids::{AreaCode, InvalidId};
use crate::subjects::{Audience, Subject};

/// A CloudEvent that carries a fact. Attribute names are those of the wire.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Envelope {
    specversion: String,
    /// Identity of the event: the same for every copy of it.
    pub id: Uuid,
    /// The publishing service of a district: `/330105/dispatch`; for facts of organizations, their token: `/330105/dept-urban-management`.
    pub source: String,
    /// `gongzhi.dispatch.v1.whistle_sounded`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Identity of the aggregate.
    pub subject: String,
    /// When it happened.
    pub time: Timestamp,
    datacontenttype: String,
    /// Version of the aggregate that the event made. Facts of one version are one event told to several addressees.
    #[serde(with = "sequence")]
    pub sequence: i64,
    /// Kind of the aggregate.
    pub aggregatetype: String,
    /// Area in which it happened, as deep as is known.
    pub area: AreaCode,
    /// Addressee: a department's code or `all`.
    pub audience: String,
    /// Who made it happen: identity of a person on duty, or `system:` and a service.
    pub actor: String,
    /// The trace in which it happened (W3C trace context).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub traceparent: Option<String>,
    data: Box<RawValue>,
}

/// The sequence extension of CloudEvents is a string.
mod sequence {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &i64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Bytes that are not the envelope of a fact.
#[derive(Debug, thiserror::Error)]
pub enum InvalidEnvelope {
    /// Not a CloudEvent with our attributes.
    #[error("not a cloud event with the attributes of a governance fact")]
    Shape(#[source] serde_json::Error),
    /// A type outside of `gongzhi.<service>.v1.<fact>`.
    #[error("{0:?} is not a type of governance facts")]
    Kind(String),
    /// An addressee that is none.
    #[error("the audience is invalid")]
    Audience(#[source] InvalidId),
    /// The content is not what the type says.
    #[error("the data is invalid")]
    Data(#[source] crate::json::InvalidJson),
    /// An area above the district.
    #[error("area {0} is above a district")]
    Area(AreaCode),
}

/// What an organization tells for itself: a fact that no contract of ours has.
#[derive(Clone, Debug)]
pub struct Carried {
    /// Identity of the event, made of the publisher's own.
    pub event_id: Uuid,
    /// Token of the organization, in place of a service.
    pub service: String,
    /// Name of the fact.
    pub fact: String,
    /// Kind of thing that it is about.
    pub aggregate_kind: String,
    /// The thing.
    pub aggregate_id: String,
    /// When it happened, by the publisher's word.
    pub at: Timestamp,
    /// The content, byte for byte as it was published.
    pub data: Box<RawValue>,
}

/// What a fact is sealed with.
#[derive(Clone, Debug)]
pub struct Meta {
    /// Identity of the event.
    pub event_id: Uuid,
    /// Kind of the aggregate.
    pub aggregate_kind: &'static str,
    /// Identity of the aggregate.
    pub aggregate_id: String,
    /// Version that the event made.
    pub version: i64,
    /// When it happened.
    pub at: Timestamp,
    /// Where it happened.
    pub area: AreaCode,
    /// Who it is addressed to.
    pub audience: Audience,
    /// Who made it happen.
    pub actor: String,
    /// Trace in which it happened.
    pub traceparent: Option<String>,
}

/// The attribute `type` of a fact: `gongzhi.dispatch.v1.whistle_sounded`.
pub fn event_type(service: &str, fact: &str) -> String {
    format!("gongzhi.{service}.v1.{fact}")
}

impl Envelope {
    /// Puts what an organization tells into an envelope. Identity, thing and instant are its own; area, audience, actor and version are from `meta`,
    /// never from the publisher.
    pub fn carry(carried: Carried, meta: Meta) -> Result<Self, InvalidEnvelope> {
        let Carried { event_id, service, fact, aggregate_kind, aggregate_id, at, data } = carried;
        let meta = Meta { event_id, aggregate_id, at, ..meta };
        Self::put(&service, &fact, aggregate_kind, meta, data)
    }

    /// Puts a fact into its envelope.
    pub fn seal(fact: &Fact, meta: Meta) -> Result<Self, InvalidEnvelope> {
        let data = RawValue::from_string(fact.to_json()).map_err(InvalidEnvelope::Shape)?;
        Self::put(fact.service(), fact.name(), meta.aggregate_kind.into(), meta, data)
    }

    fn put(
        service: &str,
        fact: &str,
        aggregatetype: String,
        meta: Meta,
        data: Box<RawValue>,
    ) -> Result<Self, InvalidEnvelope> {
        let district = meta
            .area
            .at(crate::ids::Level::District)
            .ok_or_else(|| InvalidEnvelope::Area(meta.area.clone()))?;
        Ok(Self {
            specversion: "1.0".into(),
            id: meta.event_id,
            source: format!("/{district}/{service}"),
            kind: event_type(service, fact),
            subject: meta.aggregate_id,
            time: meta.at,
            datacontenttype: "application/json".into(),
            sequence: meta.version,
            aggregatetype,
            area: meta.area,
            audience: meta.audience.to_string(),
            actor: meta.actor,
            traceparent: meta.traceparent,
            data,
        })
    }

    /// Reads an envelope.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidEnvelope> {
        serde_json::from_slice(bytes).map_err(InvalidEnvelope::Shape)
    }

    /// The bytes for the wire.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("an envelope in memory can be written")
    }

    /// The subject under which it is published.
    pub fn bus_subject(&self) -> Result<Subject, InvalidEnvelope> {
        let audience = match self.audience.as_str() {
            "all" => Audience::All,
            code => Audience::Department(
                crate::ids::DepartmentCode::parse(code).map_err(InvalidEnvelope::Audience)?,
            ),
        };
        let (service, fact) = self.service_and_fact()?;
        Subject::new(&self.area, service, fact, audience)
            .ok_or_else(|| InvalidEnvelope::Area(self.area.clone()))
    }

    /// The fact in it; none when this program does not know the fact, because its publisher is newer.
    pub fn fact(&self) -> Result<Option<Fact>, InvalidEnvelope> {
        let (service, fact) = self.service_and_fact()?;
        Fact::from_json(service, fact, self.data.get()).map_err(InvalidEnvelope::Data)
    }

    /// Name of the fact.
    pub fn fact_name(&self) -> &str {
        self.kind.rsplit('.').next().unwrap_or_default()
    }

    fn service_and_fact(&self) -> Result<(&str, &str), InvalidEnvelope> {
        match self.kind.split('.').collect::<Vec<_>>()[..] {
            ["gongzhi", service, "v1", fact] => Ok((service, fact)),
            _ => Err(InvalidEnvelope::Kind(self.kind.clone())),
        }
    }
}
