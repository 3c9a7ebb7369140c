//! The story of a procedure: the party branch proposes, both committees consult, the party members review, the body resolves; then the decision is made public, and
//! later its result. Each step has one dated record; none is skipped; a day of publication that passes in silence is told to everybody.

mod announce;
pub mod law;
pub mod machine;
mod parse;
pub(crate) mod reply;
pub(crate) mod rpc;
pub mod state;
mod store;

pub use machine::{Command, Event, Refusal};
pub use state::Procedure;

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows, Writer};
use gongzhi_chassis::status::{self, Failure};
use gongzhi_proto::ids::{ProcedureId, TopicId};
use jiff::Timestamp;

/// Procedures as the write path knows them.
pub(crate) struct ProcedureKind;

impl Aggregate for ProcedureKind {
    const KIND: &'static str = "procedure";
    type State = Procedure;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = ();

    fn decide(
        state: Option<&Procedure>,
        at: Timestamp,
        command: &Command,
        _rules: &(),
    ) -> Result<Vec<Event>, Refusal> {
        machine::decide(state, at, command)
    }

    fn evolve(state: Option<Procedure>, at: Timestamp, event: &Event) -> Procedure {
        machine::evolve(state, at, event)
    }

    fn next_due(state: &Procedure) -> Option<Timestamp> {
        machine::next_due(state)
    }

    fn tick() -> Option<Command> {
        Some(Command::Tick)
    }

    fn scope(state: &Procedure) -> Scope {
        Scope::area(state.opening.area.clone())
    }

    fn announce(id: &str, state: &Procedure, event: &Event) -> Vec<Announcement> {
        announce::announce(id, state, event)
    }

    fn index(id: &str, state: &Procedure) -> Vec<Rows> {
        vec![store::index(id, state)]
    }
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        self.word()
    }
}

/// Loads a procedure, or says that there is none.
pub(crate) async fn find(writer: &Writer, id: &ProcedureId) -> Result<(Procedure, i64), Failure> {
    let found = writer.load::<ProcedureKind>(&id.to_string()).await?;
    found.ok_or_else(|| Failure::NotFound(format!("procedure {id}")))
}

/// The topic of a procedure and whether it was resolved; none while it is open. What a resolution may rest on.
pub async fn outcome(writer: &Writer, id: &ProcedureId) -> Result<Option<(TopicId, bool)>, Failure> {
    let (procedure, _) = find(writer, id).await?;
    Ok(procedure.outcome().map(|resolved| (procedure.opening.topic, resolved)))
}
