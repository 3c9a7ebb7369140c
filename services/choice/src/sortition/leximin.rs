//! LEXIMIN by stages. In each the smallest chance of those who are not fixed yet is made as large as it can be, and fixed for those who keep all others from having
//! more. A stage is a linear programme with a row for every panel; panels are made only when the prices of the programme ask for them.
//!
//! Dual of a stage, over types t with n_t people, with chances p_t of the fixed ones F and panels x:
//! min ŷ − Σ_F p_t Y_t, so that Σ_t (x_t/n_t) Y_t ≤ ŷ for every panel, Σ_{t∉F} Y_t = 1, and Y, ŷ ≥ 0.

use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, Solution, Variable};

use super::panels::{Pricing, solved};
use super::{Lottery, NoLottery, Objective, Panel, Pool};

/// How much more a panel must be worth than the known ones, to be taken in.
const WORTH_IT: f64 = 1e-8;
/// A price above this says that a type keeps the others from having more.
const HOLDS_BACK: f64 = 1e-7;
/// What is taken off a fixed chance, or rounding would make a stage impossible.
const SLACK: f64 = 1e-9;

/// A stage: its programme over prices.
struct Stage {
    prices: Vec<Variable>,
    solution: Solution,
}

pub(super) fn solve(pool: &Pool, pricing: &Pricing<'_>, objective: Objective) -> Result<Lottery, NoLottery> {
    let (mut panels, never) = pricing.first()?;
    let mut fixed: Vec<Option<f64>> = vec![None; pool.counts.len()];
    for kind in &never {
        fixed[*kind] = Some(0.0);
    }
    let mut reached = objective;
    while fixed.iter().any(Option::is_none) {
        let stage = match stage(pool, pricing, &fixed, &mut panels) {
            Ok(stage) => stage,
            // The smallest chance is found already: what is missing is told, and the rest is left open.
            Err(NoLottery::OutOfTime | NoLottery::Solver(_))
                if fixed.iter().flatten().count() > never.len() =>
            {
                reached = Objective::Maximin;
                break;
            }
            Err(failed) => return Err(failed),
        };
        let level = stage.solution.objective().clamp(0.0, 1.0);
        let holds_back = |kind: usize| stage.solution.var_value(stage.prices[kind]) > HOLDS_BACK;
        let open: Vec<_> = (0..fixed.len()).filter(|kind| fixed[*kind].is_none()).collect();
        for kind in &open {
            if holds_back(*kind) || level >= 1.0 - SLACK {
                fixed[*kind] = Some(level);
            }
        }
        if open.iter().all(|kind| fixed[*kind].is_none()) {
            return Err(NoLottery::Solver("a stage of LEXIMIN fixed nobody".into()));
        }
        if objective == Objective::Maximin {
            let floor = fixed.iter().flatten().copied().fold(1.0, f64::min);
            fixed.iter_mut().for_each(|chance| *chance = Some(chance.unwrap_or(floor)));
        }
    }
    // Who is still open can have what the last stage gave to all of them.
    let last = fixed.iter().flatten().copied().fold(0.0, f64::max);
    let floors: Vec<f64> = fixed.iter().map(|chance| chance.unwrap_or(last)).collect();
    let panels = weights(pool, pricing, &floors, panels)?;
    let mut of_types = vec![0.0; pool.counts.len()];
    for (weight, panel) in &panels {
        for (chance, (members, count)) in of_types.iter_mut().zip(panel.iter().zip(&pool.counts)) {
            *chance += weight * f64::from(*members) / f64::from(*count);
        }
    }
    // With LEXIMIN the chances are known better than the weights that have them.
    if reached == Objective::Leximin {
        of_types = floors;
    }
    let chances = pool.people.iter().map(|kind| of_types[*kind]).collect();
    Ok(Lottery { chances, panels, reached, never })
}

fn row(pool: &Pool, prices: &[Variable], level: Variable, panel: &Panel) -> LinearExpr {
    let mut row: LinearExpr = panel
        .iter()
        .zip(&pool.counts)
        .zip(prices)
        .filter(|((members, _), _)| **members > 0)
        .map(|((members, count), price)| (*price, f64::from(*members) / f64::from(*count)))
        .collect();
    row.add(level, -1.0);
    row
}

