//! Requests about fact types → commands, with every field error at once.

use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::catalogue::Classification;
use gongzhi_proto::event::v1 as event;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::ids::AreaCode;

use super::{Command, Definition, schema};
use crate::party::Party;

/// Days for which a fact stays when nothing is said.
const DAYS: i32 = 30;
/// Longest time that may be promised, in days.
const MOST_DAYS: i32 = 3_650;
/// Most areas of one type; whoever needs more names what contains them.
const MOST_AREAS: usize = 100;

/// Reads what is to be registered.
pub(crate) fn register(
    request: &pb::RegisterFactTypeRequest,
    district: &AreaCode,
) -> Result<Definition, Failure> {
    let mut violations = Violations::new();
    let owner = Party::parse(&mut violations, "organization", request.organization.as_ref(), district);
    let name = word(&mut violations, "name", &request.name);
    let title_zh = violations.text("title_zh", &request.title_zh, 2, 60);
    let title_en = violations.text("title_en", &request.title_en, 2, 80);
    let description = violations.text("description", &request.description, 5, 1_000);
    let aggregate = word(&mut violations, "aggregate", &request.aggregate);
    let classification = classification(&mut violations, request.classification);
    let retention_days = if request.retention_days == 0 { DAYS } else { request.retention_days };
    if !(1..=MOST_DAYS).contains(&retention_days) {
        violations.add("retention_days", format!("must be 1 to {MOST_DAYS}, or 0 for {DAYS}"));
    }
    let areas = areas(&mut violations, &request.area_codes, owner.as_ref(), district);
    let schema = match schema::parse(&request.data_schema) {
        Ok(schema) => Some(schema),
        Err(wrong) => {
            for (at, what) in wrong {
                violations.add(format!("data_schema{at}"), what);
            }
            None
        }
    };
    let all = owner.zip(classification).zip(schema);
    let ((owner, classification), schema) = violations.open(all)?;
    Ok(Definition {
        owner,
        district: district.clone(),
        name,
        title_zh,
        title_en,
        description,
        aggregate,
        classification,
        retention_days,
        areas,
        schema,
    })
}

/// Reads a retirement: the fact and the command.
pub(crate) fn retire(request: &pb::RetireFactTypeRequest) -> Result<(String, Command), Failure> {
    let mut violations = Violations::new();
    let fact = violations.text("fact", &request.fact, 3, 120);
    let reason = violations.text("reason", &request.reason, 2, 500);
    violations.finish()?;
    Ok((fact, Command::Retire { reason }))
}

/// A word that fits into a subject and a type, and can be told from a code.
fn word(violations: &mut Violations, field: &str, given: &str) -> String {
    let fits = (2..=60).contains(&given.len())
        && given.starts_with(|first: char| first.is_ascii_lowercase())
        && given.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !fits {
        violations.add(field, "must be 2 to 60 lower-case letters, digits and _, beginning with a letter");
    }
    given.to_owned()
}

fn classification(violations: &mut Violations, given: i32) -> Option<Classification> {
    let choice: event::Classification = violations.choice("classification", given)?;
    match choice {
        event::Classification::Unspecified => None,
        event::Classification::Open => Some(Classification::Open),
        event::Classification::Shared => Some(Classification::Shared),
        event::Classification::Restricted => Some(Classification::Restricted),
    }
}

fn areas(
    violations: &mut Violations,
    given: &[String],
    owner: Option<&Party>,
    district: &AreaCode,
) -> Vec<AreaCode> {
    let own = match owner {
        Some(Party::Area(area)) => area,
        Some(Party::Department(_)) | None => district,
    };
    if given.len() > MOST_AREAS {
        violations.add("area_codes", format!("has at most {MOST_AREAS} entries"));
    }
    let mut areas = Vec::new();
    for (nth, code) in given.iter().enumerate().take(MOST_AREAS) {
        let field = format!("area_codes[{nth}]");
        let Some(area) = violations.id(&field, code, AreaCode::parse) else { continue };
        if !own.contains(&area) {
            violations.add(field, format!("{area} is not in {own}"));
        }
        areas.push(area);
    }
    if given.is_empty() { vec![own.clone()] } else { areas }
}
