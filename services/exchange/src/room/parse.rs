//! Requests about rooms → what is asked for, with every field error at once. Nothing that names a person comes in.

use std::collections::BTreeSet;

use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::ids::{AreaCode, CaseId, CategoryCode, DepartmentCode};

use super::entry::Content;
use super::machine::MOST_CALLED;
use super::{About, Opening, Subject, evidence, picture};
use crate::party::{self, Party};

/// Most departments that an assessment proposes.
const MOST_PROPOSED: usize = 10;
/// Longest name of a file, in characters.
const LONGEST_NAME: usize = 120;

/// Reads a text in which nobody is named.
fn text(violations: &mut Violations, field: &str, given: &str, min: usize, max: usize) -> String {
    let text = violations.text(field, given, min, max);
    let mut kinds: Vec<_> = gongzhi_scrub::find(&text).iter().map(|found| found.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    if !kinds.is_empty() {
        violations.add(field, format!("holds personal data ({}); write it without", kinds.join(", ")));
    }
    text
}

pub(super) fn open(request: &pb::OpenRoomRequest, district: &AreaCode) -> Result<Opening, Failure> {
    let mut violations = Violations::new();
    let opener = Party::parse(&mut violations, "organization", request.organization.as_ref(), district);
    let subject = subject(&mut violations, request.subject.as_ref(), district);
    let title = text(&mut violations, "title", &request.title, 2, 60);
    let question = text(&mut violations, "question", &request.question, 5, 500);
    if !(1..=MOST_CALLED).contains(&request.called.len()) {
        violations.add("called", format!("must name 1 to {MOST_CALLED} organizations"));
    }
    let mut called = BTreeSet::new();
    for (nth, organization) in request.called.iter().enumerate().take(MOST_CALLED) {
        let field = format!("called[{nth}]");
        let Some(party) = Party::parse(&mut violations, &field, Some(organization), district) else {
            continue;
        };
        if opener.as_ref() == Some(&party) {
            violations.add(field, "opens the room and need not be called");
        } else if !called.insert(party) {
            violations.add(field, "is named twice");
        }
    }
    let (opener, subject) = violations.open(opener.zip(subject))?;
    Ok(Opening { title, question, subject, opener, called, district: district.clone() })
}

fn subject(
    violations: &mut Violations,
    given: Option<&pb::RoomSubject>,
    district: &AreaCode,
) -> Option<Subject> {
    let Some(given) = given else {
        violations.add("subject", "is required: where, and perhaps a case or a category of cases");
        return None;
    };
    let area = party::office(violations, "subject.area_code", &given.area_code, district);
    let about = match &given.about {
        None => Some(About::Place),
        Some(pb::room_subject::About::CaseId(id)) => {
            violations.id("subject.case_id", id, CaseId::parse).map(About::Case)
        }
        Some(pb::room_subject::About::CategoryCode(code)) => violations
            .id("subject.category_code", code, CategoryCode::parse)
            .map(|code| About::Category(code.to_string())),
    };
    let (area, about) = area.zip(about)?;
    Some(Subject { area, about })
}

/// Reads who is called.
pub(super) fn called(
    violations: &mut Violations,
    given: Option<&pb::Organization>,
    district: &AreaCode,
) -> Option<Party> {
    Party::parse(violations, "called", given, district)
}

pub(super) fn summary(violations: &mut Violations, given: &str) -> String {
    text(violations, "summary", given, 5, 2_000)
}

pub(super) fn reason(violations: &mut Violations, given: &str) -> String {
    text(violations, "reason", given, 2, 500)
}

pub(super) fn note(violations: &mut Violations, given: &str) -> Option<Content> {
    Some(Content::Note(text(violations, "text", given, 1, 2_000)))
}

pub(super) fn assessment(violations: &mut Violations, given: Option<&pb::Assessment>) -> Option<Content> {
    let Some(given) = given else {
        violations.add("assessment", "is required");
        return None;
    };
    let finding = text(violations, "assessment.finding", &given.finding, 2, 2_000);
    let proposal = text(violations, "assessment.proposal", &given.proposal, 2, 2_000);
    if given.department_codes.len() > MOST_PROPOSED {
        violations.add("assessment.department_codes", format!("must name at most {MOST_PROPOSED}"));
    }
    let departments = (0..)
        .zip(&given.department_codes)
        .take(MOST_PROPOSED)
        .filter_map(|(nth, code)| {
            violations.id(&format!("assessment.department_codes[{nth}]"), code, DepartmentCode::parse)
        })
        .collect();
    Some(Content::Assessment { finding, proposal, departments })
}

/// Evidence, and the bytes of it that are kept: without what a camera wrote beside the picture.
pub(super) fn evidence(
    violations: &mut Violations,
    request: &pb::AddEvidenceRequest,
) -> Option<(Content, Vec<u8>)> {
    let file_name = text(violations, "file_name", &request.file_name, 3, LONGEST_NAME);
    if file_name.chars().any(|sign| sign.is_control() || "/\\:*?\"<>|".contains(sign)) {
        violations.add("file_name", "must be a name without a path and without / \\ : * ? \" < > |");
    }
    let caption = text(violations, "caption", &request.caption, 0, 200);
    let media_type = evidence::media_type(violations, &file_name, &request.content)?;
    let Ok(kept) = picture::bare(media_type, &request.content) else {
        violations.add("content", format!("is damaged: it begins as {media_type} and does not go on so"));
        return None;
    };
    let digest = ring::digest::digest(&ring::digest::SHA256, &kept);
    let sha256 = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let bytes = kept.len() as u64;
    Some((Content::Evidence { file_name, media_type: media_type.into(), bytes, sha256, caption }, kept))
}
