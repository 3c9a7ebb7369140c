//! By what a meeting goes: its quorum, and the limits of its debate. Dated data, never code; a meeting keeps what held when it was convened.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::rules::day_of;
use crate::share::Share;

const OFFICIAL: &str = include_str!("../../data/meetings.csv");

/// By what a meeting goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bylaws {
    /// Of all seats, those that must be taken when it opens and whenever it votes.
    pub quorum: Share,
    /// Of those present, those who must agree to close a debate while others wait to speak.
    pub closure: Share,
    /// Seconds of a turn at most.
    pub turn_seconds: u32,
    /// Turns of a seat on one motion at most.
    pub turns: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Name {
    Quorum,
    Closure,
    TurnSeconds,
    Turns,
}

#[derive(Deserialize)]
struct Row {
    valid_from: Date,
    name: Name,
    value: String,
}

/// The by-laws of every day.
#[derive(Clone, Debug)]
pub struct Book {
    dated: BTreeMap<Date, Bylaws>,
}

impl Book {
    /// The by-laws that come with the program.
    pub fn official() -> Self {
        Self::read(OFFICIAL).expect("the table that comes with the program is whole")
    }

    /// Reads a table; fails with what is wrong with it.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut rows = Vec::new();
        for row in csv::Reader::from_reader(text.as_bytes()).deserialize() {
            rows.push(row.map_err(|error: csv::Error| error.to_string())?);
        }
        rows.sort_by_key(|row: &Row| row.valid_from);
        let (mut held, mut dated) = (BTreeMap::new(), BTreeMap::new());
        let days: Vec<_> = rows.iter().map(|row| row.valid_from).collect();
        for (nth, row) in rows.into_iter().enumerate() {
            held.insert(row.name, row.value);
            // What begins on one day is read together.
            if days.get(nth + 1) != Some(&row.valid_from) {
                dated.insert(row.valid_from, bylaws(&held)?);
            }
        }
        if dated.is_empty() { Err("the table is empty".into()) } else { Ok(Self { dated }) }
    }

    /// The by-laws as they hold at an instant; before their first day, the first.
    pub fn at(&self, at: Timestamp) -> Bylaws {
        let held = self.dated.range(..=day_of(at)).next_back().or_else(|| self.dated.first_key_value());
        *held.expect("a book that was read is not empty").1
    }
}

fn bylaws(held: &BTreeMap<Name, String>) -> Result<Bylaws, String> {
    let value = |name: Name| held.get(&name).ok_or_else(|| format!("{name:?} is missing"));
    let number = |name: Name| match value(name)?.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(format!("{name:?} is no number above 0")),
    };
    Ok(Bylaws {
        quorum: value(Name::Quorum)?.parse()?,
        closure: value(Name::Closure)?.parse()?,
        turn_seconds: number(Name::TurnSeconds)?,
        turns: number(Name::Turns)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_the_newest_that_holds_counts() {
        let more = format!("{OFFICIAL}2027-01-01,turn_seconds,180,\"a later decision\"\n");
        let book = Book::read(&more).unwrap();
        let seconds = |text: &str| book.at(text.parse().unwrap()).turn_seconds;
        assert_eq!(seconds("2026-12-31T15:59:59Z"), 120);
        assert_eq!(seconds("2026-12-31T16:00:00Z"), 180, "it is the first of January in China");
        assert_eq!(seconds("2020-01-01T00:00:00Z"), 120);
        assert_eq!(book.at("2027-02-01T00:00:00Z".parse().unwrap()).turns, 2, "the rest goes on");
    }

    #[test]
    fn a_table_with_a_hole_is_refused() {
        assert!(Book::read("valid_from,name,value,source\n").unwrap_err().contains("empty"));
        let hole: Vec<_> = OFFICIAL.lines().filter(|line| !line.contains("turns")).collect();
        assert!(Book::read(&hole.join("\n")).unwrap_err().contains("missing"));
        assert!(Book::read(&OFFICIAL.replace(",120,", ",0,")).unwrap_err().contains("no number"));
        assert!(Book::read(&OFFICIAL.replace(">1/2", "1/2")).unwrap_err().contains("no share"));
    }
}
