//! The story of a resolution: it is adopted on something that was decided, with goals that say what, by when and with what money. A goal becomes a case or a whistle by a
//! fact on the bus, or people do it themselves and report; what becomes of it stands beside what was promised.

mod announce;
mod follow;
pub mod machine;
mod parse;
mod reply;
pub(crate) mod rpc;
mod store;

pub(crate) use follow::Moved;
pub(crate) use follow::{follow, take_up};
pub use machine::{Command, Event, Refusal, Resolution};

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows};
use gongzhi_chassis::status;
use jiff::Timestamp;

/// Resolutions as the write path knows them.
pub(crate) struct ResolutionKind;

impl Aggregate for ResolutionKind {
    const KIND: &'static str = "resolution";
    type State = Resolution;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = ();

    fn decide(
        state: Option<&Resolution>,
        _at: Timestamp,
        command: &Command,
        _rules: &(),
    ) -> Result<Vec<Event>, Refusal> {
        machine::decide(state, command)
    }

    fn evolve(state: Option<Resolution>, at: Timestamp, event: &Event) -> Resolution {
        machine::evolve(state, at, event)
    }

    fn next_due(_state: &Resolution) -> Option<Timestamp> {
        None
    }

    fn tick() -> Option<Command> {
        None
    }

    fn scope(state: &Resolution) -> Scope {
        Scope::area(state.area.clone())
    }

    fn announce(id: &str, state: &Resolution, event: &Event) -> Vec<Announcement> {
        announce::announce(id, state, event)
    }

    fn index(id: &str, state: &Resolution) -> Vec<Rows> {
        store::index(id, state)
    }
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        self.word()
    }
}
