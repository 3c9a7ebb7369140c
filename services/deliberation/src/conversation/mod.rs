//! The story of a conversation: a question is asked, slips are drawn like papers from a hat, and with them people make statements and judge those of others. Statements are
//! moderated by reasons of a closed list. From the judgements an opinion map is drawn: which groups there are, and what all of them agree on.
//!
//! Nobody can link a slip with a household: codes are printed in an order that means nothing, kept are keyed digests, and who calls is not asked. A statement does not say
//! which slip made it; only who reads the database itself could put their instants together, and has the number of a slip, which means nothing. A map tells of statements
//! and groups, never of one person, and nothing of few.

mod announce;
mod export;
mod joint;
pub mod machine;
mod map;
mod maps;
mod parse;
mod reply;
pub(crate) mod rpc;
pub mod state;
pub mod statement;
mod store;
mod told;
pub mod voice;

pub use machine::{Command, Event, Refusal};
pub use state::Conversation;

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows, Writer};
use gongzhi_chassis::status::{self, Failure};
use gongzhi_proto::ids::ConversationId;
use jiff::Timestamp;

/// Conversations as the write path knows them.
pub(crate) struct ConversationKind;

impl Aggregate for ConversationKind {
    const KIND: &'static str = "conversation";
    type State = Conversation;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = ();

    fn decide(
        state: Option<&Conversation>,
        at: Timestamp,
        command: &Command,
        _rules: &(),
    ) -> Result<Vec<Event>, Refusal> {
        machine::decide(state, at, command)
    }

    fn evolve(state: Option<Conversation>, at: Timestamp, event: &Event) -> Conversation {
        machine::evolve(state, at, event)
    }

    fn next_due(_state: &Conversation) -> Option<Timestamp> {
        None
    }

    fn tick() -> Option<Command> {
        None
    }

    fn scope(state: &Conversation) -> Scope {
        Scope::area(state.plan.area.clone())
    }

    fn announce(id: &str, state: &Conversation, event: &Event) -> Vec<Announcement> {
        announce::announce(id, state, event)
    }

    fn index(id: &str, state: &Conversation) -> Vec<Rows> {
        vec![store::index(id, state)]
    }
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        self.word()
    }
}

fn missing(id: &ConversationId) -> Failure {
    Failure::NotFound(format!("conversation {id}"))
}

/// Loads a conversation, or says that there is none.
async fn find(writer: &Writer, id: &ConversationId) -> Result<(Conversation, i64), Failure> {
    let found = writer.load::<ConversationKind>(&id.to_string()).await?;
    found.ok_or_else(|| missing(id))
}

/// The identity of what has a number in a conversation.
fn numbered(conversation: &str, number: u32) -> String {
    format!("{conversation}/{number}")
}

/// The conversation and the number that an identity consists of.
fn parted(id: &str) -> (&str, u32) {
    let (conversation, number) = id.split_once('/').unwrap_or((id, "0"));
    (conversation, number.parse().unwrap_or_default())
}
