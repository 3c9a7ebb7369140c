//! Why a project is not paid for: the answer that its supporters are owed, with the numbers that decided.

use num_traits::Zero;

use super::{Instance, Outcome};
use crate::number::Exact;

/// Why a project lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// It was taken back.
    Withdrawn,
    /// It has fewer supporters than were asked for.
    TooFewVotes {
        /// Its supporters.
        has: usize,
        /// How many were asked for.
        wanted: usize,
    },
    /// Another project at the same site is paid for.
    SameSite(usize),
    /// Nobody wanted it.
    NoSupporters,
    /// What its supporters had left of their shares together was less than its cost; where a completion followed, it did not help either.
    TooLittleLeft {
        /// What they had left.
        had: Exact,
        /// What it costs.
        cost: Exact,
    },
    /// It costs more than is left of the budget.
    OverBudget {
        /// What is left.
        left: Exact,
        /// What it costs.
        cost: Exact,
    },
    /// The rule had ended before: one that should have been next did not fit.
    Ended,
}

/// Says of every project that is not paid for why.
pub fn why(instance: &Instance, outcome: &Outcome) -> Vec<(usize, Lost)> {
    let supporters = instance.supporters();
    let winners = outcome.set();
    let left = &instance.budget - instance.cost(winners.iter().copied());
    let had = purses(instance, outcome);
    let reason = |project: usize| {
        let (of_it, votes) = (&instance.projects[project], supporters[project].len());
        let cost = || of_it.cost.clone();
        if of_it.withdrawn {
            return Lost::Withdrawn;
        }
        if votes < instance.least_votes {
            return Lost::TooFewVotes { has: votes, wanted: instance.least_votes };
        }
        if let Some(rival) = instance.rival(project, &winners) {
            return Lost::SameSite(rival);
        }
        if votes == 0 {
            return Lost::NoSupporters;
        }
        if let Some(purses) = &had {
            let had = supporters[project].iter().fold(Exact::zero(), |sum, (voter, _)| sum + &purses[*voter]);
            return Lost::TooLittleLeft { had, cost: cost() };
        }
        if of_it.cost > left { Lost::OverBudget { left: left.clone(), cost: cost() } } else { Lost::Ended }
    };
    let lost = (0..instance.projects.len()).filter(|project| !winners.contains(project));
    lost.map(|project| (project, reason(project))).collect()
}

/// What every voter has left of an equal share; none where the rule gives no shares.
fn purses(instance: &Instance, outcome: &Outcome) -> Option<Vec<Exact>> {
    let shares = outcome.shares.as_ref()?;
    let mut purses = vec![shares.each.clone(); instance.ballots.len()];
    for (voter, paid) in outcome.rounds[..shares.rounds].iter().flat_map(|round| &round.payments) {
        purses[*voter] -= paid;
    }
    Some(purses)
}
