//! From ballots to an outcome. The rules themselves are `choice::budget`, exact to the last fraction; what is computed is the very text that is published. Pure.

use std::collections::{BTreeMap, BTreeSet};

use gongzhi_chassis::status::Failure;
use gongzhi_choice::budget::{
    self, Completion, Instance, Lost, Outcome, Round, Ties, Utility, equal_shares, greedy, phragmen,
};
use gongzhi_choice::number;
use serde_json::{Value, json};

use super::state::{Computed, Decision, Fund, Rule, WhyLost};
use crate::secrets::sha256;

/// What comes of ballots.
pub(super) struct Counted {
    pub(super) computed: Computed,
    /// The public record.
    pub(super) record: String,
    /// What each ballot has paid for, in the order of the ballots: numbers of projects and yuan.
    pub(super) shares: Vec<Vec<(u32, String)>>,
}

/// How it is recomputed, in words that go with it.
const HOW: &str = "pabulib is a file of Pabulib with amounts in yuan; compute says how gongzhi computes it, and pabutools or equalshares.net compute the same. Of projects that are \
equal by the rule the cheaper one comes first, then the one with more ballots, then the smaller project_id. A project_id is the number of the project; where a tie was settled by a \
drawn number, the place of the project in the order of SHA-256(tie_number:project) stands before it.";

/// A name of a rule for `gongzhi compute budget --rule`.
fn word(rule: Rule) -> &'static str {
    match rule {
        Rule::EqualShares => "mes_cost_add1",
        Rule::EqualSharesThenGreedy => "mes_cost_add1u",
        Rule::Phragmen => "phragmen",
        Rule::Greedy => "greedy_cost",
    }
}

fn carry_out(rule: Rule, instance: &Instance) -> Outcome {
    let shares = |completion| equal_shares(instance, Utility::Cost, completion, Ties::Cheaper);
    match rule {
        Rule::EqualShares => shares(Completion::AddOne),
        Rule::EqualSharesThenGreedy => shares(Completion::AddOneThenGreedy),
        Rule::Phragmen => phragmen(instance, Ties::Cheaper),
        Rule::Greedy => greedy(instance, Utility::Cost, Ties::Cheaper),
    }
}

fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// Identities of the projects in the file, in their order.
fn ids(fund: &Fund) -> Vec<String> {
    let numbers = (1..=fund.projects.len()).map(|number| format!("{number:03}"));
    let Some(drawn) = &fund.tie_number else { return numbers.collect() };
    let numbers: Vec<_> = numbers.collect();
    let key = |number: &String| sha256(format!("{drawn}:{number}").as_bytes());
    let mut sorted: Vec<_> = numbers.iter().map(|number| (key(number), number)).collect();
    sorted.sort();
    let places: BTreeMap<_, _> =
        sorted.into_iter().zip(1..).map(|((_, number), place)| (number, place)).collect();
    numbers.iter().map(|number| format!("{:03}.{number}", places.get(number).copied().unwrap_or(0))).collect()
}

/// The ballots as a file of Pabulib.
fn pabulib(id: &str, fund: &Fund, ballots: &[Vec<u32>]) -> Result<String, Failure> {
    let broken = |error: &dyn std::fmt::Display| Failure::Bug(format!("a file cannot be written: {error}"));
    let mut file = csv::WriterBuilder::new().delimiter(b';').flexible(true).from_writer(Vec::new());
    let mut votes = vec![0usize; fund.projects.len()];
    for number in ballots.iter().flatten() {
        votes[*number as usize - 1] += 1;
    }
    let ids = ids(fund);
    let line = |parts: &[&str]| parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>();
    let mut lines = vec![
        line(&["META"]),
        line(&["key", "value"]),
        line(&["description", id]),
        line(&["num_projects", &fund.projects.len().to_string()]),
        line(&["num_votes", &ballots.len().to_string()]),
        line(&["budget", &yuan(fund.opening.amount_fen)]),
        line(&["vote_type", "approval"]),
        line(&["rule", word(fund.opening.rule)]),
        line(&["currency", "CNY"]),
        line(&["PROJECTS"]),
        line(&["project_id", "cost", "votes", "name", "exclusion_group", "withdrawn"]),
    ];
    for ((project, id), votes) in fund.projects.iter().zip(&ids).zip(votes) {
        let withdrawn = if project.withdrawn.is_some() { "1" } else { "0" };
        let (cost, group) = (yuan(project.cost_fen), project.group.as_deref().unwrap_or_default());
        lines.push(line(&[id, &cost, &votes.to_string(), &project.title, group, withdrawn]));
    }
    lines.extend([line(&["VOTES"]), line(&["voter_id", "vote"])]);
    for (nth, ballot) in ballots.iter().enumerate() {
        let chosen: Vec<_> = ballot.iter().map(|number| ids[*number as usize - 1].as_str()).collect();
        lines.push(vec![(nth + 1).to_string(), chosen.join(",")]);
    }
    for line in lines {
        file.write_record(line).map_err(|error| broken(&error))?;
    }
    let bytes = file.into_inner().map_err(|error| broken(&error))?;
    String::from_utf8(bytes).map_err(|error| broken(&error))
}

