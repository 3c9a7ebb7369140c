//! The by-laws of the whistle, as a table, and its behaviour in short stories.

use std::fmt::Write;

use jiff::Timestamp;

use super::samples::*;
use super::*;
use crate::clock::ClockKind;

/// Days and hours in China, without the year.
fn short(at: Timestamp) -> String {
    jiff::tz::offset(8).to_datetime(at).strftime("%m-%d %H:%M").to_string()
}

/// An event in one line: its name and what matters for the stories.
fn line(event: &Event) -> String {
    let detail = match event {
        Event::WhistleSounded { clocks, .. } => {
            let due =
                |clock: &crate::clock::Clock| format!("{} {}", clock.kind.as_str(), short(clock.due_at));
            clocks.iter().map(due).collect::<Vec<_>>().join(", ")
        }
        Event::DepartmentSignedFor { department, late }
        | Event::DepartmentMadeContact { department, late }
        | Event::DepartmentReportedIn { department, late }
        | Event::DepartmentFinished { department, late, .. } => format!("{department}, late {late}"),
        Event::SummonsRefused { department, .. }
        | Event::SummonsUpheld { department, .. }
        | Event::DepartmentExcused { department, .. }
        | Event::TaskAgreed { department, .. }
        | Event::EvidenceHandedIn { department, .. } => department.to_string(),
        Event::ReworkOrdered { department, clock, .. } => {
            format!("{department}, due {}", short(clock.due_at))
        }
        Event::ResultAccepted { late, .. } => format!("late {late}"),
        Event::ClocksSuspended { until_at } => format!("until {}", short(*until_at)),
        Event::ClocksResumed { resumed_at, clocks } => {
            format!("on {}, {} departments", short(*resumed_at), clocks.len())
        }
        Event::DepartmentReminded { department, clock, due_at }
        | Event::DepartmentSupervised { department, clock, due_at } => {
            format!("{department}, {} due {}", clock.as_str(), short(*due_at))
        }
        Event::WhistleFinished | Event::WhistleWithdrawn { .. } => String::new(),
    };
    if detail.is_empty() { event.name().to_owned() } else { format!("{}: {detail}", event.name()) }
}

fn lines(outcome: &Result<Vec<Event>, Refusal>) -> String {
    match outcome {
        Ok(events) if events.is_empty() => "nothing".to_owned(),
        Ok(events) => events.iter().map(line).collect::<Vec<_>>().join("\n"),
        Err(refusal) => format!("refused, {}: {refusal}", refusal.reason()),
    }
}

fn story_to(name: &str) -> Story {
    let (_, way) = states().into_iter().find(|(state, _)| *state == name).unwrap();
    Story::default().then(monday(), &way)
}

/// What a command leads to in a state of the table.
fn after(state: &str, command: &Command) -> String {
    lines(&story_to(state).follow(monday(), command))
}

/// Lets everything happen by itself until an instant, each at its time.
fn run(story: &mut Story, until: Timestamp) -> String {
    let mut told = String::new();
    while let Some(due) = next_due(story.whistle.as_ref().unwrap()).filter(|due| *due <= until) {
        for event in story.follow(due, &Command::Tick).unwrap() {
            writeln!(told, "{} {}", short(due), line(&event)).unwrap();
        }
    }
    told
}

