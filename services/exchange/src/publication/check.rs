//! One event: what it is, and everything that is wrong with it at once. Asks no database.

use std::sync::Arc;

use gongzhi_proto::cloudevents::{CloudEvent, Data};
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::ids::{AreaCode, DepartmentCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use super::twice::named_twice;
use super::{Occurrence, Thing};
use crate::catalogue::{Catalogue, Registered};
use crate::fact_type::Standing;
use crate::party::Party;

/// Most bytes of an event.
pub(super) const MOST_BYTES: usize = 64 * 1024;
/// Most faults of a schema that are told of one event.
const MOST_FAULTS: usize = 50;
/// Most characters of the name of a thing.
const LONGEST_SUBJECT: usize = 200;
/// How far a publisher's clock may be ahead.
const AHEAD: SignedDuration = SignedDuration::from_secs(60);

/// One thing that is wrong with an event.
pub(super) fn fault(path: impl Into<String>, reason: &str, message: impl Into<String>) -> pb::EventFault {
    // What is wrong is said by place and rule; names of members stand in both, and what is personal in them is taken out.
    let clean = |text: String| gongzhi_scrub::scrub(&text).text;
    pb::EventFault { path: clean(path.into()), reason: reason.into(), message: clean(message.into()) }
}

/// An event of a known type, by somebody who may publish it.
pub(super) struct Addressed {
    event: CloudEvent,
    known: Arc<Registered>,
}

impl Addressed {
    /// Whose fact it is.
    pub(super) fn owner(&self) -> &Party {
        &self.known.fact_type.definition.owner
    }
}

/// Reads an event as far as is needed to know whose it is.
pub(super) fn address(
    text: &str,
    catalogue: &Catalogue,
    may: impl Fn(&Party) -> bool,
) -> Result<Addressed, Vec<pb::EventFault>> {
    if text.len() > MOST_BYTES {
        let message = format!("has {} bytes, at most {MOST_BYTES} are taken", text.len());
        return Err(vec![fault("", "TOO_LARGE", message)]);
    }
    let event = CloudEvent::from_json(text.as_bytes()).map_err(|invalid| {
        let faults = invalid.faults.into_iter().map(|wrong| {
            let path = if wrong.at == "body" { String::new() } else { format!("/{}", wrong.at) };
            fault(path, "NOT_A_CLOUD_EVENT", wrong.what.to_string())
        });
        faults.collect::<Vec<_>>()
    })?;
    let fact = match event.kind.split('.').collect::<Vec<_>>()[..] {
        ["gongzhi", service, "v1", fact] => format!("{service}.{fact}"),
        _ => event.kind.clone(),
    };
    let Some(known) = catalogue.registered(&fact) else {
        let message = "is not the type of a registered fact, for example gongzhi.dept-urban-management.v1.bin_overflowed; register it first";
        return Err(vec![fault("/type", "UNKNOWN_TYPE", message)]);
    };
    if known.entry.event_type != event.kind {
        let message = format!("must be {}", known.entry.event_type);
        return Err(vec![fault("/type", "UNKNOWN_TYPE", message)]);
    }
    let owner = &known.fact_type.definition.owner;
    if !may(owner) {
        let message = format!("is a fact of {owner}, for which your posts do not allow fact.publish");
        return Err(vec![fault("/type", "FOREIGN_ORGANIZATION", message)]);
    }
    Ok(Addressed { event, known })
}

/// Everything that is wrong with an event, or what happened.
pub(super) fn check(addressed: Addressed, now: Timestamp) -> Result<Occurrence, Vec<pb::EventFault>> {
    let Addressed { event, known } = addressed;
    let definition = &known.fact_type.definition;
    let mut faults = Vec::new();
    if let Standing::Retired { reason } = &known.fact_type.standing {
        faults.push(fault("/type", "RETIRED", format!("the fact type was retired: {reason}")));
    }
    let name = subject(event.subject.as_deref(), &mut faults);
    let area = area(&event, &definition.areas, &mut faults);
    let audience = audience(&event, &mut faults);
    if event.time.is_some_and(|time| time > now + AHEAD) {
        faults.push(fault("/time", "TIME", "lies ahead; what is published has happened"));
    }
    let data = content(&event, &known, &mut faults);
    match (name, area, audience, data) {
        (Some(name), Some(area), Some(audience), Some(data)) if faults.is_empty() => Ok(Occurrence {
            event_id: identity(&definition.owner, &event),
            thing: Thing {
                owner: definition.owner.clone(),
                district: definition.district.clone(),
                kind: definition.aggregate.clone(),
                name,
            },
            fact: definition.name.clone(),
            area,
            audience,
            time: event.time,
            data,
        }),
        _ => Err(faults),
    }
}

/// Identity on the bus: a function of the owner and of what the publisher calls it, so that a repeat has the same.
fn identity(owner: &Party, event: &CloudEvent) -> Uuid {
    let (token, source, id) = (owner.token(), &event.source, &event.id);
    let name = format!("gongzhi:{token}:{}:{source}:{id}", source.len());
    Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes())
}

