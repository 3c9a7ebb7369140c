//! Ties the machine of whistles to the one write path.

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows};
use gongzhi_chassis::status;
use gongzhi_proto::ids::DepartmentCode;
use jiff::Timestamp;

use super::{Command, Event, Refusal, Whistle, announce, machine, store};
use crate::rules::Rules;

/// Whistles as the write path knows them.
pub struct Sheet;

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        Refusal::reason(self)
    }
}

impl Aggregate for Sheet {
    const KIND: &'static str = "whistle";
    type State = Whistle;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = Rules;

    fn decide(
        whistle: Option<&Whistle>,
        at: Timestamp,
        command: &Command,
        rules: &Rules,
    ) -> Result<Vec<Event>, Refusal> {
        machine::decide(whistle, at, command, rules)
    }

    fn evolve(whistle: Option<Whistle>, at: Timestamp, event: &Event) -> Whistle {
        machine::evolve(whistle, at, event)
    }

    fn next_due(whistle: &Whistle) -> Option<Timestamp> {
        machine::next_due(whistle)
    }

    fn tick() -> Option<Command> {
        Some(Command::Tick)
    }

    /// Where the case is; every called department may see the whistle.
    fn scope(whistle: &Whistle) -> Scope {
        Scope { area: whistle.area.clone(), units: whistle.departments().map(ToString::to_string).collect() }
    }

    fn acting(command: &Command) -> Option<&str> {
        command.acting().map(DepartmentCode::as_str)
    }

    fn announce(id: &str, whistle: &Whistle, event: &Event) -> Vec<Announcement> {
        announce::announce(id, whistle, event)
    }

    fn index(id: &str, whistle: &Whistle) -> Vec<Rows> {
        store::index(id, whistle)
    }
}
