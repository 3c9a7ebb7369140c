//! Earmarked money (专款专项): projects with costs, ballots, one budget, and rules that say which projects it pays for.
//!
//! | rule | source |
//! |---|---|
//! | method of equal shares | Peters, Pierczyński, Skowron: Proportional Participatory Budgeting with Additive Utilities, NeurIPS 2021 |
//! | sequential Phragmén | Los, Christoff, Grossi: Proportional Budget Allocations, IJCAI 2022 |
//! | greedy | what most cities do: the most wanted first, as long as it fits |
//!
//! Every rule leaves out what is withdrawn or has too few votes, and takes at most one project at a site. One more supporter never hurts a winner of the greedy rule;
//! equal shares and Phragmén's rule promise no such thing: who pays for it has less for something else, and the order of purchases may change.

mod equal_shares;
mod greedy;
mod pabulib;
mod phragmen;
mod replay;
mod why;

use std::cmp::Ordering;
use std::collections::BTreeSet;

use num_traits::Zero;

pub use equal_shares::{Completion, equal_shares};
pub use greedy::greedy;
pub use pabulib::{InvalidFile, read};
pub use phragmen::phragmen;
pub use why::{Lost, why};

use crate::number::Exact;

/// A project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Project {
    /// Its identity.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it costs.
    pub cost: Exact,
    /// The site where it would be, by a number: at most one of those at a site is paid for.
    pub site: Option<usize>,
    /// Whether it was taken back after it was listed.
    pub withdrawn: bool,
}

/// What a voter says of projects: their places in the list with a score above 0 each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ballot(pub Vec<(usize, Exact)>);

/// What is to be decided: one fund.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Instance {
    /// The money that there is.
    pub budget: Exact,
    /// The projects, in the order in which they were listed.
    pub projects: Vec<Project>,
    /// A ballot per voter, also where it is empty: everybody has a share.
    pub ballots: Vec<Ballot>,
    /// Projects with fewer supporters are not paid for.
    pub least_votes: usize,
}

/// What a voter has of a project that is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Utility {
    /// Its cost, where it was approved: what much is spent on counts much.
    Cost,
    /// 1, where it was approved.
    Approval,
    /// The score on the ballot: points, or Borda's of a ranking.
    Score,
}

/// Which of projects that are equal by the rule comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ties {
    /// That whose id is smaller as a text (so `10` before `2`), as pabutools does.
    #[default]
    Id,
    /// The cheaper; then the one with more supporters; then by id.
    Cheaper,
}

/// A step of a rule: a project was paid for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// Which, by its place in the list.
    pub project: usize,
    /// What it cost its supporters: money per utility (equal shares), the load of those who bear it (Phragmén), utility per money (greedy).
    pub rate: Exact,
    /// What each of its supporters paid, by their place among the ballots; empty where nobody pays for oneself.
    pub payments: Vec<(usize, Exact)>,
    /// Projects that were equal by the rule, this one among them; empty where there was no tie.
    pub tied: Vec<usize>,
}

/// What a rule says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Steps in their order.
    pub rounds: Vec<Round>,
    /// The shares that were given out, where the rule has such.
    pub shares: Option<Shares>,
}

/// Equal shares of voters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shares {
    /// What each voter had to begin with.
    pub each: Exact,
    /// So many of the first steps were paid for from these; what follows is the completion.
    pub rounds: usize,
}

impl Outcome {
    /// Projects in the order in which they were taken.
    pub fn winners(&self) -> Vec<usize> {
        self.rounds.iter().map(|round| round.project).collect()
    }

    /// What one voter paid for, by the place of the ballot: projects with amounts.
    pub fn paid_by(&self, voter: usize) -> Vec<(usize, Exact)> {
        let paid = |round: &Round| {
            let payment = round.payments.iter().find(|(one, _)| *one == voter);
            payment.map(|(_, paid)| (round.project, paid.clone()))
        };
        self.rounds.iter().filter_map(paid).filter(|(_, paid)| !paid.is_zero()).collect()
    }

    fn set(&self) -> BTreeSet<usize> {
        self.rounds.iter().map(|round| round.project).collect()
    }
}

impl Instance {
    /// Supporters of every project, with their scores.
    fn supporters(&self) -> Vec<Vec<(usize, Exact)>> {
        let mut supporters = vec![Vec::new(); self.projects.len()];
        for (voter, ballot) in self.ballots.iter().enumerate() {
            for (project, score) in &ballot.0 {
                if !score.is_zero() {
                    supporters[*project].push((voter, score.clone()));
                }
            }
        }
        supporters
    }

    /// Whether a project can be paid for at all.
    fn is_open(&self, project: usize, supporters: &[Vec<(usize, Exact)>]) -> bool {
        !self.projects[project].withdrawn && supporters[project].len() >= self.least_votes
    }

    /// The project among these that is at the same site.
    fn rival(&self, project: usize, among: &BTreeSet<usize>) -> Option<usize> {
        among.iter().copied().find(|other| self.share_site(*other, project))
    }

    /// Whether two projects are at one site.
    fn share_site(&self, one: usize, other: usize) -> bool {
        one != other
            && self.projects[one].site.is_some()
            && self.projects[one].site == self.projects[other].site
    }

    /// What all projects of a set cost.
    pub fn cost(&self, projects: impl IntoIterator<Item = usize>) -> Exact {
        projects.into_iter().fold(Exact::zero(), |sum, project| sum + &self.projects[project].cost)
    }

    /// The one of these that comes first by the order of ties.
    fn first(&self, tied: &[usize], ties: Ties, supporters: &[Vec<(usize, Exact)>]) -> Option<usize> {
        let by_id = |a: &usize, b: &usize| self.projects[*a].id.cmp(&self.projects[*b].id);
        let cheaper = |a: &usize, b: &usize| -> Ordering {
            let cost = self.projects[*a].cost.cmp(&self.projects[*b].cost);
            cost.then_with(|| supporters[*b].len().cmp(&supporters[*a].len())).then_with(|| by_id(a, b))
        };
        let first = match ties {
            Ties::Id => tied.iter().min_by(|a, b| by_id(a, b)),
            Ties::Cheaper => tied.iter().min_by(|a, b| cheaper(a, b)),
        };
        first.copied()
    }

    /// Voters who have more of one outcome than of the other: those of the first, those of the second.
    pub fn compare(&self, kind: Utility, one: &Outcome, other: &Outcome) -> (usize, usize) {
        let (one, other) = (one.set(), other.set());
        let has = |ballot: &Ballot, outcome: &BTreeSet<usize>| {
            let paid =
                ballot.0.iter().filter(|(project, score)| outcome.contains(project) && !score.is_zero());
            paid.fold(Exact::zero(), |sum, (project, score)| {
                sum + utility(kind, &self.projects[*project].cost, score)
            })
        };
        let mut better = (0, 0);
        for ballot in &self.ballots {
            match has(ballot, &one).cmp(&has(ballot, &other)) {
                Ordering::Greater => better.0 += 1,
                Ordering::Less => better.1 += 1,
                Ordering::Equal => {}
            }
        }
        better
    }
}

/// What a supporter has of a project.
fn utility(kind: Utility, cost: &Exact, score: &Exact) -> Exact {
    match kind {
        Utility::Cost => cost.clone(),
        Utility::Approval => Exact::from_integer(1.into()),
        Utility::Score => score.clone(),
    }
}
