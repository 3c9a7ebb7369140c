//! Proportions of few: how far each can be trusted (Wilson), and what they become when units are taken for what they are, alike but not equal (empirical Bayes with
//! a beta prior; James and Stein as the classic that it is held against).

use serde::Serialize;

use super::Count;
use super::distributions::{Beta, rising};

/// The normal distribution's quantile for 95 %, two-sided.
pub(super) const Z_95: f64 = 1.959_963_984_540_054;
/// The same for 80 %.
pub(super) const Z_80: f64 = 1.281_551_565_544_600_4;

/// The interval of a proportion (Wilson, J. Am. Stat. Assoc. 22, 1927). Its lower end sorts statements and services; it is not for judging units, because it punishes
/// small ones.
pub fn wilson(Count { x, n }: Count, z: f64) -> [f64; 2] {
    if n == 0 {
        return [0.0, 1.0];
    }
    let (count, n) = (f64::from(x), f64::from(n));
    let (share, scale) = (count / n, 1.0 + z * z / n);
    let middle = (share + z * z / (2.0 * n)) / scale;
    let reach = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt() / scale;
    [middle - reach, middle + reach]
}

/// What is known of all units before one is looked at: a beta distribution.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Prior {
    /// α
    pub alpha: f64,
    /// β
    pub beta: f64,
    /// α / (α + β)
    pub prior_mean: f64,
    /// α + β: as many cases weigh as much as what is known.
    pub prior_strength: f64,
    /// ln of the likelihood, without the binomial coefficients; for that of maximum likelihood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loglik_without_binomial_coefficients: Option<f64>,
    /// How much alike two cases of a unit are, for that of moments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rho: Option<f64>,
}

impl Prior {
    fn new(mean: f64, strength: f64) -> Self {
        Self {
            alpha: mean * strength,
            beta: (1.0 - mean) * strength,
            prior_mean: mean,
            prior_strength: strength,
            loglik_without_binomial_coefficients: None,
            rho: None,
        }
    }

    /// What is known of a unit afterwards.
    pub(super) fn after(&self, Count { x, n }: Count) -> Beta {
        Beta { alpha: self.alpha + f64::from(x), beta: self.beta + f64::from(n - x) }
    }
}

/// The likelihood of a mean and a strength: its logarithm, and its slopes by the mean and by the strength.
struct Likelihood {
    log: f64,
    by_mean: f64,
    by_strength: f64,
    /// How fast the slope by the mean falls.
    fall: f64,
}

fn likelihood(units: &[Count], mean: f64, strength: f64) -> Likelihood {
    let (alpha, beta) = (mean * strength, (1.0 - mean) * strength);
    let mut sums = [[0.0; 3]; 3];
    for Count { x, n } in units {
        for (sum, of) in sums.iter_mut().zip([rising(alpha, *x), rising(beta, n - x), rising(strength, *n)]) {
            sum.iter_mut().zip(of).for_each(|(sum, part)| *sum += part);
        }
    }
    let [good, bad, all] = sums;
    Likelihood {
        log: good[0] + bad[0] - all[0],
        by_mean: strength * (good[1] - bad[1]),
        by_strength: mean * good[1] + (1.0 - mean) * bad[1] - all[1],
        fall: -strength * strength * (good[2] + bad[2]),
    }
}

/// The best mean for a strength: the logarithm of the likelihood is concave in it, so it is where the slope changes its sign.
fn best_mean(units: &[Count], strength: f64) -> (f64, Likelihood) {
    let (mut low, mut high, mut mean) = (0.0, 1.0, 0.5);
    let mut here = likelihood(units, mean, strength);
    for _ in 0..200 {
        if here.by_mean > 0.0 {
            low = mean
        } else {
            high = mean
        }
        // Newton's step, where it stays in between.
        let step = mean + here.by_mean / here.fall;
        let next = if low < step && step < high { step } else { f64::midpoint(low, high) };
        if (next - mean).abs() <= f64::EPSILON * mean {
            break;
        }
        mean = next;
        here = likelihood(units, mean, strength);
    }
    (mean, here)
}

