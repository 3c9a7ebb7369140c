//! The story of a subscription: an organization says which facts it wants and how; delivery begins where it says, goes on by itself, can be paused,
//! resumed and rewound, and ends when its owner or its grant ends it. Where delivery has come to is a cursor, not part of the story: it moves too often.

mod announce;
pub(crate) mod keys;
pub mod machine;
mod parse;
pub(crate) mod rpc;
mod shown;
pub(crate) mod store;

pub use machine::{
    Command, Event, Filter, From, Making, Refusal, Scheme, Standing, Subscription, Trouble, Way,
};

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows};
use gongzhi_chassis::status;
use jiff::Timestamp;

/// Subscriptions as the write path knows them.
pub(crate) struct SubscriptionKind;

impl Aggregate for SubscriptionKind {
    const KIND: &'static str = "subscription";
    type State = Subscription;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = ();

    fn decide(
        state: Option<&Subscription>,
        _at: Timestamp,
        command: &Command,
        _rules: &(),
    ) -> Result<Vec<Event>, Refusal> {
        machine::decide(state, command)
    }

    fn evolve(state: Option<Subscription>, at: Timestamp, event: &Event) -> Subscription {
        machine::evolve(state, at, event)
    }

    fn next_due(_state: &Subscription) -> Option<Timestamp> {
        None
    }

    fn tick() -> Option<Command> {
        None
    }

    fn scope(state: &Subscription) -> Scope {
        state.making.party.scope(&state.making.district)
    }

    fn acting(command: &Command) -> Option<&str> {
        match command {
            Command::Make(making) => making.party.acting(),
            Command::Change { .. }
            | Command::Pause { .. }
            | Command::Resume
            | Command::Rewind(_)
            | Command::End { .. }
            | Command::EndWithGrant
            | Command::RotateKey
            | Command::IssueAccount { .. }
            | Command::NotePark
            | Command::NoteRetry => None,
        }
    }

    fn announce(id: &str, state: &Subscription, event: &Event) -> Vec<Announcement> {
        announce::announce(id, state, event)
    }

    fn index(id: &str, state: &Subscription) -> Vec<Rows> {
        store::index(id, state)
    }
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        self.word()
    }
}
