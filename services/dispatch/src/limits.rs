//! Limits (时限): how much time each thing may take, from which date on. Dated data, never code.
//!
//! What was begun keeps the limits of the day on which it began, because the machines write the terms they got into their events.

use std::collections::BTreeMap;
use std::io::Read;

use jiff::SignedDuration;
use jiff::civil::Date;
use serde::Deserialize;

use crate::calendar::WorkingTime;
use crate::clock::{Limit, Term};
use crate::table::{BadTable, TableReader};

const OFFICIAL: &str = include_str!("../data/limits.csv");

/// Whose limits these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub enum Subject {
    /// A case of normal urgency.
    #[serde(rename = "case.normal")]
    NormalCase,
    /// An urgent case.
    #[serde(rename = "case.urgent")]
    UrgentCase,
    /// A whistle at blue level.
    #[serde(rename = "whistle.blue")]
    BlueWhistle,
    /// A whistle at yellow level.
    #[serde(rename = "whistle.yellow")]
    YellowWhistle,
    /// A whistle at red level.
    #[serde(rename = "whistle.red")]
    RedWhistle,
    /// An emergency whistle of any level.
    #[serde(rename = "whistle.emergency")]
    EmergencyWhistle,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Name {
    Accept,
    Answer,
    AnswerFloor,
    AnswerReopened,
    SignFor,
    MakeContact,
    ReportIn,
    Finish,
    Rework,
}

impl Subject {
    const CASES: [Self; 2] = [Self::NormalCase, Self::UrgentCase];
    const WHISTLES: [Self; 4] =
        [Self::BlueWhistle, Self::YellowWhistle, Self::RedWhistle, Self::EmergencyWhistle];
}

const OF_A_CASE: [Name; 4] = [Name::Accept, Name::Answer, Name::AnswerFloor, Name::AnswerReopened];
const OF_A_WHISTLE: [Name; 5] =
    [Name::SignFor, Name::MakeContact, Name::ReportIn, Name::Finish, Name::Rework];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Unit {
    WorkingMinutes,
    WallMinutes,
    ByCategory,
    PercentOfAnswer,
}

#[derive(Deserialize)]
struct Row {
    valid_from: Date,
    subject: Subject,
    limit: Name,
    unit: Unit,
    amount: Option<u32>,
    remind_after_percent: u8,
    source: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Amount {
    Fixed(Limit),
    ByCategory,
    PercentOfAnswer(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    amount: Amount,
    remind_after_percent: u8,
}

impl Entry {
    fn term(self, by_category: Limit) -> Term {
        let limit = match self.amount {
            Amount::Fixed(limit) => limit,
            Amount::ByCategory => by_category,
            Amount::PercentOfAnswer(percent) => by_category.percent(percent),
        };
        Term { limit, remind_after_percent: self.remind_after_percent }
    }
}

/// The limits of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseLimits {
    /// From registration to acceptance.
    pub accept: Term,
    /// From acceptance to settlement.
    pub answer: Term,
    /// From reopening to settlement.
    pub reopened: Term,
    /// The least that is given to a case that is sent back or reopened.
    pub floor: Limit,
}

/// The limits of a called department, all but `rework` from the sounding on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WhistleLimits {
    /// 签收
    pub sign_for: Term,
    /// 联系
    pub make_contact: Term,
    /// 报到
    pub report_in: Term,
    /// 完成
    pub finish: Term,
    /// From an order of rework to the new finish.
    pub rework: Term,
}

/// All limits, by the date from which they hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    entries: BTreeMap<(Subject, Name), BTreeMap<Date, Entry>>,
}

impl Limits {
    /// The limits that come with the program.
    pub fn official() -> Self {
        Self::from_csv(OFFICIAL.as_bytes()).expect("the embedded limits are read by a test")
    }

    /// Reads limits (columns as in the embedded file), or names every bad line and every limit that is missing.
    pub fn from_csv(source: impl Read) -> Result<Self, BadTable> {
        let mut reader = TableReader::new("limits");
        let mut entries: BTreeMap<(Subject, Name), BTreeMap<Date, Entry>> = BTreeMap::new();
        reader.read(source, |row: Row| {
            let key = (row.subject, row.limit);
            let (from, entry) = (row.valid_from, row.entry()?);
            match entries.entry(key).or_default().insert(from, entry) {
                None => Ok(()),
                Some(_) => Err(format!("{key:?} from {from} is listed twice")),
            }
        });
        let cases = Subject::CASES.into_iter().flat_map(|subject| OF_A_CASE.map(|name| (subject, name)));
        let whistles =
            Subject::WHISTLES.into_iter().flat_map(|subject| OF_A_WHISTLE.map(|name| (subject, name)));
        for key in cases.chain(whistles).filter(|key| !entries.contains_key(key)) {
            reader.refuse(0, format!("{key:?} is missing"));
        }
        reader.finish(Self { entries })
    }

    /// The limits of a case registered on that day; `by_category` is what its category says.
    pub fn of_case(&self, on: Date, subject: Subject, by_category: WorkingTime) -> CaseLimits {
        let by_category = Limit::Working(by_category);
        let answer = self.entry(subject, Name::Answer, on).term(by_category);
        let floor = self.entry(subject, Name::AnswerFloor, on).term(by_category).limit;
        let reopened = self.entry(subject, Name::AnswerReopened, on).term(answer.limit);
        CaseLimits {
            accept: self.entry(subject, Name::Accept, on).term(by_category),
            answer,
            reopened: Term { limit: reopened.limit.at_least(floor), ..reopened },
            floor,
        }
    }

