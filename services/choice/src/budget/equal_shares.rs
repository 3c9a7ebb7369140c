//! The method of equal shares: the budget is divided equally among the voters. A project can be bought by its supporters together, each paying the same per utility
//! or all that is left; the one is bought that asks least per utility, again and again, until nothing can be bought.
//!
//! What is left over is spent by a completion. The rule is carried out in floating numbers as long as these are sure, and exactly where they are not; what is
//! answered was always carried out exactly.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use num_traits::{One, Zero};

use super::{Instance, Outcome, Round, Shares, Ties, Utility, greedy, phragmen, replay, utility};
use crate::number::{Exact, Number, Unsure};

/// How what is left over is spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Completion {
    /// It is not.
    #[default]
    None,
    /// Everybody is given one more unit of money, and the rule is carried out anew, until no project with supporters would still fit, or before the outcome
    /// would cost more than there is.
    AddOne,
    /// As before, and then greedily.
    AddOneThenGreedy,
    /// As before, with shares of whole units from the beginning, and until no project at all would still fit: as equalshares.net has it, with ties by [`Ties::Cheaper`].
    AddOneToWholeThenGreedy,
    /// The budget grows by a hundredth of itself, and the rule is carried out anew, until no project at all would still fit, or before the outcome would cost more than
    /// there is; at most until everybody has as much as there is in all. As pabutools has it.
    AddPercent,
    /// By sequential Phragmén among what is left, with what is left, as if nobody had paid yet: as pabutools combines the two.
    Phragmen,
}

/// Carries the rule out.
pub fn equal_shares(instance: &Instance, kind: Utility, completion: Completion, ties: Ties) -> Outcome {
    if instance.ballots.is_empty() {
        return Outcome::default();
    }
    let problem = Problem::new(instance, kind, ties);
    let voters = Exact::from_integer(instance.ballots.len().into());
    let share = &instance.budget / &voters;
    let one = Exact::one;
    match completion {
        Completion::None => problem.exactly(&share),
        Completion::AddOne => problem.exactly(&problem.grown(share, &one(), Fitting::Supported, None)),
        Completion::AddOneThenGreedy => {
            let outcome = problem.exactly(&problem.grown(share, &one(), Fitting::Supported, None));
            greedy::complete(instance, kind, ties, outcome)
        }
        Completion::AddOneToWholeThenGreedy => {
            let outcome = problem.exactly(&problem.grown(share.floor(), &one(), Fitting::All, None));
            greedy::complete(instance, kind, ties, outcome)
        }
        Completion::AddPercent => {
            let step = &share / Exact::from_integer(100.into());
            let most = &share + &instance.budget;
            problem.exactly(&problem.grown(share, &step, Fitting::All, Some(&most)))
        }
        Completion::Phragmen => {
            let outcome = problem.exactly(&share);
            phragmen::complete(instance, ties, outcome)
        }
    }
}

/// Which projects keep a completion going as long as they would fit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fitting {
    Supported,
    All,
}

/// The rule with what it needs at hand.
pub(super) struct Problem<'a> {
    instance: &'a Instance,
    ties: Ties,
    supporters: Vec<Vec<(usize, Exact)>>,
    pub(super) exact: Sides<Exact>,
    pub(super) quick: Sides<f64>,
    /// What each project asks per utility while all of its supporters can pay: cost by utility of all. Ranks of the exact numbers, equal where these are:
    /// most ties are of this kind, and so are sure without counting exactly.
    plain: Vec<usize>,
}

/// Costs and utilities in one kind of numbers.
pub(super) struct Sides<N> {
    pub(super) costs: Vec<N>,
    /// Supporters of each project with what each has of it.
    pub(super) utilities: Vec<Vec<(usize, N)>>,
}

/// A project that was bought: which, what it asked per utility, what each supporter paid, and what it was equal with.
pub(super) type Purchase<N> = (usize, N, Vec<(usize, N)>, Vec<usize>);

