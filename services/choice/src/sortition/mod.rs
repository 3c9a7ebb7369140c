//! Representatives by lot (代表抽选): who volunteers has features, the panel has quotas of them, and among all distributions over the panels that meet the quotas one is
//! found in which everybody's chance is as even as it can be. One draw from it makes the panel.
//!
//! LEXIMIN: the smallest chance is as large as it can be, then the second smallest, and so on (Flanigan, Gölz, Gupta, Hennig, Procaccia: Fair algorithms for selecting
//! citizens' assemblies, Nature 596, 2021). Maximin, Goldilocks and minimax are offered beside it. Who can be in no panel that meets the quotas has no chance with any of
//! them and is told; the smallest chance is that of the others, while n counts everybody. People with equal features are interchangeable and have equal chances in it, so it is counted over **types** of people.

mod draw;
mod goldilocks;
mod homes;
mod leximin;
mod panels;
mod pool;
mod seats;
mod tickets;

use std::time::Duration;

pub use draw::{InvalidRecord, Published, Replacements, Shortfall, shortfalls};
pub use pool::{Category, InvalidPool, Pool, Quota, read};
pub use tickets::{TICKETS, Tickets};

use self::panels::Pricing;

/// What the distribution is to be best at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objective {
    /// Chance by chance, from the smallest up.
    Leximin,
    /// The smallest chance alone.
    Maximin,
    /// The largest chance weighed against the smallest: least of (n/k)·max p + (k/n)/min p.
    Goldilocks,
    /// The largest chance alone, for comparison: some may have none.
    Minimax,
}

/// A panel: how many of each type, by the type's place.
pub type Panel = Vec<u32>;

/// A distribution over panels.
#[derive(Clone, Debug, PartialEq)]
pub struct Lottery {
    /// The chance of each person, in the order of the pool.
    pub chances: Vec<f64>,
    /// Panels with their weights, which add up to 1.
    pub panels: Vec<(f64, Panel)>,
    /// What was reached: another objective than asked for where the time did not suffice.
    pub reached: Objective,
    /// Types who are in no panel that meets the quotas.
    pub never: Vec<usize>,
}

/// A quota that must be given up in part, or no panel meets all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Of which category.
    pub category: String,
    /// Of which feature.
    pub feature: String,
    /// Whether it is the minimum that is lowered; otherwise the maximum is raised.
    pub lowers: bool,
    /// What it was.
    pub was: u32,
    /// What it must become.
    pub becomes: u32,
}

impl std::fmt::Display for Change {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { category, feature, lowers, was, becomes } = self;
        let bound = if *lowers { "least" } else { "most" };
        write!(to, "{category} {feature}: at {bound} {becomes} instead of {was}")
    }
}

/// Why there is no lottery.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoLottery {
    /// No panel meets the quotas; the smallest change after which one does, where lowering a minimum of q by one costs 1 + 2/q and raising a maximum by one 1.
    #[error("no panel meets the quotas; they could be met if: {}", listed(.0))]
    Infeasible(Vec<Change>),
    /// Not even the smallest chance could be made largest in the time that was given.
    #[error("no answer in the time that was given")]
    OutOfTime,
    /// The solver gave up.
    #[error("the solver gave up: {0}")]
    Solver(String),
}

fn listed(changes: &[Change]) -> String {
    changes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// How long a lottery may take.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// So much time.
    pub within: Duration,
    /// So many searches for panels: an answer that does not hang on how quick a computer is.
    pub searches: usize,
}

impl From<Duration> for Limit {
    fn from(within: Duration) -> Self {
        Self { within, searches: usize::MAX }
    }
}

/// Finds a lottery within a limit; where LEXIMIN takes longer, what is reached is told.
pub fn lottery(pool: &Pool, objective: Objective, within: impl Into<Limit>) -> Result<Lottery, NoLottery> {
    let pricing = Pricing::new(pool, within.into());
    pricing.is_possible()?;
    match objective {
        Objective::Leximin | Objective::Maximin => leximin::solve(pool, &pricing, objective),
        Objective::Goldilocks | Objective::Minimax => goldilocks::solve(pool, &pricing, objective),
    }
}
