//! Panels that meet the quotas, with at most one member of a household: the best one for given prices, an integer programme over types.

use std::cell::Cell;
use std::time::{Duration, Instant};

use microlp::{
    ComparisonOp, Error, LinearExpr, OptimizationDirection, Problem, Solution, SolveOutcome, Variable,
};

use super::{Change, Limit, NoLottery, Panel, Pool, homes};

/// Finds panels until a time has passed.
pub(super) struct Pricing<'a> {
    pool: &'a Pool,
    /// Types who share households, with the number of these.
    shared: Vec<(Vec<usize>, usize)>,
    until: Instant,
    /// How many more panels may be looked for.
    searches: Cell<usize>,
}

/// What an unfinished or failed search is.
pub(super) fn solved(outcome: Result<SolveOutcome, Error>) -> Result<Solution, NoLottery> {
    match outcome {
        Ok(SolveOutcome::Solution(solution)) => Ok(solution),
        Ok(SolveOutcome::Interrupted(_)) => Err(NoLottery::OutOfTime),
        Err(Error::Infeasible) => Err(NoLottery::Infeasible(Vec::new())),
        Err(error) => Err(NoLottery::Solver(error.to_string())),
    }
}

impl<'a> Pricing<'a> {
    pub(super) fn new(pool: &'a Pool, limit: Limit) -> Self {
        let shared = homes::of(pool)
            .into_iter()
            .filter(|homes| homes.size() > 1)
            .map(|homes| (homes.types, homes.households.len()))
            .collect();
        let searches = Cell::new(limit.searches);
        Self { pool, shared, until: Instant::now() + limit.within, searches }
    }

