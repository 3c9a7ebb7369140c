//! The story of one statement, a thing of its own beside its conversation. Its identity is conversation and number.

pub mod machine;

pub use machine::{Command, Event, Floor, Refusal, Rejection, Statement, Status};

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows};
use gongzhi_chassis::status;
use jiff::Timestamp;

use super::store;

/// Statements as the write path knows them.
pub(crate) struct StatementKind;

impl Aggregate for StatementKind {
    const KIND: &'static str = "statement";
    type State = Statement;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = Floor;

    fn decide(
        state: Option<&Statement>,
        at: Timestamp,
        command: &Command,
        floor: &Floor,
    ) -> Result<Vec<Event>, Refusal> {
        machine::decide(state, at, command, floor)
    }

    fn evolve(state: Option<Statement>, _at: Timestamp, event: &Event) -> Statement {
        machine::evolve(state, event)
    }

    fn next_due(_state: &Statement) -> Option<Timestamp> {
        None
    }

    fn tick() -> Option<Command> {
        None
    }

    fn scope(state: &Statement) -> Scope {
        Scope::area(state.area.clone())
    }

    /// What is said is read in the conversation; the bus carries no free text.
    fn announce(_id: &str, _state: &Statement, _event: &Event) -> Vec<Announcement> {
        Vec::new()
    }

    fn index(id: &str, state: &Statement) -> Vec<Rows> {
        vec![store::index_statement(id, state)]
    }
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        self.word()
    }
}
