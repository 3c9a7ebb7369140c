//! Clocks: how much time something may take, when it is due, and what a suspension does to that.
//!
//! A clock starts when somebody is called upon (at dispatch), not when they sign for it, and nothing but an approved suspension moves
//! its due instant. Knows nothing of cases, whistles or who is late.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::calendar::{WorkCalendar, WorkingTime};

/// What a clock measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockKind {
    /// 受理
    Accept,
    /// 办理: from acceptance to settlement.
    Answer,
    /// 签收
    SignFor,
    /// 联系
    MakeContact,
    /// 报到
    ReportIn,
    /// 完成
    Finish,
}

impl ClockKind {
    /// The word for it in files and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Answer => "answer",
            Self::SignFor => "sign_for",
            Self::MakeContact => "make_contact",
            Self::ReportIn => "report_in",
            Self::Finish => "finish",
        }
    }
}

/// How much time something may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Working time on the official calendar.
    Working(WorkingTime),
    /// Every hour counts: life or property is in danger.
    Wall(SignedDuration),
}

impl Limit {
    /// The instant at which the limit has passed.
    pub fn after(self, from: Timestamp, calendar: &WorkCalendar) -> Timestamp {
        match self {
            Self::Working(amount) => calendar.add(from, amount),
            Self::Wall(amount) => from.saturating_add(amount).unwrap_or(Timestamp::MAX),
        }
    }

    /// So many hundredths of it.
    pub fn percent(self, percent: u8) -> Self {
        match self {
            Self::Working(amount) => Self::Working(amount.percent(u64::from(percent))),
            Self::Wall(amount) => {
                let seconds = amount.as_secs().saturating_mul(i64::from(percent)) / 100;
                Self::Wall(SignedDuration::from_secs(seconds))
            }
        }
    }

    /// The time of this limit's kind that lies between two instants; none when the second is not after the first.
    pub fn between(self, from: Timestamp, to: Timestamp, calendar: &WorkCalendar) -> Self {
        match self {
            Self::Working(_) => Self::Working(calendar.between(from, to)),
            Self::Wall(_) => Self::Wall(to.duration_since(from).max(SignedDuration::ZERO)),
        }
    }

    /// This limit, or the other when that is of the same kind and longer.
    pub fn at_least(self, other: Self) -> Self {
        match (self, other) {
            (Self::Working(own), Self::Working(floor)) => Self::Working(own.max(floor)),
            (Self::Wall(own), Self::Wall(floor)) => Self::Wall(own.max(floor)),
            (Self::Working(_), Self::Wall(_)) | (Self::Wall(_), Self::Working(_)) => self,
        }
    }

    /// True when it counts every hour and not only working time.
    pub const fn is_wall_time(self) -> bool {
        match self {
            Self::Working(_) => false,
            Self::Wall(_) => true,
        }
    }
}

/// A limit and the part of it after which a reminder is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// How much time there is.
    pub limit: Limit,
    /// After how many hundredths of it a reminder is due, 1 to 99.
    pub remind_after_percent: u8,
}

/// What happens to a clock by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alarm {
    /// It is about to run out: a reminder is due.
    Reminder,
    /// It has run out: supervision begins.
    RunOut,
}

/// A clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// What it measures.
    pub kind: ClockKind,
    /// When it started.
    pub started_at: Timestamp,
    /// How much time there was then.
    pub limit: Limit,
    /// When a reminder is due; moves with `due_at`.
    pub remind_at: Timestamp,
    /// When it runs out; moves only by an approved suspension.
    pub due_at: Timestamp,
    /// When the thing was done, or nobody asked for it any more; absent while the clock counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_at: Option<Timestamp>,
    /// Since when it stands still; absent unless a suspension is approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended_at: Option<Timestamp>,
    /// True from the reminder on.
    #[serde(default, skip_serializing_if = "is_false")]
    pub reminded: bool,
    /// True once it is known that it ran out before the thing was done.
    #[serde(default, skip_serializing_if = "is_false")]
    pub overdue: bool,
}

fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Clock {
    /// Starts a clock.
    pub fn start(kind: ClockKind, at: Timestamp, term: Term, calendar: &WorkCalendar) -> Self {
        Self {
            kind,
            started_at: at,
            limit: term.limit,
            remind_at: term.limit.percent(term.remind_after_percent).after(at, calendar),
            due_at: term.limit.after(at, calendar),
            stopped_at: None,
            suspended_at: None,
            reminded: false,
            overdue: false,
        }
    }

    /// True until the thing is done, also while the clock stands still.
    pub fn is_open(&self) -> bool {
        self.stopped_at.is_none()
    }

    /// True when the limit has passed at an instant, from the due instant itself on; time during which it stood still does not count.
    pub fn has_run_out(&self, at: Timestamp) -> bool {
        self.overdue || self.due_at <= self.suspended_at.map_or(at, |since| since.min(at))
    }

    /// What is left of the limit at an instant.
    pub fn left(&self, at: Timestamp, calendar: &WorkCalendar) -> Limit {
        self.limit.between(self.suspended_at.map_or(at, |since| since.min(at)), self.due_at, calendar)
    }

    /// Stops it, because the thing is done or is not asked for any more.
    pub fn stop(&mut self, at: Timestamp) {
        if self.is_open() {
            self.overdue = self.has_run_out(at);
            self.suspended_at = None;
            self.stopped_at = Some(at);
        }
    }

    /// Stops it without judging it: what it measured is not asked for any more.
    pub fn cancel(&mut self, at: Timestamp) {
        if self.is_open() {
            self.suspended_at = None;
            self.stopped_at = Some(at);
        }
    }

    /// Lets it stand still. What is left is what lies between this instant and the due one.
    pub fn suspend(&mut self, at: Timestamp) {
        if self.is_open() && self.suspended_at.is_none() {
            self.suspended_at = Some(at);
        }
    }

    /// Lets it go on with what was left when it was suspended. A clock that had run out by then stays as it is.
    pub fn resume(&mut self, at: Timestamp, calendar: &WorkCalendar) {
        let Some(since) = self.suspended_at.take() else { return };
        let moved = |instant: Timestamp, limit: Limit| {
            if instant <= since {
                instant
            } else {
                limit.between(since, instant, calendar).after(at, calendar)
            }
        };
        self.remind_at = moved(self.remind_at, self.limit);
        self.due_at = moved(self.due_at, self.limit);
    }

    /// What happens next by itself and when; nothing while it stands still, when it has stopped or when it is known to be overdue.
    pub fn next_alarm(&self) -> Option<(Timestamp, Alarm)> {
        if !self.is_open() || self.suspended_at.is_some() || self.overdue {
            None
        } else if self.reminded {
            Some((self.due_at, Alarm::RunOut))
        } else {
            Some((self.remind_at.min(self.due_at), Alarm::Reminder))
        }
    }

    /// What is due at an instant. A reminder that nobody could give before the clock ran out is not given any more.
    pub fn alarm_at(&self, at: Timestamp) -> Option<(Timestamp, Alarm)> {
        let (due, _) = self.next_alarm().filter(|(due, _)| *due <= at)?;
        if self.due_at <= at { Some((self.due_at, Alarm::RunOut)) } else { Some((due, Alarm::Reminder)) }
    }

    /// Notes that an alarm was given.
    pub fn note(&mut self, alarm: Alarm) {
        self.reminded = true;
        match alarm {
            Alarm::Reminder => {}
            Alarm::RunOut => self.overdue = true,
        }
    }
}

#[cfg(test)]
#[path = "clock_tests.rs"]
mod tests;
