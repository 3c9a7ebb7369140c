//! Ties the register's machine to the write path.

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows};
use gongzhi_chassis::status;
use jiff::Timestamp;

use super::announce;
use super::machine::{Command, Event, Refusal, Register, decide, evolve};

/// The register as the write path knows it.
pub(crate) struct RegisterKind;

/// The one register of a deployment.
pub(super) const THE_REGISTER: &str = "register";

impl Aggregate for RegisterKind {
    const KIND: &'static str = "division";
    type State = Register;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = ();

    fn decide(
        _state: Option<&Register>,
        _at: Timestamp,
        command: &Command,
        _rules: &(),
    ) -> Result<Vec<Event>, Refusal> {
        decide(command)
    }

    fn evolve(state: Option<Register>, _at: Timestamp, event: &Event) -> Register {
        evolve(state, event)
    }

    fn next_due(_state: &Register) -> Option<Timestamp> {
        None
    }

    fn tick() -> Option<Command> {
        None
    }

    fn scope(state: &Register) -> Scope {
        Scope::area(state.district.clone())
    }

    fn announce(_id: &str, _state: &Register, event: &Event) -> Vec<Announcement> {
        announce::announce(event)
    }

    /// The rows are written by the import, in the same commit.
    fn index(_: &str, _: &Register) -> Vec<Rows> {
        vec![]
    }
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        self.word()
    }
}
