//! The story of a publication: the system of an organization sends events about its things; each is looked at for itself, against its fact type, its
//! area and whoever sends it, and is accepted, known already or refused with everything that is wrong. What is accepted stands in history and outbox in one
//! commit and goes the way of every other fact. Events about one thing are numbered in the order in which they were accepted.
//!
//! Knows nothing of who will receive them.

mod announce;
mod check;
mod limit;
mod machine;
pub(crate) mod rpc;
mod store;
mod twice;

pub(crate) use limit::Limits;
pub use machine::{Command, Event, Occurrence, Refusal, Thing};

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows};
use gongzhi_chassis::status;
use jiff::Timestamp;

/// Things of organizations as the write path knows them.
pub(crate) struct ThingKind;

impl Aggregate for ThingKind {
    const KIND: &'static str = "thing";
    type State = Thing;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = ();

    fn decide(
        _state: Option<&Thing>,
        at: Timestamp,
        command: &Command,
        _rules: &(),
    ) -> Result<Vec<Event>, Refusal> {
        Ok(machine::decide(at, command))
    }

    fn evolve(_state: Option<Thing>, _at: Timestamp, event: &Event) -> Thing {
        machine::evolve(event)
    }

    fn next_due(_state: &Thing) -> Option<Timestamp> {
        None
    }

    fn tick() -> Option<Command> {
        None
    }

    fn scope(state: &Thing) -> Scope {
        state.owner.scope(&state.district)
    }

    fn acting(command: &Command) -> Option<&str> {
        let Command::Publish(occurrence) = command;
        occurrence.thing.owner.acting()
    }

    fn announce(_id: &str, _state: &Thing, event: &Event) -> Vec<Announcement> {
        announce::announce(event)
    }

    /// Nothing lists things; what happened to them is on the bus.
    fn index(_id: &str, _state: &Thing) -> Vec<Rows> {
        Vec::new()
    }
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        match *self {}
    }
}
