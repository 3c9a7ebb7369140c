//! Laws that hold for every case, whatever commands come in whatever order.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::samples::*;
use super::state::{Case, ConsultationOutcome, Phase, Rating, Urgency, Verification};
use super::*;

/// Commands as they might come: all kinds, and those with a choice in all their choices.
fn commands() -> impl Strategy<Value = Command> {
    let ratings = [Rating::Satisfied, Rating::FairlySatisfied, Rating::NotSatisfied, Rating::NotReached];
    prop_oneof![
        4 => (0..CommandKind::ALL.len()).prop_map(|at| sample(CommandKind::ALL[at], monday())),
        1 => (0..2_usize, prop::bool::ANY).prop_map(|(place, urgent)| {
            report([ESTATE, COMMUNITY][place], if urgent { Urgency::Urgent } else { Urgency::Normal })
        }),
        1 => Just(conclude(ConsultationOutcome::WithinEstate)),
        1 => Just(verify(Verification::SentBack)),
        3 => (1..4_u32, 1..4_u32, 0..4_usize).prop_map(move |(round, reporter, at)| {
            rate(round, reporter, ratings[at])
        }),
        2 => (0..3000_i64).prop_map(|hours| Command::ApproveSuspension {
            until: monday() + SignedDuration::from_hours(hours),
        }),
        2 => Just(Command::Tick),
    ]
}

fn steps() -> impl Strategy<Value = Vec<(i64, Command)>> {
    prop::collection::vec((0..90_000_i64, commands()), 1..60)
}

/// Starts from any state of the table, so that late states are reached as often as early ones.
fn beginnings() -> impl Strategy<Value = Story> {
    (0..states().len()).prop_map(|at| Story::default().then(monday(), &states()[at].1))
}

/// Clocks before and after: due instants move only by the end of a suspension, and what has stopped never changes.
fn clocks_kept(before: &Case, after: &Case, events: &[Event]) -> bool {
    let ended = events.iter().any(|event| matches!(event, Event::SuspensionEnded { .. }));
    before.clocks.iter().zip(&after.clocks).all(|(old, new)| {
        if old.is_open() {
            ended || (old.due_at == new.due_at && old.started_at == new.started_at)
        } else {
            old == new
        }
    }) && after.clocks.len() >= before.clocks.len()
}

fn check_state(case: &Case, at: Timestamp) -> Result<(), TestCaseError> {
    let open = case.clocks.iter().filter(|clock| clock.is_open()).count();
    let in_work = matches!(
        case.phase,
        Phase::Registered | Phase::Handling | Phase::Consulting | Phase::Whistled { .. }
    );
    prop_assert_eq!(open, usize::from(in_work), "a case has one open clock exactly while it is in work");
    prop_assert!(in_work || case.suspension.is_none());
    let stored = serde_json::to_string(case).unwrap();
    prop_assert_eq!(&serde_json::from_str::<Case>(&stored).unwrap(), case, "at {}", at);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_commands_breaks_a_case(beginning in beginnings(), steps in steps()) {
        let mut story = beginning;
        let mut at = monday();
        for (wait, command) in steps {
            at += SignedDuration::from_secs(wait);
            let before = story.case.clone();
            let outcome = story.follow(at, &command);
            let Some(case) = &story.case else { continue };
            match outcome {
                Err(refusal) => {
                    prop_assert_eq!(before.as_ref(), Some(case));
                    prop_assert!(!matches!(command, Command::RecordRating { .. } | Command::Tick), "{}", refusal);
                }
                Ok(events) => {
                    if let Some(before) = &before {
                        prop_assert!(clocks_kept(before, case, &events), "{before:?} {events:?}");
                    }
                }
            }
            check_state(case, at)?;
            if command == Command::Tick {
                prop_assert!(next_due(case).is_none_or(|due| due > at));
                let again = decide(Some(case), at, &Command::Tick, &RULES);
                prop_assert_eq!(again, Ok(vec![]), "a second tick changes nothing");
            }
        }
        // The history tells the whole state again, also after it was stored.
        let stored = serde_json::to_string(&story.events).unwrap();
        let history: Vec<(Timestamp, Event)> = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(&history, &story.events);
        let again = history.iter().fold(None, |case, (at, event)| Some(evolve(case, *at, event)));
        prop_assert_eq!(again, story.case);
    }
}