/// What one run has bought.
pub(super) struct Run<N> {
    pub(super) purchases: Vec<Purchase<N>>,
    /// Nobody gave all of a purse: with more money everybody would have paid the same.
    plain: bool,
}

/// How often the completion tries a larger share at most. What takes longer is no fund of a community; it ends with what it has.
const MOST_TRIES: usize = 100_000;

/// What a project asks per utility.
#[derive(Clone)]
struct Asked<N> {
    rate: N,
    /// Surely all of its supporters can pay.
    plain: bool,
}

impl<'a> Problem<'a> {
    pub(super) fn new(instance: &'a Instance, kind: Utility, ties: Ties) -> Self {
        let supporters = instance.supporters();
        let costs: Vec<_> = instance.projects.iter().map(|project| project.cost.clone()).collect();
        let utilities: Vec<Vec<_>> = supporters
            .iter()
            .zip(&costs)
            .map(|(supporters, cost)| {
                supporters.iter().map(|(voter, score)| (*voter, utility(kind, cost, score))).collect()
            })
            .collect();
        let quick = Sides {
            costs: costs.iter().map(f64::from_exact).collect(),
            utilities: utilities
                .iter()
                .map(|each| each.iter().map(|(voter, has)| (*voter, f64::from_exact(has))).collect())
                .collect(),
        };
        let plain = ranks(&costs, &utilities);
        Self { instance, ties, supporters, exact: Sides { costs, utilities }, quick, plain }
    }

    /// Which of two projects asks less per utility, for sure.
    fn cheaper<N: Number>(
        &self,
        (one, asked): (usize, &Asked<N>),
        (other, than): (usize, &Asked<N>),
    ) -> Result<Ordering, Unsure> {
        match asked.rate.surely(&than.rate) {
            Err(Unsure) if asked.plain && than.plain => Ok(self.plain[one].cmp(&self.plain[other])),
            sure => sure,
        }
    }

    /// The share of a voter with which the completion ends.
    fn grown(&self, start: Exact, step: &Exact, fitting: Fitting, most: Option<&Exact>) -> Exact {
        let (mut share, mut best) = (start.clone(), start);
        for _ in 0..MOST_TRIES {
            let (winners, alike) = self.winners(&share, step);
            let cost = self.instance.cost(winners.iter().copied());
            if cost > self.instance.budget {
                return best;
            }
            let left = &self.instance.budget - cost;
            let lost: Vec<_> = (0..self.instance.projects.len())
                .filter(|project| self.is_open(*project) && !winners.contains(project))
                .filter(|project| self.instance.rival(*project, &winners).is_none())
                .collect();
            let wanted = |project: &usize| !self.supporters[*project].is_empty();
            let fits = |project: &usize| self.instance.projects[*project].cost <= left;
            // What nobody pays for keeps nothing going where all else is bought.
            let ends = !lost.iter().any(wanted)
                || !lost.iter().any(|project| fits(project) && (fitting == Fitting::All || wanted(project)));
            best = share.clone();
            if ends {
                return best;
            }
            // What the next shares would buy is known to be the same.
            best += &alike;
            share += alike + step;
            if most.is_some_and(|most| share > *most) {
                return best.min(most.cloned().unwrap_or_default());
            }
        }
        best
    }

    fn is_open(&self, project: usize) -> bool {
        self.instance.is_open(project, &self.supporters)
    }

    /// What is bought with a share, quickly where that is sure; and how much more for everybody, in steps, would surely buy the same.
    fn winners(&self, share: &Exact, step: &Exact) -> (BTreeSet<usize>, Exact) {
        let nearly = f64::from_exact(share);
        match self.run(&self.quick, &nearly) {
            Ok(run) => {
                let alike = if run.plain { self.alike(&run, nearly, step) } else { Exact::zero() };
                (run.purchases.into_iter().map(|(project, ..)| project).collect(), alike)
            }
            Err(Unsure) => (self.exactly(share).set(), Exact::zero()),
        }
    }

