//! Groups on the map: k-means for each number of groups, and the number whose groups are most apart (silhouette; Rousseeuw, J. Comput. Appl. Math. 20, 1987).
//! Groups are places where opinions crowd, found by a rule; they are not facts about people.

use super::k_means::{STILL, apart, by_place, settle, tightest};
use super::map::Point;

/// Where the search begins.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Start {
    /// A hundred times at places drawn as k-means++ draws them (Arthur & Vassilvitskii, SODA 2007), from a fixed seed, and once at the first places, each time until no
    /// single person may move any more; then the best is tried with one group elsewhere, fifty times. The groups that are tightest count, of the same tightness those
    /// whose middles come first. The larger group has the smaller number.
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

fn mean(points: &[Point]) -> Point {
    [0, 1].map(|axis| points.iter().map(|point| point[axis]).sum::<f64>() / points.len() as f64)
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
    let mut places = points.to_vec();
    places.sort_by(by_place);
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
                tightest(&about, &begun, starts)
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
    fn a_square_has_two_ways_and_says_so() {
        let points = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]];
        let found = groups(&points, 2..=5, &Start::Many, 100);
        assert!(found[0].tied, "{found:?}");
        assert_eq!(found.iter().map(|groups| groups.centres.len()).collect::<Vec<_>>(), [2, 3]);
        let apart = [[0.0, 0.0], [1.0, 0.0], [0.0, 5.0], [1.0, 5.0]];
        let found = groups(&apart, 2..=2, &Start::Many, 100);
        assert!(!found[0].tied);
        assert_eq!(found[0].labels, [0, 0, 1, 1]);
    }
}
