//! Conditions on the fields of a fact: a small language that can only compare, bounded in every direction, so that whoever writes one can slow down
//! nobody. Pure; knows neither rights nor delivery.
//!
//! ```text
//! condition  = term { "or" term }
//! term       = factor { "and" factor }
//! factor     = "not" factor | "(" condition ")" | comparison
//! comparison = field ( = | != | < | <= | > | >= ) literal | field "in" "(" literal { "," literal } ")" | field "starts_with" text
//! literal    = "text" | 12.5 | true | false
//! ```
//! A comparison of a field that a fact does not have is false. A field that has its default value, which JSON leaves out, compares as that value.

mod check;
mod parse;

pub use check::check;
pub use parse::{Invalid, parse};

use gongzhi_proto::catalogue::{Entry, Field, Kind};
use serde_json::{Map, Value};

/// Most characters of a condition.
pub const MOST_CHARACTERS: usize = 500;
/// Most comparisons in a condition.
pub const MOST_COMPARISONS: usize = 40;
/// Deepest nesting of parentheses and `not`.
pub const DEEPEST: usize = 16;

/// A condition that was read.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Every one of them.
    All(Vec<Condition>),
    /// At least one of them.
    Any(Vec<Condition>),
    /// Not this one.
    Not(Box<Condition>),
    /// A field against literals.
    Compare(Comparison),
}

/// A field against literals.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Name of the field in the contract.
    pub field: String,
    /// How.
    pub operator: Operator,
    /// One literal; for [`Operator::In`] one or more.
    pub literals: Vec<Literal>,
}

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `in`
    In,
    /// `starts_with`
    StartsWith,
}

/// A value in a condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// A text, a code or a name of an enum.
    Text(String),
    /// A number.
    Number(f64),
    /// True or false.
    Truth(bool),
}

impl Condition {
    /// True when the content of a fact fulfils it.
    pub fn holds(&self, entry: &Entry, data: &Map<String, Value>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(entry, data)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(entry, data)),
            Self::Not(part) => !part.holds(entry, data),
            Self::Compare(comparison) => comparison.holds(entry, data),
        }
    }

    /// Every comparison in it.
    pub fn comparisons(&self) -> Vec<&Comparison> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::comparisons).collect(),
            Self::Not(part) => part.comparisons(),
            Self::Compare(comparison) => vec![comparison],
        }
    }
}

/// A value of a fact, as a condition sees it.
enum Seen<'a> {
    Text(&'a str),
    Number(f64),
    Truth(bool),
}

impl Comparison {
    fn holds(&self, entry: &Entry, data: &Map<String, Value>) -> bool {
        let Some(field) = entry.fields.iter().find(|field| field.name == self.field) else { return false };
        let Some(seen) = seen(field, data.get(&field.json_name)) else { return false };
        match self.operator {
            Operator::In => self.literals.iter().any(|literal| order(&seen, literal) == Some(0)),
            Operator::StartsWith => match (&seen, &self.literals[..]) {
                (Seen::Text(text), [Literal::Text(start)]) => text.starts_with(start.as_str()),
                _ => false,
            },
            operator => {
                self.literals.first().and_then(|literal| order(&seen, literal)).is_some_and(|order| {
                    match operator {
                        Operator::Equal => order == 0,
                        Operator::Unequal => order != 0,
                        Operator::Less => order < 0,
                        Operator::AtMost => order <= 0,
                        Operator::Greater => order > 0,
                        Operator::AtLeast => order >= 0,
                        Operator::In | Operator::StartsWith => false,
                    }
                })
            }
        }
    }
}

/// What a field holds; its default where JSON left it out. None for what cannot be compared, and for a field that is not there where that differs
/// from its default.
fn seen<'a>(field: &'a Field, value: Option<&'a Value>) -> Option<Seen<'a>> {
    if field.presence && value.is_none() {
        return None;
    }
    match (&field.kind, value) {
        (Kind::Boolean, None) => Some(Seen::Truth(false)),
        (Kind::Boolean, Some(Value::Bool(truth))) => Some(Seen::Truth(*truth)),
        (Kind::Text, None) => Some(Seen::Text("")),
        (Kind::Text | Kind::Choice(_) | Kind::Instant, Some(Value::String(text))) => Some(Seen::Text(text)),
        (Kind::Choice(choices), None) => {
            let default = choices.iter().find(|choice| choice.number == 0)?;
            Some(Seen::Text(&default.name))
        }
        (
            Kind::Integer
            | Kind::UnsignedInteger
            | Kind::LongInteger
            | Kind::UnsignedLongInteger
            | Kind::Number,
            value,
        ) => match value {
            None => Some(Seen::Number(0.0)),
            Some(Value::Number(number)) => number.as_f64().map(Seen::Number),
            Some(Value::String(digits)) => digits.parse().ok().map(Seen::Number),
            Some(_) => None,
        },
        _ => None,
    }
}

/// Below, at or above zero as the value is below, at or above the literal; none when they are of different kinds.
fn order(seen: &Seen<'_>, literal: &Literal) -> Option<i8> {
    let order = match (seen, literal) {
        (Seen::Text(text), Literal::Text(literal)) => (*text).cmp(literal.as_str()),
        (Seen::Number(number), Literal::Number(literal)) => number.partial_cmp(literal)?,
        (Seen::Truth(truth), Literal::Truth(literal)) => truth.cmp(literal),
        _ => return None,
    };
    Some(order as i8)
}
