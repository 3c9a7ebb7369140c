//! Working time (工作时间): which days are working days by the official calendar, which hours of them count, and arithmetic over both.
//!
//! Time is counted in whole seconds of China standard time, which has had no daylight saving since 1991. Knows nothing of what is
//! measured; clocks do.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::Read;
use std::ops::Add;

use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::table::{BadTable, TableReader};

const EXCEPTIONS: &str = include_str!("../data/workday_exceptions.csv");
const HOURS: &str = include_str!("../data/working_hours.csv");
const OFFSET: Offset = jiff::tz::offset(8);
/// No calendar is asked beyond this year: a clock that would run longer is due on its last day.
const LAST_DAY: Date = jiff::civil::date(9990, 12, 31);

/// An amount of working time, in whole seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WorkingTime(u64);

impl WorkingTime {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// So many seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// So many minutes.
    pub const fn minutes(minutes: u64) -> Self {
        Self(minutes * 60)
    }

    /// So many hours; a working day has eight.
    pub const fn hours(hours: u64) -> Self {
        Self(hours * 3600)
    }

    /// The amount in seconds.
    pub const fn as_seconds(self) -> u64 {
        self.0
    }

    /// So many hundredths of it, rounded down to a second.
    pub const fn percent(self, percent: u64) -> Self {
        Self(self.0 * percent / 100)
    }
}

impl Add for WorkingTime {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl fmt::Display for WorkingTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hours, minutes, seconds) = (self.0 / 3600, self.0 / 60 % 60, self.0 % 60);
        match (minutes, seconds) {
            (0, 0) => write!(f, "{hours} working h"),
            (_, 0) => write!(f, "{hours}:{minutes:02} working h"),
            _ => write!(f, "{hours}:{minutes:02}:{seconds:02} working h"),
        }
    }
}

/// A day that is not what its weekday says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Exception {
    Holiday,
    MakeupWorkday,
}

/// Which days and hours count as working time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkCalendar {
    exceptions: BTreeMap<Date, Exception>,
    years: BTreeSet<i16>,
    /// Opening hours in order, as seconds since midnight.
    hours: Vec<(u64, u64)>,
}

#[derive(Deserialize)]
struct ExceptionRow {
    date: Date,
    iso_weekday: i8,
    is_workday: u8,
    kind: Exception,
}

#[derive(Deserialize)]
struct HoursRow {
    opens: Time,
    closes: Time,
}

impl WorkCalendar {
    /// The calendar that comes with the program: the notices of the State Council for 2004 to 2026.
    pub fn official() -> Self {
        Self::from_csv(EXCEPTIONS.as_bytes()).expect("the embedded calendar is read by a test")
    }

    /// Reads the days that are not what their weekday says (columns `date, iso_weekday, is_workday, kind`), or names every bad line.
    pub fn from_csv(source: impl Read) -> Result<Self, BadTable> {
        let empty = Self { exceptions: BTreeMap::new(), years: BTreeSet::new(), hours: Vec::new() };
        empty.with_hours(HOURS.as_bytes())?.with_exceptions(source)
    }

    /// Adds further days, for example those of a year whose notice came out after the program; a day that is there already is a bad line.
    pub fn with_exceptions(mut self, source: impl Read) -> Result<Self, BadTable> {
        let mut reader = TableReader::new("workday exceptions");
        reader.read(source, |row: ExceptionRow| {
            let weekday = row.date.weekday().to_monday_one_offset();
            if weekday != row.iso_weekday {
                return Err(format!("{} is day {weekday} of the week, not {}", row.date, row.iso_weekday));
            }
            match (row.kind, row.is_workday) {
                (Exception::Holiday, 0) => {}
                (Exception::MakeupWorkday, 1) if weekday >= 6 => {}
                (Exception::MakeupWorkday, 1) => return Err(format!("{} is a working day anyway", row.date)),
                (Exception::Holiday | Exception::MakeupWorkday, _) => {
                    return Err(format!(
                        "is_workday {} contradicts the kind of {}",
                        row.is_workday, row.date
                    ));
                }
            }
            self.years.insert(row.date.year());
            match self.exceptions.insert(row.date, row.kind) {
                None => Ok(()),
                Some(_) => Err(format!("{} is listed twice", row.date)),
            }
        });
        reader.finish(self)
    }

