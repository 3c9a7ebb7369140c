//! Logarithms of gamma functions and what follows from them: the distributions that ranking needs, to about twelve places (Abramowitz & Stegun: Handbook of Mathematical
//! Functions, chapters 6 and 26).

/// From here on Stirling's and Euler and Maclaurin's series are exact to rounding.
const LARGE: f64 = 20.0;

/// Σ ln(from + i) for i from 0 below `count`, that is ln Γ(from + count) - ln Γ(from), with its first and second derivative by `from`. Few terms are added one by one,
/// many by Euler and Maclaurin's formula, so that nothing is lost where both gamma functions are large.
pub(super) fn rising(from: f64, count: u32) -> [f64; 3] {
    let mut sums = [0.0; 3];
    let (mut from, mut left) = (from, count);
    while left > 0 && (from < LARGE || left < 8) {
        sums[0] += from.ln();
        sums[1] += 1.0 / from;
        sums[2] -= 1.0 / (from * from);
        from += 1.0;
        left -= 1;
    }
    if left == 0 {
        return sums;
    }
    let count = f64::from(left);
    let to = from + count;
    let between = |power: i32| match power {
        // Without a difference of what is nearly equal.
        1 => -count / (from * to),
        _ => to.powi(-power) - from.powi(-power),
    };
    let growth = (count / from).ln_1p();
    sums[0] += from * growth + count * to.ln() - count - growth / 2.0 + between(1) / 12.0
        - between(3) / 360.0
        + between(5) / 1_260.0;
    sums[1] += growth - between(1) / 2.0 - between(2) / 12.0 + between(4) / 120.0 - between(6) / 252.0;
    sums[2] += between(1) + between(2) / 2.0 + between(3) / 6.0 - between(5) / 30.0 + between(7) / 42.0;
    sums
}

/// ln Γ of a number above 0.
fn ln_gamma(number: f64) -> f64 {
    let large = number + LARGE;
    let stirling =
        (large - 0.5) * large.ln() - large + (2.0 * std::f64::consts::PI).ln() / 2.0 + 1.0 / (12.0 * large)
            - 1.0 / (360.0 * large.powi(3))
            + 1.0 / (1_260.0 * large.powi(5))
            - 1.0 / (1_680.0 * large.powi(7));
    stirling - rising(number, LARGE as u32)[0]
}

/// A beta distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Beta {
    pub(super) alpha: f64,
    pub(super) beta: f64,
}

impl Beta {
    pub(super) fn mean(self) -> f64 {
        self.alpha / (self.alpha + self.beta)
    }

    pub(super) fn deviation(self) -> f64 {
        let sum = self.alpha + self.beta;
        (self.mean() * (1.0 - self.mean()) / (sum + 1.0)).sqrt()
    }

    /// The chance of a value that is not larger.
    pub(super) fn below(self, value: f64) -> f64 {
        let Self { alpha, beta } = self;
        if value <= 0.0 || value >= 1.0 {
            return if value <= 0.0 { 0.0 } else { 1.0 };
        }
        if value > (alpha + 1.0) / (alpha + beta + 2.0) {
            // From the other side the fraction is shorter.
            return 1.0 - Self { alpha: beta, beta: alpha }.below_mean(1.0 - value);
        }
        self.below_mean(value)
    }

    fn below_mean(self, value: f64) -> f64 {
        let Self { alpha, beta } = self;
        let scale = ln_gamma(alpha + beta) - ln_gamma(alpha) - ln_gamma(beta);
        let front = (scale + alpha * value.ln() + beta * (-value).ln_1p()).exp() / alpha;
        (front * self.fraction(value)).min(1.0)
    }

