//! Neither too large nor too small: the largest chance and the smallest one are weighed against each other. With few large chances nobody is nearly sure of a seat by
//! saying something wrong of oneself; with no small ones everybody counts (Baharav, Flanigan: Fair, Manipulation-Robust, and Transparent Sortition, EC 2024).
//!
//! Least of (n/k)·max p + γ·(k/n)/min p, over n people and k seats. With P = p·n/k and prices U, V ≥ 0 of what is too large and too small, its dual is
//! max μ + 2√(γ·ΣV), so that ΣU ≤ 1 and μ ≤ Σ_t (U_t − V_t)·(n/k)·x_t/n_t for every panel x. The root is kept below tangents, panels are made only when the
//! prices ask for them: both are rows that are added. γ = 0 leaves the largest chance alone.

use std::time::Duration;

use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, Variable};

use super::panels::{Pricing, solved};
use super::{Lottery, NoLottery, Objective, Panel, Pool};

/// How much more a panel must be worth than the known ones, to be taken in.
const WORTH_IT: f64 = 1e-8;
/// Where a tangent touches within this part of a place, it is as good as one there: by the square of it, a root is off by an eighth of that.
const NEAR: f64 = 1e-4;
/// Weights below this are none.
const NO_WEIGHT: f64 = 1e-12;

pub(super) fn solve(pool: &Pool, pricing: &Pricing<'_>, objective: Objective) -> Result<Lottery, NoLottery> {
    let gamma = if objective == Objective::Goldilocks { 1.0 } else { 0.0 };
    let (panels, never) = pricing.first()?;
    // Who can be in no panel has no chance in any lottery: the smallest chance is that of the others.
    let counts = |kind: usize| !never.contains(&kind);
    let sharing: u32 =
        (0..pool.counts.len()).filter(|kind| counts(*kind)).map(|kind| pool.counts[kind]).sum();
    let most = pool.people.len() as f64 / f64::from(sharing);
    let scale: Vec<f64> = pool
        .counts
        .iter()
        .map(|count| pool.people.len() as f64 / f64::from(pool.k) / f64::from(*count))
        .collect();
    let bounds = Bounds { gamma, scale, counts: (0..pool.types.len()).map(counts).collect(), most };
    let panels = bounds.panels(pricing, panels)?;
    let panels = bounds.weights(pricing, panels)?;
    let mut of_types = vec![0.0; pool.types.len()];
    for (weight, panel) in &panels {
        for (chance, (members, count)) in of_types.iter_mut().zip(panel.iter().zip(&pool.counts)) {
            *chance += weight * f64::from(*members) / f64::from(*count);
        }
    }
    let chances = pool.people.iter().map(|kind| of_types[*kind]).collect();
    Ok(Lottery { chances, panels, reached: objective, never })
}

/// What the chances are held between.
struct Bounds {
    gamma: f64,
    /// What a member of each type adds to the chance of those of it, where 1 is that of an equal share.
    scale: Vec<f64>,
    /// Which types must not have too little.
    counts: Vec<bool>,
    /// What the smallest chance is at most, where 1 is that of an equal share: above 1 where some can be in no panel, because the others share their part.
    most: f64,
}

/// The programme over prices.
struct Prices {
    too_large: Vec<Variable>,
    too_small: Vec<Variable>,
    /// ΣV.
    small: Variable,
    /// 2√(γ·ΣV), or more.
    root: Variable,
    level: Variable,
}

impl Prices {
    fn row(&self, bounds: &Bounds, panel: &Panel) -> LinearExpr {
        let mut row = LinearExpr::empty();
        row.add(self.level, 1.0);
        for (kind, members) in panel.iter().enumerate().filter(|(_, members)| **members > 0) {
            let share = bounds.scale[kind] * f64::from(*members);
            row.add(self.too_large[kind], -share);
            row.add(self.too_small[kind], share);
        }
        row
    }

    /// The tangent of the root at a sum of prices: √γ·(ΣV/√v + √v).
    fn tangent(&self, gamma: f64, at: f64) -> (LinearExpr, f64) {
        let mut row = LinearExpr::empty();
        row.add(self.root, 1.0);
        row.add(self.small, -(gamma / at).sqrt());
        (row, (gamma * at).sqrt())
    }
}

impl Bounds {
    /// What the smallest chance L of the best lottery is at least: with equal weights of these panels the chances are between l and m, and the best is no worse:
    /// γ/L ≤ m + γ/l.
    fn least(&self, panels: &[Panel]) -> f64 {
        let of = |kind: usize| {
            let members: u32 = panels.iter().map(|panel| panel[kind]).sum();
            f64::from(members) * self.scale[kind] / panels.len() as f64
        };
        let chances = || (0..self.scale.len()).filter(|kind| self.counts[*kind]).map(of);
        let (l, m) = (chances().fold(f64::INFINITY, f64::min), chances().fold(0.0, f64::max));
        self.gamma / (m + self.gamma / l)
    }

