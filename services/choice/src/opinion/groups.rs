//! Groups on the map: k-means for each number of groups, and the number whose groups are most apart (silhouette; Rousseeuw, J. Comput. Appl. Math. 20, 1987).
//! Groups are places where opinions crowd, found by a rule; they are not facts about people.

use super::map::Point;
use crate::chance::Chance;

/// Where the search begins.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Start {
    /// A hundred times at places drawn as k-means++ draws them (Arthur & Vassilvitskii, SODA 2007), from a fixed seed, and once at the first places, each time as far as
    /// any single person may still move; the groups that are tightest count. Of the same tightness those whose middles come first; the larger group has the smaller number.
    #[default]
    Many,
    /// At the places of the map that come first by their coordinates: what red-dwarf does.
    First,
    /// At these places; what is missing is taken from the first ones.
    At(Vec<Point>),
}

/// People in groups.
#[derive(Clone, Debug, PartialEq)]
pub struct Groups {
    /// The group of each person, in the order in which they were given.
    pub labels: Vec<usize>,
    /// The middle of each group.
    pub centres: Vec<Point>,
    /// The sum of squared distances of people from the middle of their group.
    pub inertia: f64,
    /// How much nearer people are to their own group than to the next one, on the mean; -1 to 1.
    pub silhouette: f64,
    /// Where the search began.
    pub begun: Vec<Point>,
    /// True when other groups are as tight: it was a tie, decided by the order of the middles.
    pub tied: bool,
}

/// Runs of k-means from places drawn by chance.
pub(super) const STARTS: usize = 100;
/// Most rounds of a run.
const ROUNDS: usize = 300;
/// A run from given places ends when the middles move less than this, relative to the variance of the points: as scikit-learn has it, so that groups can be compared.
const STILL: f64 = 1e-4;
/// How near the tightness of two results is where it is a tie, relative.
const EQUAL: f64 = 1e-9;
/// The seed of the starts.
const SEED: u64 = 1957;