    /// Where nobody gave all, what was bought asks the same of larger purses. The next shares buy the same as long as no other project could be paid for even by purses
    /// from which nothing was taken yet: one that could be may come first once there is more.
    fn alike(&self, run: &Run<f64>, share: f64, step: &Exact) -> Exact {
        let bought = |project: usize| run.purchases.iter().any(|(other, ..)| *other == project);
        let missing =
            |project: usize| self.quick.costs[project] / self.quick.utilities[project].len() as f64 - share;
        let open = (0..self.quick.costs.len())
            .filter(|project| !bought(*project) && !self.quick.utilities[*project].is_empty())
            .filter(|project| self.is_open(*project));
        let least = open.map(missing).fold(f64::INFINITY, f64::min);
        // A step, and far more than any error of rounding, is left for the step that finds out.
        let sure = (least * (1.0 - 1e-6) / f64::from_exact(step) - 1.0).floor();
        if sure >= 1.0 && sure.is_finite() {
            step * Exact::from_float(sure).unwrap_or_else(Exact::zero)
        } else {
            Exact::zero()
        }
    }

    /// What is bought with a share, and who pays what, to the last fraction.
    fn exactly(&self, share: &Exact) -> Outcome {
        let known = self.run(&self.quick, &f64::from_exact(share)).ok();
        let again = known.map(|run| replay::replay(&self.exact, share, self.instance.ballots.len(), run));
        // Exact numbers are always sure.
        let purchases = again.or_else(|| self.run(&self.exact, share).map(|run| run.purchases).ok());
        let round = |(project, rate, payments, tied)| Round { project, rate, payments, tied };
        let rounds: Vec<_> = purchases.unwrap_or_default().into_iter().map(round).collect();
        let shares = Shares { each: share.clone(), rounds: rounds.len() };
        Outcome { rounds, shares: Some(shares) }
    }

    fn is_wanted(&self, project: usize) -> bool {
        self.is_open(project) && !self.supporters[project].is_empty()
    }

    /// What costs nothing and is wanted comes first; at a site the first of equals.
    fn free<N: Number>(&self) -> Vec<Purchase<N>> {
        let costs_nothing = |project: &usize| self.instance.projects[*project].cost.is_zero();
        let mut left: Vec<_> = (0..self.instance.projects.len())
            .filter(|project| self.is_wanted(*project) && costs_nothing(project))
            .collect();
        let mut purchases = Vec::new();
        while let Some(next) = left.first().copied() {
            let same = |other: &usize| *other == next || self.instance.share_site(*other, next);
            let (equal, others): (Vec<_>, Vec<_>) = left.into_iter().partition(same);
            left = others;
            let first = self.instance.first(&equal, self.ties, &self.supporters).unwrap_or(next);
            let tied = if equal.len() > 1 { equal } else { Vec::new() };
            purchases.push((first, N::nothing(), Vec::new(), tied));
        }
        purchases
    }

