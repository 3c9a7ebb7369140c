//! Ballots as the contracts have them.

use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::time::to_wire;

use super::count::{Choice, Count, Outcome};
use super::state::{Ballot, Secrecy};
use super::threshold::{Body, Threshold};
use super::vote::Vote;

/// Votes are told from so many on while a ballot is open.
const TOLD_FROM: u32 = 10;

pub(super) fn body(body: Body) -> pb::Body {
    match body {
        Body::Owners => pb::Body::Owners,
        Body::Residents => pb::Body::Residents,
        Body::Villagers => pb::Body::Villagers,
        Body::VillagersRepresentatives => pb::Body::VillagersRepresentatives,
        Body::ResidentsRepresentatives => pb::Body::ResidentsRepresentatives,
    }
}

pub(super) fn secrecy(secrecy: Secrecy) -> pb::Secrecy {
    match secrecy {
        Secrecy::Open => pb::Secrecy::Open,
        Secrecy::Secret => pb::Secrecy::Secret,
    }
}

pub(super) fn outcome(outcome: Outcome) -> pb::BallotOutcome {
    match outcome {
        Outcome::Adopted => pb::BallotOutcome::Adopted,
        Outcome::Rejected => pb::BallotOutcome::Rejected,
        Outcome::NoQuorum => pb::BallotOutcome::NoQuorum,
    }
}

pub(super) fn choice(choice: Choice) -> pb::Choice {
    match choice {
        Choice::For => pb::Choice::For,
        Choice::Against => pb::Choice::Against,
        Choice::Abstain => pb::Choice::Abstain,
    }
}

pub(super) fn paper(vote: &Vote) -> pb::PaperVoteStatus {
    match vote {
        Vote::Nothing => pb::PaperVoteStatus::StruckOut,
        Vote::HalfEntered { .. } => pb::PaperVoteStatus::HalfEntered,
        Vote::Standing { .. } => pb::PaperVoteStatus::Entered,
    }
}

pub(super) fn count(count: &Count) -> pb::BallotCount {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    pb::BallotCount {
        total_heads: number(count.total_heads),
        part_heads: number(count.part_heads),
        for_heads: number(count.for_heads),
        against_heads: number(count.against_heads),
        total_area: number(count.total_area),
        part_area: number(count.part_area),
        for_area: number(count.for_area),
    }
}

fn threshold(threshold: &Threshold) -> pb::Threshold {
    pb::Threshold {
        rule: threshold.rule.clone(),
        since: threshold.since.to_string(),
        source: threshold.source.clone(),
        quorum: Some(threshold.quorum.shown()),
        approval: Some(threshold.approval.shown()),
        by_area: threshold.by_area,
    }
}

fn status(ballot: &Ballot) -> pb::BallotStatus {
    match (&ballot.closing, ballot.published_at) {
        (Some(_), _) => pb::BallotStatus::Closed,
        (None, Some(_)) => pb::BallotStatus::Published,
        (None, None) => pb::BallotStatus::Prepared,
    }
}

/// What everybody may know of a ballot; nothing before it is published.
pub(super) fn notice(ballot: &Ballot) -> Option<pb::BallotNotice> {
    ballot.published_at?;
    let plan = &ballot.plan;
    Some(pb::BallotNotice {
        question: plan.question.clone(),
        body: body(plan.body) as i32,
        secrecy: secrecy(plan.secrecy) as i32,
        opens_at: Some(to_wire(plan.opens_at)),
        closes_at: Some(to_wire(plan.closes_at)),
        status: status(ballot) as i32,
    })
}

/// A ballot with how many votes stand and how many papers wait for a second person.
pub(super) fn ballot(
    id: &str,
    ballot: &Ballot,
    version: i64,
    (votes, half_entered): (u32, u32),
) -> pb::Ballot {
    let plan = &ballot.plan;
    let closing = ballot.closing.as_ref();
    let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let signature = |(signer, at): &(String, jiff::Timestamp)| pb::RecordSignature {
        signer: signer.clone(),
        signed_at: Some(to_wire(*at)),
    };
    pb::Ballot {
        ballot_id: id.to_owned(),
        topic_id: plan.topic.to_string(),
        area_code: plan.area.to_string(),
        question: plan.question.clone(),
        body: body(plan.body) as i32,
        secrecy: secrecy(plan.secrecy) as i32,
        threshold: Some(threshold(&plan.threshold)),
        opens_at: Some(to_wire(plan.opens_at)),
        closes_at: Some(to_wire(plan.closes_at)),
        status: status(ballot) as i32,
        electors: number(ballot.electors),
        votes: if closing.is_some() || votes >= TOLD_FROM { number(votes) } else { 0 },
        outcome: closing.map_or(pb::BallotOutcome::Unspecified, |closing| outcome(closing.outcome)) as i32,
        count: closing.map(|closing| count(&closing.count)),
        record_sha256: closing.map(|closing| closing.record_sha256.clone()).unwrap_or_default(),
        signatures: ballot.signatures.iter().map(signature).collect(),
        seal: closing.map(|closing| closing.seal.clone()).unwrap_or_default(),
        seal_key: closing.map(|closing| closing.seal_key.clone()).unwrap_or_default(),
        slips_printed_at: ballot.slips_printed_at.map(to_wire),
        half_entered: number(half_entered),
        version,
    }
}
