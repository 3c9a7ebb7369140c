//! The public record of a counted ballot: everything that is needed to count it again, and nobody's name. Of an open ballot it says what each number voted; of a secret
//! one what was voted, in an order that means nothing.

use serde::Serialize;

use super::count::{Choice, Count, Outcome};
use super::state::{Elector, Plan, Secrecy};
use super::threshold::Threshold;

#[derive(Serialize)]
struct Record<'a> {
    format: &'static str,
    ballot_id: &'a str,
    topic_id: String,
    area_code: &'a str,
    question: &'a str,
    secrecy: Secrecy,
    threshold: &'a Threshold,
    opens_at: String,
    closes_at: String,
    closed_at: String,
    electors: Vec<Row>,
    #[serde(skip_serializing_if = "Option::is_none")]
    papers: Option<Vec<Choice>>,
    count: Count,
    outcome: Outcome,
}

#[derive(Serialize)]
struct Row {
    number: usize,
    area: u64,
    unsold: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    choice: Option<Choice>,
}

/// What was counted, as a record says it.
pub(super) struct Counted<'a> {
    pub(super) plan: &'a Plan,
    pub(super) roll: &'a [Elector],
    /// What each number voted; empty for a secret ballot.
    pub(super) by_number: &'a [Option<Choice>],
    /// What was voted, in an order that means nothing; empty for an open ballot.
    pub(super) papers: &'a [Choice],
    pub(super) count: Count,
    pub(super) outcome: Outcome,
    pub(super) closed_at: jiff::Timestamp,
}

/// The record as a text, the same for the same.
pub(super) fn write(ballot_id: &str, counted: &Counted<'_>) -> Result<String, serde_json::Error> {
    let plan = counted.plan;
    let electors = counted
        .roll
        .iter()
        .enumerate()
        .map(|(at, elector)| Row {
            number: at + 1,
            area: elector.area,
            unsold: elector.unsold,
            choice: counted.by_number.get(at).copied().flatten(),
        })
        .collect();
    let record = Record {
        format: "gongzhi-ballot-1",
        ballot_id,
        topic_id: plan.topic.to_string(),
        area_code: plan.area.as_str(),
        question: &plan.question,
        secrecy: plan.secrecy,
        threshold: &plan.threshold,
        opens_at: plan.opens_at.to_string(),
        closes_at: plan.closes_at.to_string(),
        closed_at: counted.closed_at.to_string(),
        electors,
        papers: (plan.secrecy == Secrecy::Secret).then(|| counted.papers.to_vec()),
        count: counted.count,
        outcome: counted.outcome,
    };
    serde_json::to_string(&record)
}
