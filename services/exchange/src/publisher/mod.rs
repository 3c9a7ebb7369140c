//! The story of a publisher: the system of an organization is issued an account on NATS from which it can do one thing, ask for publication. What it
//! sends is looked at and taken as over every other way; the answer says of each event what became of it. Issuing anew or taking back ends the account and
//! closes its connections.
//!
//! Knows nothing of what may be published: [`crate::publication`] does.

mod accounts;
mod listen;
pub mod machine;
mod rpc;
mod store;

pub(crate) use accounts::Accounts;
pub(crate) use listen::Listener;
pub use machine::{Command, Event, Publisher, Refusal};
pub(crate) use rpc::Publishers;

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows};
use gongzhi_chassis::status;
use jiff::Timestamp;

/// Publishers as the write path knows them, by the token under which the organization publishes.
pub(crate) struct PublisherKind;

impl Aggregate for PublisherKind {
    const KIND: &'static str = "publisher";
    type State = Publisher;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = ();

    fn decide(
        state: Option<&Publisher>,
        _at: Timestamp,
        command: &Command,
        _rules: &(),
    ) -> Result<Vec<Event>, Refusal> {
        machine::decide(state, command)
    }

    fn evolve(state: Option<Publisher>, at: Timestamp, event: &Event) -> Publisher {
        machine::evolve(state, at, event)
    }

    fn next_due(_state: &Publisher) -> Option<Timestamp> {
        None
    }

    fn tick() -> Option<Command> {
        None
    }

    fn scope(state: &Publisher) -> Scope {
        state.party.scope(&state.district)
    }

    fn acting(command: &Command) -> Option<&str> {
        match command {
            Command::Issue { party, .. } => party.acting(),
            Command::Revoke { .. } => None,
        }
    }

    /// Credentials are between the exchange and the publisher.
    fn announce(_id: &str, _state: &Publisher, _event: &Event) -> Vec<Announcement> {
        Vec::new()
    }

    /// Nothing lists publishers.
    fn index(_id: &str, _state: &Publisher) -> Vec<Rows> {
        Vec::new()
    }
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        self.word()
    }
}
