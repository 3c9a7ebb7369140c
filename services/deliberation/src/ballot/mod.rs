//! The story of a ballot: it is prepared on a topic of a published agenda, by the rule that the law has for who decides what; its roll of numbers is entered; it is
//! published, and its slips are printed. A slip casts one vote, or its paper is entered by two people. When it ends it is counted, its record is sealed and
//! signed, and anybody counts it again.
//!
//! In a secret ballot no table, history or log links a person with a choice: the roll has numbers, slips are drawn like papers from a hat, and whoever casts a vote is
//! not known.

mod announce;
pub mod count;
mod joint;
pub mod machine;
mod parse;
mod record;
mod reply;
pub(crate) mod rpc;
pub mod state;
mod store;
pub mod threshold;
pub mod vote;

pub use machine::{Command, Event, Refusal};
pub use state::Ballot;

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows, Writer};
use gongzhi_chassis::status::{self, Failure};
use gongzhi_proto::ids::{BallotId, TopicId};
use jiff::Timestamp;

/// Ballots as the write path knows them.
pub(crate) struct BallotKind;

impl Aggregate for BallotKind {
    const KIND: &'static str = "ballot";
    type State = Ballot;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = ();

    fn decide(
        state: Option<&Ballot>,
        at: Timestamp,
        command: &Command,
        _rules: &(),
    ) -> Result<Vec<Event>, Refusal> {
        machine::decide(state, at, command)
    }

    fn evolve(state: Option<Ballot>, at: Timestamp, event: &Event) -> Ballot {
        machine::evolve(state, at, event)
    }

    fn next_due(_state: &Ballot) -> Option<Timestamp> {
        None
    }

    fn tick() -> Option<Command> {
        None
    }

    fn scope(state: &Ballot) -> Scope {
        Scope::area(state.plan.area.clone())
    }

    fn announce(id: &str, state: &Ballot, event: &Event) -> Vec<Announcement> {
        announce::announce(id, state, event)
    }

    fn index(id: &str, state: &Ballot) -> Vec<Rows> {
        vec![store::index(id, state)]
    }
}

/// The topic that a ballot has adopted, with a record that enough people signed; none otherwise.
pub(crate) async fn adopted(writer: &Writer, id: &BallotId) -> Result<Option<TopicId>, Failure> {
    let found = writer.load::<BallotKind>(&id.to_string()).await?;
    Ok(found.filter(|(ballot, _)| ballot.is_adopted()).map(|(ballot, _)| ballot.plan.topic))
}

/// True when a ballot on a topic was published.
pub(crate) async fn was_published_on(writer: &Writer, topic: &TopicId) -> Result<bool, Failure> {
    Ok(store::was_published_on(writer.pool(), &topic.to_string()).await?)
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        self.word()
    }
}