/// Projects whose order changes what is paid for although they are equal in cost and ballots. Each one of a tie is put first, and all are put in the opposite order.
fn tied(rule: Rule, instance: &Instance, outcome: &Outcome) -> BTreeSet<usize> {
    let votes = votes(instance);
    let set = |outcome: &Outcome| outcome.winners().into_iter().collect::<BTreeSet<_>>();
    let paid = set(outcome);
    let mut matter = BTreeSet::new();
    for Round { project, tied, .. } in &outcome.rounds {
        let equal = |other: &&usize| {
            *other != project
                && votes[**other] == votes[*project]
                && instance.projects[**other].cost == instance.projects[*project].cost
        };
        for other in tied.iter().filter(equal) {
            let mut changed = instance.clone();
            changed.projects[*other].id = "0".into();
            if set(&carry_out(rule, &changed)) != paid {
                matter.extend([*project, *other]);
            }
        }
    }
    if matter.is_empty() && outcome.rounds.iter().any(|round| !round.tied.is_empty()) {
        let mut changed = instance.clone();
        let count = changed.projects.len();
        for (place, project) in changed.projects.iter_mut().enumerate() {
            project.id = format!("{:03}", count - place);
        }
        matter.extend(set(&carry_out(rule, &changed)).symmetric_difference(&paid));
    }
    matter
}

fn votes(instance: &Instance) -> Vec<u32> {
    let mut votes = vec![0; instance.projects.len()];
    for (project, _) in instance.ballots.iter().flat_map(|ballot| &ballot.0) {
        votes[*project] += 1;
    }
    votes
}

fn number_of(place: usize) -> u32 {
    u32::try_from(place + 1).unwrap_or(u32::MAX)
}

/// Counts ballots, each a list of numbers of projects.
pub(super) fn count(id: &str, fund: &Fund, ballots: &[Vec<u32>]) -> Result<Counted, Failure> {
    let text = pabulib(id, fund, ballots)?;
    let instance = budget::read(&text)
        .map_err(|wrong| Failure::Bug(format!("what is published cannot be read: {wrong}")))?;
    let rule = fund.opening.rule;
    let outcome = carry_out(rule, &instance);
    if fund.tie_number.is_none() {
        let tied = tied(rule, &instance, &outcome);
        if !tied.is_empty() {
            let computed = Computed::Tied(tied.into_iter().map(number_of).collect());
            return Ok(Counted { computed, record: String::new(), shares: Vec::new() });
        }
    }
    Ok(decided(id, fund, text, &instance, &outcome))
}