    /// Replaces the working hours (columns `opens, closes`), or names every bad line.
    pub fn with_hours(mut self, source: impl Read) -> Result<Self, BadTable> {
        let seconds = |time: Time| {
            let (hour, minute, second) = (time.hour(), time.minute(), time.second());
            u64::from(hour.unsigned_abs()) * 3600
                + u64::from(minute.unsigned_abs()) * 60
                + u64::from(second.unsigned_abs())
        };
        let mut reader = TableReader::new("working hours");
        let mut hours: Vec<(u64, u64)> = Vec::new();
        reader.read(source, |row: HoursRow| {
            let (opens, closes) = (seconds(row.opens), seconds(row.closes));
            let after = hours.last().map_or(0, |(_, closed)| *closed);
            if opens < after || closes <= opens {
                return Err(format!("{} to {} is not after what stands before it", row.opens, row.closes));
            }
            hours.push((opens, closes));
            Ok(())
        });
        if hours.is_empty() {
            reader.refuse(0, "a working day needs hours".to_owned());
        }
        self.hours = hours;
        reader.finish(self)
    }

    /// True when the notice for the year is loaded. Beyond, Monday to Friday are assumed to be working days, and holidays are not known.
    pub fn covers(&self, year: i16) -> bool {
        self.years.contains(&year)
    }

    /// True when people work on that day.
    pub fn is_workday(&self, date: Date) -> bool {
        match self.exceptions.get(&date) {
            Some(Exception::Holiday) => false,
            Some(Exception::MakeupWorkday) => true,
            None => date.weekday().to_monday_one_offset() <= 5,
        }
    }

    /// The date in China at an instant.
    pub fn date_of(at: Timestamp) -> Date {
        OFFSET.to_datetime(at).date()
    }

    /// Midnight at which the date begins in China.
    pub fn start_of(date: Date) -> Timestamp {
        // Dates that a time zone cannot express lie some eight thousand years off; they end where instants end.
        TimeZone::fixed(OFFSET).to_timestamp(date.at(0, 0, 0, 0)).unwrap_or(Timestamp::MAX)
    }

    /// The earliest instant at which that much working time has passed. Nothing to add leaves the instant as it is.
    pub fn add(&self, from: Timestamp, amount: WorkingTime) -> Timestamp {
        let mut left = amount.0;
        if left == 0 {
            return from;
        }
        let (mut date, mut since) = split(from);
        while date < LAST_DAY {
            for (opens, closes) in self.hours_of(date) {
                let begin = (*opens).max(since);
                let here = closes.saturating_sub(begin);
                if here >= left {
                    return join(date, begin + left);
                }
                left -= here;
            }
            date = next(date);
            since = 0;
        }
        Self::start_of(LAST_DAY)
    }

    /// The working time that lies between two instants; none when the second is not after the first.
    pub fn between(&self, from: Timestamp, to: Timestamp) -> WorkingTime {
        let (mut date, mut since) = split(from);
        let (last, until) = split(to);
        let mut sum = 0;
        while date < last {
            sum += self.counted(date, since, u64::MAX);
            date = next(date);
            since = 0;
        }
        if date == last {
            sum += self.counted(date, since, until);
        }
        WorkingTime(sum)
    }

    fn counted(&self, date: Date, since: u64, until: u64) -> u64 {
        let within = |(opens, closes): &(u64, u64)| (*closes).min(until).saturating_sub((*opens).max(since));
        self.hours_of(date).iter().map(within).sum()
    }

    fn hours_of(&self, date: Date) -> &[(u64, u64)] {
        if self.is_workday(date) { &self.hours } else { &[] }
    }
}

/// The date in China and the whole seconds since its midnight.
fn split(at: Timestamp) -> (Date, u64) {
    let date = WorkCalendar::date_of(at);
    (date, at.duration_since(WorkCalendar::start_of(date)).as_secs().unsigned_abs())
}

fn join(date: Date, seconds: u64) -> Timestamp {
    let since = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    WorkCalendar::start_of(date).saturating_add(since).unwrap_or(Timestamp::MAX)
}

fn next(date: Date) -> Date {
    date.saturating_add(1.day())
}

#[cfg(test)]
#[path = "calendar_tests.rs"]
mod tests;
