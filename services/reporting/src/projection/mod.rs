//! What is made of facts: rows of cases, summonses, ratings, areas and happenings. A batch of facts is read into steps, the rows that they move are
//! read, moved in memory in the order of the facts, and written. Knows neither the bus nor rates, and never looks at a clock: every instant is a fact's.

mod areas;
mod batch;
mod cases;
mod happenings;
mod summonses;

pub(crate) use areas::AreaRow;
pub(crate) use batch::{Step, have_effect};
pub(crate) use cases::{CaseRow, Judgement, Rating};
pub(crate) use happenings::Happening;
pub(crate) use summonses::{Clock, Limits, SummonsRow};

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

/// What a digest covers of a table, as what a query selects from: the rows that follow from the facts alone, whatever their order between services.
pub(crate) fn rows_of(table: &str) -> String {
    if table == "happenings" { happenings::sure() } else { table.to_owned() }
}

/// Reads an instant of a fact; none when the fact does not state it.
pub(crate) fn instant(given: Option<prost_types::Timestamp>) -> Result<Option<Timestamp>, Failure> {
    let read = |at: prost_types::Timestamp| {
        Timestamp::new(at.seconds, at.nanos)
            .map(kept)
            .map_err(|error| Failure::Bug(format!("an instant of the fact is invalid: {error}")))
    };
    given.map(read).transpose()
}

/// An instant as the database keeps it: cut to microseconds.
pub(crate) fn kept(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}
