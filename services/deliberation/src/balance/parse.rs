//! Requests about balances → what is asked for, with every field error at once.

use std::collections::BTreeSet;

use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::ids::{BalanceId, TopicId};

use super::machine::Command;
use super::state::{Party, PartyKind, Position};
use crate::public_text::public_text;

/// Balances on a page for which no size is asked, and most of them.
const PAGE: (i64, i64) = (20, 50);
/// Parties: with more, too many sets of them would have to be looked at for conflicts.
const PARTIES: std::ops::RangeInclusive<usize> = 2..=12;
/// Options that somebody can still score with care.
const OPTIONS: std::ops::RangeInclusive<usize> = 2..=20;
/// Highest score.
const MOST: i32 = 100;

/// A balance that is asked for; where it is follows from its topic.
pub(super) struct Asked {
    pub(super) topic: TopicId,
    pub(super) parties: Vec<Party>,
    pub(super) options: Vec<String>,
}

/// A position that a party gives.
pub(super) struct Given {
    pub(super) id: BalanceId,
    pub(super) party: String,
    pub(super) position: Position,
}

fn code(violations: &mut Violations, field: &str, given: &str) -> String {
    let signs = given.bytes().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == b'-');
    if !(2..=20).contains(&given.len()) || !signs {
        violations.add(field, "must be 2 to 20 of a-z, 0-9 and hyphens");
    }
    given.to_owned()
}

fn counted(
    violations: &mut Violations,
    field: &str,
    given: usize,
    allowed: &std::ops::RangeInclusive<usize>,
) {
    if !allowed.contains(&given) {
        violations.add(field, format!("must be {} to {}, are {given}", allowed.start(), allowed.end()));
    }
}

fn parties(violations: &mut Violations, given: &[pb::BalanceParty]) -> Vec<Party> {
    counted(violations, "parties", given.len(), &PARTIES);
    let mut seen = BTreeSet::new();
    let mut parties = Vec::new();
    for (nth, party) in given.iter().enumerate().take(*PARTIES.end()) {
        let field = |field: &str| format!("parties[{nth}].{field}");
        let code = code(violations, &field("code"), &party.code);
        if !seen.insert(code.clone()) {
            violations.add(field("code"), "stands there twice");
        }
        let kind =
            violations.choice::<pb::PartyKind>(&field("kind"), party.kind).and_then(|kind| match kind {
                pb::PartyKind::Unspecified => None,
                pb::PartyKind::State => Some(PartyKind::State),
                pb::PartyKind::Social => Some(PartyKind::Social),
            });
        let name = public_text(violations, &field("name"), &party.name, (1, 30));
        parties.extend(kind.map(|kind| Party { code, kind, name }));
    }
    parties
}

fn options(violations: &mut Violations, given: &[String]) -> Vec<String> {
    counted(violations, "options", given.len(), &OPTIONS);
    let mut seen = BTreeSet::new();
    let mut options = Vec::new();
    for (nth, option) in given.iter().enumerate().take(*OPTIONS.end()) {
        let field = format!("options[{nth}]");
        let option = public_text(violations, &field, option, (2, 100));
        if !seen.insert(option.clone()) {
            violations.add(field, "stands there twice");
        }
        options.push(option);
    }
    options
}

pub(super) fn open(request: &pb::OpenBalanceRequest) -> Result<Asked, Failure> {
    let mut violations = Violations::new();
    let topic = violations.id("topic_id", &request.topic_id, TopicId::parse);
    let parties = parties(&mut violations, &request.parties);
    let options = options(&mut violations, &request.options);
    Ok(Asked { topic: violations.open(topic)?, parties, options })
}

fn score(violations: &mut Violations, field: &str, given: i32) -> u8 {
    let score = u8::try_from(given).ok().filter(|_| given <= MOST);
    if score.is_none() {
        violations.add(field, format!("must be 0 to {MOST}"));
    }
    score.unwrap_or_default()
}

pub(super) fn give(request: &pb::GivePositionRequest) -> Result<Given, Failure> {
    let mut violations = Violations::new();
    let id = violations.id("balance_id", &request.balance_id, BalanceId::parse);
    let given = request.position.clone().unwrap_or_default();
    let party = code(&mut violations, "position.party", &given.party);
    counted(&mut violations, "position.scores", given.scores.len(), &OPTIONS);
    let first = given.scores.iter().enumerate().take(*OPTIONS.end());
    let scores = first
        .map(|(nth, given)| score(&mut violations, &format!("position.scores[{nth}]"), *given))
        .collect();
    let bottom_line = score(&mut violations, "position.bottom_line", given.bottom_line);
    Ok(Given { id: violations.open(id)?, party, position: Position { scores, bottom_line } })
}

pub(super) fn agree(request: &pb::AgreeBalanceRequest) -> Result<(BalanceId, Command), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("balance_id", &request.balance_id, BalanceId::parse);
    let common_goals = public_text(&mut violations, "common_goals", &request.common_goals, (5, 2_000));
    counted(&mut violations, "parties", request.parties.len(), &PARTIES);
    let first = request.parties.iter().enumerate().take(*PARTIES.end());
    let parties =
        first.map(|(nth, given)| code(&mut violations, &format!("parties[{nth}]"), given)).collect();
    Ok((violations.open(id)?, Command::Agree { common_goals, parties }))
}

pub(super) fn id(given: &str) -> Result<BalanceId, Failure> {
    let mut violations = Violations::new();
    let id = violations.id("balance_id", given, BalanceId::parse);
    violations.open(id)
}

pub(super) fn list(request: &pb::ListBalancesRequest) -> Result<(TopicId, Page), Failure> {
    let mut violations = Violations::new();
    let topic = violations.id("topic_id", &request.topic_id, TopicId::parse);
    let page = Page::parse(&mut violations, request.page_size, &request.page_token, PAGE.0, PAGE.1);
    Ok((violations.open(topic)?, page))
}
