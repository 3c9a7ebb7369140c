//! A goal of a resolution becomes work: a case in its community, and where the resolution names departments, a whistle that calls them. Cases and whistles have identities
//! that follow from the goal, so that the same news twice makes nothing twice.
//!
//! Knows nothing of topics, ballots and resolutions: a goal has words, a category, departments and an identity.

use std::collections::BTreeSet;

use gongzhi_chassis::execute::{Target, Unit};
use gongzhi_chassis::status::Failure;
use gongzhi_proto::deliberation::v1 as deliberation;
use gongzhi_proto::ids::{AreaCode, CategoryCode, DepartmentCode, GoalId, InvalidId, WhistleId};
use uuid::Uuid;

use crate::calendar::WorkCalendar;
use crate::case::{self, CaseFile, Place, Registration, Urgency};
use crate::rules::Rules;
use crate::whistle::{self, Sheet};

/// Longest title of a case, in characters.
const LONGEST_TITLE: usize = 60;

fn malformed(error: InvalidId) -> Failure {
    Failure::Bug(format!("the fact holds what is not {error}"))
}

fn id_of(goal: &GoalId, what: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("gongzhi:goal/{goal}/{what}").as_bytes())
}

/// Makes work of a goal; of one that people do themselves, nothing.
pub(crate) async fn take_up(
    unit: &mut Unit,
    rules: &Rules,
    fact: &deliberation::GoalSet,
) -> Result<(), Failure> {
    let with_whistle = match fact.kind() {
        deliberation::GoalKind::Case => false,
        deliberation::GoalKind::Whistle => true,
        deliberation::GoalKind::OwnWork | deliberation::GoalKind::Unspecified => return Ok(()),
    };
    let goal = GoalId::parse(&fact.goal_id).map_err(malformed)?;
    let area = AreaCode::parse(&fact.area_code).map_err(malformed)?;
    let category = CategoryCode::parse(&fact.category_code).map_err(malformed)?;
    let number = case::store::next_number(unit.connection().await?).await?;
    let day = WorkCalendar::date_of(unit.at());
    let registration = Registration {
        case_number: case::store::case_number(&area, day, number),
        category: category.clone(),
        urgency: Urgency::Normal,
        title: fact.text.chars().take(LONGEST_TITLE).collect(),
        description: format!("决议确定的共同目标,应于{}前落实:{}", fact.due_on, fact.text),
        place: Place { area: area.clone(), grid: None, location: None, spot: "共同目标".into() },
        goal: Some(goal),
    };
    let case_id = id_of(&goal, "case").to_string();
    let mut commands = vec![case::Command::Register(registration), case::Command::Accept];
    if with_whistle {
        commands.push(case::Command::Climb { reason: "决议确定由多个部门共同落实".into() });
    }
    for command in &commands {
        unit.execute::<CaseFile>(rules, Target::Any(&case_id), command).await?;
    }
    if with_whistle { call(unit, rules, fact, &goal, (area, category)).await } else { Ok(()) }
}

/// Calls the departments of a goal. Without any that is registered the case stays with the sub-district, whose officer calls whom it takes.
async fn call(
    unit: &mut Unit,
    rules: &Rules,
    fact: &deliberation::GoalSet,
    goal: &GoalId,
    (area, category): (AreaCode, CategoryCode),
) -> Result<(), Failure> {
    let known = whistle::store::known_departments(unit.connection().await?, &fact.department_codes).await?;
    let departments: BTreeSet<DepartmentCode> =
        known.iter().map(|code| DepartmentCode::parse(code)).collect::<Result<_, _>>().map_err(malformed)?;
    if departments.is_empty() {
        return Ok(());
    }
    let (case_id, whistle_id) = (id_of(goal, "case"), id_of(goal, "whistle"));
    let of_case = case::Command::Whistle { whistle_id: WhistleId(whistle_id) };
    unit.execute::<CaseFile>(rules, Target::Existing(&case_id.to_string()), &of_case).await?;
    let sound = whistle::Command::Sound {
        case_id: gongzhi_proto::ids::CaseId(case_id),
        area,
        category,
        kind: whistle::Kind::PriorityWork,
        level: whistle::Level::Blue,
        departments,
        request: fact.text.clone(),
    };
    unit.execute::<Sheet>(rules, Target::Any(&whistle_id.to_string()), &sound).await?;
    Ok(())
}
