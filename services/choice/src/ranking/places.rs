//! Places with their doubt: what place a unit may expect, and how likely it is among the first and the last quarter. Counted from the distributions, not simulated: for
//! every value that a unit may have, how many others are above it (Poisson's binomial distribution).

use serde::Serialize;

/// A unit's place among others.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Place {
    /// The mean of its place, 1 being the highest value.
    pub expected_rank: f64,
    /// The chance that it is among the quarter with the highest values.
    pub p_in_top_quarter: f64,
    /// The chance that it is among the quarter with the lowest values.
    pub p_in_bottom_quarter: f64,
}

/// How far values are looked at, in standard deviations.
const REACH: f64 = 7.0;
/// Values in all, for few units; each has at least `LEAST`.
const VALUES: usize = 2_000;
const LEAST: usize = 12;

/// What is known of a unit's value: mean, standard deviation, and the chance that it is not larger than a number.
pub(super) struct Known<'a> {
    pub(super) mean: f64,
    pub(super) deviation: f64,
    pub(super) below: Box<dyn Fn(f64) -> f64 + 'a>,
}

/// How many units are a quarter: one at least.
pub(super) fn quarter(units: usize) -> usize {
    (units / 4).max(1)
}

/// Places where nothing tells units apart.
pub(super) fn alike(units: usize) -> Vec<Place> {
    let part = quarter(units) as f64 / units as f64;
    let expected_rank = (units as f64 + 1.0) / 2.0;
    vec![Place { expected_rank, p_in_top_quarter: part, p_in_bottom_quarter: part }; units]
}

/// The places of units whose values do not depend on each other.
pub(super) fn places(units: &[Known]) -> Vec<Place> {
    let count = units.len();
    let of_each = (VALUES / count.max(1)).max(LEAST);
    let mut edges: Vec<f64> = units
        .iter()
        .flat_map(|unit| {
            let step = |nth: usize| REACH * (2.0 * nth as f64 / of_each as f64 - 1.0);
            (0..=of_each).map(move |nth| unit.mean + unit.deviation * step(nth))
        })
        .collect();
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    let below = |value: f64| -> Vec<f64> { units.iter().map(|unit| (unit.below)(value)).collect() };
    let mut places =
        vec![Place { expected_rank: 1.0, p_in_top_quarter: 0.0, p_in_bottom_quarter: 0.0 }; count];
    let mut lower = below(edges.first().copied().unwrap_or_default());
    for pair in edges.windows(2) {
        let upper = below(pair[1]);
        let above: Vec<f64> =
            below(f64::midpoint(pair[0], pair[1])).into_iter().map(|below| 1.0 - below).collect();
        let expected: f64 = above.iter().sum();
        let all = counts(&above);
        for (unit, place) in places.iter_mut().enumerate() {
            let chance = upper[unit] - lower[unit];
            if chance > 0.0 {
                let others = without(&all, above[unit]);
                let (first, last) = (quarter(count), count - quarter(count));
                place.expected_rank += chance * (expected - above[unit]);
                place.p_in_top_quarter += chance * others[..first].iter().sum::<f64>();
                place.p_in_bottom_quarter += chance * others[last..].iter().sum::<f64>();
            }
        }
        lower = upper;
    }
    places
}

/// How likely it is that so many of these happen, from none to all.
fn counts(chances: &[f64]) -> Vec<f64> {
    let mut counts = vec![1.0];
    for chance in chances {
        counts.push(0.0);
        for place in (1..counts.len()).rev() {
            counts[place] = counts[place] * (1.0 - chance) + counts[place - 1] * chance;
        }
        counts[0] *= 1.0 - chance;
    }
    counts
}

/// The same without one of them, from the end at which rounding does not grow.
fn without(counts: &[f64], chance: f64) -> Vec<f64> {
    let mut others = vec![0.0; counts.len() - 1];
    let mut before = 0.0;
    if chance <= 0.5 {
        for (place, other) in others.iter_mut().enumerate() {
            *other = (counts[place] - chance * before) / (1.0 - chance);
            before = *other;
        }
    } else {
        for (place, other) in others.iter_mut().enumerate().rev() {
            *other = (counts[place + 1] - (1.0 - chance) * before) / chance;
            before = *other;
        }
    }
    others
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ranking::distributions::normal_below;

    fn normal(mean: f64, deviation: f64) -> Known<'static> {
        Known { mean, deviation, below: Box::new(move |value| normal_below((value - mean) / deviation)) }
    }

    #[test]
    fn two_units_are_placed_as_their_difference_says() {
        let known = [normal(0.0, 3.0), normal(1.0, 4.0)];
        let found = places(&known);
        // The difference has the mean 1 and the standard deviation 5.
        let second_is_first = normal_below(0.2);
        assert!((found[1].p_in_top_quarter - second_is_first).abs() < 1e-5, "{found:?}");
        assert!((found[0].p_in_bottom_quarter - second_is_first).abs() < 1e-5);
        assert!((found[0].expected_rank - 1.0 - second_is_first).abs() < 1e-5);
    }

    #[test]
    fn equals_share_places_and_those_far_apart_have_them() {
        let equal: Vec<_> = (0..10).map(|_| normal(5.0, 1.0)).collect();
        for (found, wanted) in places(&equal).iter().zip(alike(10)) {
            assert!((found.p_in_top_quarter - wanted.p_in_top_quarter).abs() < 1e-4, "{found:?}");
            assert!((found.expected_rank - wanted.expected_rank).abs() < 1e-4);
        }
        let apart: Vec<_> =
            (0..8).map(|place| normal(f64::from(place) * 100.0, 0.1 + f64::from(place))).collect();
        for (place, found) in places(&apart).iter().enumerate() {
            assert!((found.expected_rank - (8 - place) as f64).abs() < 1e-6, "{found:?}");
            assert!((found.p_in_top_quarter - f64::from(u8::from(place >= 6))).abs() < 1e-6);
        }
    }
}
