//! What is made of facts: rows of cases, summonses, ratings, areas and happenings. SQL that writes, one statement per fact where one can do; knows
//! neither the bus nor rates, and never looks at a clock: every instant is a fact's.

mod areas;
mod cases;
mod happenings;
mod summonses;

pub(crate) use areas::AreaRow;
pub(crate) use cases::{CaseRow, Judgement};
pub(crate) use happenings::note;
pub(crate) use summonses::{Limits, SummonsRow};

use gongzhi_chassis::status::Failure;
use jiff::Timestamp;

/// Every table of projections with the columns that order it: what a replay empties and a digest covers.
pub(crate) const TABLES: [(&str, &str); 6] = [
    ("areas", "area_code"),
    ("recodings", "former"),
    ("cases", "case_id"),
    ("summonses", "whistle_id, department_code"),
    ("ratings", "case_id, round, reporter"),
    ("happenings", "community, happened_at, event_id"),
];

/// Reads an instant of a fact; none when the fact does not state it.
pub(crate) fn instant(given: Option<prost_types::Timestamp>) -> Result<Option<Timestamp>, Failure> {
    given
        .map(|at| {
            Timestamp::new(at.seconds, at.nanos)
                .map_err(|error| Failure::Bug(format!("an instant of the fact is invalid: {error}")))
        })
        .transpose()
}

/// An instant as the database takes it.
fn bound(at: Option<Timestamp>) -> Option<jiff_sqlx::Timestamp> {
    at.map(jiff_sqlx::ToSqlx::to_sqlx)
}
