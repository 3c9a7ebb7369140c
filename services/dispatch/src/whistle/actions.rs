//! What a person may do with a whistle now: what its state allows, cut down to what the person's posts allow. Told so that a page offers nothing that
//! would be refused; the machine decides all the same.

use gongzhi_chassis::execute::Aggregate;
use gongzhi_chassis::gate::Admission;
use gongzhi_proto::dispatch::v1 as pb;
use gongzhi_proto::ids::DepartmentCode;

use super::state::{Phase, Summons, SummonsPhase};
use super::{CommandKind, Sheet, Whistle};

/// The actions of a caller.
pub(crate) fn of(admission: &Admission, whistle: &Whistle) -> Vec<pb::Action> {
    let scope = Sheet::scope(whistle);
    let mut actions = Vec::new();
    let mut offer = |kind: CommandKind, department: Option<&DepartmentCode>| {
        let Some(rpc) = kind.rpc() else { return };
        let acting = department.filter(|_| kind.is_of_department()).map(DepartmentCode::as_str);
        // Who acts for a department must hold a post for it; others have posts of the area.
        if admission.may_call(&format!("/gongzhi.dispatch.v1.WhistleService/{rpc}"), &scope, acting) {
            actions.push(pb::Action {
                rpc: rpc.into(),
                department_code: department.map(ToString::to_string).unwrap_or_default(),
            });
        }
    };
    for (department, summons) in whistle.summonses.iter().filter(|_| whistle.is_open()) {
        for kind in of_summons(summons) {
            offer(kind, Some(department));
        }
    }
    for kind in of_whistle(&whistle.phase) {
        offer(*kind, None);
    }
    actions
}

fn of_whistle(phase: &Phase) -> &'static [CommandKind] {
    match phase {
        Phase::Sounded => &[CommandKind::Withdraw],
        Phase::Finished => &[CommandKind::Accept, CommandKind::Withdraw],
        Phase::Accepted { .. } | Phase::Withdrawn { .. } => &[],
    }
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
        if summons.open_refusal.is_none() {
            kinds.push(CommandKind::Refuse);
        }
    }
    if summons.open_refusal.is_some() {
        kinds.push(CommandKind::DecideRefusal);
    }
    kinds
}
