//! Ties the machine of cases to the one write path.

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows};
use gongzhi_chassis::status;
use gongzhi_proto::ids::Level;
use jiff::Timestamp;

use super::{Case, Command, CommandKind, Event, Refusal, Rung, announce, machine, store};
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

    fn authority(case: &Case, command: &Command) -> Scope {
        authority(case, command.kind())
    }

    fn announce(id: &str, case: &Case, event: &Event) -> Vec<Announcement> {
        announce::announce(id, case, event)
    }

    fn index(id: &str, case: &Case) -> Vec<Rows> {
        vec![store::index(id, case)]
    }
}

/// Where a permission must be held to ask something of a case. Who hands it up or settles it answers for the rung on which it stands: a community does
/// not settle what stands at its sub-district.
pub(crate) fn authority(case: &Case, kind: CommandKind) -> Scope {
    let area = &case.registration.place.area;
    let of_rung = match kind {
        CommandKind::Climb | CommandKind::Settle => match case.rung {
            Rung::Community => None,
            Rung::SubDistrict => area.at(Level::SubDistrict),
            Rung::District => area.at(Level::District),
        },
        CommandKind::Register
        | CommandKind::JoinReporter
        | CommandKind::Accept
        | CommandKind::ConveneConsultation
        | CommandKind::ConcludeConsultation
        | CommandKind::Whistle
        | CommandKind::WhistleAccepted
        | CommandKind::WhistleWithdrawn
        | CommandKind::Verify
        | CommandKind::RecordRating
        | CommandKind::Void
        | CommandKind::RequestSuspension
        | CommandKind::ApproveSuspension
        | CommandKind::RefuseSuspension
        | CommandKind::EraseContact
        | CommandKind::Tick => None,
    };
    Scope::area(of_rung.unwrap_or_else(|| area.clone()))
}
