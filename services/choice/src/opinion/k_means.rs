//! k-means in the plane: people are put to the nearest middle, middles where their people are, until nothing changes; from many starts, because where that ends depends on
//! where it began.

use std::cmp::Ordering;

use super::groups::Groups;
use super::map::Point;
use crate::chance::Chance;

/// Runs of k-means from places drawn by chance.
pub(super) const STARTS: usize = 100;
/// Most rounds of a run.
const ROUNDS: usize = 300;
/// A run from given places ends when the middles move less than this, relative to the variance of the points: as scikit-learn has it, so that groups can be compared.
pub(super) const STILL: f64 = 1e-4;
/// How near the tightness of two results is where it is a tie, relative.
const EQUAL: f64 = 1e-9;
/// The seed of the starts.
const SEED: u64 = 1957;

pub(super) fn apart(one: Point, other: Point) -> f64 {
    let (x, y) = (one[0] - other[0], one[1] - other[1]);
    x * x + y * y
}

fn nearest(point: Point, centres: &[Point]) -> (usize, f64) {
    let mut best = (0, f64::INFINITY);
    for (group, centre) in centres.iter().enumerate() {
        let distance = apart(point, *centre);
        if distance < best.1 {
            best = (group, distance);
        }
    }
    best
}

/// The order of places by their coordinates.
pub(super) fn by_place(one: &Point, other: &Point) -> Ordering {
    one[0].total_cmp(&other[0]).then_with(|| one[1].total_cmp(&other[1]))
}

/// The means of groups. A group that nobody is in begins anew at the person who is farthest from the middle of the own group, who leaves that one.
fn means(points: &[Point], labels: &[usize], centres: &[Point]) -> Vec<Point> {
    let mut sums = vec![([0.0; 2], 0.0); centres.len()];
    let mut add = |group: usize, point: Point, sign: f64| {
        let (sum, count) = &mut sums[group];
        (sum[0], sum[1]) = (sum[0] + sign * point[0], sum[1] + sign * point[1]);
        *count += sign;
    };
    let mut empty = vec![true; centres.len()];
    for (point, group) in points.iter().zip(labels) {
        add(*group, *point, 1.0);
        empty[*group] = false;
    }
    if empty.contains(&true) {
        let mut far: Vec<usize> = (0..points.len()).collect();
        let distance = |person: usize| apart(points[person], centres[labels[person]]);
        far.sort_by(|a, b| distance(*b).total_cmp(&distance(*a)));
        for (group, person) in (0..centres.len()).filter(|group| empty[*group]).zip(far) {
            add(labels[person], points[person], -1.0);
            add(group, points[person], 1.0);
        }
    }
    let middle = |(group, (sum, count)): (usize, &([f64; 2], f64))| {
        if *count > 0.0 { sum.map(|sum| sum / count) } else { centres[group] }
    };
    sums.iter().enumerate().map(middle).collect()
}

/// Lloyd's iteration from these places: labels, middles, inertia.
pub(super) fn settle(points: &[Point], start: &[Point], still: f64) -> (Vec<usize>, Vec<Point>, f64) {
    let mut centres = start.to_vec();
    let mut labels = vec![usize::MAX; points.len()];
    let mut settled = false;
    for _ in 0..ROUNDS {
        let mut changed = false;
        for (point, label) in points.iter().zip(&mut labels) {
            let (group, _) = nearest(*point, &centres);
            changed |= group != *label;
            *label = group;
        }
        let moved = means(points, &labels, &centres);
        let shift: f64 = moved.iter().zip(&centres).map(|(new, old)| apart(*new, *old)).sum();
        centres = moved;
        if !changed {
            settled = true;
            break;
        }
        if shift <= still {
            break;
        }
    }
    if !settled {
        labels = points.iter().map(|point| nearest(*point, &centres).0).collect();
    }
    let inertia = points.iter().zip(&labels).map(|(point, group)| apart(*point, centres[*group])).sum();
    (labels, centres, inertia)
}

/// Moves single people to another group as long as that makes the groups tighter, the middles of both moving with them: what Lloyd's iteration does not see (Hartigan:
/// Clustering Algorithms, 1975; Telgarsky & Vattani, AISTATS 2010).
fn refine(points: &[Point], labels: &mut [usize], centres: &mut [Point]) {
    let mut sizes = vec![0.0; centres.len()];
    labels.iter().for_each(|group| sizes[*group] += 1.0);
    for _ in 0..ROUNDS {
        let mut moved = false;
        for (point, label) in points.iter().zip(labels.iter_mut()) {
            let own = *label;
            if sizes[own] <= 1.0 {
                continue;
            }
            let leaving = apart(*point, centres[own]) * sizes[own] / (sizes[own] - 1.0);
            let mut best = (own, leaving * (1.0 - EQUAL));
            for group in (0..centres.len()).filter(|group| *group != own) {
                let joining = apart(*point, centres[group]) * sizes[group] / (sizes[group] + 1.0);
                if joining < best.1 {
                    best = (group, joining);
                }
            }
            if best.0 != own {
                for (group, sign) in [(own, -1.0), (best.0, 1.0)] {
                    sizes[group] += sign;
                    for (middle, place) in centres[group].iter_mut().zip(point) {
                        *middle += sign * (place - *middle) / sizes[group];
                    }
                }
                (*label, moved) = (best.0, true);
            }
        }
        if !moved {
            return;
        }
    }
}