fn subject(given: Option<&str>, faults: &mut Vec<pb::EventFault>) -> Option<String> {
    let Some(name) = given else {
        faults.push(fault(
            "/subject",
            "SUBJECT",
            "is required: the thing that the event is about, by its code",
        ));
        return None;
    };
    if name.chars().count() > LONGEST_SUBJECT {
        faults.push(fault("/subject", "SUBJECT", format!("has more than {LONGEST_SUBJECT} characters")));
    }
    for found in gongzhi_scrub::find(name) {
        faults.push(fault("/subject", "PERSONAL_DATA", personal(found.kind)));
    }
    Some(name.to_owned())
}

fn personal(kind: gongzhi_scrub::Kind) -> String {
    format!("holds a {kind}: facts carry nothing that names a person")
}

fn area(event: &CloudEvent, areas: &[AreaCode], faults: &mut Vec<pb::EventFault>) -> Option<AreaCode> {
    let Some(given) = event.extensions.get("area") else {
        // One area needs no saying.
        if let [only] = areas {
            return Some(only.clone());
        }
        faults.push(fault("/area", "AREA", "is required: the fact may happen in several areas"));
        return None;
    };
    match given.as_text().map(AreaCode::parse) {
        Some(Ok(area)) if areas.iter().any(|allowed| allowed.contains(&area)) => Some(area),
        Some(Ok(area)) => {
            let allowed: Vec<_> = areas.iter().map(ToString::to_string).collect();
            let message = format!("{area} is not in {}, where the fact may happen", allowed.join(" or "));
            faults.push(fault("/area", "AREA", message));
            None
        }
        Some(Err(_)) | None => {
            faults.push(fault("/area", "AREA", "must be the code of a division, as a text of digits"));
            None
        }
    }
}

/// The department; none inside for everybody.
#[allow(clippy::option_option)] // The outer one says whether it could be read.
fn audience(event: &CloudEvent, faults: &mut Vec<pb::EventFault>) -> Option<Option<DepartmentCode>> {
    let Some(given) = event.extensions.get("audience") else { return Some(None) };
    match given.as_text() {
        Some("all") => Some(None),
        Some(code) if DepartmentCode::parse(code).is_ok() => DepartmentCode::parse(code).ok().map(Some),
        _ => {
            faults.push(fault("/audience", "AUDIENCE", "must be the code of a department, or all"));
            None
        }
    }
}

/// The content, when nothing is wrong with it.
fn content(event: &CloudEvent, known: &Registered, faults: &mut Vec<pb::EventFault>) -> Option<String> {
    let before = faults.len();
    let raw = match &event.data {
        Some(Data::Json(raw)) if event.holds_json() => raw.get(),
        _ => {
            faults.push(fault(
                "/data",
                "SCHEMA",
                "is required: a JSON object, as the schema of the fact has it",
            ));
            return None;
        }
    };
    let Ok(data) = serde_json::from_str::<Value>(raw) else {
        faults.push(fault("/data", "NOT_A_CLOUD_EVENT", "is not JSON"));
        return None;
    };
    for at in named_twice(raw) {
        faults.push(fault(format!("/data{at}"), "NAMED_TWICE", "stands in its object twice"));
    }
    match &known.validator {
        Some(validator) => {
            for error in validator.iter_errors(&data).take(MOST_FAULTS) {
                let path = format!("/data{}", error.instance_path());
                faults.push(fault(path, "SCHEMA", error.masked().to_string()));
            }
        }
        None => {
            faults.push(fault("/type", "SCHEMA", "the registered schema cannot be read; register it again"))
        }
    }
    for found in gongzhi_scrub::find_in_json(&data) {
        faults.push(fault(format!("/data{}", found.path), "PERSONAL_DATA", personal(found.kind)));
    }
    (faults.len() == before).then(|| raw.to_owned())
}
