//! The law of a fact type: pure, total, no clock, no ids of its own.
//!
//! ```text
//! active ──register again, compatibly──▶ active
//!    └────retire──▶ retired ──register again, compatibly──▶ active
//! ```

use gongzhi_proto::catalogue::Classification;
use gongzhi_proto::ids::AreaCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::compatible;
use crate::party::Party;

/// What is registered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// Whose it is.
    pub owner: Party,
    /// The district that is served.
    pub district: AreaCode,
    /// Name of the fact: `bin_overflowed`.
    pub name: String,
    /// Chinese title.
    pub title_zh: String,
    /// English title.
    pub title_en: String,
    /// What it means.
    pub description: String,
    /// Kind of thing that it is about.
    pub aggregate: String,
    /// Who may see it without a grant.
    pub classification: Classification,
    /// Days for which subscribers may count on it in the stream.
    pub retention_days: i32,
    /// Where it may happen; never empty.
    pub areas: Vec<AreaCode>,
    /// JSON Schema of its content.
    pub schema: Value,
}

/// A fact type (事实类型).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FactType {
    /// What is registered.
    pub definition: Definition,
    /// When this version of it was.
    pub registered_at: Timestamp,
    /// Whether it is in use.
    pub standing: Standing,
}

/// Whether a fact type is in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// 启用
    Active,
    /// 停用
    Retired {
        /// Why.
        reason: String,
    },
}

/// What may be asked of a fact type.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// 登记
    Register(Box<Definition>),
    /// 停用
    Retire {
        /// Why.
        reason: String,
    },
}

/// What can happen to a fact type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Registered, or registered again.
    FactTypeRegistered(Box<Definition>),
    /// Nothing more of it is taken.
    FactTypeRetired {
        /// Why.
        reason: String,
    },
}

/// How the law says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is none.
    #[error("there is no such fact type")]
    Absent,
    /// It is retired already.
    #[error("the fact type is retired already")]
    AlreadyRetired,
    /// Something would be taken away.
    #[error("subscribers rely on what this would take away: {}; register a fact of another name instead", .0.join("; "))]
    Incompatible(Vec<String>),
}

impl Refusal {
    /// The word for it on the wire.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Absent => "ABSENT",
            Self::AlreadyRetired => "ALREADY_RETIRED",
            Self::Incompatible(_) => "INCOMPATIBLE",
        }
    }
}

/// What follows from a command.
pub fn decide(fact_type: Option<&FactType>, command: &Command) -> Result<Vec<Event>, Refusal> {
    match (fact_type, command) {
        (None, Command::Register(definition)) => Ok(vec![Event::FactTypeRegistered(definition.clone())]),
        (None, Command::Retire { .. }) => Err(Refusal::Absent),
        (Some(known), Command::Register(definition)) => {
            if known.definition == **definition && known.standing == Standing::Active {
                return Ok(Vec::new());
            }
            let broken = breaks(&known.definition, definition);
            if !broken.is_empty() {
                return Err(Refusal::Incompatible(broken));
            }
            Ok(vec![Event::FactTypeRegistered(definition.clone())])
        }
        (Some(known), Command::Retire { reason }) => match known.standing {
            Standing::Active => Ok(vec![Event::FactTypeRetired { reason: reason.clone() }]),
            Standing::Retired { .. } => Err(Refusal::AlreadyRetired),
        },
    }
}

/// Everything that a new definition takes away from the old one. Titles and areas may change.
fn breaks(old: &Definition, new: &Definition) -> Vec<String> {
    let mut broken = Vec::new();
    if old.classification != new.classification {
        broken.push("the classification decides who may see what was published already".to_owned());
    }
    if old.aggregate != new.aggregate {
        broken.push(format!("it is about a {}, and events are numbered by it", old.aggregate));
    }
    if new.retention_days < old.retention_days {
        broken.push(format!("it was promised for {} days", old.retention_days));
    }
    broken.extend(compatible::breaks(&old.schema, &new.schema));
    broken
}

/// What a fact type is after an event.
///
/// # Panics
/// When the event cannot follow: a history that says so is damaged, or the program is wrong.
pub fn evolve(fact_type: Option<FactType>, at: Timestamp, event: &Event) -> FactType {
    match (fact_type, event) {
        (_, Event::FactTypeRegistered(definition)) => FactType {
            definition: Definition::clone(definition),
            registered_at: at,
            standing: Standing::Active,
        },
        (Some(known), Event::FactTypeRetired { reason }) => {
            FactType { standing: Standing::Retired { reason: reason.clone() }, ..known }
        }
        (None, Event::FactTypeRetired { .. }) => panic!("what was never registered cannot be retired"),
    }
}
