//! What is said in a room: a note, an assessment or a piece of evidence of an organization. It can be withdrawn; that there was one stays.

pub mod machine;

pub use machine::{Command, Content, Entry, Event, Refusal, Said};

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows};
use gongzhi_chassis::status;
use jiff::Timestamp;
use serde_json::json;

/// Entries as the write path knows them.
pub(crate) struct EntryKind;

impl Aggregate for EntryKind {
    const KIND: &'static str = "room_entry";
    type State = Entry;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = ();

    fn decide(
        state: Option<&Entry>,
        _at: Timestamp,
        command: &Command,
        _rules: &(),
    ) -> Result<Vec<Event>, Refusal> {
        machine::decide(state, command)
    }

    fn evolve(state: Option<Entry>, at: Timestamp, event: &Event) -> Entry {
        machine::evolve(state, at, event)
    }

    fn next_due(_state: &Entry) -> Option<Timestamp> {
        None
    }

    fn tick() -> Option<Command> {
        None
    }

    fn scope(state: &Entry) -> Scope {
        state.said.party.scope(&state.said.district)
    }

    fn acting(command: &Command) -> Option<&str> {
        match command {
            Command::Add(said) => said.party.acting(),
            Command::Withdraw { by, .. } => by.acting(),
        }
    }

    /// What is said in a room stays in it.
    fn announce(_id: &str, _state: &Entry, _event: &Event) -> Vec<Announcement> {
        Vec::new()
    }

    fn index(id: &str, state: &Entry) -> Vec<Rows> {
        vec![Rows::new(
            "insert into room_entries (entry_id, room_id, added_at)
             select * from json_to_recordset($1) as r (entry_id text, room_id text, added_at timestamptz)
             on conflict (entry_id) do nothing",
            json!({ "entry_id": id, "room_id": state.said.room.to_string(), "added_at": state.at }),
        )]
    }
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        self.word()
    }
}
