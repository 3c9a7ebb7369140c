//! Projects that exclude each other, that are withdrawn or that too few want; what every voter paid for, and why a project lost.

use std::collections::BTreeSet;

use gongzhi_choice::budget::{
    self, Ballot, Completion, Instance, Lost, Outcome, Project, Ties, Utility, why,
};
use gongzhi_choice::number::Exact;
use proptest::prelude::*;

fn whole(number: u64) -> Exact {
    Exact::from_integer(number.into())
}

/// Funds in which about half of the projects have a rival at their site, some are withdrawn, and some are free.
fn funds() -> impl Strategy<Value = Instance> {
    let project = (0u64..50, prop::option::of(0usize..3), prop::bool::weighted(0.1));
    (prop::collection::vec(project, 2..9), 20u64..120, 0usize..3).prop_flat_map(
        |(projects, budget, least_votes)| {
            let ballot = prop::collection::btree_set(0..projects.len(), 0..=projects.len());
            let projects: Vec<_> = (0..)
                .zip(projects)
                .map(|(nth, (cost, site, withdrawn))| {
                    let id = format!("p{nth}");
                    Project { id, cost: whole(cost), site, withdrawn, ..Project::default() }
                })
                .collect();
            prop::collection::vec(ballot, 1..16).prop_map(move |ballots| Instance {
                budget: whole(budget),
                projects: projects.clone(),
                ballots: ballots
                    .into_iter()
                    .map(|chosen| Ballot(chosen.into_iter().map(|project| (project, whole(1))).collect()))
                    .collect(),
                least_votes,
            })
        },
    )
}

/// Every rule; the name says whether voters pay from equal shares to the end.
fn outcomes(fund: &Instance) -> Vec<(&'static str, Outcome)> {
    let shares = |kind, completion| budget::equal_shares(fund, kind, completion, Ties::Cheaper);
    vec![
        ("greedy", budget::greedy(fund, Utility::Cost, Ties::Cheaper)),
        ("greedy by heads", budget::greedy(fund, Utility::Approval, Ties::Cheaper)),
        ("phragmen", budget::phragmen(fund, Ties::Cheaper)),
        ("shares", shares(Utility::Cost, Completion::None)),
        ("shares by heads", shares(Utility::Approval, Completion::None)),
        ("shares add1", shares(Utility::Cost, Completion::AddOne)),
        ("shares percent", shares(Utility::Approval, Completion::AddPercent)),
        ("mixed add1u", shares(Utility::Cost, Completion::AddOneThenGreedy)),
        ("mixed whole", shares(Utility::Cost, Completion::AddOneToWholeThenGreedy)),
        ("mixed phragmen", shares(Utility::Cost, Completion::Phragmen)),
    ]
}

fn set(outcome: &Outcome) -> BTreeSet<usize> {
    outcome.winners().into_iter().collect()
}

fn votes(fund: &Instance, project: usize) -> usize {
    fund.ballots.iter().filter(|ballot| ballot.0.iter().any(|(one, _)| *one == project)).count()
}

