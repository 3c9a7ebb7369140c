//! The two strongest directions of a symmetric matrix without negative eigenvalues, to machine precision, from nothing but what the matrix makes of a vector: a subspace that
//! grows by the residuals and begins anew from its best part (Rayleigh and Ritz; Wu & Simon: Thick-Restart Lanczos Method, SIAM J. Matrix Anal. Appl. 22, 2000).

use crate::chance::Chance;

/// Vectors that the subspace begins with: more than one, so that a direction that is as strong as another is found beside it.
const BLOCK: usize = 4;
/// Vectors that are kept when it begins anew.
const KEPT: usize = 10;
/// Most vectors of the subspace.
const MOST: usize = 24;
/// How near a vector is to a direction of the matrix, relative to the largest eigenvalue: what rounding leaves.
const NEAR: f64 = 4e-15;
/// Most rounds; what is left after them is told as it is. Real conversations take fewer than a hundred.
const ROUNDS: usize = 3_000;
/// The seed of the vectors that the subspace begins with.
const SEED: u64 = 20;

pub(super) fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

/// An eigenvalue with its vector of length 1.
pub(super) type Direction = (f64, Vec<f64>);

/// A subspace by orthonormal vectors, with what the matrix makes of each.
#[derive(Default)]
struct Subspace {
    vectors: Vec<Vec<f64>>,
    images: Vec<Vec<f64>>,
}

impl Subspace {
    /// Takes in the part of a vector that is not in the subspace yet, where there is one.
    fn take_in(&mut self, mut vector: Vec<f64>, matrix: &impl Fn(&[f64]) -> Vec<f64>) {
        let mut length = dot(&vector, &vector).sqrt();
        // Twice is enough (Kahan, Parlett); a third time where nearly nothing was left.
        for _ in 0..3 {
            if length < f64::MIN_POSITIVE.sqrt() {
                return;
            }
            vector.iter_mut().for_each(|entry| *entry /= length);
            for known in &self.vectors {
                let part = dot(known, &vector);
                vector.iter_mut().zip(known).for_each(|(entry, other)| *entry -= part * other);
            }
            length = dot(&vector, &vector).sqrt();
        }
        if (length - 1.0).abs() > 1e-8 {
            return;
        }
        self.images.push(matrix(&vector));
        self.vectors.push(vector);
    }

    /// The best directions within the subspace, strongest first: eigenvalues, and what each has of the vectors.
    fn best(&self) -> Vec<(f64, Vec<f64>)> {
        let size = self.vectors.len();
        // The same both ways, whatever rounding makes of the image.
        let entry =
            |row: usize, column: usize| dot(&self.vectors[row.max(column)], &self.images[row.min(column)]);
        let inner = (0..size).map(|row| (0..size).map(|column| entry(row, column)).collect()).collect();
        rotate(inner)
    }

    fn mix(vectors: &[Vec<f64>], parts: &[f64]) -> Vec<f64> {
        let mut mixed = vec![0.0; vectors[0].len()];
        for (vector, part) in vectors.iter().zip(parts) {
            mixed.iter_mut().zip(vector).for_each(|(sum, entry)| *sum += part * entry);
        }
        mixed
    }

    fn restart(&mut self, best: &[(f64, Vec<f64>)]) {
        let mix = |vectors: &[Vec<f64>]| -> Vec<Vec<f64>> {
            best.iter().take(KEPT).map(|(_, parts)| Self::mix(vectors, parts)).collect()
        };
        (self.vectors, self.images) = (mix(&self.vectors), mix(&self.images));
    }
}

/// Puts two rows in the place of two.
fn turn(rows: &mut [Vec<f64>], (p, q): (usize, usize), pair: impl Fn(f64, f64) -> (f64, f64)) {
    let (above, below) = rows.split_at_mut(q);
    for (one, other) in above[p].iter_mut().zip(&mut below[0]) {
        (*one, *other) = pair(*one, *other);
    }
}

