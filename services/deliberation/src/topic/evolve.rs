//! What a topic is after what happened to it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::machine::Event;
use super::state::{Beginning, Origin, Stage, Topic};

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
        Event::Begun(_) | Event::CaseNoted {} | Event::CaseReopened {} | Event::CaseForgotten {} => {}
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

/// Where a topic comes from and which places are behind it, also where it noted its cases when it began.
fn beginning_of(at: Timestamp, beginning: &Beginning) -> (Origin, BTreeMap<String, Timestamp>) {
    let Beginning { origin, places, noted, .. } = beginning;
    let Origin::Raised { reason, place: Some(place), .. } = origin else {
        return (origin.clone(), places.clone());
    };
    let first = noted.iter().map(|case| case.registered_at).fold(at, Timestamp::min);
    let cases = u32::try_from(noted.len()).unwrap_or(u32::MAX);
    let counted_from = first - SignedDuration::from_micros(1);
    let origin = Origin::Raised { reason: *reason, cases, place: None };
    (origin, BTreeMap::from([(place.clone(), counted_from)]))
}

fn begun(at: Timestamp, beginning: &Beginning) -> Topic {
    let (origin, places) = beginning_of(at, beginning);
    Topic {
        area: beginning.area.clone(),
        wording: beginning.wording.clone(),
        category: beginning.category.clone(),
        origin,
        proposed_at: at,
        gate: None,
        households: BTreeMap::new(),
        places,
        stage: Stage::Open,
        ended_at: None,
    }
}
