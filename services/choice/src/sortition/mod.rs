//! Representatives by lot (代表抽选): who volunteers has features, the panel has quotas of them, and among all distributions over the panels that meet the quotas one is
//! found in which everybody's chance is as even as it can be. One draw from it makes the panel.
//!
//! LEXIMIN: the smallest chance is as large as it can be, then the second smallest, and so on (Flanigan, Gölz, Gupta, Hennig, Procaccia: Fair algorithms for selecting
//! citizens' assemblies, Nature 596, 2021). People with equal features are interchangeable and have equal chances in it, so it is counted over **types** of people.

mod homes;
mod leximin;
mod panels;
mod pool;
mod seats;
mod tickets;

use std::time::Duration;

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

/// Why there is no lottery.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoLottery {
    /// No panel meets the quotas.
    #[error("no panel meets the quotas; they could be met if: {}", .0.join("; "))]
    Infeasible(Vec<String>),
    /// Not even the smallest chance could be made largest in the time that was given.
    #[error("no answer in the time that was given")]
    OutOfTime,
    /// The solver gave up.
    #[error("the solver gave up: {0}")]
    Solver(String),
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
    leximin::solve(pool, &pricing, objective)
}