/// Places drawn one after the other, each with a chance that grows with the square of the distance from those that are drawn.
fn drawn(points: &[Point], count: usize, chance: &mut Chance) -> Vec<Point> {
    let mut places = vec![points[chance.place(points.len())]];
    let mut far: Vec<f64> = points.iter().map(|point| apart(*point, places[0])).collect();
    while places.len() < count {
        let mut left = chance.share() * far.iter().sum::<f64>();
        let chosen = far.iter().position(|distance| {
            left -= distance;
            left < 0.0
        });
        let place = points[chosen.unwrap_or_else(|| chance.place(points.len()))];
        far.iter_mut().zip(points).for_each(|(far, point)| *far = far.min(apart(*point, place)));
        places.push(place);
    }
    places
}

/// Numbers the groups anew: the largest first, of equals the one whose middle comes first.
fn renamed(labels: &[usize], centres: &[Point]) -> (Vec<usize>, Vec<Point>) {
    let mut sizes = vec![0; centres.len()];
    labels.iter().for_each(|group| sizes[*group] += 1);
    let mut order: Vec<usize> = (0..centres.len()).collect();
    order.sort_by(|a, b| sizes[*b].cmp(&sizes[*a]).then_with(|| by_place(&centres[*a], &centres[*b])));
    let place = |group: &usize| order.iter().position(|other| other == group).unwrap_or_default();
    (labels.iter().map(place).collect(), order.iter().map(|group| centres[*group]).collect())
}

/// The tighter one of two ways to group; of ways that are equally tight and not the same the one whose middles come first, and that it was a tie.
fn tighter(known: Groups, other: Groups) -> Groups {
    if other.inertia < known.inertia * (1.0 - EQUAL) {
        return other;
    }
    if other.inertia > known.inertia * (1.0 + EQUAL) || other.labels == known.labels {
        return known;
    }
    let by_middles = other.centres.iter().flatten().partial_cmp(known.centres.iter().flatten());
    let first = if by_middles == Some(Ordering::Less) { other } else { known };
    Groups { tied: true, ..first }
}

/// The tightest of many runs: from so many drawn places, from these, and half as often again from the best with one middle put to a person elsewhere (random swap; Fränti,
/// J. Big Data 5, 2018), which finds what is seldom drawn at once.
pub(super) fn tightest(points: &[Point], first: &[Point], starts: usize) -> Groups {
    let count = first.len();
    // In their own order, so that it does not matter who is called what.
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|a, b| by_place(&points[*a], &points[*b]));
    let points: Vec<Point> = order.iter().map(|person| points[*person]).collect();
    let mut chance = Chance::from_seed(SEED ^ count as u64);
    let run = |begun: Vec<Point>| {
        let (mut labels, mut centres, _) = settle(&points, &begun, 0.0);
        refine(&points, &mut labels, &mut centres);
        // From there on nothing moves any more; the middles lose the rounding of many small steps.
        let (labels, centres, inertia) = settle(&points, &centres, 0.0);
        let (labels, centres) = renamed(&labels, &centres);
        Groups { labels, centres, inertia, silhouette: 0.0, begun, tied: false }
    };
    let mut best = run(first.to_vec());
    for _ in 0..starts {
        best = tighter(best, run(drawn(&points, count, &mut chance)));
    }
    for _ in 0..starts / 2 {
        let mut begun = best.centres.clone();
        begun[chance.place(count)] = points[chance.place(points.len())];
        best = tighter(best, run(begun));
    }
    let in_order = std::mem::replace(&mut best.labels, vec![0; order.len()]);
    for (person, group) in order.into_iter().zip(in_order) {
        best.labels[person] = group;
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_group_begins_anew_at_the_farthest() {
        let points = [[0.0, 0.0], [1.0, 0.0], [9.0, 0.0], [10.0, 0.0]];
        // The second place is so far that nobody is near to it.
        let (labels, centres, inertia) = settle(&points, &[[0.0, 0.0], [100.0, 0.0]], 0.0);
        assert_eq!((labels, inertia), (vec![0, 0, 1, 1], 1.0));
        assert_eq!(centres, [[0.5, 0.0], [9.5, 0.0]]);
    }
}