    /// The continued fraction of the incomplete beta function (26.5.8), by Lentz's method.
    fn fraction(self, value: f64) -> f64 {
        const TINY: f64 = 1e-300;
        let Self { alpha, beta } = self;
        let away = |number: f64| if number.abs() < TINY { TINY } else { number };
        let sum = alpha + beta;
        let (mut upper, mut lower) = (1.0, 1.0 / away(1.0 - sum * value / (alpha + 1.0)));
        let mut fraction = lower;
        for step in 1..100_000 {
            let step = f64::from(step);
            let even = step * (beta - step) * value / ((alpha + 2.0 * step - 1.0) * (alpha + 2.0 * step));
            let odd =
                -(alpha + step) * (sum + step) * value / ((alpha + 2.0 * step) * (alpha + 2.0 * step + 1.0));
            let mut change = 1.0;
            for part in [even, odd] {
                lower = 1.0 / away(1.0 + part * lower);
                upper = away(1.0 + part / upper);
                change = lower * upper;
                fraction *= change;
            }
            if (change - 1.0).abs() < 1e-15 {
                break;
            }
        }
        fraction
    }

    /// The value that is not exceeded with this chance.
    pub(super) fn quantile(self, chance: f64) -> f64 {
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..60 {
            let between = f64::midpoint(low, high);
            if self.below(between) < chance { low = between } else { high = between }
        }
        f64::midpoint(low, high)
    }
}

/// The chance that a standard normal value is not larger.
pub(super) fn normal_below(value: f64) -> f64 {
    let density = (-value * value / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let size = value.abs();
    if size > 5.0 {
        // Laplace's continued fraction (26.2.14).
        let fraction = (1..=60).rev().fold(size, |fraction, step| size + f64::from(step) / fraction);
        let tail = density / fraction;
        return if value < 0.0 { tail } else { 1.0 - tail };
    }
    // The series 26.2.11.
    let (mut term, mut sum) = (value, value);
    for step in 1..200 {
        term *= value * value / f64::from(2 * step + 1);
        sum += term;
    }
    0.5 + density * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gamma_functions_are_those_of_the_handbook() {
        for (number, known) in [
            (1.0, 0.0),
            (0.5, std::f64::consts::PI.sqrt().ln()),
            (10.0, 362_880f64.ln()),
            (101.0, 363.739_375_555_563_49),
        ] {
            assert!((ln_gamma(number) - known).abs() < 1e-12, "{number}: {}", ln_gamma(number));
        }
        // One by one and by the formula it is the same.
        for (from, count) in [(0.3, 500), (25.0, 40), (1_000.5, 9), (3e7, 100)] {
            let slow = (0..count).fold([0.0; 3], |[a, b, c], step| {
                let at = from + f64::from(step);
                [a + at.ln(), b + 1.0 / at, c - 1.0 / (at * at)]
            });
            for (quick, slow) in rising(from, count).iter().zip(slow) {
                assert!(
                    (quick - slow).abs() < 1e-13 * slow.abs() * f64::from(count).sqrt(),
                    "{quick}, not {slow}"
                );
            }
        }
    }

    #[test]
    fn distributions_are_those_of_the_tables() {
        for (value, known) in [
            (0.0, 0.5),
            (1.959_963_984_540_054, 0.975),
            (-3.090_232_306_167_813_5, 0.001),
            (6.0, 1.0 - 9.865_876_450_376_946e-10),
            (-10.0, 7.619_853_024_160_527e-24),
        ] {
            assert!((normal_below(value) / known - 1.0).abs() < 1e-12, "{value}: {}", normal_below(value));
        }
        // Beta(2, 3): 6x² - 8x³ + 3x⁴.
        let beta = Beta { alpha: 2.0, beta: 3.0 };
        for value in [0.1f64, 0.4, 0.7, 0.95] {
            let known = 6.0 * value.powi(2) - 8.0 * value.powi(3) + 3.0 * value.powi(4);
            assert!((beta.below(value) - known).abs() < 1e-13);
            assert!((beta.quantile(known) - value).abs() < 1e-12);
        }
        assert_eq!((beta.below(-1.0), beta.below(2.0)), (0.0, 1.0));
        // Beta(a, 1): x^a, also where a is large.
        let steep = Beta { alpha: 50_000.0, beta: 1.0 };
        assert!((steep.below(0.999_99) - 0.999_99f64.powf(50_000.0)).abs() < 1e-11);
    }
}
