//! The story of a pool: it is opened for a topic, people volunteer and are numbers from then on; when it is closed, a lottery is computed in which everybody's chance is as
//! even as the quotas allow, and published as numbered tickets with their digest; then a number is drawn in public, from the source named when the pool was opened, and its
//! ticket is the panel. Whoever drops out is replaced by another draw.
//!
//! What volunteers said lies in a table of its own and in no history. It is deleted when one of them leaves, and some days after the draw for all; what remains is
//! that so many numbers came and went, the published tickets, the chance of each number and how many members have a feature.

mod announce;
pub(crate) mod compute;
mod draw;
mod evolve;
mod lottery;
pub mod machine;
pub(crate) mod parse;
#[cfg(test)]
mod properties;
mod record;
pub(crate) mod reply;
pub(crate) mod rpc;
pub mod state;
mod store;

pub use evolve::evolve;
pub use machine::{Command, Event, Refusal, decide};
pub use state::{HouseholdRule, Pool, Stage};

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows};
use gongzhi_chassis::status;
use jiff::Timestamp;

/// Pools as the write path knows them.
pub(crate) struct PoolKind;

impl Aggregate for PoolKind {
    const KIND: &'static str = "pool";
    type State = Pool;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = ();

    fn decide(
        state: Option<&Pool>,
        at: Timestamp,
        command: &Command,
        _rules: &(),
    ) -> Result<Vec<Event>, Refusal> {
        decide(state, at, command)
    }

    fn evolve(state: Option<Pool>, at: Timestamp, event: &Event) -> Pool {
        evolve(state, at, event)
    }

    fn next_due(state: &Pool) -> Option<Timestamp> {
        state.forget_at()
    }

    fn tick() -> Option<Command> {
        Some(Command::Tick)
    }

    fn scope(state: &Pool) -> Scope {
        Scope::area(state.opening.area.clone())
    }

    fn announce(id: &str, state: &Pool, event: &Event) -> Vec<Announcement> {
        announce::announce(id, state, event)
    }

    fn index(id: &str, state: &Pool) -> Vec<Rows> {
        store::index(id, state)
    }
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        self.word()
    }
}