/// Solves the programme of a stage with the panels that are known.
fn priced(
    pool: &Pool,
    pricing: &Pricing<'_>,
    fixed: &[Option<f64>],
    panels: &[Panel],
) -> Result<(Solution, Vec<Variable>, Variable), NoLottery> {
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    problem.set_time_limit(pricing.left()?);
    let prices: Vec<_> = fixed
        .iter()
        .map(|chance| {
            problem.add_var(-chance.map_or(0.0, |chance| (chance - SLACK).max(0.0)), (0.0, f64::INFINITY))
        })
        .collect();
    let level = problem.add_var(1.0, (0.0, f64::INFINITY));
    let open: LinearExpr = prices
        .iter()
        .zip(fixed)
        .filter(|(_, chance)| chance.is_none())
        .map(|(price, _)| (*price, 1.0))
        .collect();
    problem.add_constraint(open, ComparisonOp::Eq, 1.0);
    for panel in panels {
        problem.add_constraint(row(pool, &prices, level, panel), ComparisonOp::Le, 0.0);
    }
    Ok((solved(problem.solve())?, prices, level))
}

/// Solves a stage, and adds the panels for which it asks.
fn stage(
    pool: &Pool,
    pricing: &Pricing<'_>,
    fixed: &[Option<f64>],
    panels: &mut Vec<Panel>,
) -> Result<Stage, NoLottery> {
    let (mut solution, mut prices, mut level) = priced(pool, pricing, fixed, panels)?;
    loop {
        let of_person: Vec<f64> = prices
            .iter()
            .zip(&pool.counts)
            .map(|(price, count)| solution.var_value(*price).max(0.0) / f64::from(*count))
            .collect();
        let (worth, panel) = pricing.best(&of_person)?;
        if worth <= solution.var_value(level) + WORTH_IT || panels.contains(&panel) {
            return Ok(Stage { prices, solution });
        }
        let row = row(pool, &prices, level, &panel);
        panels.push(panel);
        match solved(solution.add_constraint(row, ComparisonOp::Le, 0.0)) {
            Ok(more) => solution = more,
            // Where going on from a solution fails, beginning anew may not.
            Err(NoLottery::Solver(_)) => {
                (solution, prices, level) = priced(pool, pricing, fixed, panels)?;
            }
            Err(failed) => return Err(failed),
        }
    }
}

/// Weights of panels with which everybody has at least so much, as nearly as can be.
fn weights(
    pool: &Pool,
    pricing: &Pricing<'_>,
    floors: &[f64],
    panels: Vec<Panel>,
) -> Result<Vec<(f64, Panel)>, NoLottery> {
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    // What is known now must be told, also when the time is nearly over.
    problem.set_time_limit(pricing.left().unwrap_or_default().max(std::time::Duration::from_secs(10)));
    let missing = problem.add_var(1.0, (0.0, 1.0));
    let weights: Vec<_> = panels.iter().map(|_| problem.add_var(0.0, (0.0, 1.0))).collect();
    problem.add_constraint(
        weights.iter().map(|weight| (*weight, 1.0)).collect::<Vec<_>>(),
        ComparisonOp::Eq,
        1.0,
    );
    for (kind, floor) in floors.iter().enumerate().filter(|(_, floor)| **floor > 0.0) {
        let mut row: Vec<_> = weights
            .iter()
            .zip(&panels)
            .filter(|(_, panel)| panel[kind] > 0)
            .map(|(weight, panel)| (*weight, f64::from(panel[kind]) / f64::from(pool.counts[kind])))
            .collect();
        row.push((missing, 1.0));
        problem.add_constraint(row, ComparisonOp::Ge, *floor);
    }
    let solution = solved(problem.solve())?;
    let weighted = weights.iter().map(|weight| solution.var_value(*weight)).zip(panels);
    let kept: Vec<_> = weighted.filter(|(weight, _)| *weight > 1e-12).collect();
    let all: f64 = kept.iter().map(|(weight, _)| weight).sum();
    Ok(kept.into_iter().map(|(weight, panel)| (weight / all, panel)).collect())
}
