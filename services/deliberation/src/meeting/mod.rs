//! The story of a meeting: it is convened on topics of a published agenda, with seats for the parties of government and society; it opens with a quorum; a motion is
//! moved, seconded, debated and voted on, one at a time; the floor goes by rules and not by favour; the chair's rulings can be appealed; what was done is the minutes.
//!
//! Seats are numbers. Who sits on one, and what anybody says, is written down nowhere.

mod announce;
pub mod bylaws;
mod event;
mod evolve;
pub mod floor;
pub mod machine;
mod minutes;
mod parse;
mod refusal;
pub(crate) mod reply;
pub(crate) mod rpc;
pub mod state;
mod store;

pub use evolve::evolve;
pub use machine::{Command, Event, Refusal, decide};
pub use state::{Meeting, Stage};

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows, Writer};
use gongzhi_chassis::status::{self, Failure};
use gongzhi_proto::ids::{MeetingId, TopicId};
use jiff::Timestamp;

/// Meetings as the write path knows them.
pub(crate) struct MeetingKind;

impl Aggregate for MeetingKind {
    const KIND: &'static str = "meeting";
    type State = Meeting;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = ();

    fn decide(
        state: Option<&Meeting>,
        at: Timestamp,
        command: &Command,
        _rules: &(),
    ) -> Result<Vec<Event>, Refusal> {
        decide(state, at, command)
    }

    fn evolve(state: Option<Meeting>, at: Timestamp, event: &Event) -> Meeting {
        evolve(state, at, event)
    }

    fn next_due(state: &Meeting) -> Option<Timestamp> {
        state.turn().map(|(_, ends_at)| ends_at)
    }

    fn tick() -> Option<Command> {
        Some(Command::Tick)
    }

    fn scope(state: &Meeting) -> Scope {
        Scope::area(state.call.area.clone())
    }

    fn announce(id: &str, state: &Meeting, event: &Event) -> Vec<Announcement> {
        announce::announce(id, state, event)
    }

    fn index(id: &str, state: &Meeting) -> Vec<Rows> {
        store::index(id, state)
    }
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        self.word()
    }
}

/// The topic of a motion that a meeting carried, once the meeting is closed: what a resolution may rest on.
pub(crate) async fn carried(
    writer: &Writer,
    id: &MeetingId,
    number: u32,
) -> Result<Option<TopicId>, Failure> {
    let found = writer.load::<MeetingKind>(&id.to_string()).await?;
    let (meeting, _) = found.ok_or_else(|| Failure::NotFound(format!("meeting {id}")))?;
    if !matches!(meeting.stage, Stage::Closed { .. }) {
        return Ok(None);
    }
    let decided = meeting.decided.iter().find(|decided| decided.number == number);
    Ok(decided.filter(|decided| decided.poll.count().carries()).map(|decided| decided.topic))
}