#[test]
fn by_laws() {
    let mut table = String::from(
        "The by-laws of the whistle. Two departments are called; the table shows one of them, and where the other matters it is named.\n\
         For every state: what each command leads to, events or the reason of the refusal.\n\
         -> what happens    (nothing) the command is accepted and changes nothing    no REASON it is refused\n",
    );
    for (name, way) in states() {
        let story = Story::default().then(monday(), &way);
        writeln!(table, "\n{name}").unwrap();
        for kind in CommandKind::ALL {
            let command = sample(kind, OWN, monday());
            let cell = match decide(story.whistle.as_ref(), monday(), &command, &RULES) {
                Ok(events) if events.is_empty() => "(nothing)".to_owned(),
                Ok(events) => format!("-> {}", events.iter().map(Event::name).collect::<Vec<_>>().join(", ")),
                Err(refusal) => format!("no {}", refusal.reason()),
            };
            writeln!(table, "  {:<15} {cell}", format!("{kind:?}")).unwrap();
        }
        let excuse = decide(story.whistle.as_ref(), monday(), &decided(OWN, Decision::Excused), &RULES);
        if let Ok(events) = excuse {
            let names = events.iter().map(Event::name).collect::<Vec<_>>().join(", ");
            writeln!(table, "  {:<15} -> {names}", "... excused").unwrap();
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn what_is_allowed_is_what_is_decided() {
    for (name, way) in states() {
        let Some(whistle) = Story::default().then(monday(), &way).whistle else { continue };
        let offered = allowed(&whistle);
        let mut possible = Vec::new();
        for kind in CommandKind::ALL.into_iter().filter(|kind| kind.rpc().is_some()) {
            for department in [OWN, OTHER] {
                let decided = decide(Some(&whistle), monday(), &sample(kind, department, monday()), &RULES);
                let of_all = matches!(kind, CommandKind::Accept | CommandKind::Withdraw);
                let whose = if of_all { None } else { Some(code(department)) };
                if decided.is_ok_and(|events| !events.is_empty())
                    && !possible.contains(&(kind, whose.clone()))
                {
                    possible.push((kind, whose));
                }
            }
        }
        let sorted = |mut kinds: Vec<_>| {
            kinds.sort();
            kinds
        };
        assert_eq!(sorted(offered), sorted(possible), "when {name}");
    }
}

#[test]
fn all_clocks_start_at_the_sounding_by_kind_and_level() {
    let mut told = String::new();
    for (kind, level) in [
        (Kind::JointEnforcement, Level::Blue),
        (Kind::JointEnforcement, Level::Yellow),
        (Kind::PriorityWork, Level::Red),
        (Kind::Emergency, Level::Blue),
    ] {
        let sounded = Story::default().follow(monday(), &call(kind, level, &[OWN]));
        writeln!(told, "{kind:?} {level:?} {}", lines(&sounded)).unwrap();
    }
    insta::assert_snapshot!(told, @r"
    JointEnforcement Blue whistle_sounded: sign_for 11-23 10:00, make_contact 11-24 09:00, report_in 11-26 09:00, finish 12-07 09:00
    JointEnforcement Yellow whistle_sounded: sign_for 11-23 10:00, make_contact 11-24 09:00, report_in 11-24 09:00, finish 12-02 09:00
    PriorityWork Red whistle_sounded: sign_for 11-23 10:00, make_contact 11-23 14:30, report_in 11-23 14:30, finish 11-30 09:00
    Emergency Blue whistle_sounded: sign_for 11-23 09:10, make_contact 11-23 09:30, report_in 11-23 09:30, finish 11-24 09:00
    ");
    let nobody = Story::default().follow(monday(), &call(Kind::Emergency, Level::Red, &[]));
    insta::assert_snapshot!(lines(&nobody), @"refused, NO_DEPARTMENT: a whistle calls at least one department");
}

#[test]
fn reporting_in_includes_signing_for_and_contact_each_with_its_own_lateness() {
    let mut story = story_to("called");
    let report_in = sample(CommandKind::ReportIn, OWN, monday());
    // Signing was due at ten on Monday, contact at nine on Tuesday, report-in on Thursday.
    insta::assert_snapshot!(lines(&story.follow(china("2026-11-24T10:00:00"), &report_in)), @r"
    department_signed_for: fire-rescue, late true
    department_made_contact: fire-rescue, late true
    department_reported_in: fire-rescue, late false
    ");
    insta::assert_snapshot!(lines(&story.follow(china("2026-11-24T10:01:00"), &report_in)), @"nothing");
}

#[test]
fn nobody_leaves_before_all_is_done() {
    let accept = sample(CommandKind::Accept, OWN, monday());
    insta::assert_snapshot!(after("called", &accept), @"refused, NOT_FINISHED: not every joined department is done: fire-rescue, housing still at work");
    insta::assert_snapshot!(after("done, refusal open, the other is done", &accept), @"refused, NOT_FINISHED: not every joined department is done: fire-rescue still at work");
    insta::assert_snapshot!(after("reported in, the other is done", &sample(CommandKind::Finish, OWN, monday())), @r"
    department_finished: fire-rescue, late false
    whistle_finished
    ");
    insta::assert_snapshot!(after("finished", &accept), @"result_accepted: late false");
}

#[test]
fn a_third_refusal_is_not_taken() {
    let refuse = sample(CommandKind::Refuse, OWN, monday());
    insta::assert_snapshot!(after("called, refused twice and upheld", &refuse), @"refused, REFUSED_TOO_OFTEN: fire-rescue has refused this summons twice and the arbiter decided; it cannot be refused again");
}

#[test]
fn excusing_the_last_department_withdraws_the_whistle() {
    let excuse = decided(OWN, Decision::Excused);
    insta::assert_snapshot!(after("called, refusal open, the other is excused", &excuse), @r"
    department_excused: fire-rescue
    whistle_withdrawn
    ");
    insta::assert_snapshot!(after("called, refusal open, the other is done", &excuse), @r"
    department_excused: fire-rescue
    whistle_finished
    ");
    insta::assert_snapshot!(after("called, refusal open", &excuse), @"department_excused: fire-rescue");
}

#[test]
fn rework_starts_a_new_finish_clock_and_takes_the_whistle_back() {
    let mut story = story_to("finished");
    let rework = sample(CommandKind::OrderRework, OWN, monday());
    insta::assert_snapshot!(lines(&story.follow(china("2026-11-27T17:00:00"), &rework)), @"rework_ordered: fire-rescue, due 12-04 17:00");
    let whistle = story.whistle.as_ref().unwrap();
    assert_eq!((&whistle.phase, whistle.waiting_for()), (&Phase::Sounded, vec![code(OWN)]));
    let finish = sample(CommandKind::Finish, OWN, monday());
    insta::assert_snapshot!(lines(&story.follow(china("2026-12-04T17:00:00"), &finish)), @r"
    department_finished: fire-rescue, late true
    whistle_finished
    ");
    let accept = sample(CommandKind::Accept, OWN, monday());
    insta::assert_snapshot!(lines(&story.follow(china("2026-12-04T17:00:00"), &accept)), @"result_accepted: late true");
}

#[test]
fn a_refusal_stops_no_clock() {
    let mut story = story_to("called, refusal open");
    insta::assert_snapshot!(run(&mut story, china("2026-11-23T10:00:00")), @r"
    11-23 09:45 department_reminded: fire-rescue, sign_for due 11-23 10:00
    11-23 09:45 department_reminded: housing, sign_for due 11-23 10:00
    11-23 10:00 department_supervised: fire-rescue, sign_for due 11-23 10:00
    11-23 10:00 department_supervised: housing, sign_for due 11-23 10:00
    ");
}

#[test]
fn over_national_day_the_silent_department_is_reminded_and_supervised_by_itself() {
    // Sounded at four on the eve of National Day 2026; 1 to 7 October are holidays and Saturday 10 October is made up.
    let eve = china("2026-09-30T16:00:00");
    let mut story = Story::default().then(eve, &[call(Kind::JointEnforcement, Level::Yellow, &[OWN, OTHER])]);
    story.follow(eve, &sample(CommandKind::ReportIn, OWN, eve)).unwrap();
    insta::assert_snapshot!(run(&mut story, china("2026-10-31T00:00:00")), @r"
    09-30 16:45 department_reminded: housing, sign_for due 09-30 17:00
    09-30 17:00 department_supervised: housing, sign_for due 09-30 17:00
    10-08 14:00 department_reminded: housing, make_contact due 10-08 16:00
    10-08 14:00 department_reminded: housing, report_in due 10-08 16:00
    10-08 16:00 department_supervised: housing, make_contact due 10-08 16:00
    10-08 16:00 department_supervised: housing, report_in due 10-08 16:00
    10-13 18:00 department_reminded: fire-rescue, finish due 10-15 16:00
    10-13 18:00 department_reminded: housing, finish due 10-15 16:00
    10-15 16:00 department_supervised: fire-rescue, finish due 10-15 16:00
    10-15 16:00 department_supervised: housing, finish due 10-15 16:00
    ");
    let silent = &story.whistle.as_ref().unwrap().summonses[&code(OTHER)];
    assert_eq!((silent.reminders, silent.supervised), (4, true));
    assert!(silent.clocks.iter().all(|clock| clock.overdue));
    assert_eq!(next_due(story.whistle.as_ref().unwrap()), None);
}

#[test]
fn an_emergency_runs_through_the_holiday_on_the_wall_clock() {
    let night = china("2026-10-02T23:00:00");
    let mut story = Story::default().then(night, &[call(Kind::Emergency, Level::Red, &[OWN])]);
    insta::assert_snapshot!(run(&mut story, china("2026-10-31T00:00:00")), @r"
    10-02 23:07 department_reminded: fire-rescue, sign_for due 10-02 23:10
    10-02 23:10 department_supervised: fire-rescue, sign_for due 10-02 23:10
    10-02 23:22 department_reminded: fire-rescue, make_contact due 10-02 23:30
    10-02 23:22 department_reminded: fire-rescue, report_in due 10-02 23:30
    10-02 23:30 department_supervised: fire-rescue, make_contact due 10-02 23:30
    10-02 23:30 department_supervised: fire-rescue, report_in due 10-02 23:30
    10-03 17:00 department_reminded: fire-rescue, finish due 10-03 23:00
    10-03 23:00 department_supervised: fire-rescue, finish due 10-03 23:00
    ");
}

#[test]
fn a_timer_that_slept_supervises_and_no_longer_reminds() {
    let mut story = story_to("called");
    insta::assert_snapshot!(lines(&story.follow(china("2026-11-24T09:30:00"), &Command::Tick)), @r"
    department_supervised: fire-rescue, sign_for due 11-23 10:00
    department_supervised: housing, sign_for due 11-23 10:00
    department_supervised: fire-rescue, make_contact due 11-24 09:00
    department_supervised: housing, make_contact due 11-24 09:00
    ");
}

#[test]
fn a_suspension_gives_every_department_back_what_was_left() {
    let mut story = story_to("called");
    story.follow(monday(), &sample(CommandKind::ReportIn, OWN, monday())).unwrap();
    let mut told = String::new();
    for (at, command) in [
        ("2026-11-23T09:30:00", Command::Suspend { until: china("2026-11-26T08:30:00") }),
        ("2026-11-25T12:00:00", Command::Tick),
        // The timer comes twenty minutes late; what is left is counted from the end of the suspension all the same.
        ("2026-11-26T08:50:00", Command::Tick),
        ("2026-11-26T09:00:00", Command::Tick),
        ("2026-11-26T09:00:00", Command::Resume),
    ] {
        writeln!(told, "{at} {}", lines(&story.follow(china(at), &command))).unwrap();
    }
    insta::assert_snapshot!(told, @r"
    2026-11-23T09:30:00 clocks_suspended: until 11-26 08:30
    2026-11-25T12:00:00 nothing
    2026-11-26T08:50:00 clocks_resumed: on 11-26 08:30, 2 departments
    department_reminded: housing, sign_for due 11-26 09:00
    2026-11-26T09:00:00 department_supervised: housing, sign_for due 11-26 09:00
    2026-11-26T09:00:00 nothing
    ");
    let sign_for = &story.whistle.unwrap().summonses[&code(OTHER)].clocks[0];
    assert_eq!((sign_for.kind, sign_for.due_at), (ClockKind::SignFor, china("2026-11-26T09:00:00")));
}

#[test]
fn whoever_comes_after_a_suspension_meets_running_clocks_though_the_timer_sleeps() {
    let until = china("2026-11-25T09:00:00");
    let mut story = story_to("done, the other is not").then(monday(), &[Command::Suspend { until }]);
    let rework = sample(CommandKind::OrderRework, OWN, monday());
    insta::assert_snapshot!(lines(&story.follow(china("2026-11-25T09:30:00"), &rework)), @r"
    clocks_resumed: on 11-25 09:00, 1 departments
    rework_ordered: fire-rescue, due 12-02 09:30
    ");
    let sign = sample(CommandKind::SignFor, OTHER, monday());
    insta::assert_snapshot!(lines(&story.follow(china("2026-11-25T10:00:00"), &sign)), @"department_signed_for: housing, late true");
}
