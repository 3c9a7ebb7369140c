//! Exact numbers: what is shared out is shared out to the last fraction.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};

/// An exact fraction.
pub type Exact = BigRational;

/// A text that is no number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a decimal number")]
pub struct NotANumber(pub String);

/// Digits before and behind the point, each at most.
const LONGEST: usize = 30;

/// Reads a decimal number, with a point or a comma; neither an exponent nor NaN.
pub fn parse(text: &str) -> Result<Exact, NotANumber> {
    let wrong = || NotANumber(text.to_owned());
    let trimmed = text.trim();
    let (negative, digits) = match trimmed.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, trimmed),
    };
    let (whole, part) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
    let is_digits = |text: &str| text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(part) || whole.is_empty() || digits.ends_with(['.', ',']) {
        return Err(wrong());
    }
    let number: BigInt = format!("{whole}{part}").parse().map_err(|_| wrong())?;
    let scale = BigInt::from(10).pow(u32::try_from(part.len()).map_err(|_| wrong())?);
    let exact = Exact::new(number, scale);
    Ok(if negative { -exact } else { exact })
}

/// Writes a fraction: `7`, `3.25` where it ends within six places, otherwise `22/7`.
pub fn show(number: &Exact) -> String {
    let million = BigInt::from(1_000_000);
    let scaled = number * Exact::from_integer(million.clone());
    if !scaled.is_integer() {
        return format!("{}/{}", number.numer(), number.denom());
    }
    let sign = if number.is_negative() { "-" } else { "" };
    let scaled = scaled.to_integer().abs();
    let places = format!("{:06}", &scaled % &million);
    let places = places.trim_end_matches('0');
    let point = if places.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{places}", scaled / million)
}

/// Two numbers are too near to each other to tell which is larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsure;

/// Numbers in which a rule can be carried out. Exact ones are always sure; floating ones are quick, and say so when they are not.
pub trait Number: Clone {
    /// Nothing.
    fn nothing() -> Self;
    /// The nearest to an exact number.
    fn from_exact(exact: &Exact) -> Self;
    /// A count.
    fn count(count: usize) -> Self;
    /// The sum.
    fn plus(&self, other: &Self) -> Self;
    /// The difference.
    fn minus(&self, other: &Self) -> Self;
    /// The product.
    fn times(&self, other: &Self) -> Self;
    /// The quotient; `other` is not 0.
    fn over(&self, other: &Self) -> Self;
    /// Which is larger, as far as can be said: for sorting what may be sorted either way when it is near.
    fn roughly(&self, other: &Self) -> Ordering;
    /// Which is larger for sure.
    fn surely(&self, other: &Self) -> Result<Ordering, Unsure>;
}

impl Number for Exact {
    fn nothing() -> Self {
        <Self as Zero>::zero()
    }

    fn from_exact(exact: &Exact) -> Self {
        exact.clone()
    }

    fn count(count: usize) -> Self {
        Self::from_integer(count.into())
    }

    fn plus(&self, other: &Self) -> Self {
        self + other
    }

    fn minus(&self, other: &Self) -> Self {
        self - other
    }

    fn times(&self, other: &Self) -> Self {
        self * other
    }

    fn over(&self, other: &Self) -> Self {
        self / other
    }

    fn roughly(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }

    fn surely(&self, other: &Self) -> Result<Ordering, Unsure> {
        Ok(self.cmp(other))
    }
}

/// How near floating numbers may be to each other and still be told apart, relative to the larger. Errors of the sums here are far smaller.
const NEAR: f64 = 1e-9;

impl Number for f64 {
    fn nothing() -> Self {
        0.0
    }

    fn from_exact(exact: &Exact) -> Self {
        exact.to_f64().unwrap_or(f64::NAN)
    }

    fn count(count: usize) -> Self {
        count as Self
    }

    fn plus(&self, other: &Self) -> Self {
        self + other
    }

    fn minus(&self, other: &Self) -> Self {
        self - other
    }

    fn times(&self, other: &Self) -> Self {
        self * other
    }

    fn over(&self, other: &Self) -> Self {
        self / other
    }

    fn roughly(&self, other: &Self) -> Ordering {
        self.total_cmp(other)
    }

    fn surely(&self, other: &Self) -> Result<Ordering, Unsure> {
        // Written so that a NaN is near everything.
        if (self - other).abs() > NEAR * self.abs().max(other.abs()) {
            Ok(self.total_cmp(other))
        } else {
            Err(Unsure)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_with_point_or_comma_and_nothing_else() {
        for (text, shown) in [("7", "7"), (" 3.250 ", "3.25"), ("0,5", "0.5"), ("-1.5", "-1.5"), ("007", "7")]
        {
            assert_eq!(show(&parse(text).unwrap()), shown, "{text}");
        }
        for text in ["", "-", ".", "1.", ".5", "1e3", "NaN", "inf", "1.2.3", "1,000.5", "１", "+1", "0x1"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&"9".repeat(31)).is_err());
        assert_eq!(show(&Exact::new(22.into(), 7.into())), "22/7");
    }

    #[test]
    fn what_is_near_is_unsure_and_what_is_not_a_number_is_near_everything() {
        assert_eq!(1.0.surely(&2.0), Ok(Ordering::Less));
        assert_eq!(1.0.surely(&(1.0 + 1e-12)), Err(Unsure));
        assert_eq!(0.0.surely(&0.0), Err(Unsure));
        assert_eq!(f64::NAN.surely(&1.0), Err(Unsure));
    }
}
