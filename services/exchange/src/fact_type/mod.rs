//! The story of a fact type: an organization says what a fact of its own looks like before it publishes the first one. From then on the fact is in the
//! catalogue like any of ours: it can be granted, subscribed and filtered. A new version may add, never take away; a retired type takes no more events.
//!
//! Knows nothing of the events themselves: those are for `publication`.

mod announce;
pub mod compatible;
mod entry;
pub mod machine;
pub(crate) mod parse;
pub mod schema;
pub(crate) mod store;

pub(crate) use entry::entry;
pub use machine::{Command, Definition, Event, FactType, Refusal, Standing};

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows};
use gongzhi_chassis::status;
use jiff::Timestamp;

/// Fact types as the write path knows them. The identity of one is its name in the catalogue.
pub(crate) struct FactTypeKind;

impl Aggregate for FactTypeKind {
    const KIND: &'static str = "fact_type";
    type State = FactType;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = ();

    fn decide(
        state: Option<&FactType>,
        _at: Timestamp,
        command: &Command,
        _rules: &(),
    ) -> Result<Vec<Event>, Refusal> {
        machine::decide(state, command)
    }

    fn evolve(state: Option<FactType>, at: Timestamp, event: &Event) -> FactType {
        machine::evolve(state, at, event)
    }

    fn next_due(_state: &FactType) -> Option<Timestamp> {
        None
    }

    fn tick() -> Option<Command> {
        None
    }

    fn scope(state: &FactType) -> Scope {
        state.definition.owner.scope(&state.definition.district)
    }

    /// A registration acts for whom it names; a retirement is asked of what its owner takes part in.
    fn acting(command: &Command) -> Option<&str> {
        match command {
            Command::Register(definition) => definition.owner.acting(),
            Command::Retire { .. } => None,
        }
    }

    fn announce(id: &str, state: &FactType, event: &Event) -> Vec<Announcement> {
        announce::announce(id, state, event)
    }

    fn index(id: &str, state: &FactType) -> Vec<Rows> {
        store::index(id, state)
    }
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        self.word()
    }
}

impl Definition {
    /// Its name in the catalogue, in grants and in filters.
    pub fn fact(&self) -> String {
        format!("{}.{}", self.owner.token(), self.name)
    }
}
