//! What the calendar promises: laws of its arithmetic, and agreement with a second table of 3,287 days.

use proptest::prelude::*;

use super::*;

fn instant(text: &str) -> Timestamp {
    format!("{text}+08:00").parse().unwrap()
}

#[test]
fn a_working_day_has_eight_hours_and_a_pause() {
    let calendar = WorkCalendar::official();
    let monday = instant("2026-11-23T08:30:00");
    assert_eq!(calendar.add(monday, WorkingTime::hours(8)), instant("2026-11-23T18:00:00"));
    assert_eq!(calendar.add(monday, WorkingTime::minutes(211)), instant("2026-11-23T13:31:00"));
    assert_eq!(
        calendar.between(instant("2026-11-23T11:30:00"), instant("2026-11-23T14:00:00")),
        WorkingTime::hours(1)
    );
}

#[test]
fn national_day_2026_is_skipped_and_the_make_up_saturday_counts() {
    let calendar = WorkCalendar::official();
    let wednesday_evening = instant("2026-09-30T17:00:00");
    // One hour is left on 30 September; 1 to 7 October are holidays; 8 and 9 are a Thursday and a Friday; Saturday 10 is made up.
    assert_eq!(
        calendar.add(wednesday_evening, WorkingTime::hours(1 + 8 + 8 + 2)),
        instant("2026-10-10T10:30:00")
    );
    assert!(!calendar.is_workday(jiff::civil::date(2026, 10, 11)));
}

#[test]
fn a_year_without_a_notice_is_told_and_can_be_loaded() {
    let official = WorkCalendar::official();
    assert!(official.covers(2004) && official.covers(2026) && !official.covers(2027));
    let new_year = jiff::civil::date(2027, 1, 1);
    assert!(official.is_workday(new_year), "a Friday, as far as anybody can know");
    let loaded = official
        .with_exceptions("date,iso_weekday,is_workday,kind,name_zh\n2027-01-01,5,0,holiday,元旦\n".as_bytes())
        .unwrap();
    assert!(loaded.covers(2027) && !loaded.is_workday(new_year));
}

#[test]
fn every_bad_line_is_named() {
    let bad = WorkCalendar::from_csv(
        "date,iso_weekday,is_workday,kind,name_zh\n\
         2027-01-01,5,0,holiday,元旦\n\
         2027-01-02,5,0,holiday,元旦\n\
         2027-02-30,1,0,holiday,春节\n\
         2027-01-01,5,0,holiday,元旦\n\
         2027-01-04,1,1,makeup_workday,元旦\n\
         2027-01-05,2,1,holiday,元旦\n\
         2027-01-06,3,0,feast,元旦\n"
            .as_bytes(),
    )
    .unwrap_err();
    let lines: Vec<u64> = bad.lines.iter().map(|bad| bad.line).collect();
    assert_eq!(lines, [3, 4, 5, 6, 7, 8], "{bad}");
    assert!(bad.to_string().contains("line 3: 2027-01-02 is day 6 of the week, not 5"), "{bad}");
    let hours = WorkCalendar::official().with_hours("opens,closes\n13:00,12:00\n".as_bytes()).unwrap_err();
    assert_eq!(hours.lines.len(), 2, "{hours}");
}

#[test]
fn every_day_of_2018_to_2026_counts_eight_hours_or_none() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/calendar/cn_days_2018_2026.csv");
    let Ok(mut reader) = csv::Reader::from_path(path) else {
        eprintln!("SKIPPED: {path} is not here, so the calendar is not compared with a second table");
        return;
    };
    let calendar = WorkCalendar::official();
    let (mut days, mut workdays) = (0, 0);
    for row in reader.records() {
        let row = row.unwrap();
        let (date, workday): (Date, bool) = (row[0].parse().unwrap(), &row[2] == "1");
        assert_eq!(calendar.is_workday(date), workday, "{date}");
        let counted =
            calendar.between(WorkCalendar::start_of(date), WorkCalendar::start_of(date.tomorrow().unwrap()));
        assert_eq!(counted, WorkingTime::hours(if workday { 8 } else { 0 }), "{date}");
        days += 1;
        workdays += usize::from(workday);
    }
    assert_eq!(days, 3287);
    println!("{days} days, {workdays} of them working days, agree");
}

fn instants() -> impl Strategy<Value = Timestamp> {
    // 2003 to 2028: years with notices and without, and fractions of a second.
    (1_041_379_200_000_i64..1_861_920_000_000).prop_map(|at| Timestamp::from_millisecond(at).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_added_lies_between(from in instants(), seconds in 0_u64..3_000_000) {
        let calendar = WorkCalendar::official();
        let amount = WorkingTime::seconds(seconds);
        let to = calendar.add(from, amount);
        prop_assert!(to >= from);
        prop_assert_eq!(calendar.between(from, to), amount);
        // It is the earliest such instant: a second before it, less has passed.
        if seconds > 0 {
            prop_assert!(calendar.between(from, to - SignedDuration::from_secs(1)) < amount);
        }
    }

    #[test]
    fn adding_what_lies_between_does_not_overshoot(from in instants(), length in 0_i64..40_000_000) {
        let calendar = WorkCalendar::official();
        let to = from + SignedDuration::from_secs(length);
        let back = calendar.add(from, calendar.between(from, to));
        prop_assert!(back <= to);
        prop_assert_eq!(calendar.between(back, to), WorkingTime::ZERO);
    }

    #[test]
    fn adding_is_monotone(from in instants(), later in 0_i64..3_000_000, a in 0_u64..900_000, b in 0_u64..900_000) {
        let calendar = WorkCalendar::official();
        let (less, more) = (WorkingTime::seconds(a.min(b)), WorkingTime::seconds(a.max(b)));
        prop_assert!(calendar.add(from, less) <= calendar.add(from, more));
        let after = from + SignedDuration::from_millis(later);
        prop_assert!(calendar.add(from, more) <= calendar.add(after, more));
    }

    #[test]
    fn between_is_additive(a in instants(), b in instants(), c in instants()) {
        let calendar = WorkCalendar::official();
        let mut at = [a, b, c];
        at.sort();
        prop_assert_eq!(
            calendar.between(at[0], at[1]) + calendar.between(at[1], at[2]),
            calendar.between(at[0], at[2])
        );
        prop_assert_eq!(calendar.between(at[2], at[0]).as_seconds() > 0, false);
    }
}