fn decided(id: &str, fund: &Fund, text: String, instance: &Instance, outcome: &Outcome) -> Counted {
    let by_votes = greedy(instance, Utility::Cost, Ties::Cheaper);
    let (ours, theirs) = instance.compare(Utility::Cost, outcome, &by_votes);
    let lost = budget::why(instance, outcome);
    let winners: Vec<u32> = outcome.winners().into_iter().map(number_of).collect();
    let total_fen = winners.iter().filter_map(|one| fund.project(*one)).map(|won| won.cost_fen).sum();
    let share_yuan = outcome.shares.as_ref().map(|shares| number::show(&shares.each));
    let record = json!({
        "fund_id": id,
        "topic_id": fund.opening.topic.to_string(),
        "area_code": fund.opening.area.as_str(),
        "how": HOW,
        "compute": format!("gongzhi compute budget --rule {} --ties cheaper --payments", word(fund.opening.rule)),
        "tie_source": fund.opening.tie_source,
        "tie_number": fund.tie_number,
        "withdrawal_reasons": fund.projects.iter().map(|project| &project.withdrawn).collect::<Vec<_>>(),
        "pabulib": text,
        "outcome": {
            "share_yuan": share_yuan,
            "rounds": rounds(outcome),
            "winners": winners,
            "total_fen": total_fen,
            "lost": lost.iter().map(|(place, why)| said(*place, why)).collect::<Vec<_>>(),
            "greedy": {
                "winners": by_votes.winners().into_iter().map(number_of).collect::<Vec<_>>(),
                "prefer_outcome": ours,
                "prefer_greedy": theirs,
            },
        },
    })
    .to_string();
    let decision = Decision {
        winners,
        total_fen,
        share_yuan,
        approvals: votes(instance),
        lost: lost.iter().map(|(place, why)| (number_of(*place), because(why))).collect(),
        prefer_outcome: u32::try_from(ours).unwrap_or(u32::MAX),
        prefer_greedy: u32::try_from(theirs).unwrap_or(u32::MAX),
        sha256: sha256(record.as_bytes()),
    };
    let shares = shares(instance.ballots.len(), outcome);
    Counted { computed: Computed::Decided(Box::new(decision)), record, shares }
}

/// What each ballot has paid for.
fn shares(ballots: usize, outcome: &Outcome) -> Vec<Vec<(u32, String)>> {
    let mut shares = vec![Vec::new(); ballots];
    for round in &outcome.rounds {
        for (ballot, paid) in &round.payments {
            if *paid != number::Exact::default() {
                shares[*ballot].push((number_of(round.project), number::show(paid)));
            }
        }
    }
    shares
}

/// Rounds with what each ballot paid, those who paid the same together.
fn rounds(outcome: &Outcome) -> Vec<Value> {
    let shared = outcome.shares.as_ref().map(|shares| shares.rounds);
    let told = |(nth, round): (usize, &Round)| {
        let mut payments: BTreeMap<&number::Exact, Vec<u32>> = BTreeMap::new();
        for (ballot, paid) in &round.payments {
            payments.entry(paid).or_default().push(number_of(*ballot));
        }
        let paid = |(yuan, ballots): (&&number::Exact, &Vec<u32>)| json!({ "yuan": number::show(yuan), "ballots": ballots });
        json!({
            "project": number_of(round.project),
            "rate": number::show(&round.rate),
            "completion": shared.is_some_and(|shared| nth >= shared),
            "tied": round.tied.iter().map(|place| number_of(*place)).collect::<Vec<_>>(),
            "payments": payments.iter().map(paid).collect::<Vec<_>>(),
        })
    };
    outcome.rounds.iter().enumerate().map(told).collect()
}

fn because(why: &Lost) -> WhyLost {
    match why {
        Lost::Withdrawn => WhyLost::Withdrawn,
        Lost::SameSite(_) => WhyLost::SameGroup,
        // No least number of votes is asked for: too few are none.
        Lost::NoSupporters | Lost::TooFewVotes { .. } => WhyLost::NoSupporters,
        Lost::TooLittleLeft { .. } => WhyLost::TooLittleLeft,
        Lost::OverBudget { .. } => WhyLost::OverBudget,
        Lost::Ended => WhyLost::Ended,
    }
}

/// Why a project is not paid for, with the numbers that decided.
fn said(place: usize, why: &Lost) -> Value {
    let mut said = json!({ "project": number_of(place), "why": because(why) });
    match why {
        Lost::SameSite(rival) => said["rival"] = json!(number_of(*rival)),
        Lost::TooLittleLeft { had, cost } => {
            (said["had_yuan"], said["cost_yuan"]) = (json!(number::show(had)), json!(number::show(cost)));
        }
        Lost::OverBudget { left, cost } => {
            (said["left_yuan"], said["cost_yuan"]) = (json!(number::show(left)), json!(number::show(cost)));
        }
        Lost::Withdrawn | Lost::NoSupporters | Lost::TooFewVotes { .. } | Lost::Ended => {}
    }
    said
}
