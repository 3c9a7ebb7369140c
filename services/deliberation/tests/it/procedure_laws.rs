//! Laws that hold for every procedure, whatever commands come in whatever order.

use gongzhi_deliberation::procedure::machine::{Event, decide, evolve, next_due};
use gongzhi_deliberation::procedure::state::Step;
use gongzhi_deliberation::procedure::{Command, Procedure};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::machines::at;
use crate::machines_procedure::{disclose, disclosure, held, merged, opening};

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![Just(Step::Proposal), Just(Step::Consultation), Just(Step::Review), Just(Step::Resolution)]
}

/// What may be asked on a day, mostly what could be right.
fn commands() -> impl Strategy<Value = Command> {
    let days = 0..30_i64;
    prop_oneof![
        20 => (step(), days.clone(), 0..12_u32).prop_map(|(step, on, few)| {
            // One in twelve misses its threshold.
            held(step, on, Some(on - 1), (30, if few == 0 { 3 } else { 25 }))
        }),
        2 => (step(), days.clone()).prop_map(|(step, on)| merged(step, on)),
        3 => (days.clone(), 0..400_i64).prop_map(|(on, result)| disclose(on, result)),
        3 => days.prop_map(|on| Command::DiscloseResult { disclosure: disclosure(on) }),
        3 => Just(Command::Tick),
    ]
}

fn steps_of(procedure: &Procedure) -> Vec<Step> {
    let of = |record: &gongzhi_deliberation::procedure::state::Record| {
        let with_it = record.merged.as_ref().and(record.step.next());
        [Some(record.step), with_it]
    };
    procedure.held.iter().flat_map(|held| of(&held.record)).flatten().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_step_is_skipped_and_what_is_missed_is_told_once(
        deeds in prop::collection::vec((0..40_i64, commands()), 1..80),
    ) {
        let opened = decide(None, at(0), &opening(true, false)).unwrap();
        let mut history = vec![(at(0), opened[0].clone())];
        let mut procedure = evolve(None, at(0), &opened[0]);
        let mut now = at(0);
        for (hours, command) in deeds {
            now += SignedDuration::from_hours(hours);
            match decide(Some(&procedure), now, &command) {
                Err(refusal) => prop_assert!(command != Command::Tick, "{}", refusal),
                Ok(events) => {
                    for event in events {
                        procedure = evolve(Some(procedure), now, &event);
                        history.push((now, event));
                    }
                }
            }
            if command == Command::Tick {
                prop_assert!(next_due(&procedure).is_none_or(|due| due > now));
            }
            let all = [Step::Proposal, Step::Consultation, Step::Review, Step::Resolution];
            let steps = steps_of(&procedure);
            prop_assert_eq!(&steps[..], &all[..steps.len()], "a step was skipped or held twice");
            let failed = procedure.held.iter().filter(|held| !held.passed).count();
            match procedure.outcome() {
                None => prop_assert!(failed == 0 && steps.len() < 4),
                Some(true) => prop_assert!(failed == 0 && steps.len() == 4),
                Some(false) => prop_assert!(failed == 1 && !procedure.held.last().unwrap().passed),
            }
            prop_assert!(procedure.held.is_sorted_by_key(|held| held.record.held_on));
        }
        let missed: Vec<_> = history
            .iter()
            .filter_map(|(_, event)| match event {
                Event::DisclosureOverdue { publication, .. } => Some(*publication),
                _ => None,
            })
            .collect();
        prop_assert_eq!(missed.len(), procedure.overdue.len(), "told twice: {:?}", missed);
        // The history tells the whole state again, also after it was stored.
        let stored = serde_json::to_string(&history).unwrap();
        let history: Vec<(Timestamp, Event)> = serde_json::from_str(&stored).unwrap();
        let again = history.iter().fold(None, |procedure, (at, event)| Some(evolve(procedure, *at, event)));
        prop_assert_eq!(again, Some(procedure));
    }
}
