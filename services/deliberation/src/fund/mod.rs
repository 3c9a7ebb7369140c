//! The story of a fund: money is earmarked for a topic, projects are gathered, the fund is published with a slip for every household; slips are cast in secret; when the time
//! has passed, what is paid for is computed exactly and beside the server; a tie that changes it is settled by a number from the source named at the beginning. Everybody
//! recomputes it from the public record, and whoever holds a slip sees what its share has paid for.
//!
//! Slips are rows of their own: nothing of them is in a history, an index by person or a log, and which household drew which code is known to nobody.

mod announce;
mod casting;
pub(crate) mod compute;
pub mod machine;
mod outcome;
mod parse;
#[cfg(test)]
mod properties;
mod reply;
pub(crate) mod rpc;
mod slips;
pub mod state;
mod store;

pub use machine::{Command, Event, Refusal, decide, evolve};
pub use state::{Fund, Stage};

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows};
use gongzhi_chassis::status::{self, Failure};
use gongzhi_proto::ids::FundId;
use jiff::Timestamp;

/// Funds as the write path knows them.
pub(crate) struct FundKind;

impl Aggregate for FundKind {
    const KIND: &'static str = "fund";
    type State = Fund;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = ();

    fn decide(
        state: Option<&Fund>,
        at: Timestamp,
        command: &Command,
        _rules: &(),
    ) -> Result<Vec<Event>, Refusal> {
        decide(state, at, command)
    }

    fn evolve(state: Option<Fund>, at: Timestamp, event: &Event) -> Fund {
        evolve(state, at, event)
    }

    fn next_due(_state: &Fund) -> Option<Timestamp> {
        None
    }

    fn tick() -> Option<Command> {
        None
    }

    fn scope(state: &Fund) -> Scope {
        Scope::area(state.opening.area.clone())
    }

    fn announce(id: &str, state: &Fund, event: &Event) -> Vec<Announcement> {
        announce::announce(id, state, event)
    }

    fn index(id: &str, state: &Fund) -> Vec<Rows> {
        vec![store::index(id, state)]
    }
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        self.word()
    }
}

fn missing(id: &FundId) -> Failure {
    Failure::NotFound(format!("fund {id}"))
}
