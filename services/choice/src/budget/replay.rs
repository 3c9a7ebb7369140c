//! Purchases whose order is known for sure, carried out again in exact numbers: what is asked and what everybody pays, to the last fraction. Voters who have paid the
//! same so far have the same left, so it is counted over groups of them.

use std::collections::BTreeMap;

use num_traits::Zero;

use super::equal_shares::{Purchase, Run, Sides};
use crate::number::Exact;

/// Supporters of a project with the same purse, who have the same of it.
struct Group<'a> {
    purse: Exact,
    has: &'a Exact,
    voters: Vec<usize>,
}

impl Group<'_> {
    fn count(&self) -> Exact {
        Exact::from_integer(self.voters.len().into())
    }
}

/// Carries purchases out again, with equal shares of so many voters.
pub(super) fn replay(
    sides: &Sides<Exact>,
    share: &Exact,
    voters: usize,
    known: Run<f64>,
) -> Vec<Purchase<Exact>> {
    // What those of each kind have left, and of which kind each voter is.
    let mut purses = vec![share.clone()];
    let mut kinds = vec![0; voters];
    let mut purchases = Vec::with_capacity(known.purchases.len());
    for (project, _, _, tied) in known.purchases {
        let cost = &sides.costs[project];
        if cost.is_zero() {
            purchases.push((project, Exact::zero(), Vec::new(), tied));
            continue;
        }
        let groups = groups(&sides.utilities[project], &kinds, &purses);
        let rate = asked(cost, &groups);
        let mut payments = Vec::with_capacity(sides.utilities[project].len());
        for Group { purse, has, voters } in groups {
            let wanted = &rate * has;
            let paid = if purse < wanted { purse.clone() } else { wanted };
            purses.push(purse - &paid);
            for voter in voters {
                kinds[voter] = purses.len() - 1;
                payments.push((voter, paid.clone()));
            }
        }
        payments.sort_by_key(|(voter, _)| *voter);
        purchases.push((project, rate, payments, tied));
    }
    purchases
}

/// Supporters in groups, those first who have least for what they have of the project.
fn groups<'a>(supporters: &'a [(usize, Exact)], kinds: &[usize], purses: &[Exact]) -> Vec<Group<'a>> {
    // There are few amounts: one, or as many as there are points.
    let mut amounts: Vec<&Exact> = Vec::new();
    let mut groups: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for (voter, has) in supporters {
        let amount = amounts.iter().position(|known| *known == has).unwrap_or_else(|| {
            amounts.push(has);
            amounts.len() - 1
        });
        groups.entry((kinds[*voter], amount)).or_default().push(*voter);
    }
    let group = |((kind, amount), voters): ((usize, usize), Vec<usize>)| {
        let (purse, has) = (purses[kind].clone(), amounts[amount]);
        (&purse / has, Group { purse, has, voters })
    };
    let mut groups: Vec<_> = groups.into_iter().map(group).collect();
    groups.sort_by(|a, b| a.0.cmp(&b.0));
    groups.into_iter().map(|(_, group)| group).collect()
}

/// What a project asks per utility, of supporters who can pay for it together.
fn asked(cost: &Exact, groups: &[Group<'_>]) -> Exact {
    let mut shared = groups.iter().fold(Exact::zero(), |sum, group| sum + group.has * group.count());
    let (mut rest, mut rate) = (cost.clone(), Exact::zero());
    // Who has least for what they have of it pay all of it; the others share the rest.
    for group in groups {
        rate = &rest / &shared;
        if &rate * group.has <= group.purse {
            return rate;
        }
        rest -= &group.purse * group.count();
        shared -= group.has * group.count();
        rate = &group.purse / group.has;
    }
    rate
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::equal_shares::Problem;
    use crate::budget::{Ballot, Instance, Project, Ties, Utility};
    use crate::number::Number;

    #[test]
    fn what_is_done_again_is_what_exact_numbers_do_alone() {
        let whole = |number: usize| Exact::from_integer(number.into());
        let mut again = 0;
        for seed in 0..300usize {
            // Costs and choices that repeat so seldom that most runs are sure.
            let number = |nth: usize, below: usize| (nth * 7_919 + seed * 104_729) % 65_537 % below;
            let project = |nth| Project { cost: whole(200 + number(nth, 900)), ..Project::default() };
            let chosen = |voter: usize| (0..9).filter(move |nth| number(voter * 11 + nth, 5) < 2);
            let points = |voter: usize, nth: usize| whole(1 + number(voter + nth, 3));
            let ballot = |voter| Ballot(chosen(voter).map(|nth| (nth, points(voter, nth))).collect());
            let instance = Instance {
                budget: whole(2_500),
                projects: (0..9).map(project).collect(),
                ballots: (0..31).map(ballot).collect(),
                least_votes: 0,
            };
            for kind in [Utility::Cost, Utility::Approval, Utility::Score] {
                let problem = Problem::new(&instance, kind, Ties::Cheaper);
                let share = whole(2_500) / whole(31);
                let Ok(known) = problem.run(&problem.quick, &f64::from_exact(&share)) else { continue };
                let alone = problem.run(&problem.exact, &share).unwrap().purchases;
                assert_eq!(replay(&problem.exact, &share, 31, known), alone, "seed {seed}, {kind:?}");
                again += 1;
            }
        }
        assert!(again > 300, "only {again} of 900 were sure");
    }
}
