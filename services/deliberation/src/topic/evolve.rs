//! What a topic is after what happened to it.

use jiff::Timestamp;

use super::machine::Event;
use super::state::{Beginning, Stage, Topic};

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
            // They are the other one's now.
            topic.places.clear();
        }
        Event::Absorbed { households, places, .. } => {
            for (household, building) in households {
                topic.households.entry(household.clone()).or_insert_with(|| building.clone());
            }
            for (place, counted_from) in places {
                topic.places.entry(place.clone()).or_insert(*counted_from);
            }
        }
        Event::Declined { reason } => {
            topic.stage = Stage::Declined { reason: reason.clone() };
            topic.ended_at = Some(at);
        }
        Event::Scheduled { agenda, meets_at, votable_from } => {
            topic.stage =
                Stage::Scheduled { agenda: *agenda, meets_at: *meets_at, votable_from: *votable_from };
        }
        Event::Resolved { resolution } => {
            let Stage::Scheduled { agenda, .. } = topic.stage else {
                panic!("{event:?} cannot follow {topic:?}")
            };
            topic.stage = Stage::Resolved { agenda, resolution: *resolution };
            topic.ended_at = Some(at);
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
        places: beginning.places.clone(),
        stage: Stage::Open,
        ended_at: None,
    }
}
