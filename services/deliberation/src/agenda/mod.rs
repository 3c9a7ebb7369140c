//! The story of an agenda: it is drawn up of the topics that wait, in an order that anybody can recompute; places drawn by lot are filled by a number that comes from a
//! source named in advance; whoever changes the order says why; once published, its topics may be voted on after the days of notice.

mod announce;
mod draft;
pub mod machine;
mod parse;
mod reply;
pub(crate) mod rpc;
mod store;

pub use machine::{Agenda, Command, Event, Refusal};

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows};
use gongzhi_chassis::status;
use jiff::Timestamp;

/// Agendas as the write path knows them.
pub(crate) struct AgendaKind;

impl Aggregate for AgendaKind {
    const KIND: &'static str = "agenda";
    type State = Agenda;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = ();

    fn decide(
        state: Option<&Agenda>,
        _at: Timestamp,
        command: &Command,
        _rules: &(),
    ) -> Result<Vec<Event>, Refusal> {
        machine::decide(state, command)
    }

    fn evolve(state: Option<Agenda>, at: Timestamp, event: &Event) -> Agenda {
        machine::evolve(state, at, event)
    }

    fn next_due(_state: &Agenda) -> Option<Timestamp> {
        None
    }

    fn tick() -> Option<Command> {
        None
    }

    fn scope(state: &Agenda) -> Scope {
        Scope::area(state.draft.area.clone())
    }

    fn announce(id: &str, state: &Agenda, event: &Event) -> Vec<Announcement> {
        announce::announce(id, state, event)
    }

    fn index(id: &str, state: &Agenda) -> Vec<Rows> {
        vec![store::index(id, state)]
    }
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        self.word()
    }
}
