//! What each step of a procedure must reach, and by when its publications are due. Dated data, never code; a procedure keeps what held when it was opened.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::state::{Body, Step};
use crate::rules::day_of;
use crate::share::Share;

const STEPS: &str = include_str!("../../data/procedures.csv");
const PUBLICATIONS: &str = include_str!("../../data/publications.csv");

/// What a step must reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threshold {
    /// The step.
    pub step: Step,
    /// Of those entitled, those who must be present.
    pub quorum: Share,
    /// Of those present, those who must be in favour.
    pub approval: Share,
    /// Days before the meeting on which it must have been announced, or the draft sent out, at the latest.
    pub notice_days: u16,
    /// Where that stands.
    pub source: String,
}

/// What a procedure must reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Law {
    /// Of each step, in their order.
    pub thresholds: Vec<Threshold>,
    /// Days after the resolution within which the decision must be public.
    pub decision_days: u16,
    /// Days after the resolution within which the result must be public.
    pub result_days: u16,
}

impl Law {
    /// What a step must reach.
    pub fn threshold(&self, step: Step) -> Option<&Threshold> {
        self.thresholds.iter().find(|threshold| threshold.step == step)
    }
}

/// Of what a row of thresholds is: a step before the resolution, or the body that resolves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Meets {
    Proposal,
    Consultation,
    Review,
    Villagers,
    VillagersRepresentatives,
    Residents,
    ResidentsRepresentatives,
}

/// All of them.
const ALL: [Meets; 7] = [
    Meets::Proposal,
    Meets::Consultation,
    Meets::Review,
    Meets::Villagers,
    Meets::VillagersRepresentatives,
    Meets::Residents,
    Meets::ResidentsRepresentatives,
];

#[derive(Deserialize)]
struct Row {
    valid_from: Date,
    name: Meets,
    quorum: String,
    approval: String,
    notice_days: u16,
    source: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Publication {
    Decision,
    Result,
}

#[derive(Clone, Deserialize)]
struct Period {
    valid_from: Date,
    name: Publication,
    days: u16,
}

/// The law of every day.
#[derive(Clone)]
pub struct Book {
    rows: Vec<(Date, Meets, Threshold)>,
    periods: Vec<Period>,
}

impl Book {
    /// The law that comes with the program.
    pub fn official() -> Self {
        Self::read(STEPS, PUBLICATIONS).expect("the tables that come with the program are whole")
    }

    /// Reads the tables of steps and of publications; fails with what is wrong with them.
    pub fn read(steps: &str, publications: &str) -> Result<Self, String> {
        let (mut rows, mut periods) = (Vec::new(), Vec::<Period>::new());
        for row in csv::Reader::from_reader(steps.as_bytes()).deserialize() {
            let row: Row = row.map_err(|error| error.to_string())?;
            let threshold = Threshold {
                step: step(row.name),
                quorum: row.quorum.parse()?,
                approval: row.approval.parse()?,
                notice_days: row.notice_days,
                source: row.source,
            };
            rows.push((row.valid_from, row.name, threshold));
        }
        for period in csv::Reader::from_reader(publications.as_bytes()).deserialize() {
            periods.push(period.map_err(|error| error.to_string())?);
        }
        if let Some(missing) = ALL.iter().find(|name| !rows.iter().any(|(_, of, _)| of == *name)) {
            return Err(format!("{missing:?} is missing"));
        }
        let publications = [Publication::Decision, Publication::Result];
        if let Some(missing) = publications.iter().find(|name| !periods.iter().any(|of| of.name == **name)) {
            return Err(format!("{missing:?} is missing"));
        }
        Ok(Self { rows, periods })
    }

    /// The law for the resolution of a body, as it holds at an instant; before its first day, the first.
    pub fn at(&self, body: Body, at: Timestamp) -> Law {
        let day = day_of(at);
        let resolves = match body {
            Body::Villagers => Meets::Villagers,
            Body::VillagersRepresentatives => Meets::VillagersRepresentatives,
            Body::Residents => Meets::Residents,
            Body::ResidentsRepresentatives => Meets::ResidentsRepresentatives,
        };
        let meets = [Meets::Proposal, Meets::Consultation, Meets::Review, resolves];
        let days = |name: Publication| {
            let of = self.periods.iter().filter(|period| period.name == name);
            newest(of.map(|period| (period.valid_from, period.days)), day).unwrap_or_default()
        };
        let threshold = |name: &Meets| {
            let of = self.rows.iter().filter(|(_, of, _)| of == name);
            newest(of.map(|(from, _, threshold)| (*from, threshold)), day).cloned()
        };
        Law {
            thresholds: meets.iter().filter_map(threshold).collect(),
            decision_days: days(Publication::Decision),
            result_days: days(Publication::Result),
        }
    }
}

fn step(of: Meets) -> Step {
    match of {
        Meets::Proposal => Step::Proposal,
        Meets::Consultation => Step::Consultation,
        Meets::Review => Step::Review,
        Meets::Villagers
        | Meets::VillagersRepresentatives
        | Meets::Residents
        | Meets::ResidentsRepresentatives => Step::Resolution,
    }
}

/// Of several dated values the newest that holds on a day; before the first day, the first.
fn newest<T>(dated: impl Iterator<Item = (Date, T)>, day: Date) -> Option<T> {
    let mut dated: Vec<_> = dated.collect();
    dated.sort_by_key(|(from, _)| *from);
    let holding = dated.iter().filter(|(from, _)| *from <= day).count();
    dated.into_iter().nth(holding.saturating_sub(1)).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn of_several_the_newest_that_holds_counts() {
        let more = format!("{STEPS}2027-01-01,review,>=3/4,>1/2,3,\"a later decision\"\n");
        let book = Book::read(&more, PUBLICATIONS).unwrap();
        let days = |text: &str| {
            let law = book.at(Body::Villagers, at(text));
            law.threshold(Step::Review).unwrap().notice_days
        };
        assert_eq!(days("2026-12-31T15:59:59Z"), 1);
        assert_eq!(days("2026-12-31T16:00:00Z"), 3, "it is the first of January in China");
        assert_eq!(days("2001-01-01T00:00:00Z"), 1);
    }

    #[test]
    fn each_body_resolves_by_its_own_law() {
        let book = Book::official();
        let resolution = |body: Body| {
            let law = book.at(body, at("2026-11-09T00:00:00Z"));
            assert_eq!(law.thresholds.len(), 4);
            law.threshold(Step::Resolution).unwrap().clone()
        };
        assert_eq!(resolution(Body::Villagers).notice_days, 10);
        assert!(resolution(Body::VillagersRepresentatives).quorum.is_reached(20u32, 30u32));
        assert!(!resolution(Body::Residents).quorum.is_reached(15u32, 30u32));
        assert!(resolution(Body::ResidentsRepresentatives).approval.is_reached(16u32, 30u32));
    }

    #[test]
    fn a_table_with_a_hole_is_refused() {
        let hole: Vec<_> = STEPS.lines().filter(|line| !line.contains("review")).collect();
        assert!(Book::read(&hole.join("\n"), PUBLICATIONS).is_err_and(|wrong| wrong.contains("Review")));
        let hole = PUBLICATIONS.replace("result", "decision");
        assert!(Book::read(STEPS, &hole).is_err_and(|wrong| wrong.contains("Result")));
        assert!(Book::read(&STEPS.replace(">=2/3", "2/3"), PUBLICATIONS).is_err());
    }
}
