//! The two strongest directions of a symmetric matrix without negative eigenvalues, to machine precision and in a time that does not depend on what is in it: the matrix is
//! brought to three diagonals by reflections (Householder 1958), the two largest eigenvalues are enclosed by counting signs (Sturm; Givens 1954), and their
//! vectors are found by inverse iteration (Wielandt 1944). All of it is in Golub & Van Loan: Matrix Computations, chapter 8.

use crate::chance::Chance;

/// Rounds of inverse iteration: the second one already ends at rounding.
const ROUNDS: usize = 4;
/// A pivot is at least so large, so that nothing that is divided by it is infinite.
const SMALLEST: f64 = 1e-200;
/// The seed of the vectors that inverse iteration begins with.
const SEED: u64 = 20;

pub(super) fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

fn take_away(from: &mut [f64], part: f64, of: &[f64]) {
    from.iter_mut().zip(of).for_each(|(entry, other)| *entry -= part * other);
}

/// An eigenvalue with its vector of length 1.
pub(super) type Direction = (f64, Vec<f64>);

/// A symmetric matrix by the rows of its lower triangle.
pub(super) type Lower = Vec<Vec<f64>>;

/// The matrix of three diagonals: the middle one, and the one beside it.
struct Diagonals {
    middle: Vec<f64>,
    beside: Vec<f64>,
}

/// A reflection of the entries from one place on, I - scale · v vᵀ.
struct Reflection {
    from: usize,
    scale: f64,
    vector: Vec<f64>,
}

/// Brings a matrix to three diagonals; the reflections lead back.
fn reduce(mut matrix: Lower) -> (Diagonals, Vec<Reflection>) {
    let size = matrix.len();
    let (mut beside, mut reflections) = (Vec::with_capacity(size), Vec::with_capacity(size));
    for column in 0..size.saturating_sub(1) {
        let from = column + 1;
        let mut vector: Vec<f64> = matrix[from..].iter().map(|row| row[column]).collect();
        let rest = dot(&vector[1..], &vector[1..]);
        if rest == 0.0 {
            beside.push(vector[0]);
            continue;
        }
        let length = -(dot(&vector, &vector).sqrt().copysign(vector[0]));
        beside.push(length);
        vector[0] -= length;
        let scale = 2.0 / dot(&vector, &vector);
        // What the matrix that is left makes of the vector, from the lower triangle alone.
        let mut image = vec![0.0; vector.len()];
        for (place, row) in matrix[from..].iter().enumerate() {
            let left = &row[from..];
            image[place] += dot(left, &vector);
            take_away(&mut image[..place], -vector[place], left);
        }
        image.iter_mut().for_each(|entry| *entry *= scale);
        let overlap = scale * dot(&image, &vector) / 2.0;
        take_away(&mut image, overlap, &vector);
        for (place, row) in matrix[from..].iter_mut().enumerate() {
            take_away(&mut row[from..], vector[place], &image);
            take_away(&mut row[from..], image[place], &vector);
        }
        reflections.push(Reflection { from, scale, vector });
    }
    let middle = matrix.iter().enumerate().map(|(place, row)| row[place]).collect();
    (Diagonals { middle, beside }, reflections)
}

impl Diagonals {
    /// How far from 0 an eigenvalue can be.
    fn reach(&self) -> f64 {
        let beside =
            |place: Option<usize>| place.and_then(|place| self.beside.get(place)).map_or(0.0, |b| b.abs());
        let reach = |(place, middle): (usize, &f64)| {
            middle.abs() + beside(Some(place)) + beside(place.checked_sub(1))
        };
        self.middle.iter().enumerate().map(reach).fold(0.0, f64::max)
    }

    /// How many eigenvalues are larger.
    fn above(&self, bound: f64) -> usize {
        let (mut count, mut pivot, mut before) = (0, 1.0, 0.0);
        for (place, middle) in self.middle.iter().enumerate() {
            pivot = middle - bound - before * before / pivot;
            if pivot == 0.0 {
                pivot = -f64::MIN_POSITIVE;
            }
            count += usize::from(pivot > 0.0);
            before = self.beside.get(place).copied().unwrap_or(0.0);
        }
        count
    }

    /// The eigenvalue at a place, from the largest, 0, on.
    fn value(&self, place: usize) -> f64 {
        let reach = self.reach();
        let (mut low, mut high) = (-reach, reach);
        loop {
            let between = f64::midpoint(low, high);
            if between <= low || between >= high || high - low <= f64::EPSILON * reach * 0.25 {
                return between;
            }
            if self.above(between) > place { low = between } else { high = between }
        }
    }

    /// Solves (T - value) x = given in place, exchanging rows so that rounding does not grow.
    fn solve(&self, value: f64, given: &mut [f64]) {
        let size = self.middle.len();
        let tiny = (f64::EPSILON * self.reach()).max(SMALLEST);
        // Of each row of the triangle that comes of it, the entries on the diagonal and right of it.
        let mut rows: Vec<[f64; 3]> = Vec::with_capacity(size);
        let beside = |place: usize| self.beside.get(place).copied().unwrap_or(0.0);
        let mut row = [self.middle[0] - value, beside(0), 0.0];
        for next in 1..size {
            let mut other = [beside(next - 1), self.middle[next] - value, beside(next)];
            if other[0].abs() > row[0].abs() {
                std::mem::swap(&mut row, &mut other);
                given.swap(next - 1, next);
            }
            let part = if row[0] == 0.0 { 0.0 } else { other[0] / row[0] };
            given[next] -= part * given[next - 1];
            let left = [other[1] - part * row[1], other[2] - part * row[2], 0.0];
            rows.push(row);
            row = left;
        }
        rows.push(row);
        for place in (0..size).rev() {
            let known = |beyond: usize| given.get(place + beyond).copied().unwrap_or(0.0);
            let pivot = if rows[place][0].abs() < tiny { tiny } else { rows[place][0] };
            given[place] = (given[place] - rows[place][1] * known(1) - rows[place][2] * known(2)) / pivot;
        }
    }