/// Strengths that are tried: e to the power of these, in steps of a quarter.
const STRENGTHS: std::ops::Range<i32> = -16..89;

/// The prior of maximum likelihood. None where units differ no more than chance makes them differ, so that no strength is too strong; and none where all cases went the same
/// way.
pub fn most_likely(units: &[Count]) -> Option<Prior> {
    let (good, all) = pooled(units);
    if good == 0.0 || good >= all {
        return None;
    }
    let strength = |quarters: f64| (quarters / 4.0).exp();
    let tried = STRENGTHS.map(|quarters| (best_mean(units, strength(f64::from(quarters))).1.log, quarters));
    let (_, best) = tried.reduce(|best, other| if other.0 > best.0 { other } else { best })?;
    let (mut low, mut high) = (f64::from(best - 1), f64::from(best + 1));
    let slope = |quarters: f64| best_mean(units, strength(quarters)).1.by_strength;
    if best + 1 == STRENGTHS.end || slope(high) > 0.0 {
        return None;
    }
    for _ in 0..80 {
        let between = f64::midpoint(low, high);
        if slope(between) > 0.0 { low = between } else { high = between }
    }
    let strength = strength(f64::midpoint(low, high));
    let (mean, here) = best_mean(units, strength);
    Some(Prior { loglik_without_binomial_coefficients: Some(here.log), ..Prior::new(mean, strength) })
}

pub(super) fn pooled(units: &[Count]) -> (f64, f64) {
    let sum = |of: fn(&Count) -> u32| units.iter().map(|unit| f64::from(of(unit))).sum();
    (sum(|unit| unit.x), sum(|unit| unit.n))
}

/// The prior by moments (Kleinman, J. Am. Stat. Assoc. 68, 1973, with cases as weights): ρ from how far the squares of differences exceed those of chance.
pub fn by_moments(units: &[Count]) -> Option<Prior> {
    let (good, all) = pooled(units);
    let mean = good / all;
    let of_chance = mean * (1.0 - mean);
    let squares: f64 = units
        .iter()
        .map(|unit| f64::from(unit.n) * (f64::from(unit.x) / f64::from(unit.n) - mean).powi(2))
        .sum();
    let more = units.len() as f64 - 1.0;
    let weight = all - units.iter().map(|unit| f64::from(unit.n).powi(2)).sum::<f64>() / all - more;
    let rho = (squares / of_chance - more) / weight;
    let is_found = of_chance > 0.0 && weight > 0.0 && 0.0 < rho && rho < 1.0;
    is_found.then(|| Prior { rho: Some(rho), ..Prior::new(mean, 1.0 / rho - 1.0) })
}

/// James and Stein's estimates, drawn to the mean (Efron & Morris, J. Am. Stat. Assoc. 70, 1975).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JamesStein {
    /// How much is left of each difference from the mean.
    pub shrinkage_factor: f64,
    /// The estimated proportions.
    pub estimates: Vec<f64>,
}

/// James and Stein's estimates for units with equally many cases: √n · arcsin(2x/n - 1) has the variance 1. None for fewer than four units, and where they have unequal counts.
pub fn james_stein(units: &[Count]) -> Option<JamesStein> {
    let count = units.first().filter(|first| units.iter().all(|unit| unit.n == first.n))?.n;
    if units.len() < 4 || count == 0 {
        return None;
    }
    let root = f64::from(count).sqrt();
    let stable = |unit: &Count| root * (2.0 * f64::from(unit.x) / f64::from(count) - 1.0).asin();
    let values: Vec<f64> = units.iter().map(stable).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    // All alike: nothing is left of no difference.
    let left = 1.0 - (values.len() as f64 - 3.0) / squares;
    let shrinkage_factor = if squares > 0.0 { left.max(0.0) } else { 0.0 };
    let back = |value: &f64| f64::midpoint(((mean + shrinkage_factor * (value - mean)) / root).sin(), 1.0);
    Some(JamesStein { shrinkage_factor, estimates: values.iter().map(back).collect() })
}
