//! What people may do with a whistle in its state, whoever they are. Pure; a test proves that it says what `decide` says.

use gongzhi_proto::ids::DepartmentCode;

use super::command::CommandKind;
use super::machine::REFUSALS_AT_MOST;
use super::state::{Phase, Summons, SummonsPhase, Whistle};

/// What people may do with the whistle now, and for which department: each leads to something and is not refused.
pub fn allowed(whistle: &Whistle) -> Vec<(CommandKind, Option<DepartmentCode>)> {
    let of_all: &[CommandKind] = match &whistle.phase {
        Phase::Sounded => &[CommandKind::Withdraw],
        Phase::Finished => &[CommandKind::Accept, CommandKind::Withdraw],
        Phase::Accepted { .. } | Phase::Withdrawn { .. } => return Vec::new(),
    };
    let of_each = whistle.summonses.iter().flat_map(|(department, summons)| {
        of_summons(summons).into_iter().map(|kind| (kind, Some(department.clone())))
    });
    of_each.chain(of_all.iter().map(|kind| (*kind, None))).collect()
}

fn of_summons(summons: &Summons) -> Vec<CommandKind> {
    let mut kinds = match summons.phase {
        SummonsPhase::Called => vec![CommandKind::SignFor, CommandKind::MakeContact, CommandKind::ReportIn],
        SummonsPhase::SignedFor => vec![CommandKind::MakeContact, CommandKind::ReportIn],
        SummonsPhase::Contacted => vec![CommandKind::ReportIn],
        SummonsPhase::ReportedIn => vec![CommandKind::Finish],
        SummonsPhase::Done => vec![CommandKind::OrderRework],
        SummonsPhase::Excused => return Vec::new(),
    };
    kinds.push(CommandKind::HandInEvidence);
    if summons.phase != SummonsPhase::Done {
        kinds.push(CommandKind::AgreeTask);
        if summons.open_refusal.is_none() && summons.refusals < REFUSALS_AT_MOST {
            kinds.push(CommandKind::Refuse);
        }
    }
    if summons.open_refusal.is_some() {
        kinds.push(CommandKind::DecideRefusal);
    }
    kinds
}
