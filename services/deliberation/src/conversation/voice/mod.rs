//! The story of one voice, a thing of its own beside its conversation: judging touches no other, and the history of each is its own chain. Its identity is conversation and
//! slip; who holds the slip is unknown to us.

pub mod machine;

pub use machine::{Command, Event, Judgement, Refusal, Voice};

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows};
use gongzhi_chassis::status;
use gongzhi_proto::ids::AreaCode;
use jiff::Timestamp;

use super::state::Talk;
use super::store;

/// Voices as the write path knows them.
pub(crate) struct VoiceKind;

/// A voice with where it is.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Placed {
    pub(crate) voice: Voice,
    pub(crate) area: AreaCode,
}

/// What is asked of a voice, and where its conversation is.
pub(crate) struct Asked {
    pub(crate) command: Command,
    pub(crate) area: AreaCode,
}

/// What happened to a voice, and where its conversation is.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Happened {
    pub(crate) event: Event,
    pub(crate) area: AreaCode,
}

impl Aggregate for VoiceKind {
    const KIND: &'static str = "voice";
    type State = Placed;
    type Command = Asked;
    type Event = Happened;
    type Refusal = Refusal;
    type Rules = Talk;

    fn decide(
        state: Option<&Placed>,
        at: Timestamp,
        asked: &Asked,
        talk: &Talk,
    ) -> Result<Vec<Happened>, Refusal> {
        let events = machine::decide(state.map(|placed| &placed.voice), at, &asked.command, talk)?;
        Ok(events.into_iter().map(|event| Happened { event, area: asked.area.clone() }).collect())
    }

    fn evolve(state: Option<Placed>, _at: Timestamp, happened: &Happened) -> Placed {
        let voice = machine::evolve(state.map(|placed| placed.voice), &happened.event);
        Placed { voice, area: happened.area.clone() }
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

    /// What one person says is told to nobody.
    fn announce(_id: &str, _state: &Placed, _event: &Happened) -> Vec<Announcement> {
        Vec::new()
    }

    fn index(id: &str, state: &Placed) -> Vec<Rows> {
        vec![store::index_voice(id, &state.voice)]
    }
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        self.word()
    }
}