/// All directions of a small symmetric matrix, strongest first, by rotations of pairs (Jacobi 1846).
fn rotate(mut matrix: Vec<Vec<f64>>) -> Vec<(f64, Vec<f64>)> {
    let size = matrix.len();
    let mut turned: Vec<Vec<f64>> =
        (0..size).map(|row| (0..size).map(|column| f64::from(u8::from(row == column))).collect()).collect();
    for _ in 0..60 {
        let all: f64 = matrix.iter().flatten().map(|entry| entry * entry).sum();
        let beside: f64 = (0..size).map(|row| dot(&matrix[row][..row], &matrix[row][..row])).sum();
        if beside <= all * 1e-34 {
            break;
        }
        for p in 0..size {
            for q in p + 1..size {
                if matrix[p][q] == 0.0 {
                    continue;
                }
                let ratio = (matrix[q][q] - matrix[p][p]) / (2.0 * matrix[p][q]);
                let tangent = ratio.signum() / (ratio.abs() + ratio.hypot(1.0));
                let cosine = 1.0 / tangent.hypot(1.0);
                let sine = tangent * cosine;
                let pair = |one: f64, other: f64| (cosine * one - sine * other, sine * one + cosine * other);
                for row in &mut matrix {
                    (row[p], row[q]) = pair(row[p], row[q]);
                }
                turn(&mut matrix, (p, q), pair);
                turn(&mut turned, (p, q), pair);
            }
        }
    }
    let mut directions: Vec<_> =
        turned.into_iter().enumerate().map(|(place, vector)| (matrix[place][place], vector)).collect();
    directions.sort_by(|a, b| b.0.total_cmp(&a.0));
    directions
}

/// Finds the two strongest directions of a matrix of this size (fewer where the size is 1), strongest first.
pub(super) fn strongest(size: usize, matrix: impl Fn(&[f64]) -> Vec<f64>) -> Vec<Direction> {
    let mut chance = Chance::from_seed(SEED);
    let mut subspace = Subspace::default();
    for _ in 0..BLOCK.min(size) {
        subspace.take_in((0..size).map(|_| chance.share() - 0.5).collect(), &matrix);
    }
    for round in 0.. {
        let best = subspace.best();
        let largest = best.first().map_or(0.0, |(value, _)| value.abs());
        let (mut found, mut residuals) = (Vec::new(), Vec::new());
        for (value, parts) in best.iter().take(2) {
            let vector = Subspace::mix(&subspace.vectors, parts);
            let mut residual = Subspace::mix(&subspace.images, parts);
            residual.iter_mut().zip(&vector).for_each(|(entry, other)| *entry -= value * other);
            if dot(&residual, &residual).sqrt() > NEAR * largest {
                residuals.push(residual);
            }
            found.push((*value, vector));
        }
        if residuals.is_empty() || round == ROUNDS {
            return found;
        }
        if subspace.vectors.len() + residuals.len() > MOST {
            subspace.restart(&best);
        }
        let before = subspace.vectors.len();
        for residual in residuals {
            subspace.take_in(residual, &matrix);
        }
        if subspace.vectors.len() == before {
            return found;
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The matrix with these eigenvalues along the directions of a reflection.
    fn matrix(values: &[f64]) -> impl Fn(&[f64]) -> Vec<f64> {
        let size = values.len();
        let mirror: Vec<f64> = (0..size).map(|place| 1.0 + (place as f64).sin()).collect();
        let length = dot(&mirror, &mirror);
        let values = values.to_vec();
        let reflect = move |vector: &[f64]| -> Vec<f64> {
            let part = 2.0 * dot(&mirror, vector) / length;
            vector.iter().zip(&mirror).map(|(entry, other)| entry - part * other).collect()
        };
        move |vector| {
            let inside = reflect(vector);
            reflect(&inside.iter().zip(&values).map(|(entry, value)| entry * value).collect::<Vec<_>>())
        }
    }

    #[test]
    fn directions_are_found_to_machine_precision_near_to_each_other_and_equal() {
        let slow: Vec<f64> = (0..150).map(|place| 0.999f64.powi(place)).collect();
        for (values, second) in [
            (vec![3.0], 0.0),
            (vec![1.0, 4.0], 1.0),
            (vec![5.0, 2.0, 5.0, 1.0, 0.0, 3.0, 3.0], 5.0),
            (slow, 0.999),
        ] {
            let apply = matrix(&values);
            let found = strongest(values.len(), &apply);
            assert_eq!(found.len(), values.len().min(2));
            assert!((found[0].0 - values.iter().copied().fold(0.0, f64::max)).abs() < 1e-14 * found[0].0);
            for (value, vector) in &found {
                let image = apply(vector);
                let off = image.iter().zip(vector).map(|(a, b)| (a - value * b).abs()).fold(0.0, f64::max);
                assert!(off < 2e-14 * found[0].0, "{off}");
                assert!((dot(vector, vector) - 1.0).abs() < 1e-14);
            }
            if let [one, other] = &found[..] {
                assert!((other.0 - second).abs() < 1e-14 * one.0);
                assert!(dot(&one.1, &other.1).abs() < 1e-13);
            }
        }
    }

    #[test]
    fn where_there_is_nothing_nothing_is_found() {
        assert!(strongest(0, <[f64]>::to_vec).is_empty());
        for (value, _) in strongest(5, |vector| vec![0.0; vector.len()]) {
            assert_eq!(value, 0.0);
        }
    }
}
