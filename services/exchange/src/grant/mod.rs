//! The story of a grant: somebody who acts for an organization asks to see facts of an area for a purpose until a day; somebody else, who answers for
//! the platform, approves or refuses with a reason; an approved one ends by itself, or earlier when it is revoked. Every step is a fact on the bus.
//!
//! A grant says what may be seen and nothing of how it gets there: that is for subscriptions, which hang on grants and end with them.

mod announce;
pub(crate) use announce::to_all_and;
pub mod machine;
pub(crate) mod parse;
pub(crate) mod rpc;
pub(crate) mod store;

pub use machine::{Command, Event, Fields, Grant, Refusal, Request, Standing};

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows};
use gongzhi_chassis::status;
use gongzhi_proto::ids::{AreaCode, Level};
use jiff::Timestamp;

/// Grants as the write path knows them.
pub(crate) struct GrantKind;

impl Aggregate for GrantKind {
    const KIND: &'static str = "grant";
    type State = Grant;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = ();

    fn decide(
        state: Option<&Grant>,
        at: Timestamp,
        command: &Command,
        _rules: &(),
    ) -> Result<Vec<Event>, Refusal> {
        machine::decide(state, at, command)
    }

    fn evolve(state: Option<Grant>, at: Timestamp, event: &Event) -> Grant {
        machine::evolve(state, at, event)
    }

    fn next_due(state: &Grant) -> Option<Timestamp> {
        machine::next_due(state)
    }

    fn tick() -> Option<Command> {
        Some(Command::Tick)
    }

    /// Whose it is: who acts for the grantee may ask.
    fn scope(state: &Grant) -> Scope {
        state.request.grantee.scope(&district(&state.request.area))
    }

    /// Who decides answers for the area whose facts are shared; who takes it back acts for the grantee.
    fn authority(state: &Grant, command: &Command) -> Scope {
        match command {
            Command::Withdraw { .. } => Self::scope(state),
            Command::Request(_)
            | Command::Approve { .. }
            | Command::Refuse { .. }
            | Command::Revoke { .. }
            | Command::Tick => Scope::area(state.request.area.clone()),
        }
    }

    fn acting(command: &Command) -> Option<&str> {
        match command {
            Command::Request(request) => request.grantee.acting(),
            Command::Approve { .. }
            | Command::Refuse { .. }
            | Command::Revoke { .. }
            | Command::Withdraw { .. }
            | Command::Tick => None,
        }
    }

    fn announce(id: &str, state: &Grant, event: &Event) -> Vec<Announcement> {
        announce::announce(id, state, event)
    }

    fn index(id: &str, state: &Grant) -> Vec<Rows> {
        store::index(id, state)
    }
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        self.word()
    }
}

/// The district of an area; an area of a request lies in one.
pub(crate) fn district(area: &AreaCode) -> AreaCode {
    area.at(Level::District).unwrap_or_else(|| area.clone())
}