fn apart(one: Point, other: Point) -> f64 {
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

fn mean(points: &[Point]) -> Point {
    [0, 1].map(|axis| points.iter().map(|point| point[axis]).sum::<f64>() / points.len() as f64)
}

/// Points by their coordinates.
fn in_order(points: &[Point]) -> Vec<Point> {
    let mut points = points.to_vec();
    points.sort_by(|a, b| a[0].total_cmp(&b[0]).then_with(|| a[1].total_cmp(&b[1])));
    points
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
fn settle(points: &[Point], start: &[Point], still: f64) -> (Vec<usize>, Vec<Point>, f64) {
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
    order.sort_by(|a, b| {
        let (one, other) = (centres[*a], centres[*b]);
        sizes[*b].cmp(&sizes[*a]).then(one[0].total_cmp(&other[0])).then(one[1].total_cmp(&other[1]))
    });
    let place = |group: &usize| order.iter().position(|other| other == group).unwrap_or_default();
    (labels.iter().map(place).collect(), order.iter().map(|group| centres[*group]).collect())
}

/// The tightest of many runs. Points are given about their mean.
fn tightest(points: &[Point], first: &[Point], starts: usize, seed: u64) -> Groups {
    let count = first.len();
    // In their own order, so that it does not matter who is called what.
    let in_order = in_order(points);
    let mut chance = Chance::from_seed(seed ^ count as u64);
    let mut best: Option<Groups> = None;
    for start in 0..=starts {
        let begun = if start == starts { first.to_vec() } else { drawn(&in_order, count, &mut chance) };
        let (mut labels, mut centres, _) = settle(points, &begun, 0.0);
        refine(points, &mut labels, &mut centres);
        // From there on nothing moves any more; the middles lose the rounding of many small steps.
        let (labels, centres, inertia) = settle(points, &centres, 0.0);
        let new = |tied| {
            let (labels, centres) = renamed(&labels, &centres);
            Groups { labels, centres, inertia, silhouette: 0.0, begun: begun.clone(), tied }
        };
        best = Some(match best {
            None => new(false),
            Some(known) if inertia < known.inertia * (1.0 - EQUAL) => new(false),
            Some(known) if inertia <= known.inertia * (1.0 + EQUAL) => {
                let other = new(true);
                let is_same = other.labels == known.labels;
                let by_middles = other.centres.iter().flatten().partial_cmp(known.centres.iter().flatten());
                match (is_same, by_middles) {
                    (false, Some(std::cmp::Ordering::Less)) => other,
                    (false, _) => Groups { tied: true, ..known },
                    (true, _) => known,
                }
            }
            Some(known) => known,
        });
    }
    best.unwrap_or_else(|| Groups {
        labels: Vec::new(),
        centres: Vec::new(),
        inertia: 0.0,
        silhouette: 0.0,
        begun: Vec::new(),
        tied: false,
    })
}

/// Finds groups of each of these numbers, as far as there are enough places on the map.
pub(super) fn groups(
    points: &[Point],
    counts: impl IntoIterator<Item = usize>,
    start: &Start,
    starts: usize,
) -> Vec<Groups> {
    if points.is_empty() {
        return Vec::new();
    }
    let middle = mean(points);
    let shifted = |point: &Point, sign: f64| [point[0] + sign * middle[0], point[1] + sign * middle[1]];
    let about: Vec<Point> = points.iter().map(|point| shifted(point, -1.0)).collect();
    let variance = about.iter().map(|point| apart(*point, [0.0; 2])).sum::<f64>() / points.len() as f64 / 2.0;
    let mut places = in_order(points);
    places.dedup();
    let fits = |count: &usize| *count >= 1 && *count <= places.len() && *count < points.len();
    let mut found: Vec<Groups> = counts
        .into_iter()
        .filter(fits)
        .map(|count| {
            let mut first: Vec<Point> = match start {
                Start::At(given) => given.iter().copied().take(count).collect(),
                Start::First | Start::Many => Vec::new(),
            };
            first.extend(places.iter().take(count - first.len()));
            let begun: Vec<Point> = first.iter().map(|point| shifted(point, -1.0)).collect();
            let mut groups = if *start == Start::Many {
                tightest(&about, &begun, starts, SEED)
            } else {
                let (labels, centres, inertia) = settle(&about, &begun, STILL * variance);
                Groups { labels, centres, inertia, silhouette: 0.0, begun, tied: false }
            };
            groups.centres.iter_mut().for_each(|point| *point = shifted(point, 1.0));
            groups.begun.iter_mut().for_each(|point| *point = shifted(point, 1.0));
            groups
        })
        .collect();
    let silhouettes = silhouettes(points, &found);
    for (groups, silhouette) in found.iter_mut().zip(silhouettes) {
        groups.silhouette = silhouette;
    }
    found
}

/// The mean silhouette of each of these ways to group the same points, looking at every distance once.
fn silhouettes(points: &[Point], ways: &[Groups]) -> Vec<f64> {
    let counts: Vec<usize> = ways.iter().map(|way| way.centres.len()).collect();
    let all: usize = counts.iter().sum();
    let sizes: Vec<Vec<f64>> = ways
        .iter()
        .map(|way| {
            let mut sizes = vec![0.0; way.centres.len()];
            way.labels.iter().for_each(|group| sizes[*group] += 1.0);
            sizes
        })
        .collect();
    let mut totals = vec![0.0; ways.len()];
    // Of one person, the distances to all others, summed by group; the ways stand one after the other.
    let mut sums = vec![0.0; all];
    for (person, point) in points.iter().enumerate() {
        sums.fill(0.0);
        for (other, place) in points.iter().enumerate() {
            let distance = apart(*point, *place).sqrt();
            let mut begin = 0;
            for (way, count) in ways.iter().zip(&counts) {
                sums[begin + way.labels[other]] += distance;
                begin += count;
            }
        }
        let mut begin = 0;
        for (nth, way) in ways.iter().enumerate() {
            let own = way.labels[person];
            let (sums, sizes) = (&sums[begin..begin + counts[nth]], &sizes[nth]);
            begin += counts[nth];
            let within = sums[own] / (sizes[own] - 1.0);
            let next = (0..counts[nth])
                .filter(|group| *group != own && sizes[*group] > 0.0)
                .map(|group| sums[group] / sizes[group])
                .fold(f64::INFINITY, f64::min);
            let most = within.max(next);
            // Somebody alone in a group, or with all others at the same place, is neither near nor far.
            if sizes[own] > 1.0 && next.is_finite() && most > 0.0 {
                totals[nth] += (next - within) / most;
            }
        }
    }
    totals.into_iter().map(|total| total / points.len() as f64).collect()
}

/// How alike two ways to group the same people are: 1 is the same, 0 is what chance gives (adjusted Rand index; Hubert & Arabie, J. Classification 2, 1985).
pub(super) fn likeness(one: &[usize], other: &[usize]) -> f64 {
    let size = |labels: &[usize]| labels.iter().max().map_or(0, |largest| largest + 1);
    let (rows, columns) = (size(one), size(other));
    let mut both = vec![vec![0.0; columns]; rows];
    for (a, b) in one.iter().zip(other) {
        both[*a][*b] += 1.0;
    }
    let pairs = |count: f64| count * (count - 1.0) / 2.0;
    let within: f64 = both.iter().flatten().map(|count| pairs(*count)).sum();
    let of_one: f64 = both.iter().map(|row| pairs(row.iter().sum())).sum();
    let of_other: f64 =
        (0..columns).map(|column| pairs(both.iter().map(|row| row[column]).sum::<f64>())).sum();
    let expected = of_one * of_other / pairs(one.len() as f64).max(1.0);
    let most = f64::midpoint(of_one, of_other);
    if (most - expected).abs() < f64::EPSILON * most.max(1.0) {
        1.0
    } else {
        (within - expected) / (most - expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likeness_is_that_of_the_textbook() {
        assert_eq!(likeness(&[0, 0, 1, 1], &[1, 1, 0, 0]), 1.0);
        // scikit-learn's documentation: adjusted_rand_score([0, 0, 1, 2], [0, 0, 1, 1]) is 0.57.
        assert!((likeness(&[0, 0, 1, 2], &[0, 0, 1, 1]) - 4.0 / 7.0).abs() < 1e-12);
        assert!(likeness(&[0, 0, 1, 1], &[0, 1, 0, 1]) < 0.0);
    }

    #[test]
    fn an_empty_group_begins_anew_at_the_farthest() {
        let points = [[0.0, 0.0], [1.0, 0.0], [9.0, 0.0], [10.0, 0.0]];
        // The second place is so far that nobody is near to it.
        let (labels, centres, inertia) = settle(&points, &[[0.0, 0.0], [100.0, 0.0]], 0.0);
        assert_eq!((labels, inertia), (vec![0, 0, 1, 1], 1.0));
        assert_eq!(centres, [[0.5, 0.0], [9.5, 0.0]]);
    }

    #[test]
    fn a_square_has_two_ways_and_says_so() {
        let points = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]];
        let found = groups(&points, 2..=5, &Start::Many, STARTS);
        assert!(found[0].tied, "{found:?}");
        assert_eq!(found.iter().map(|groups| groups.centres.len()).collect::<Vec<_>>(), [2, 3]);
        let apart = [[0.0, 0.0], [1.0, 0.0], [0.0, 5.0], [1.0, 5.0]];
        let found = groups(&apart, 2..=2, &Start::Many, STARTS);
        assert!(!found[0].tied);
        assert_eq!(found[0].labels, [0, 0, 1, 1]);
    }
}
