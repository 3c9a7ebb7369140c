//! The story of one vote, a thing of its own beside its ballot: casting one touches no other, and the history of each is its own chain. Its identity is ballot and slip;
//! whoever casts it is unknown to us, and nothing here, in a table or in a log, names a person.

pub mod machine;

pub use machine::{Command, Event, Polling, Refusal, Vote};

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows};
use gongzhi_chassis::status;
use gongzhi_proto::ids::AreaCode;
use jiff::Timestamp;

use super::store;

/// Votes as the write path knows them.
pub(crate) struct VoteKind;

/// What a vote is decided by: when votes are taken, and where the ballot is.
pub(crate) struct Poll {
    pub(crate) polling: Polling,
}

/// A vote with where it is.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Placed {
    pub(crate) vote: Vote,
    pub(crate) area: AreaCode,
}

/// What is asked of a vote, and where its ballot is.
pub(crate) struct Asked {
    pub(crate) command: Command,
    pub(crate) area: AreaCode,
}

/// What happened to a vote, and where its ballot is.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Happened {
    pub(crate) event: Event,
    pub(crate) area: AreaCode,
}

impl Aggregate for VoteKind {
    const KIND: &'static str = "vote";
    type State = Placed;
    type Command = Asked;
    type Event = Happened;
    type Refusal = Refusal;
    type Rules = Poll;

    fn decide(
        state: Option<&Placed>,
        at: Timestamp,
        asked: &Asked,
        poll: &Poll,
    ) -> Result<Vec<Happened>, Refusal> {
        let events = machine::decide(state.map(|placed| &placed.vote), at, &asked.command, &poll.polling)?;
        Ok(events.into_iter().map(|event| Happened { event, area: asked.area.clone() }).collect())
    }

    fn evolve(state: Option<Placed>, _at: Timestamp, happened: &Happened) -> Placed {
        let vote = machine::evolve(state.map(|placed| placed.vote), &happened.event);
        Placed { vote, area: happened.area.clone() }
    }

    fn next_due(_state: &Placed) -> Option<Timestamp> {
        None
    }

    fn tick() -> Option<Asked> {
        None
    }

    fn scope(state: &Placed) -> Scope {
        Scope::area(state.area.clone())
    }

    /// What was voted is told when the ballot is counted, and never one by one.
    fn announce(_id: &str, _state: &Placed, _event: &Happened) -> Vec<Announcement> {
        Vec::new()
    }

    fn index(id: &str, state: &Placed) -> Vec<Rows> {
        vec![store::index_vote(id, &state.vote)]
    }
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        self.word()
    }
}
