//! Laws that hold for every whistle, whatever commands come in whatever order.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::samples::*;
use super::*;

/// Commands as they might come: all kinds, for called departments and for one that was not.
fn commands() -> impl Strategy<Value = Command> {
    let departments = [OWN, OTHER, "ecology"];
    prop_oneof![
        8 => (0..CommandKind::ALL.len(), 0..20_usize).prop_map(move |(at, department)| {
            // One in twenty comes from a department that was not called.
            let department = departments[if department == 0 { 2 } else { department % 2 }];
            sample(CommandKind::ALL[at], department, monday())
        }),
        1 => (0..2_usize).prop_map(move |at| decided(departments[at], Decision::Excused)),
        1 => (0..600_i64).prop_map(|hours| Command::Suspend {
            until: monday() + SignedDuration::from_hours(hours),
        }),
        2 => Just(Command::Tick),
    ]
}

fn steps() -> impl Strategy<Value = Vec<(i64, Command)>> {
    prop::collection::vec((0..40_000_i64, commands()), 1..60)
}

/// Starts from any state of the table, so that late states are reached as often as early ones.
fn beginnings() -> impl Strategy<Value = Story> {
    (0..states().len()).prop_map(|at| Story::default().then(monday(), &states()[at].1))
}

/// Clocks before and after: due instants move only when a suspension ends, and what has stopped never changes.
fn clocks_kept(before: &Whistle, after: &Whistle, events: &[Event]) -> bool {
    let resumed = events.iter().any(|event| matches!(event, Event::ClocksResumed { .. }));
    before.summonses.iter().all(|(department, old)| {
        let new = &after.summonses[department];
        new.clocks.len() >= old.clocks.len()
            && old.clocks.iter().zip(&new.clocks).all(|(old, new)| {
                if old.is_open() {
                    old.started_at == new.started_at
                        && (old.due_at == new.due_at || (resumed && new.due_at > old.due_at))
                } else {
                    old == new
                }
            })
    })
}

fn check_state(whistle: &Whistle) -> Result<(), TestCaseError> {
    let done = whistle.waiting_for().is_empty();
    match &whistle.phase {
        Phase::Sounded => prop_assert!(!done, "all are done, and nobody says so"),
        Phase::Finished => prop_assert!(done, "finished before all are done"),
        Phase::Accepted { .. } | Phase::Withdrawn { .. } => {
            let clocks = whistle.summonses.values().flat_map(|summons| &summons.clocks);
            prop_assert!(clocks.into_iter().all(|clock| !clock.is_open()), "a clock outlives its whistle");
            prop_assert_eq!(next_due(whistle), None);
        }
    }
    prop_assert!(whistle.summonses.values().all(|summons| summons.refusals <= 2));
    let stored = serde_json::to_string(whistle).unwrap();
    prop_assert_eq!(&serde_json::from_str::<Whistle>(&stored).unwrap(), whistle);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_commands_breaks_a_whistle(beginning in beginnings(), steps in steps()) {
        let mut story = beginning;
        let mut at = monday();
        for (wait, command) in steps {
            at += SignedDuration::from_secs(wait);
            let before = story.whistle.clone();
            let outcome = story.follow(at, &command);
            let Some(whistle) = &story.whistle else { continue };
            match outcome {
                Err(refusal) => {
                    prop_assert_eq!(before.as_ref(), Some(whistle));
                    prop_assert!(command != Command::Tick, "{}", refusal);
                }
                Ok(events) => {
                    if let Some(before) = &before {
                        prop_assert!(clocks_kept(before, whistle, &events), "{before:?} {events:?}");
                    }
                }
            }
            check_state(whistle)?;
            if command == Command::Tick {
                prop_assert!(next_due(whistle).is_none_or(|due| due > at));
                let again = decide(Some(whistle), at, &Command::Tick, &RULES);
                prop_assert_eq!(again, Ok(vec![]), "a second tick changes nothing");
            }
        }
        // The history tells the whole state again, also after it was stored.
        let stored = serde_json::to_string(&story.events).unwrap();
        let history: Vec<(Timestamp, Event)> = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(&history, &story.events);
        let again = history.iter().fold(None, |whistle, (at, event)| Some(evolve(whistle, *at, event)));
        prop_assert_eq!(again, story.whistle);
    }

    #[test]
    fn every_alarm_comes_once_for_a_clock(waits in prop::collection::vec(0..90_000_i64, 1..80)) {
        let mut story = Story::default().then(monday(), &[sample(CommandKind::Sound, OWN, monday())]);
        let mut at = monday();
        for wait in waits {
            at += SignedDuration::from_secs(wait);
            story.follow(at, &Command::Tick).unwrap();
        }
        let mut names: Vec<String> = story.events.iter().map(|(_, event)| format!("{event:?}")).collect();
        let told = names.len();
        names.sort();
        names.dedup();
        prop_assert_eq!(names.len(), told);
    }
}
