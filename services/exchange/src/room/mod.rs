//! The story of a room: an organization calls others together over a case, a category of cases or a place. All of them see one timeline of the facts that concern
//! it, each as far as its rights allow, say what they know, show what they have, hold what is the case, and close with a summary that goes on the bus.
//!
//! What is said is an entry, an aggregate of its own, written in one commit with the room that counts it. Facts that concern a room are gathered from the
//! stream when somebody looks. Knows nothing of subscriptions.

mod announce;
mod concern;
pub mod entry;
mod evidence;
mod gather;
pub mod machine;
mod parse;
mod picture;
pub(crate) mod rpc;
mod shown;
mod store;
mod sweep;
mod timeline;

pub(crate) use gather::Gatherer;
pub use machine::{About, Command, Event, Opening, Refusal, Room, Subject};
pub use sweep::Sweeper;

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows};
use gongzhi_chassis::status;
use jiff::Timestamp;

/// Rooms as the write path knows them.
pub(crate) struct RoomKind;

impl Aggregate for RoomKind {
    const KIND: &'static str = "room";
    type State = Room;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = ();

    fn decide(
        state: Option<&Room>,
        _at: Timestamp,
        command: &Command,
        _rules: &(),
    ) -> Result<Vec<Event>, Refusal> {
        machine::decide(state, command)
    }

    fn evolve(state: Option<Room>, at: Timestamp, event: &Event) -> Room {
        machine::evolve(state, at, event)
    }

    fn next_due(_state: &Room) -> Option<Timestamp> {
        None
    }

    fn tick() -> Option<Command> {
        None
    }

    fn scope(state: &Room) -> Scope {
        state.opening.opener.scope(&state.opening.district)
    }

    /// Who opened it answers for it; who says something answers for the own organization.
    fn authority(state: &Room, command: &Command) -> Scope {
        match command {
            Command::Contribute { by } => by.scope(&state.opening.district),
            Command::Open(_) | Command::Call { .. } | Command::Close { .. } => Self::scope(state),
        }
    }

    fn acting(command: &Command) -> Option<&str> {
        match command {
            Command::Open(opening) => opening.opener.acting(),
            Command::Call { opener, .. } | Command::Close { opener, .. } => opener.acting(),
            Command::Contribute { by } => by.acting(),
        }
    }

    fn announce(id: &str, state: &Room, event: &Event) -> Vec<Announcement> {
        announce::announce(id, state, event)
    }

    fn index(id: &str, state: &Room) -> Vec<Rows> {
        store::index(id, state)
    }
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        self.word()
    }
}