    /// Carries the rule out in one kind of numbers.
    pub(super) fn run<N: Number>(&self, sides: &Sides<N>, share: &N) -> Result<Run<N>, Unsure> {
        let mut purses = vec![share.clone(); self.instance.ballots.len()];
        let (mut rounds, mut all_plain) = (self.free::<N>(), true);
        let free: BTreeSet<_> = rounds.iter().map(|(project, ..)| *project).collect();
        // Nothing is known yet of what a project asks; later it can only ask more.
        let mut left: Vec<(N, usize)> = (0..sides.costs.len())
            .filter(|project| self.is_wanted(*project) && !self.instance.projects[*project].cost.is_zero())
            .filter(|project| self.instance.rival(*project, &free).is_none())
            .map(|project| (N::nothing(), project))
            .collect();
        loop {
            left.sort_by(|a, b| a.0.roughly(&b.0));
            let (mut least, mut equal): (Option<(usize, Asked<N>)>, Vec<usize>) = (None, Vec::new());
            let mut beyond = Vec::new();
            for (known, project) in &mut left {
                if let Some((_, least)) = &least
                    && known.surely(&least.rate) == Ok(Ordering::Greater)
                {
                    break;
                }
                let Some(asked) = asks(&sides.costs[*project], &sides.utilities[*project], &purses)? else {
                    beyond.push(*project);
                    continue;
                };
                *known = asked.rate.clone();
                let order = match &least {
                    None => Ordering::Less,
                    Some((other, least)) => self.cheaper((*project, &asked), (*other, least))?,
                };
                match order {
                    Ordering::Less => (least, equal) = (Some((*project, asked)), vec![*project]),
                    Ordering::Equal => equal.push(*project),
                    Ordering::Greater => {}
                }
            }
            let (Some((_, Asked { rate, plain })), Some(project)) =
                (least, self.instance.first(&equal, self.ties, &self.supporters))
            else {
                return Ok(Run { purchases: rounds, plain: all_plain });
            };
            all_plain &= plain;
            left.retain(|(_, other)| {
                *other != project && !beyond.contains(other) && !self.instance.share_site(*other, project)
            });
            let mut payments = Vec::with_capacity(sides.utilities[project].len());
            for (voter, has) in &sides.utilities[project] {
                let wanted = rate.times(has);
                let all = purses[*voter].roughly(&wanted) == Ordering::Less;
                let paid = if all { purses[*voter].clone() } else { wanted };
                purses[*voter] = if all { N::nothing() } else { purses[*voter].minus(&paid) };
                payments.push((*voter, paid));
            }
            let tied = if equal.len() > 1 { equal } else { Vec::new() };
            rounds.push((project, rate, payments, tied));
        }
    }
}

/// What a project asks per utility; none when its supporters cannot pay for it together.
fn asks<N: Number>(cost: &N, utilities: &[(usize, N)], purses: &[N]) -> Result<Option<Asked<N>>, Unsure> {
    let mut all = N::nothing();
    let mut shared = N::nothing();
    for (voter, has) in utilities {
        all = all.plus(&purses[*voter]);
        shared = shared.plus(has);
    }
    if all.surely(cost)? == Ordering::Less {
        return Ok(None);
    }
    let mut rate = cost.over(&shared);
    let is_sure = |(voter, has): &(usize, N)| {
        purses[*voter].surely(&rate.times(has)).is_ok_and(|order| order != Ordering::Less)
    };
    if utilities.iter().all(is_sure) {
        return Ok(Some(Asked { rate, plain: true }));
    }
    // Who has too little gives all of it and the others share the rest, until nobody else has too little.
    let mut given = 0;
    loop {
        let (mut rest, mut shared, mut giving) = (cost.clone(), N::nothing(), 0);
        for (voter, has) in utilities {
            let purse = &purses[*voter];
            if purse.roughly(&rate.times(has)) == Ordering::Less {
                rest = rest.minus(purse);
                giving += 1;
            } else {
                shared = shared.plus(has);
            }
        }
        if giving <= given {
            return Ok(Some(Asked { rate, plain: false }));
        }
        if giving == utilities.len() {
            // Everybody gives everything: together it is just enough.
            let most = utilities.iter().map(|(voter, has)| purses[*voter].over(has));
            let rate = most.max_by(N::roughly).unwrap_or(rate);
            return Ok(Some(Asked { rate, plain: false }));
        }
        given = giving;
        rate = rest.over(&shared);
    }
}

/// Ranks of cost by utility of all supporters.
fn ranks(costs: &[Exact], utilities: &[Vec<(usize, Exact)>]) -> Vec<usize> {
    let rate = |project: usize| {
        let all = utilities[project].iter().fold(Exact::zero(), |sum, (_, has)| sum + has);
        if all.is_zero() { None } else { Some(&costs[project] / all) }
    };
    let rates: Vec<_> = (0..costs.len()).map(rate).collect();
    let mut sorted: Vec<_> = rates.iter().flatten().collect();
    sorted.sort();
    sorted.dedup();
    let rank = |rate: &Option<Exact>| {
        rate.as_ref().map_or(usize::MAX, |rate| sorted.partition_point(|other| *other < rate))
    };
    rates.iter().map(rank).collect()
}
