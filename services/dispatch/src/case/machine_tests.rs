//! The by-laws of the case, as a table, and its behaviour in short stories.

use std::fmt::Write;

use super::samples::*;
use super::state::{Case, ConsultationOutcome, Rating, Urgency, Verification};
use super::*;
use crate::clock::ClockKind;

/// Days and hours in China, without the year.
fn short(at: jiff::Timestamp) -> String {
    jiff::tz::offset(8).to_datetime(at).strftime("%m-%d %H:%M").to_string()
}

/// An event in one line: its name and what matters for the tables.
fn line(event: &Event) -> String {
    let detail = match event {
        Event::CaseRegistered { clock, .. } => format!("accept due {}", short(clock.due_at)),
        Event::CaseAccepted { clock, late } => format!("answer due {}, late {late}", short(clock.due_at)),
        Event::CaseSentBack { clock, round, .. } => format!("round {round}, due {}", short(clock.due_at)),
        Event::CaseReopened { clock, round, rung } => {
            format!("round {round} at the {rung}, due {}", short(clock.due_at))
        }
        Event::CaseSettled { rung, round, late, .. } => format!("round {round} by the {rung}, late {late}"),
        Event::CaseVerified { reporters, .. } => format!("{reporters} to visit"),
        Event::CaseRated { reporter, rating, .. } => format!("reporter {reporter} {}", rating.as_str()),
        Event::ReporterJoined { reporter } => format!("number {reporter}"),
        Event::CaseClimbed { rung, .. } => format!("to the {rung}"),
        Event::SuspensionApproved { until_at } => format!("until {}", short(*until_at)),
        Event::SuspensionEnded { ended_at, clock } => {
            format!("on {}, {} due {}", short(*ended_at), clock.kind.as_str(), short(clock.due_at))
        }
        Event::CaseReminded { clock, due_at } | Event::CaseOverdue { clock, due_at } => {
            format!("{} due {}", clock.as_str(), short(*due_at))
        }
        Event::ContactErased { reporter, .. } => format!("of reporter {reporter}"),
        Event::ConsultationConvened
        | Event::ConsultationConcluded { .. }
        | Event::CaseWhistled { .. }
        | Event::CaseTakenBack { .. }
        | Event::CaseClosed { .. }
        | Event::CaseVoided { .. }
        | Event::SuspensionRequested { .. }
        | Event::SuspensionRefused { .. } => String::new(),
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

/// What a command leads to after others.
fn after(given: &[Command], command: &Command) -> String {
    let mut story = Story::default().then(monday(), given);
    lines(&story.follow(monday(), command))
}

fn story_to(name: &str) -> Story {
    let (_, way) = states().into_iter().find(|(state, _)| *state == name).unwrap();
    Story::default().then(monday(), &way)
}

#[test]
fn by_laws() {
    let mut table = String::from(
        "The by-laws of the case. For every state: what each command leads to, events or the reason of the refusal.\n\
         -> what happens    (nothing) the command is accepted and changes nothing    no REASON it is refused\n",
    );
    for (name, way) in states() {
        let story = Story::default().then(monday(), &way);
        writeln!(table, "\n{name}").unwrap();
        for kind in CommandKind::ALL {
            let cell = match decide(story.case.as_ref(), monday(), &sample(kind, monday()), &RULES) {
                Ok(events) if events.is_empty() => "(nothing)".to_owned(),
                Ok(events) => format!("-> {}", events.iter().map(Event::name).collect::<Vec<_>>().join(", ")),
                Err(refusal) => format!("no {}", refusal.reason()),
            };
            writeln!(table, "  {:<21} {cell}", format!("{kind:?}")).unwrap();
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn what_is_allowed_is_what_is_decided() {
    for (name, way) in states() {
        let Some(case) = Story::default().then(monday(), &way).case else { continue };
        let offered = allowed(&case);
        for kind in CommandKind::ALL.into_iter().filter(|kind| kind.rpc().is_some()) {
            let decided = decide(Some(&case), monday(), &sample(kind, monday()), &RULES);
            let possible = decided.is_ok_and(|events| !events.is_empty());
            assert_eq!(offered.contains(&kind), possible, "{kind:?} when {name}");
        }
    }
}

#[test]
fn a_report_must_name_a_community_a_known_category_and_a_grid_of_the_community() {
    insta::assert_snapshot!(after(&[], &report("330105001", Urgency::Normal)), @"refused, AREA_TOO_WIDE: a case lies in a community, an estate or a building, and 330105001 is none");
    insta::assert_snapshot!(after(&[], &report("330105001053", Urgency::Normal)), @"refused, GRID_ELSEWHERE: grid 330105001052-03 does not belong to the community of the place");
    let Command::Register(mut unknown) = report(ESTATE, Urgency::Normal) else { unreachable!() };
    unknown.category = gongzhi_proto::ids::CategoryCode::parse("fire.lane.painted").unwrap();
    insta::assert_snapshot!(after(&[], &Command::Register(unknown)), @"refused, UNKNOWN_CATEGORY: fire.lane.painted is not a category");
}

#[test]
fn an_urgent_case_runs_on_the_wall_clock_and_need_not_consult() {
    let urgent = report(ESTATE, Urgency::Urgent);
    insta::assert_snapshot!(after(&[], &urgent), @"case_registered: accept due 11-23 09:30");
    insta::assert_snapshot!(after(std::slice::from_ref(&urgent), &Command::Accept), @"case_accepted: answer due 11-24 09:00, late false");
    insta::assert_snapshot!(after(&[urgent, Command::Accept], &climb()), @"case_climbed: to the sub_district");
}

#[test]
fn contact_data_is_erased_once_for_each_reporter_and_in_every_phase() {
    let two = [report(ESTATE, Urgency::Normal), Command::JoinReporter, erase(1)];
    insta::assert_snapshot!(after(&two[..2], &erase(2)), @"contact_erased: of reporter 2");
    insta::assert_snapshot!(after(&two, &erase(1)), @"nothing");
    insta::assert_snapshot!(after(&two, &erase(2)), @"contact_erased: of reporter 2");
    insta::assert_snapshot!(after(&two, &erase(3)), @"refused, NO_SUCH_REPORTER: the case has no reporter 3");
    insta::assert_snapshot!(after(&two, &erase(0)), @"refused, NO_SUCH_REPORTER: the case has no reporter 0");
}

#[test]
fn in_an_estate_the_three_parties_come_first() {
    let accepted = [report(ESTATE, Urgency::Normal), Command::Accept];
    insta::assert_snapshot!(after(&accepted, &climb()), @"refused, CONSULTATION_FIRST: the three parties of the estate must first find that it is beyond them");
    let [registered, accepted] = accepted;
    let within =
        [registered, accepted, Command::ConveneConsultation, conclude(ConsultationOutcome::WithinEstate)];
    insta::assert_snapshot!(after(&within, &climb()), @"refused, CONSULTATION_FIRST: the three parties of the estate must first find that it is beyond them");
    let elsewhere = [report(COMMUNITY, Urgency::Normal), Command::Accept];
    insta::assert_snapshot!(after(&elsewhere, &climb()), @"case_climbed: to the sub_district");
}

#[test]
fn a_whistle_settles_the_case_or_gives_it_back() {
    let mut story = story_to("whistled");
    assert_eq!(
        allowed(story.case.as_ref().unwrap()),
        [CommandKind::RequestSuspension, CommandKind::EraseContact]
    );
    insta::assert_snapshot!(lines(&story.clone().follow(monday(), &Command::WhistleWithdrawn)), @"case_taken_back");
    let accepted = sample(CommandKind::WhistleAccepted, monday());
    insta::assert_snapshot!(lines(&story.follow(monday(), &accepted)), @"case_settled: round 1 by the sub_district, late false");
}

#[test]
fn every_reporter_is_asked_and_the_last_closes_the_case() {
    let mut story = Story::default().then(
        monday(),
        &[
            report(ESTATE, Urgency::Normal),
            Command::JoinReporter,
            Command::Accept,
            Command::JoinReporter,
            settle(),
        ],
    );
    insta::assert_snapshot!(lines(&story.follow(monday(), &Command::JoinReporter)), @"refused, REPORT_ANEW: the case is declared done already; a new report makes a new case");
    let mut told = String::new();
    for command in [
        verify(Verification::Confirmed),
        rate(1, 2, Rating::Satisfied),
        rate(1, 2, Rating::NotSatisfied),
        rate(2, 1, Rating::NotSatisfied),
        rate(1, 4, Rating::NotSatisfied),
        rate(1, 3, Rating::NotReached),
        rate(1, 1, Rating::FairlySatisfied),
        rate(1, 1, Rating::NotSatisfied),
    ] {
        writeln!(told, "{}", lines(&story.follow(monday(), &command))).unwrap();
    }
    insta::assert_snapshot!(told, @r"
    case_verified: 3 to visit
    case_rated: reporter 2 satisfied
    nothing
    nothing
    nothing
    case_rated: reporter 3 not_reached
    case_rated: reporter 1 fairly_satisfied
    case_closed
    nothing
    ");
}

#[test]
fn one_no_reopens_the_case_on_the_rung_that_settled_it() {
    let mut story = story_to("handling, sub-district").then(
        china("2026-11-25T10:00:00"),
        &[Command::JoinReporter, settle(), verify(Verification::Confirmed)],
    );
    let no = story.follow(china("2026-11-26T10:00:00"), &rate(1, 1, Rating::NotSatisfied));
    insta::assert_snapshot!(lines(&no), @r"
    case_rated: reporter 1 not_satisfied
    case_reopened: round 2 at the sub_district, due 11-27 10:00
    ");
    let case: &Case = story.case.as_ref().unwrap();
    assert_eq!((case.round, case.reworks, case.rung, case.reporters), (2, 1, Rung::SubDistrict, 2));
    let stale = story.follow(china("2026-11-26T10:05:00"), &rate(1, 2, Rating::Satisfied));
    insta::assert_snapshot!(lines(&stale), @"nothing");
}

#[test]
fn what_is_sent_back_gets_what_was_left_but_at_least_four_hours() {
    // Sixteen working hours from Monday 09:00: due on Wednesday at 09:00.
    let early = story_to("settled");
    let back = verify(Verification::SentBack);
    insta::assert_snapshot!(lines(&early.clone().follow(china("2026-11-24T09:00:00"), &back)), @"case_sent_back: round 1, due 11-26 09:00");
    let mut late = story_to("handling, sub-district");
    insta::assert_snapshot!(lines(&late.follow(china("2026-11-25T09:00:00"), &settle())), @"case_settled: round 1 by the sub_district, late true");
    insta::assert_snapshot!(lines(&late.follow(china("2026-11-25T14:00:00"), &back)), @"case_sent_back: round 1, due 11-25 18:00");
}

#[test]
fn a_suspension_counts_only_from_its_approval_and_gives_back_what_was_left() {
    let mut story = story_to("handling, sub-district");
    let mut told = String::new();
    for (at, command) in [
        ("2026-11-23T10:00:00", request_suspension()),
        ("2026-11-23T10:00:00", request_suspension()),
        ("2026-11-23T16:00:00", Command::ApproveSuspension { until: china("2026-11-23T16:00:00") }),
        ("2026-11-23T16:00:00", Command::ApproveSuspension { until: china("2027-02-22T16:00:00") }),
        ("2026-11-23T16:00:00", Command::ApproveSuspension { until: china("2026-11-30T08:30:00") }),
        ("2026-11-27T12:00:00", Command::Tick),
        // The timer comes two hours late; the suspension is not longer for that.
        ("2026-11-30T10:30:00", Command::Tick),
    ] {
        writeln!(told, "{at} {}", lines(&story.follow(china(at), &command))).unwrap();
    }
    insta::assert_snapshot!(told, @r"
    2026-11-23T10:00:00 suspension_requested
    2026-11-23T10:00:00 refused, SUSPENSION_PENDING: a suspension waits for approval already
    2026-11-23T16:00:00 refused, UNTIL_OUT_OF_RANGE: a suspension ends after now and not after 2027-02-21T08:00:00Z
    2026-11-23T16:00:00 refused, UNTIL_OUT_OF_RANGE: a suspension ends after now and not after 2027-02-21T08:00:00Z
    2026-11-23T16:00:00 suspension_approved: until 11-30 08:30
    2026-11-27T12:00:00 nothing
    2026-11-30T10:30:00 suspension_ended: on 11-30 08:30, answer due 12-01 11:00
    ");
}

#[test]
fn whoever_settles_ends_the_suspension() {
    let mut story = story_to("handling, suspended");
    insta::assert_snapshot!(lines(&story.follow(china("2026-11-24T10:00:00"), &settle())), @r"
    suspension_ended: on 11-24 10:00, answer due 11-26 10:00
    case_settled: round 1 by the sub_district, late false
    ");
    assert_eq!(story.case.unwrap().suspension, None);
}

#[test]
fn over_a_weekend_and_a_make_up_day_things_happen_by_themselves() {
    // Registered on the eve of National Day 2026 at five; 1 to 7 October are holidays and Saturday 10 October is made up.
    let mut story = Story::default().then(china("2026-09-30T17:00:00"), &[report(ESTATE, Urgency::Normal)]);
    let mut told = String::new();
    let mut run = |story: &mut Story, until: jiff::Timestamp| {
        while let Some(due) = next_due(story.case.as_ref().unwrap()).filter(|due| *due <= until) {
            let happened = story.follow(due, &Command::Tick);
            writeln!(told, "{} {}", short(due), lines(&happened)).unwrap();
        }
    };
    run(&mut story, china("2026-10-08T10:00:00"));
    story.follow(china("2026-10-08T10:00:00"), &Command::Accept).unwrap();
    run(&mut story, china("2026-12-31T00:00:00"));
    let last = story.follow(china("2026-10-12T09:00:00"), &settle());
    writeln!(told, "{}", lines(&last)).unwrap();
    insta::assert_snapshot!(told, @r"
    10-08 09:00 case_reminded: accept due 10-08 09:30
    10-08 09:30 case_overdue: accept due 10-08 09:30
    10-09 15:30 case_reminded: answer due 10-10 10:00
    10-10 10:00 case_overdue: answer due 10-10 10:00
    case_settled: round 1 by the community, late true
    ");
    let clocks: Vec<_> = story.case.unwrap().clocks.iter().map(|clock| (clock.kind, clock.overdue)).collect();
    assert_eq!(clocks, [(ClockKind::Accept, true), (ClockKind::Answer, true)]);
}

#[test]
fn whoever_settles_after_a_suspension_is_judged_by_running_clocks_though_the_timer_sleeps() {
    // Suspended from Monday 09:00 to Wednesday 09:00 with sixteen working hours left: due on Friday at 09:00.
    let mut story = story_to("handling, suspended");
    insta::assert_snapshot!(lines(&story.clone().follow(china("2026-11-25T10:00:00"), &request_suspension())), @r"
    suspension_ended: on 11-25 09:00, answer due 11-27 09:00
    suspension_requested
    ");
    insta::assert_snapshot!(lines(&story.follow(china("2026-11-27T09:00:00"), &settle())), @r"
    suspension_ended: on 11-25 09:00, answer due 11-27 09:00
    case_settled: round 1 by the sub_district, late true
    ");
}