    /// What is left of the time.
    pub(super) fn left(&self) -> Result<Duration, NoLottery> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(NoLottery::OutOfTime) } else { Ok(left) }
    }

    /// A variable for each type with these prices, and the size of the panel.
    fn problem(
        &self,
        direction: OptimizationDirection,
        prices: &[f64],
    ) -> Result<(Problem, Vec<Variable>), NoLottery> {
        let mut problem = Problem::new(direction);
        problem.set_time_limit(self.left()?);
        let members: Vec<_> = self
            .pool
            .counts
            .iter()
            .zip(prices)
            .map(|(count, price)| {
                problem.add_integer_var(*price, (0, i32::try_from(*count).unwrap_or(i32::MAX)))
            })
            .collect();
        let all: LinearExpr = members.iter().map(|member| (*member, 1.0)).collect();
        problem.add_constraint(all, ComparisonOp::Eq, f64::from(self.pool.k));
        for (types, households) in &self.shared {
            let at_home: LinearExpr = types.iter().map(|kind| (members[*kind], 1.0)).collect();
            problem.add_constraint(at_home, ComparisonOp::Le, *households as f64);
        }
        Ok((problem, members))
    }

    /// Those of a feature.
    fn holders(&self, members: &[Variable], category: usize, feature: usize) -> Vec<(Variable, f64)> {
        let holds = |features: &Vec<usize>| features[category] == feature;
        members
            .iter()
            .zip(&self.pool.types)
            .filter(|(_, features)| holds(features))
            .map(|(member, _)| (*member, 1.0))
            .collect()
    }

    /// The panel worth most at these prices, and what it is worth.
    pub(super) fn best(&self, prices: &[f64]) -> Result<(f64, Panel), NoLottery> {
        self.searches.set(self.searches.get().checked_sub(1).ok_or(NoLottery::OutOfTime)?);
        let (mut problem, members) = self.problem(OptimizationDirection::Maximize, prices)?;
        for (category, features) in self.pool.categories.iter().enumerate() {
            for (feature, quota) in features.quotas.iter().enumerate() {
                let holders = self.holders(&members, category, feature);
                if quota.min == quota.max {
                    problem.add_constraint(holders, ComparisonOp::Eq, f64::from(quota.min));
                    continue;
                }
                if quota.min > 0 {
                    problem.add_constraint(holders.clone(), ComparisonOp::Ge, f64::from(quota.min));
                }
                if quota.max < self.pool.k {
                    problem.add_constraint(holders, ComparisonOp::Le, f64::from(quota.max));
                }
            }
        }
        let solution = solved(problem.solve())?;
        // A number of people above 0 is what rounds to one.
        let panel: Panel = members.iter().map(|member| solution.var_value(*member).round() as u32).collect();
        let worth = panel.iter().zip(prices).map(|(members, price)| f64::from(*members) * price).sum();
        Ok((worth, panel))
    }

    /// A panel for every type that can be in one, and the types that cannot.
    pub(super) fn first(&self) -> Result<(Vec<Panel>, Vec<usize>), NoLottery> {
        let (mut panels, mut never): (Vec<Panel>, Vec<usize>) = (Vec::new(), Vec::new());
        let mut seen = vec![0u32; self.pool.counts.len()];
        for kind in 0..self.pool.counts.len() {
            if seen[kind] > 0 {
                continue;
            }
            // Those who were not seen yet count a little, so that few panels show everybody.
            let mut prices: Vec<f64> =
                seen.iter().map(|times| if *times == 0 { 0.001 } else { 0.0 }).collect();
            prices[kind] = 1.0;
            let (_, panel) = self.best(&prices)?;
            if panel[kind] == 0 {
                never.push(kind);
                seen[kind] = 1;
                continue;
            }
            for (times, members) in seen.iter_mut().zip(&panel) {
                *times += members;
            }
            panels.push(panel);
        }
        Ok((panels, never))
    }

    /// Fails with what could be changed when no panel meets the quotas: the least that must be given up, where lowering a minimum of q costs 1 + 2/q for each and
    /// raising a maximum 1.
    pub(super) fn is_possible(&self) -> Result<(), NoLottery> {
        match self.best(&vec![0.0; self.pool.counts.len()]) {
            Err(NoLottery::Infeasible(_)) => {}
            other => return other.map(drop),
        }
        let (mut problem, members) =
            self.problem(OptimizationDirection::Minimize, &vec![0.0; self.pool.counts.len()])?;
        let most = i32::try_from(self.pool.people.len()).unwrap_or(i32::MAX);
        let mut given_up = Vec::new();
        for (category, features) in self.pool.categories.iter().enumerate() {
            for (feature, quota) in features.quotas.iter().enumerate() {
                let mut fewer = self.holders(&members, category, feature);
                let mut more = fewer.clone();
                let price = if quota.min == 0 { 1.0 } else { 1.0 + 2.0 / f64::from(quota.min) };
                let lowered =
                    problem.add_integer_var(price, (0, i32::try_from(quota.min).unwrap_or(i32::MAX)));
                let raised = problem.add_integer_var(1.0, (0, most));
                fewer.push((lowered, 1.0));
                more.push((raised, -1.0));
                problem.add_constraint(fewer, ComparisonOp::Ge, f64::from(quota.min));
                problem.add_constraint(more, ComparisonOp::Le, f64::from(quota.max));
                given_up.push((category, feature, lowered, raised));
            }
        }
        let solution = solved(problem.solve())?;
        let mut changes = Vec::new();
        for (category, feature, lowered, raised) in given_up {
            let features = &self.pool.categories[category];
            let quota = &features.quotas[feature];
            let by = |change: Variable| solution.var_value(change).round() as u32;
            let change = |lowers, was, becomes| Change {
                category: features.name.clone(),
                feature: quota.feature.clone(),
                lowers,
                was,
                becomes,
            };
            if by(lowered) > 0 {
                changes.push(change(true, quota.min, quota.min.saturating_sub(by(lowered))));
            }
            if by(raised) > 0 {
                changes.push(change(false, quota.max, quota.max + by(raised)));
            }
        }
        Err(NoLottery::Infeasible(changes))
    }
}
