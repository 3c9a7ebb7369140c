//! Requests about whistles become commands; every field error is told at once.

use std::collections::BTreeSet;

use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::dispatch::v1 as pb;
use gongzhi_proto::ids::{CaseId, DepartmentCode, WhistleId};

use super::{Command, Decision, Kind, Level};

/// Most departments of one whistle.
const DEPARTMENTS_AT_MOST: usize = 20;
/// Most references of one piece of evidence, and the longest of them.
const REFERENCES_AT_MOST: usize = 20;
const REFERENCE_AT_MOST: usize = 300;

/// A whistle that is well formed.
pub(crate) struct Call {
    pub(crate) case_id: CaseId,
    pub(crate) kind: Kind,
    pub(crate) level: Level,
    pub(crate) departments: BTreeSet<DepartmentCode>,
    pub(crate) request: String,
}

pub(crate) fn call(request: &pb::SoundWhistleRequest) -> Result<Call, Failure> {
    let mut violations = Violations::new();
    let case_id = violations.id("case_id", &request.case_id, CaseId::parse);
    let kind = violations.choice::<pb::WhistleKind>("kind", request.kind).and_then(kind);
    let level = violations.choice::<pb::WhistleLevel>("level", request.level).and_then(level);
    let departments = departments(&mut violations, &request.department_codes);
    let text = violations.text("request", &request.request, 2, 1000);
    let parsed = case_id.zip(kind).zip(level);
    let ((case_id, kind), level) = violations.open(parsed)?;
    Ok(Call { case_id, kind, level, departments, request: text })
}

fn departments(violations: &mut Violations, codes: &[String]) -> BTreeSet<DepartmentCode> {
    if codes.is_empty() || codes.len() > DEPARTMENTS_AT_MOST {
        violations.add(
            "department_codes",
            format!("must name 1 to {DEPARTMENTS_AT_MOST} departments, names {}", codes.len()),
        );
    }
    let mut departments = BTreeSet::new();
    for (nth, code) in codes.iter().enumerate() {
        let field = format!("department_codes[{nth}]");
        if let Some(code) = violations.id(&field, code, DepartmentCode::parse)
            && !departments.insert(code)
        {
            violations.add(field, "is named twice");
        }
    }
    departments
}

fn kind(kind: pb::WhistleKind) -> Option<Kind> {
    match kind {
        pb::WhistleKind::Unspecified => None,
        pb::WhistleKind::JointEnforcement => Some(Kind::JointEnforcement),
        pb::WhistleKind::PriorityWork => Some(Kind::PriorityWork),
        pb::WhistleKind::Emergency => Some(Kind::Emergency),
    }
}

fn level(level: pb::WhistleLevel) -> Option<Level> {
    match level {
        pb::WhistleLevel::Unspecified => None,
        pb::WhistleLevel::Blue => Some(Level::Blue),
        pb::WhistleLevel::Yellow => Some(Level::Yellow),
        pb::WhistleLevel::Red => Some(Level::Red),
    }
}

/// A command of or about one department.
pub(crate) fn of_department(
    whistle_id: &str,
    department: &str,
    command: impl FnOnce(DepartmentCode) -> Command,
) -> Result<(WhistleId, Command), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("whistle_id", whistle_id, WhistleId::parse);
    let department = violations.id("department_code", department, DepartmentCode::parse);
    let (id, department) = violations.open(id.zip(department))?;
    Ok((id, command(department)))
}

/// A command of or about one department, with a text.
pub(crate) fn of_department_with_text(
    (whistle_id, department): (&str, &str),
    (field, text): (&str, &str),
    (least, most): (usize, usize),
    command: impl FnOnce(DepartmentCode, String) -> Command,
) -> Result<(WhistleId, Command), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("whistle_id", whistle_id, WhistleId::parse);
    let department = violations.id("department_code", department, DepartmentCode::parse);
    let text = violations.text(field, text, least, most);
    let (id, department) = violations.open(id.zip(department))?;
    Ok((id, command(department, text)))
}

pub(crate) fn decide(request: &pb::DecideRefusalRequest) -> Result<(WhistleId, Command), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("whistle_id", &request.whistle_id, WhistleId::parse);
    let department = violations.id("department_code", &request.department_code, DepartmentCode::parse);
    let decision =
        violations.choice::<pb::RefusalDecision>("decision", request.decision).and_then(|decision| {
            match decision {
                pb::RefusalDecision::Unspecified => None,
                pb::RefusalDecision::SummonsStands => Some(Decision::Stands),
                pb::RefusalDecision::Excused => Some(Decision::Excused),
            }
        });
    let reason = violations.text("reason", &request.reason, 2, 1000);
    let ((id, department), decision) = violations.open(id.zip(department).zip(decision))?;
    Ok((id, Command::DecideRefusal { department, decision, reason }))
}

pub(crate) fn evidence(request: &pb::HandInEvidenceRequest) -> Result<(WhistleId, Command), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("whistle_id", &request.whistle_id, WhistleId::parse);
    let department = violations.id("department_code", &request.department_code, DepartmentCode::parse);
    let text = violations.text("text", &request.text, 2, 1000);
    if request.references.len() > REFERENCES_AT_MOST {
        violations.add(
            "references",
            format!("must be at most {REFERENCES_AT_MOST}, are {}", request.references.len()),
        );
    }
    let given = request.references.iter().enumerate();
    let references = given
        .map(|(nth, reference)| {
            violations.text(&format!("references[{nth}]"), reference, 1, REFERENCE_AT_MOST)
        })
        .collect();
    let (id, department) = violations.open(id.zip(department))?;
    Ok((id, Command::HandInEvidence { department, text, references }))
}

/// A whistle and a text.
pub(crate) fn with_text(
    whistle_id: &str,
    field: &str,
    text: &str,
    most: usize,
) -> Result<(WhistleId, String), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("whistle_id", whistle_id, WhistleId::parse);
    let text = violations.text(field, text, 2, most);
    Ok((violations.open(id)?, text))
}
