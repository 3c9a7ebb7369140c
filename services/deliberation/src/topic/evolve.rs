//! What a topic is after what happened to it.

use jiff::Timestamp;

use super::machine::Event;
use super::state::{Beginning, Case, CaseNote, MOST_CASES, Stage, Topic};

/// What a topic is after an event.
///
/// # Panics
/// When the event cannot follow: a history that says so is damaged, or the program is wrong.
pub fn evolve(topic: Option<Topic>, at: Timestamp, event: &Event) -> Topic {
    let mut topic = match (topic, event) {
        (None, Event::Begun(beginning)) => return begun(at, beginning),
        (Some(topic), event) if !matches!(event, Event::Begun(_)) => topic,
        (topic, event) => panic!("{event:?} cannot follow {topic:?}"),
    };
    match event {
        Event::Begun(_) => {}
        Event::Worded(wording) => topic.wording = Some(wording.clone()),
        Event::Supported { household, building } => {
            topic.households.insert(household.clone(), building.clone());
        }
        Event::Gated(gate) => topic.gate = Some(gate.clone()),
        Event::Merged { into, reason } => {
            topic.stage = Stage::Merged { into: *into, reason: reason.clone() };
        }
        Event::Absorbed { households, cases, .. } => {
            for (household, building) in households {
                topic.households.entry(household.clone()).or_insert_with(|| building.clone());
            }
            for (id, case) in cases {
                if topic.cases.len() < MOST_CASES {
                    topic.cases.entry(id.clone()).or_insert_with(|| case.clone());
                }
            }
        }
        Event::Declined { reason } => topic.stage = Stage::Declined { reason: reason.clone() },
        Event::Scheduled { agenda, meets_at, votable_from } => {
            topic.stage =
                Stage::Scheduled { agenda: *agenda, meets_at: *meets_at, votable_from: *votable_from };
        }
        Event::Resolved { resolution } => {
            let Stage::Scheduled { agenda, .. } = topic.stage else {
                panic!("{event:?} cannot follow {topic:?}")
            };
            topic.stage = Stage::Resolved { agenda, resolution: *resolution };
        }
        Event::CaseNoted(note) => {
            let (id, case) = case_of(note);
            topic.cases.insert(id, case);
        }
        Event::CaseReopened { case } => {
            if let Some(case) = topic.cases.get_mut(&case.to_string()) {
                case.reopened = true;
            }
        }
        Event::CaseForgotten { case } => {
            topic.cases.remove(&case.to_string());
        }
    }
    topic
}

fn begun(at: Timestamp, beginning: &Beginning) -> Topic {
    Topic {
        area: beginning.area.clone(),
        wording: beginning.wording.clone(),
        category: beginning.category.clone(),
        origin: beginning.origin.clone(),
        proposed_at: at,
        gate: None,
        households: std::collections::BTreeMap::new(),
        cases: beginning.cases.iter().take(MOST_CASES).map(case_of).collect(),
        stage: Stage::Open,
    }
}

fn case_of(note: &CaseNote) -> (String, Case) {
    let case = Case { area: note.area.clone(), registered_at: note.registered_at, reopened: false };
    (note.case.to_string(), case)
}
