//! Requests about grants → commands, with every field error at once.

use std::collections::BTreeMap;

use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::ids::{AreaCode, GrantId};
use gongzhi_proto::time::from_wire;
use jiff::Timestamp;

use super::{Command, Fields, Request};
use crate::catalogue::{self, Catalogue};
use crate::party::Party;

/// Most facts of one grant; whoever needs more asks for a grant per purpose.
const MOST_FACTS: usize = 50;

/// Reads what is asked for.
pub(super) fn request(
    request: &pb::RequestGrantRequest,
    district: &AreaCode,
    catalogue: &Catalogue,
    by: &str,
) -> Result<Command, Failure> {
    let mut violations = Violations::new();
    let grantee = Party::parse(&mut violations, "grantee", request.grantee.as_ref(), district);
    let facts = granted_facts(&mut violations, &request.facts, catalogue);
    let area = violations.id("area_code", &request.area_code, AreaCode::parse);
    if let Some(area) = area.as_ref().filter(|area| !district.contains(area)) {
        violations.add("area_code", format!("{area} is not in {district}"));
    }
    let purpose = violations.text("purpose", &request.purpose, 5, 500);
    let until = instant(&mut violations, "until_at", request.until_at.as_ref());
    if until.is_none() && request.until_at.is_none() {
        violations.add("until_at", "is required");
    }
    let all = grantee.zip(area).zip(until);
    let ((grantee, area), until) = violations.open(all)?;
    Ok(Command::Request(Request { grantee, facts, area, purpose, until, by: by.to_owned() }))
}

fn granted_facts(
    violations: &mut Violations,
    given: &[pb::GrantedFact],
    catalogue: &Catalogue,
) -> BTreeMap<String, Fields> {
    if given.is_empty() || given.len() > MOST_FACTS {
        violations.add("facts", format!("must name 1 to {MOST_FACTS} facts"));
    }
    let mut facts = BTreeMap::new();
    for (nth, granted) in given.iter().enumerate().take(MOST_FACTS) {
        let Some(entry) = catalogue.fact(&granted.fact) else {
            violations.add(format!("facts[{nth}].fact"), catalogue.unknown(&granted.fact));
            continue;
        };
        for (at, field) in granted.fields.iter().enumerate() {
            if !catalogue::field_names(&entry).contains(&field.as_str()) {
                violations.add(
                    format!("facts[{nth}].fields[{at}]"),
                    format!(
                        "{} has no field {field:?}; it has {}",
                        granted.fact,
                        catalogue::field_names(&entry).join(", ")
                    ),
                );
            }
        }
        let fields =
            if granted.fields.is_empty() { Fields::All } else { Fields::Only(granted.fields.clone()) };
        if facts.insert(granted.fact.clone(), fields).is_some() {
            violations.add(format!("facts[{nth}].fact"), "is named twice");
        }
    }
    facts
}

/// Reads an instant; none when it is left out or wrong.
pub(crate) fn instant(
    violations: &mut Violations,
    field: &str,
    given: Option<&prost_types::Timestamp>,
) -> Option<Timestamp> {
    let at = from_wire(given);
    if at.is_none() && given.is_some() {
        violations.add(field, "is not an instant");
    }
    at
}

pub(super) fn approve(request: &pb::ApproveGrantRequest, by: &str) -> Result<(GrantId, Command), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("grant_id", &request.grant_id, GrantId::parse);
    let until = instant(&mut violations, "until_at", request.until_at.as_ref());
    Ok((violations.open(id)?, Command::Approve { by: by.to_owned(), until }))
}

/// Reads a grant and a reason.
pub(super) fn with_reason(grant_id: &str, reason: &str) -> Result<(GrantId, String), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("grant_id", grant_id, GrantId::parse);
    let reason = violations.text("reason", reason, 2, 500);
    Ok((violations.open(id)?, reason))
}
