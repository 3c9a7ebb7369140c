//! Requests about ballots → what is asked for, with every field error at once.

use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::ids::{BallotId, TopicId};
use gongzhi_proto::time::from_wire;
use jiff::{SignedDuration, Timestamp};

use super::count::Choice;
use super::machine::votes_openly;
use super::state::{Elector, Secrecy};
use super::threshold::{Body, Threshold, threshold};
use crate::public_text::public_text;
use crate::rules::{Policy, Rules};
use crate::slips;

/// Ballots on a page for which no size is asked, and most of them.
const PAGE: (i64, i64) = (50, 200);
/// Most electors of one request.
const MOST_ELECTORS: usize = 2_000;
/// Largest area of an elector, in 0.01 m²: all of them together stay far from what a number holds.
const LARGEST_AREA: i64 = 10_000_000_000;

/// A ballot that is asked for; where it is follows from its topic.
pub(super) struct Asked {
    pub(super) topic: TopicId,
    pub(super) question: String,
    pub(super) body: Body,
    pub(super) secrecy: Secrecy,
    pub(super) threshold: Threshold,
    pub(super) opens_at: Timestamp,
    pub(super) closes_at: Timestamp,
}

fn body(violations: &mut Violations, given: i32) -> Option<Body> {
    violations.choice::<pb::Body>("body", given).and_then(|body| match body {
        pb::Body::Unspecified => None,
        pb::Body::Owners => Some(Body::Owners),
        pb::Body::Residents => Some(Body::Residents),
        pb::Body::Villagers => Some(Body::Villagers),
        pb::Body::VillagersRepresentatives => Some(Body::VillagersRepresentatives),
        pb::Body::ResidentsRepresentatives => Some(Body::ResidentsRepresentatives),
    })
}

fn secrecy(violations: &mut Violations, given: i32, body: Option<Body>) -> Option<Secrecy> {
    let secrecy = violations.choice::<pb::Secrecy>("secrecy", given).and_then(|secrecy| match secrecy {
        pb::Secrecy::Unspecified => None,
        pb::Secrecy::Open => Some(Secrecy::Open),
        pb::Secrecy::Secret => Some(Secrecy::Secret),
    });
    if secrecy == Some(Secrecy::Secret) && body.is_some_and(votes_openly) {
        violations.add("secrecy", "must be open for owners: their areas would tell who voted how");
    }
    secrecy
}

pub(super) fn prepare(
    request: &pb::PrepareBallotRequest,
    rules: &Rules,
    now: Timestamp,
) -> Result<Asked, Failure> {
    let mut violations = Violations::new();
    let topic = violations.id("topic_id", &request.topic_id, TopicId::parse);
    let question = public_text(&mut violations, "question", &request.question, (5, 500));
    let body = body(&mut violations, request.body);
    let secrecy = secrecy(&mut violations, request.secrecy, body);
    let rule = body.and_then(|body| threshold(body, u32::try_from(request.matter).unwrap_or(u32::MAX), now));
    if body.is_some() && rule.is_none() {
        let known = if body == Some(Body::Owners) {
            "must be 1 to 9 of article 278, or 279"
        } else {
            "must be 0: this body decides all matters alike"
        };
        violations.add("matter", known);
    }
    let (opens_at, closes_at) = (from_wire(request.opens_at.as_ref()), from_wire(request.closes_at.as_ref()));
    match opens_at {
        None => violations.add("opens_at", "is required"),
        Some(opens_at) if opens_at <= now => violations.add("opens_at", "must lie in the future"),
        Some(_) => {}
    }
    match (opens_at, closes_at) {
        (_, None) => violations.add("closes_at", "is required"),
        (Some(opens_at), Some(closes_at)) => {
            let days = |policy| i64::from(rules.at(policy, now));
            let (least, most) = (days(Policy::ShortestBallotDays), days(Policy::LongestBallotDays));
            let open = closes_at.duration_since(opens_at);
            let day = SignedDuration::from_hours(24);
            if open < day * least as i32 || open > day * most as i32 {
                violations.add("closes_at", format!("must be {least} to {most} days after opens_at"));
            }
        }
        (None, Some(_)) => {}
    }
    let whole = topic.zip(body).zip(secrecy).zip(rule).zip(opens_at).zip(closes_at);
    let (((((topic, body), secrecy), threshold), opens_at), closes_at) = violations.open(whole)?;
    Ok(Asked { topic, question, body, secrecy, threshold, opens_at, closes_at })
}

pub(super) fn enter(request: &pb::EnterElectorsRequest) -> Result<(BallotId, (u32, Vec<Elector>)), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("ballot_id", &request.ballot_id, BallotId::parse);
    let first = u32::try_from(request.first_number).ok().filter(|first| *first > 0);
    if first.is_none() {
        violations.add("first_number", "must be 1 or more");
    }
    if request.electors.is_empty() || request.electors.len() > MOST_ELECTORS {
        violations.add("electors", format!("must be 1 to {MOST_ELECTORS}, are {}", request.electors.len()));
    }
    let mut electors = Vec::with_capacity(request.electors.len().min(MOST_ELECTORS));
    for (nth, elector) in request.electors.iter().enumerate().take(MOST_ELECTORS) {
        match u64::try_from(elector.area).ok().filter(|_| elector.area <= LARGEST_AREA) {
            Some(area) => electors.push(Elector { area, unsold: elector.unsold }),
            None => violations
                .add(format!("electors[{nth}].area"), format!("must be 0 to {LARGEST_AREA}, in 0.01 m²")),
        }
    }
    let (id, first) = violations.open(id.zip(first))?;
    Ok((id, (first, electors)))
}

pub(super) fn id(given: &str) -> Result<BallotId, Failure> {
    let mut violations = Violations::new();
    let id = violations.id("ballot_id", given, BallotId::parse);
    violations.open(id)
}

/// A vote with the code of its slip.
pub(super) fn vote(ballot_id: &str, code: &str, choice: i32) -> Result<(BallotId, String, Choice), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("ballot_id", ballot_id, BallotId::parse);
    let code = slips::typed(&mut violations, "code", code);
    let choice = violations.choice::<pb::Choice>("choice", choice).and_then(|choice| match choice {
        pb::Choice::Unspecified => None,
        pb::Choice::For => Some(Choice::For),
        pb::Choice::Against => Some(Choice::Against),
        pb::Choice::Abstain => Some(Choice::Abstain),
    });
    let ((id, code), choice) = violations.open(id.zip(code).zip(choice))?;
    Ok((id, code, choice))
}

pub(super) fn sign(request: &pb::SignBallotRecordRequest) -> Result<(BallotId, String), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("ballot_id", &request.ballot_id, BallotId::parse);
    let digest = request.record_sha256.trim().to_ascii_lowercase();
    if digest.len() != 64 || !digest.bytes().all(|sign| sign.is_ascii_hexdigit()) {
        violations.add("record_sha256", "must be 64 hexadecimal digits");
    }
    Ok((violations.open(id)?, digest))
}

pub(super) fn list(request: &pb::ListBallotsRequest) -> Result<(TopicId, Page), Failure> {
    let mut violations = Violations::new();
    let topic = violations.id("topic_id", &request.topic_id, TopicId::parse);
    let page = Page::parse(&mut violations, request.page_size, &request.page_token, PAGE.0, PAGE.1);
    Ok((violations.open(topic)?, page))
}
