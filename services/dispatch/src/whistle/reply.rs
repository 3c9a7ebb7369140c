//! Whistles as the contract shows them.

use gongzhi_proto::dispatch::v1 as pb;
use gongzhi_proto::ids::{DepartmentCode, Level as AreaLevel};
use gongzhi_proto::time::to_wire;

use super::Whistle;
use super::state::{Kind, Level, Phase, Summons, SummonsPhase};
use crate::case::reply::clock;

/// A whistle at a version.
pub(crate) fn whistle(id: &str, whistle: &Whistle, version: i64) -> pb::Whistle {
    pb::Whistle {
        whistle_id: id.to_owned(),
        case_id: whistle.case_id.to_string(),
        area_code: whistle
            .area
            .at(AreaLevel::SubDistrict)
            .unwrap_or_else(|| whistle.area.clone())
            .to_string(),
        kind: kind(whistle.kind) as i32,
        level: level(whistle.level) as i32,
        phase: phase(&whistle.phase) as i32,
        request: whistle.request.clone(),
        sounded_at: Some(to_wire(whistle.sounded_at)),
        summonses: whistle.summonses.iter().map(|(code, of)| summons(code, of)).collect(),
        version,
    }
}

fn summons(code: &DepartmentCode, summons: &Summons) -> pb::Summons {
    pb::Summons {
        department_code: code.to_string(),
        phase: summons_phase(summons.phase) as i32,
        clocks: summons.clocks.iter().map(clock).collect(),
        refusal_reason: summons.open_refusal.clone().unwrap_or_default(),
        reminders: summons.reminders as i32,
        supervised: summons.supervised,
        task: summons.task.clone().unwrap_or_default(),
        reworks: summons.reworks as i32,
    }
}

fn phase(phase: &Phase) -> pb::WhistlePhase {
    match phase {
        Phase::Sounded => pb::WhistlePhase::Sounded,
        Phase::Finished => pb::WhistlePhase::Finished,
        Phase::Accepted { .. } => pb::WhistlePhase::Accepted,
        Phase::Withdrawn { .. } => pb::WhistlePhase::Withdrawn,
    }
}

fn summons_phase(phase: SummonsPhase) -> pb::SummonsPhase {
    match phase {
        SummonsPhase::Called => pb::SummonsPhase::Called,
        SummonsPhase::SignedFor => pb::SummonsPhase::SignedFor,
        SummonsPhase::Contacted => pb::SummonsPhase::Contacted,
        SummonsPhase::ReportedIn => pb::SummonsPhase::ReportedIn,
        SummonsPhase::Done => pb::SummonsPhase::Done,
        SummonsPhase::Excused => pb::SummonsPhase::Excused,
    }
}

/// What a whistle is for.
pub(crate) fn kind(kind: Kind) -> pb::WhistleKind {
    match kind {
        Kind::JointEnforcement => pb::WhistleKind::JointEnforcement,
        Kind::PriorityWork => pb::WhistleKind::PriorityWork,
        Kind::Emergency => pb::WhistleKind::Emergency,
    }
}

/// Who must come in person.
pub(crate) fn level(level: Level) -> pb::WhistleLevel {
    match level {
        Level::Blue => pb::WhistleLevel::Blue,
        Level::Yellow => pb::WhistleLevel::Yellow,
        Level::Red => pb::WhistleLevel::Red,
    }
}