    /// Panels enough for the best lottery.
    fn panels(&self, pricing: &Pricing<'_>, mut panels: Vec<Panel>) -> Result<Vec<Panel>, NoLottery> {
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        problem.set_time_limit(pricing.left()?);
        let free = (0.0, f64::INFINITY);
        let too_large: Vec<_> = self.scale.iter().map(|_| problem.add_var(0.0, free)).collect();
        let most = |counts: &bool| if *counts && self.gamma > 0.0 { f64::INFINITY } else { 0.0 };
        let too_small: Vec<_> =
            self.counts.iter().map(|counts| problem.add_var(0.0, (0.0, most(counts)))).collect();
        let small = problem.add_var(0.0, free);
        let root = problem.add_var(1.0, free);
        let level = problem.add_var(1.0, (f64::NEG_INFINITY, f64::INFINITY));
        let prices = Prices { too_large, too_small, small, root, level };
        let large: LinearExpr = prices.too_large.iter().map(|price| (*price, 1.0)).collect();
        problem.add_constraint(large, ComparisonOp::Le, 1.0);
        let mut sum: LinearExpr = prices.too_small.iter().map(|price| (*price, 1.0)).collect();
        sum.add(small, -1.0);
        problem.add_constraint(sum, ComparisonOp::Eq, 0.0);
        // Where the root has its place: ΣV = γ/L², with L from the least that it can be to the most.
        let mut at = if self.gamma > 0.0 { self.gamma / self.least(&panels).powi(2) } else { 1.0 };
        let lowest = self.gamma / self.most.powi(2);
        let mut touched = Vec::new();
        loop {
            let (row, most) = prices.tangent(self.gamma, at);
            problem.add_constraint(row, ComparisonOp::Le, most);
            touched.push(at);
            if at <= lowest || self.gamma == 0.0 {
                break;
            }
            at = (at / 4.0).max(lowest);
        }
        for panel in &panels {
            problem.add_constraint(prices.row(self, panel), ComparisonOp::Le, 0.0);
        }
        let mut solution = solved(problem.solve())?;
        loop {
            let worth: Vec<f64> = (0..self.scale.len())
                .map(|kind| {
                    let (small, large) = (prices.too_small[kind], prices.too_large[kind]);
                    self.scale[kind] * (solution.var_value(small) - solution.var_value(large))
                })
                .collect();
            let (worth, panel) = pricing.best(&worth)?;
            let row = prices.row(self, &panel);
            let asked = worth > WORTH_IT - solution.var_value(prices.level) && !panels.contains(&panel);
            let at = solution.var_value(prices.small);
            // Below the lowest place the tangent there is above the root, and still nothing is better than at that place: the best of the concave sum is not below it.
            let touches = self.gamma == 0.0 || at <= lowest || is_near(&touched, at);
            if asked {
                panels.push(panel);
                solution = solved(solution.add_constraint(row, ComparisonOp::Le, 0.0))?;
            }
            if !touches {
                let (row, most) = prices.tangent(self.gamma, at);
                touched.push(at);
                solution = solved(solution.add_constraint(row, ComparisonOp::Le, most))?;
            }
            if touches && !asked {
                return Ok(panels);
            }
        }
    }

    /// The best weights of these panels.
    fn weights(&self, pricing: &Pricing<'_>, panels: Vec<Panel>) -> Result<Vec<(f64, Panel)>, NoLottery> {
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        // What is known now must be told, also when the time is nearly over.
        problem.set_time_limit(pricing.left().unwrap_or_default().max(Duration::from_secs(10)));
        let weights: Vec<_> = panels.iter().map(|_| problem.add_var(0.0, (0.0, 1.0))).collect();
        let largest = problem.add_var(1.0, (0.0, f64::INFINITY));
        let least = problem.add_var(0.0, (0.0, f64::INFINITY));
        let inverse = problem.add_var(self.gamma, (0.0, f64::INFINITY));
        let all: LinearExpr = weights.iter().map(|weight| (*weight, 1.0)).collect();
        problem.add_constraint(all, ComparisonOp::Eq, 1.0);
        for (kind, scale) in self.scale.iter().enumerate().filter(|(kind, _)| self.counts[*kind]) {
            let sits = weights.iter().zip(&panels).filter(|(_, panel)| panel[kind] > 0);
            let chance: Vec<_> =
                sits.map(|(weight, panel)| (*weight, scale * f64::from(panel[kind]))).collect();
            let against =
                |bound: Variable| chance.iter().copied().chain([(bound, -1.0)]).collect::<LinearExpr>();
            problem.add_constraint(against(largest), ComparisonOp::Le, 0.0);
            problem.add_constraint(against(least), ComparisonOp::Ge, 0.0);
        }
        // 1/L is at least each of its tangents: 2/a − L/a².
        let tangent = |at: f64| {
            let mut row = LinearExpr::empty();
            row.add(inverse, 1.0);
            row.add(least, 1.0 / (at * at));
            (row, 2.0 / at)
        };
        let (row, most) = tangent(1.0);
        problem.add_constraint(row, ComparisonOp::Ge, most);
        let mut touched = vec![1.0];
        let bound = self.least(&panels);
        let mut solution = solved(problem.solve())?;
        loop {
            let at = solution.var_value(least).max(bound);
            if self.gamma == 0.0 || is_near(&touched, at) {
                break;
            }
            let (row, most) = tangent(at);
            touched.push(at);
            solution = solved(solution.add_constraint(row, ComparisonOp::Ge, most))?;
        }
        let weighted = weights.iter().map(|weight| solution.var_value(*weight)).zip(panels);
        let kept: Vec<_> = weighted.filter(|(weight, _)| *weight > NO_WEIGHT).collect();
        let all: f64 = kept.iter().map(|(weight, _)| weight).sum();
        Ok(kept.into_iter().map(|(weight, panel)| (weight / all, panel)).collect())
    }
}

fn is_near(touched: &[f64], at: f64) -> bool {
    touched.iter().any(|known| (known - at).abs() <= NEAR * at)
}
