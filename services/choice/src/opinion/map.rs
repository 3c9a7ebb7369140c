//! Where people and statements stand: the plane in which opinions differ most. Votes that nobody cast count as the mean of their statement; the two principal components
//! of what is left are the axes, and those who voted on little are drawn out as far as they may be expected to stand (Small, Bjorkegren, Erkkilä, Shaw, Megill:
//! Polis: Scaling Deliberation by Mapping High Dimensional Opinion Spaces, Recerca 26, 2021).

use super::spectrum::{Direction, Lower, dot, strongest};
use super::votes::Votes;

/// A place on the map: along the axis along which opinions differ most, and along the second.
pub type Point = [f64; 2];

/// A direction counts as one only where opinions differ along it: its part of the variance along the first is at least so large.
const SOME: f64 = 1e-12;
/// Loadings that are as near as that to the largest one are as large, so that rounding does not decide about a sign.
const EQUAL: f64 = 1e-9;

/// The map.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    /// The mean vote on each statement, -1 to 1; 0 where it is out.
    pub means: Vec<f64>,
    /// The axes: what each has of each statement. Of length 1, with the largest loading positive; all 0 where opinions do not differ any more.
    pub axes: [Vec<f64>; 2],
    /// The variance of votes along each axis (divided by people less 1).
    pub variances: [f64; 2],
    /// Where each person stands, in the order of the people asked for.
    pub people: Vec<Point>,
    /// Where somebody would stand who did nothing but agree with this one statement.
    pub statements: Vec<Point>,
}

impl Map {
    /// How far from the middle each statement is.
    pub fn extremity(&self) -> Vec<f64> {
        self.statements.iter().map(|[x, y]| x.hypot(*y)).collect()
    }

    /// Draws the map of these people, by their places; who stands there twice counts twice.
    pub fn of(votes: &Votes, people: &[usize]) -> Self {
        let columns = votes.statements.len();
        let out = votes.statements.iter().filter(|statement| statement.out).count();
        let means = means(votes, people);
        // What somebody has not voted on is the mean, so nothing is left of it: rows hold nothing but the votes.
        let rows: Vec<Vec<(usize, f64)>> = people
            .iter()
            .map(|person| {
                let cast = votes.ballots[*person].iter();
                let counted = cast.filter(|(statement, _)| !votes.statements[*statement].out);
                counted.map(|(statement, vote)| (*statement, vote.value() - means[*statement])).collect()
            })
            .collect();
        let along = |row: &[(usize, f64)], axis: &[f64]| -> f64 {
            row.iter().map(|(statement, left)| left * axis[*statement]).sum()
        };
        let directions = directions(&rows, columns);
        let largest = directions.first().map_or(0.0, |(value, _)| *value);
        let mut axes = [vec![0.0; columns], vec![0.0; columns]];
        let mut variances = [0.0; 2];
        for (nth, (value, axis)) in directions.into_iter().enumerate() {
            if value > SOME * largest.max(f64::MIN_POSITIVE) {
                axes[nth] = signed(axis);
                variances[nth] = value / (people.len() as f64 - 1.0).max(1.0);
            }
        }
        // Statements that are out are 0 for everybody, which counts as a vote.
        let drawn_out = |row: &[(usize, f64)]| (columns as f64 / (row.len() + out).max(1) as f64).sqrt();
        let place = |row: &Vec<(usize, f64)>| [0, 1].map(|nth| along(row, &axes[nth]) * drawn_out(row));
        let root = (columns as f64).sqrt();
        let agreeing =
            |statement: usize| [0, 1].map(|nth| (1.0 - means[statement]) * axes[nth][statement] * root);
        Self {
            people: rows.iter().map(place).collect(),
            statements: (0..columns).map(agreeing).collect(),
            means,
            axes,
            variances,
        }
    }
}

/// Sums of products of every pair of places: of what stands at them in each of the rows.
fn products(rows: &[Vec<(usize, f64)>], places: usize) -> Lower {
    let mut products: Lower = (1..=places).map(|length| vec![0.0; length]).collect();
    for row in rows {
        for (nth, (place, left)) in row.iter().enumerate() {
            for (other, right) in &row[..=nth] {
                products[*place][*other] += left * right;
            }
        }
    }
    products
}

/// The two strongest directions of statements: by products of statements, or of people where these are fewer.
fn directions(rows: &[Vec<(usize, f64)>], columns: usize) -> Vec<Direction> {
    if columns <= rows.len() {
        return strongest(products(rows, columns));
    }
    let mut by_statement = vec![Vec::new(); columns];
    for (person, row) in rows.iter().enumerate() {
        row.iter().for_each(|(statement, left)| by_statement[*statement].push((person, *left)));
    }
    let of_people = strongest(products(&by_statement, rows.len()));
    let along = |column: &Vec<(usize, f64)>, people: &[f64]| -> f64 {
        column.iter().map(|(person, left)| left * people[*person]).sum()
    };
    let of_statements = |(value, people): Direction| {
        (value, by_statement.iter().map(|column| along(column, &people)).collect())
    };
    of_people.into_iter().map(of_statements).collect()
}

fn means(votes: &Votes, people: &[usize]) -> Vec<f64> {
    let mut sums = vec![(0.0, 0u32); votes.statements.len()];
    for (statement, vote) in people.iter().flat_map(|person| &votes.ballots[*person]) {
        sums[*statement].0 += vote.value();
        sums[*statement].1 += 1;
    }
    let mean = |(statement, (sum, count)): (usize, (f64, u32))| {
        if votes.statements[statement].out { 0.0 } else { sum / f64::from(count.max(1)) }
    };
    sums.into_iter().enumerate().map(mean).collect()
}

/// Of the two directions of an axis the one in which its largest loading is positive, of equals the first; of length 1.
fn signed(axis: Vec<f64>) -> Vec<f64> {
    let largest = axis.iter().fold(0.0, |largest: f64, loading| largest.max(loading.abs()));
    let first = axis.iter().find(|loading| loading.abs() >= largest * (1.0 - EQUAL));
    let sign = first.map_or(1.0, |loading| loading.signum());
    let length = dot(&axis, &axis).sqrt();
    axis.into_iter().map(|loading| sign * loading / length).collect()
}
