//! The story of a topic: somebody proposes it, or the system raises it because many cases come from one place. Households say that they want it; what speaks for
//! it is counted. It goes onto an agenda, or into another topic, or is declined with a reason; from a published agenda it comes to a resolution.
//!
//! Households are kept as keyed digests: each is counted once and can be read by nobody.

mod announce;
pub(crate) mod demand;
mod evolve;
pub mod machine;
mod parse;
pub(crate) mod raise;
pub(crate) mod reply;
pub(crate) mod rpc;
mod similar;
pub mod state;
pub(crate) mod store;

pub use evolve::evolve;
pub use machine::{Command, Event, Refusal, decide};
pub(crate) use parse::day;
pub use state::{Gate, GateKind, Stage, Topic};

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows, Writer};
use gongzhi_chassis::status::{self, Failure};
use gongzhi_proto::ids::{AreaCode, Level, TopicId};
use jiff::Timestamp;

/// Topics as the write path knows them.
pub(crate) struct TopicKind;

impl Aggregate for TopicKind {
    const KIND: &'static str = "topic";
    type State = Topic;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = ();

    fn decide(
        state: Option<&Topic>,
        _at: Timestamp,
        command: &Command,
        _rules: &(),
    ) -> Result<Vec<Event>, Refusal> {
        decide(state, command)
    }

    fn evolve(state: Option<Topic>, at: Timestamp, event: &Event) -> Topic {
        evolve(state, at, event)
    }

    fn next_due(_state: &Topic) -> Option<Timestamp> {
        None
    }

    fn tick() -> Option<Command> {
        None
    }

    fn scope(state: &Topic) -> Scope {
        Scope::area(community(&state.area))
    }

    fn announce(id: &str, state: &Topic, event: &Event) -> Vec<Announcement> {
        announce::announce(id, state, event)
    }

    fn index(id: &str, state: &Topic) -> Vec<Rows> {
        store::index(id, state)
    }
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        self.word()
    }
}

/// The community of an area that is one or lies in one.
pub(crate) fn community(area: &AreaCode) -> AreaCode {
    area.at(Level::Community).unwrap_or_else(|| area.clone())
}

/// Loads a topic, or says that there is none.
pub(crate) async fn find(writer: &Writer, id: &TopicId) -> Result<(Topic, i64), Failure> {
    let found = writer.load::<TopicKind>(&id.to_string()).await?;
    found.ok_or_else(|| Failure::NotFound(format!("topic {id}")))
}
