//! What a clock promises.

use super::*;

fn instant(text: &str) -> Timestamp {
    format!("{text}+08:00").parse().unwrap()
}

fn two_hours() -> Term {
    Term { limit: Limit::Working(WorkingTime::hours(2)), remind_after_percent: 75 }
}

#[test]
fn a_suspension_gives_back_exactly_what_was_left() {
    let calendar = WorkCalendar::official();
    let mut clock = Clock::start(ClockKind::Accept, instant("2026-11-23T09:00:00"), two_hours(), &calendar);
    assert_eq!(
        (clock.remind_at, clock.due_at),
        (instant("2026-11-23T10:30:00"), instant("2026-11-23T11:00:00"))
    );
    clock.suspend(instant("2026-11-23T10:00:00"));
    assert_eq!(clock.next_alarm(), None);
    assert!(!clock.has_run_out(instant("2026-11-27T10:00:00")));
    clock.resume(instant("2026-11-28T10:00:00"), &calendar);
    // Resumed on a Saturday: the hour that was left is the first hour of Monday.
    assert_eq!(
        (clock.remind_at, clock.due_at),
        (instant("2026-11-30T09:00:00"), instant("2026-11-30T09:30:00"))
    );
}

#[test]
fn a_suspension_does_not_save_a_clock_that_had_run_out() {
    let calendar = WorkCalendar::official();
    let mut clock = Clock::start(ClockKind::Accept, instant("2026-11-23T09:00:00"), two_hours(), &calendar);
    let due = clock.due_at;
    clock.suspend(instant("2026-11-23T15:00:00"));
    clock.resume(instant("2026-11-24T15:00:00"), &calendar);
    assert_eq!(clock.due_at, due);
    clock.stop(instant("2026-11-24T15:00:01"));
    assert!(clock.overdue);
}

#[test]
fn reminder_comes_before_and_running_out_at_the_due_instant_each_once() {
    let calendar = WorkCalendar::official();
    let mut clock = Clock::start(ClockKind::Accept, instant("2026-11-23T09:00:00"), two_hours(), &calendar);
    assert_eq!(clock.alarm_at(instant("2026-11-23T10:29:59")), None);
    assert_eq!(clock.alarm_at(clock.remind_at), Some((clock.remind_at, Alarm::Reminder)));
    // A service that slept gives no reminder of what has run out already.
    assert_eq!(clock.alarm_at(clock.due_at), Some((clock.due_at, Alarm::RunOut)));
    clock.note(Alarm::Reminder);
    assert_eq!(clock.next_alarm(), Some((clock.due_at, Alarm::RunOut)));
    assert!(clock.has_run_out(clock.due_at));
    clock.note(Alarm::RunOut);
    assert_eq!(clock.next_alarm(), None);
}

#[test]
fn a_wall_clock_counts_the_night() {
    let calendar = WorkCalendar::official();
    let term = Term { limit: Limit::Wall(SignedDuration::from_hours(24)), remind_after_percent: 75 };
    let clock = Clock::start(ClockKind::Answer, instant("2026-10-02T23:00:00"), term, &calendar);
    assert_eq!(
        (clock.remind_at, clock.due_at),
        (instant("2026-10-03T17:00:00"), instant("2026-10-03T23:00:00"))
    );
}

#[test]
fn the_stored_form_is_compact() {
    let clock = Clock::start(
        ClockKind::Accept,
        instant("2026-11-23T09:00:00"),
        two_hours(),
        &WorkCalendar::official(),
    );
    let stored = serde_json::to_string(&clock).unwrap();
    insta::assert_snapshot!(stored, @r#"{"kind":"accept","started_at":"2026-11-23T01:00:00Z","limit":{"working":7200},"remind_at":"2026-11-23T02:30:00Z","due_at":"2026-11-23T03:00:00Z"}"#);
    assert_eq!(serde_json::from_str::<Clock>(&stored).unwrap(), clock);
}