    /// The vector of an eigenvalue, of length 1 and at right angles to those that are known.
    fn vector(&self, value: f64, known: &[Direction], chance: &mut Chance) -> Vec<f64> {
        let mut vector: Vec<f64> = self.middle.iter().map(|_| chance.share() - 0.5).collect();
        for _ in 0..ROUNDS {
            self.solve(value, &mut vector);
            let largest = vector.iter().fold(0.0, |largest: f64, entry| largest.max(entry.abs()));
            vector.iter_mut().for_each(|entry| *entry /= largest);
            for _ in 0..2 {
                for (_, other) in known {
                    let part = dot(other, &vector);
                    take_away(&mut vector, part, other);
                }
            }
            let length = dot(&vector, &vector).sqrt();
            vector.iter_mut().for_each(|entry| *entry /= length);
        }
        vector
    }
}

/// Finds the two strongest directions of a matrix (fewer where it is smaller), strongest first.
pub(super) fn strongest(matrix: Lower) -> Vec<Direction> {
    let size = matrix.len();
    let (diagonals, reflections) = reduce(matrix);
    let mut chance = Chance::from_seed(SEED);
    let mut found: Vec<Direction> = Vec::new();
    for place in 0..size.min(2) {
        let value = diagonals.value(place);
        let vector = diagonals.vector(value, &found, &mut chance);
        found.push((value, vector));
    }
    for (_, vector) in &mut found {
        for Reflection { from, scale, vector: across } in reflections.iter().rev() {
            let part = scale * dot(across, &vector[*from..]);
            take_away(&mut vector[*from..], part, across);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The matrix with these eigenvalues along the directions of a reflection.
    fn matrix(values: &[f64]) -> Lower {
        let size = values.len();
        let mirror: Vec<f64> = (0..size).map(|place| 1.0 + (place as f64).sin()).collect();
        let scale = 2.0 / dot(&mirror, &mirror);
        let turned = |row: usize, column: usize| {
            f64::from(u8::from(row == column)) - scale * mirror[row] * mirror[column]
        };
        let entry = |row: usize, column: usize| -> f64 {
            (0..size).map(|place| turned(row, place) * values[place] * turned(column, place)).sum()
        };
        (0..size).map(|row| (0..=row).map(|column| entry(row, column)).collect()).collect()
    }

    fn image(matrix: &Lower, vector: &[f64]) -> Vec<f64> {
        let entry = |row: usize, column: usize| matrix[row.max(column)][row.min(column)];
        (0..vector.len())
            .map(|row| (0..vector.len()).map(|place| entry(row, place) * vector[place]).sum())
            .collect()
    }

    #[test]
    fn directions_are_found_to_machine_precision_near_to_each_other_and_equal() {
        let slow: Vec<f64> = (0..150).map(|place| 0.999f64.powi(place)).collect();
        let alone: Vec<f64> = (0..60).map(|place| if place == 30 { 7.0 } else { 0.0 }).collect();
        for values in [
            vec![3.0],
            vec![1.0, 4.0],
            vec![5.0, 2.0, 5.0, 1.0, 0.0, 3.0, 3.0],
            vec![1.0; 12],
            vec![2.0, 2.0 - 1e-13, 1.0, 0.0],
            slow,
            alone,
        ] {
            let matrix = matrix(&values);
            let mut sorted = values.clone();
            sorted.sort_by(|a, b| b.total_cmp(a));
            let found = strongest(matrix.clone());
            assert_eq!(found.len(), values.len().min(2));
            for ((value, vector), wanted) in found.iter().zip(&sorted) {
                assert!((value - wanted).abs() < 5e-15 * sorted[0], "{value}, not {wanted}");
                let off = image(&matrix, vector)
                    .iter()
                    .zip(vector)
                    .map(|(a, b)| (a - value * b).abs())
                    .fold(0.0, f64::max);
                assert!(off < 1e-14 * sorted[0], "{values:?}: {off}");
                assert!((dot(vector, vector) - 1.0).abs() < 1e-14);
            }
            if let [one, other] = &found[..] {
                assert!(dot(&one.1, &other.1).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn what_is_in_parts_is_found_in_its_parts() {
        let matrix = vec![vec![1.0], vec![0.0, 3.0], vec![0.0, 0.0, 2.0]];
        let found = strongest(matrix);
        assert!((found[0].0 - 3.0).abs() < 1e-15 && (found[1].0 - 2.0).abs() < 1e-15);
        assert!((found[0].1[1].abs() - 1.0).abs() < 1e-15 && (found[1].1[2].abs() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn where_there_is_nothing_nothing_is_found() {
        assert!(strongest(Vec::new()).is_empty());
        for (value, vector) in strongest((1..=5).map(|size| vec![0.0; size]).collect()) {
            assert!(value.abs() < f64::MIN_POSITIVE);
            assert!(vector.iter().all(|entry| entry.is_finite()));
        }
    }
}
