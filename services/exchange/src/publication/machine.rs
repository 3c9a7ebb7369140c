//! The law of a published thing: what was looked at before is taken. Pure.

use gongzhi_proto::ids::{AreaCode, DepartmentCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::party::Party;

/// A thing of an organization, about which it publishes events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thing {
    /// Whose it is.
    pub owner: Party,
    /// The district that is served.
    pub district: AreaCode,
    /// Kind of thing.
    pub kind: String,
    /// Its name with its owner: the attribute `subject`.
    pub name: String,
}

/// Something that happened to it, as it was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurrence {
    /// Identity on the bus, made of the publisher's source and id.
    pub event_id: Uuid,
    /// What it happened to.
    pub thing: Thing,
    /// Name of the fact.
    pub fact: String,
    /// Where.
    pub area: AreaCode,
    /// For which department; none for everybody who may see it.
    pub audience: Option<DepartmentCode>,
    /// When, by the publisher's word; none for the instant at which it was accepted.
    pub time: Option<Timestamp>,
    /// The content, byte for byte.
    pub data: String,
}

/// What may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 发布
    Publish(Occurrence),
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was accepted.
    Published {
        /// What happened.
        occurrence: Occurrence,
        /// When, as it is told.
        at: Timestamp,
    },
}

/// The law has nothing to refuse: what is wrong with an event is said before.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {}

impl Thing {
    /// Its identity among all things of all organizations.
    pub fn id(&self) -> String {
        format!("{}/{}/{}", self.owner.token(), self.kind, self.name)
    }
}

/// What follows from a command at an instant.
pub fn decide(at: Timestamp, command: &Command) -> Vec<Event> {
    let Command::Publish(occurrence) = command;
    vec![Event::Published { occurrence: occurrence.clone(), at: occurrence.time.unwrap_or(at) }]
}

/// What it is after an event.
pub fn evolve(event: &Event) -> Thing {
    let Event::Published { occurrence, .. } = event;
    occurrence.thing.clone()
}