    /// The limits of a whistle sounded on that day.
    pub fn of_whistle(&self, on: Date, subject: Subject) -> WhistleLimits {
        // No row of a whistle is by category: the table was checked when it was read.
        let term = |name| self.entry(subject, name, on).term(Limit::Working(WorkingTime::ZERO));
        WhistleLimits {
            sign_for: term(Name::SignFor),
            make_contact: term(Name::MakeContact),
            report_in: term(Name::ReportIn),
            finish: term(Name::Finish),
            rework: term(Name::Rework),
        }
    }

    /// What holds on that day; before the first date the earliest known limit, so that there always is one.
    fn entry(&self, subject: Subject, name: Name, on: Date) -> Entry {
        let dated = self.entries.get(&(subject, name)).and_then(|dated| {
            dated.range(..=on).next_back().or_else(|| dated.first_key_value()).map(|(_, entry)| *entry)
        });
        dated.unwrap_or_else(|| panic!("{subject:?} has no limit {name:?}, which the table was checked for"))
    }
}

impl Row {
    fn entry(&self) -> Result<Entry, String> {
        if !(1..=99).contains(&self.remind_after_percent) {
            return Err(format!("a reminder after {} % is none", self.remind_after_percent));
        }
        if self.source.is_empty() {
            return Err("a limit needs a source".to_owned());
        }
        let (expected, whose) = if Subject::CASES.contains(&self.subject) {
            (OF_A_CASE.contains(&self.limit), "case")
        } else {
            (OF_A_WHISTLE.contains(&self.limit), "whistle")
        };
        if !expected {
            return Err(format!("a {whose} has no limit {:?}", self.limit));
        }
        let amount = match (self.unit, self.amount) {
            (Unit::WorkingMinutes, Some(minutes @ 1..)) => {
                Amount::Fixed(Limit::Working(WorkingTime::minutes(u64::from(minutes))))
            }
            (Unit::WallMinutes, Some(minutes @ 1..)) => {
                Amount::Fixed(Limit::Wall(SignedDuration::from_mins(i64::from(minutes))))
            }
            (Unit::ByCategory, None) if self.limit == Name::Answer => Amount::ByCategory,
            (Unit::PercentOfAnswer, Some(percent @ 1..=100)) if self.limit == Name::AnswerReopened => {
                Amount::PercentOfAnswer(percent as u8)
            }
            (
                Unit::WorkingMinutes | Unit::WallMinutes | Unit::ByCategory | Unit::PercentOfAnswer,
                Some(_) | None,
            ) => {
                return Err(format!("{:?} cannot be {:?} {:?}", self.limit, self.amount, self.unit));
            }
        };
        Ok(Entry { amount, remind_after_percent: self.remind_after_percent })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Date = jiff::civil::date(2026, 11, 23);

    #[test]
    fn steps_of_a_whistle_are_due_in_their_order() {
        for subject in Subject::WHISTLES {
            let limits = Limits::official().of_whistle(DAY, subject);
            let steps = [limits.sign_for, limits.make_contact, limits.report_in, limits.finish];
            for pair in steps.windows(2) {
                assert_eq!(pair[1].limit.at_least(pair[0].limit), pair[1].limit, "{subject:?}");
            }
        }
    }

    #[test]
    fn a_short_limit_is_not_halved_below_the_floor() {
        let limits = Limits::official();
        let short = limits.of_case(DAY, Subject::NormalCase, WorkingTime::hours(6));
        assert_eq!(short.reopened.limit, Limit::Working(WorkingTime::hours(4)));
        let long = limits.of_case(DAY, Subject::NormalCase, WorkingTime::hours(56));
        assert_eq!(long.reopened.limit, Limit::Working(WorkingTime::hours(28)));
        let urgent = limits.of_case(DAY, Subject::UrgentCase, WorkingTime::hours(56));
        assert_eq!(urgent.reopened.limit, Limit::Wall(SignedDuration::from_hours(12)));
    }

    #[test]
    fn a_later_limit_holds_from_its_day_on() {
        let later =
            format!("{OFFICIAL}2027-01-01,case.normal,accept,working_minutes,60,50,\"decided in 2026\"\n");
        let limits = Limits::from_csv(later.as_bytes()).unwrap();
        let accept = |on| limits.of_case(on, Subject::NormalCase, WorkingTime::hours(8)).accept.limit;
        assert_eq!(accept(jiff::civil::date(2026, 12, 31)), Limit::Working(WorkingTime::minutes(120)));
        assert_eq!(accept(jiff::civil::date(2027, 1, 1)), Limit::Working(WorkingTime::minutes(60)));
        assert_eq!(accept(jiff::civil::date(2020, 1, 1)), Limit::Working(WorkingTime::minutes(120)));
    }

    #[test]
    fn every_bad_line_and_every_missing_limit_is_named() {
        let table = OFFICIAL
            .replace("whistle.red,rework,working_minutes,1200,75", "whistle.red,accept,working_minutes,0,75");
        let bad = Limits::from_csv(table.as_bytes()).unwrap_err().to_string();
        assert!(bad.contains("line 24: a whistle has no limit Accept"), "{bad}");
        assert!(bad.contains("(RedWhistle, Rework) is missing"), "{bad}");
        let bad = Limits::from_csv(OFFICIAL.replace(",60,75,", ",0,75,").as_bytes()).unwrap_err();
        assert_eq!(bad.lines.iter().filter(|bad| bad.line > 0).count(), 3, "{bad}");
    }
}
