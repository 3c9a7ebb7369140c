//! Ties the machine of cases to the one write path.

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement};
use gongzhi_chassis::status;
use jiff::Timestamp;
use sqlx::PgConnection;

use super::{Case, Command, Event, Refusal, announce, machine, store};
use crate::rules::Rules;

/// Cases as the write path knows them.
pub struct CaseFile;

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        Refusal::reason(self)
    }
}

impl Aggregate for CaseFile {
    const KIND: &'static str = "case";
    type State = Case;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = Rules;

    fn decide(
        case: Option<&Case>,
        at: Timestamp,
        command: &Command,
        rules: &Rules,
    ) -> Result<Vec<Event>, Refusal> {
        machine::decide(case, at, command, rules)
    }

    fn evolve(case: Option<Case>, at: Timestamp, event: &Event) -> Case {
        machine::evolve(case, at, event)
    }

    fn next_due(case: &Case) -> Option<Timestamp> {
        machine::next_due(case)
    }

    fn tick() -> Option<Command> {
        Some(Command::Tick)
    }

    fn scope(case: &Case) -> Scope {
        Scope::area(case.registration.place.area.clone())
    }

    fn announce(id: &str, case: &Case, event: &Event) -> Vec<Announcement> {
        announce::announce(id, case, event)
    }

    async fn index(connection: &mut PgConnection, id: &str, case: &Case) -> Result<(), sqlx::Error> {
        store::index(connection, id, case).await
    }
}