proptest! {
    #[test]
    fn at_most_one_at_a_site_and_nothing_that_may_not_win(fund in funds()) {
        for (name, outcome) in outcomes(&fund) {
            let winners = set(&outcome);
            prop_assert!(fund.cost(winners.iter().copied()) <= fund.budget, "{name} overspends");
            let sites: Vec<_> = winners.iter().filter_map(|project| fund.projects[*project].site).collect();
            prop_assert_eq!(sites.iter().collect::<BTreeSet<_>>().len(), sites.len(), "{}: two at a site", name);
            for project in &winners {
                prop_assert!(!fund.projects[*project].withdrawn, "{name}: withdrawn");
                prop_assert!(votes(&fund, *project) >= fund.least_votes, "{name}: too few votes");
            }
        }
    }

    #[test]
    fn what_is_left_out_might_as_well_not_have_been_listed(fund in funds()) {
        // The same without what may not win, everything else in its place.
        let stays = |project: &usize| !fund.projects[*project].withdrawn && votes(&fund, *project) >= fund.least_votes;
        let kept: Vec<_> = (0..fund.projects.len()).filter(stays).collect();
        let place = |project: usize| kept.iter().position(|one| *one == project);
        let without = Instance {
            projects: kept.iter().map(|project| fund.projects[*project].clone()).collect(),
            ballots: fund.ballots.iter().map(|ballot| {
                Ballot(ballot.0.iter().filter_map(|(project, score)| Some((place(*project)?, score.clone()))).collect())
            }).collect(),
            least_votes: 0,
            budget: fund.budget.clone(),
        };
        for ((name, one), (_, other)) in outcomes(&fund).iter().zip(&outcomes(&without)) {
            let other: Vec<_> = other.winners().into_iter().map(|project| kept[project]).collect();
            prop_assert_eq!(one.winners(), other, "{}", name);
        }
    }

    #[test]
    fn what_voters_paid_for_is_what_it_cost(fund in funds()) {
        for (name, outcome) in outcomes(&fund) {
            let records: Vec<_> = (0..fund.ballots.len()).map(|voter| outcome.paid_by(voter)).collect();
            for (voter, record) in records.iter().enumerate() {
                let chose = |project: usize| fund.ballots[voter].0.iter().any(|(one, _)| *one == project);
                prop_assert!(record.iter().all(|(project, _)| chose(*project)), "{name}: pays for what was not chosen");
                if let (Some(shares), true) = (&outcome.shares, name.starts_with("shares")) {
                    let paid = record.iter().fold(whole(0), |sum, (_, paid)| sum + paid);
                    prop_assert!(paid <= shares.each, "{name}: more than a share");
                }
            }
            for round in outcome.rounds.iter().filter(|round| !round.payments.is_empty()) {
                let paid = records.iter().flatten().filter(|(project, _)| *project == round.project);
                let paid = paid.fold(whole(0), |sum, (_, paid)| sum + paid);
                prop_assert_eq!(&paid, &fund.projects[round.project].cost, "{}", name);
            }
        }
    }

    #[test]
    fn whoever_asks_why_is_told_what_decided(fund in funds()) {
        for (name, outcome) in outcomes(&fund) {
            let winners = set(&outcome);
            let reasons = why(&fund, &outcome);
            let told: BTreeSet<_> = reasons.iter().map(|(project, _)| *project).collect();
            prop_assert_eq!(told.len() + winners.len(), fund.projects.len());
            prop_assert!(told.is_disjoint(&winners));
            for (project, reason) in reasons {
                let of_it = &fund.projects[project];
                let holds = match &reason {
                    Lost::Withdrawn => of_it.withdrawn,
                    Lost::TooFewVotes { has, wanted } => *has == votes(&fund, project) && has < wanted,
                    Lost::SameSite(rival) => winners.contains(rival) && fund.projects[*rival].site == of_it.site,
                    Lost::NoSupporters => votes(&fund, project) == 0,
                    Lost::TooLittleLeft { had, cost } => outcome.shares.is_some() && had < cost && *cost == of_it.cost,
                    Lost::OverBudget { left, cost } => {
                        left < cost && *left == &fund.budget - fund.cost(winners.iter().copied())
                    }
                    Lost::Ended => name == "phragmen",
                };
                prop_assert!(holds, "{name}, project {project}: {reason:?}");
            }
        }
    }

    #[test]
    fn voters_and_names_may_change_places(fund in funds(), turn in 0usize..16) {
        let mut turned = fund.clone();
        turned.ballots.rotate_left(turn % fund.ballots.len());
        let mut renamed = fund.clone();
        let count = renamed.projects.len();
        for (nth, project) in renamed.projects.iter_mut().enumerate() {
            project.id = format!("q{}", count - nth);
        }
        for (((name, one), (_, other)), (_, named)) in outcomes(&fund).into_iter().zip(outcomes(&turned)).zip(outcomes(&renamed)) {
            prop_assert_eq!(one.winners(), other.winners(), "{}", name);
            let tied = one.rounds.iter().chain(&named.rounds).any(|round| !round.tied.is_empty());
            // Runs with other shares than the last one may have met ties of their own; those of the last one are told.
            let once = !["add1", "percent", "whole"].iter().any(|grown| name.contains(grown));
            prop_assert!(tied || !once || set(&one) == set(&named), "{name}");
        }
    }

    #[test]
    fn one_more_supporter_never_hurts_a_winner_of_the_greedy_rule(fund in funds(), voter in 0usize..16) {
        let voter = voter % fund.ballots.len();
        for kind in [Utility::Cost, Utility::Approval] {
            let greedy = |fund: &Instance| budget::greedy(fund, kind, Ties::Cheaper);
            for winner in greedy(&fund).winners() {
                let mut more = fund.clone();
                if more.ballots[voter].0.iter().all(|(project, _)| *project != winner) {
                    more.ballots[voter].0.push((winner, whole(1)));
                }
                // Another one that was short of votes still is: only the winner has one more.
                prop_assert!(set(&greedy(&more)).contains(&winner), "{kind:?}");
            }
        }
    }
}

#[test]
fn two_benches_for_one_corner() {
    let file = "META\nkey;value\nbudget;100\nPROJECTS\nproject_id;cost;exclusion_group;withdrawn\n1;30;corner;0\n2;20;corner;\n3;50;;1\n4;40;;0\nVOTES\nvoter_id;vote\na;1,2,3\nb;1,2\nc;1,4\n";
    let fund = budget::read(file).unwrap();
    let shares = budget::equal_shares(&fund, Utility::Cost, Completion::None, Ties::Cheaper);
    assert_eq!(shares.winners(), [0]);
    // Each paid ten of thirty-three and a third for the corner; c cannot pay forty alone.
    assert_eq!(shares.paid_by(2), [(0, whole(10))]);
    let had = Exact::new(70.into(), 3.into());
    let reasons =
        [(1, Lost::SameSite(0)), (2, Lost::Withdrawn), (3, Lost::TooLittleLeft { had, cost: whole(40) })];
    assert_eq!(why(&fund, &shares), reasons);
    let greedy = budget::greedy(&fund, Utility::Cost, Ties::Cheaper);
    assert_eq!(greedy.winners(), [0, 3]);
    assert_eq!(fund.compare(Utility::Cost, &shares, &greedy), (0, 1));
    let wrong = budget::read(&file.replace("corner;0", "corner;yes")).unwrap_err();
    assert_eq!(wrong.to_string(), "line 6: withdrawn of 1 is \"yes\": 0 or 1 is wanted");
}
