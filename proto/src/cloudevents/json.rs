//! The JSON event format of CloudEvents: from bytes to an event with every fault on the way, and back.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::fault::{Fault, InvalidEvent, Wrong};
use super::{Attribute, CloudEvent, Data, rules};

/// Reads one event.
pub(super) fn one(body: &[u8]) -> Result<CloudEvent, InvalidEvent> {
    let mut faults = Faults::default();
    let event = match serde_json::from_slice::<&RawValue>(body) {
        Ok(raw) => event(raw, &mut faults),
        Err(error) => faults.whole(Wrong::Json(error.to_string())),
    };
    faults.end(event)
}

/// Reads a batch.
pub(super) fn batch(body: &[u8]) -> Result<Vec<CloudEvent>, InvalidEvent> {
    let mut faults = Faults::default();
    let elements = match serde_json::from_slice::<&RawValue>(body) {
        Ok(raw) if raw.get().starts_with('[') => {
            serde_json::from_str::<Vec<&RawValue>>(raw.get()).map_err(|error| Wrong::Json(error.to_string()))
        }
        Ok(_) => Err(Wrong::NotAnArray),
        Err(error) => Err(Wrong::Json(error.to_string())),
    };
    let elements = elements.unwrap_or_else(|wrong| {
        faults.whole::<()>(wrong);
        Vec::new()
    });
    let mut events = Vec::with_capacity(elements.len());
    for (nth, element) in elements.into_iter().enumerate() {
        faults.before = format!("[{nth}]");
        events.extend(event(element, &mut faults));
    }
    faults.end(Some(events))
}

/// The faults found so far.
#[derive(Default)]
pub(super) struct Faults {
    /// Place of the event in its batch.
    before: String,
    found: Vec<Fault>,
}

impl Faults {
    /// Notes what is wrong with an attribute.
    pub(super) fn note(&mut self, name: &str, what: Wrong) {
        let point = if self.before.is_empty() { "" } else { "." };
        self.found.push(Fault { at: format!("{}{point}{name}", self.before), what });
    }

    /// Notes what is wrong with an attribute; nothing was read.
    pub(super) fn at<T>(&mut self, name: &str, what: Wrong) -> Option<T> {
        self.note(name, what);
        None
    }

    /// Notes what is wrong with the event, or with the body, as a whole.
    pub(super) fn whole<T>(&mut self, what: Wrong) -> Option<T> {
        let at = if self.before.is_empty() { "body".into() } else { self.before.clone() };
        self.found.push(Fault { at, what });
        None
    }

    /// What was read, when nothing is wrong.
    pub(super) fn end<T>(self, read: Option<T>) -> Result<T, InvalidEvent> {
        match read {
            Some(read) if self.found.is_empty() => Ok(read),
            _ => Err(InvalidEvent { faults: self.found }),
        }
    }
}

/// The members of an object in their order, repeats included: a map would keep the last and say nothing.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// Reads one event; none when a fault makes that impossible. Goes on after a fault, to find the others.
fn event(raw: &RawValue, faults: &mut Faults) -> Option<CloudEvent> {
    if !raw.get().starts_with('{') {
        return faults.whole(Wrong::NotAnObject);
    }
    let members = match serde_json::from_str::<Members<'_>>(raw.get()) {
        Ok(Members(members)) => members,
        Err(error) => return faults.whole(Wrong::Json(error.to_string())),
    };
    attributes(members, faults)
}

/// Makes an event of its members, of which data is one.
pub(super) fn attributes(members: Vec<(String, &RawValue)>, faults: &mut Faults) -> Option<CloudEvent> {
    let mut reading = Reading { members: Vec::new(), faults };
    let mut seen = BTreeSet::new();
    for (name, value) in members {
        if !seen.insert(name.clone()) {
            reading.faults.note(&name, Wrong::Twice);
        // An attribute that is null is an attribute that is not there.
        } else if value.get() != "null" {
            reading.members.push((name, value));
        }
    }
    reading.event()
}

/// What remains to be read of an event.
struct Reading<'a, 'f> {
    members: Vec<(String, &'a RawValue)>,
    faults: &'f mut Faults,
}

impl Reading<'_, '_> {
    fn event(mut self) -> Option<CloudEvent> {
        let version = self.required("specversion", |text| (text == "1.0").then_some(()), Wrong::Version);
        let id = self.required("id", is_anything, Wrong::Empty);
        let source = self.required("source", when(rules::is_uri_reference), Wrong::UriReference);
        let kind = self.required("type", is_anything, Wrong::Empty);
        let subject = self.optional("subject", is_anything, Wrong::Empty);
        let time = self.optional("time", rules::timestamp, Wrong::Timestamp);
        let datacontenttype = self.optional("datacontenttype", when(rules::is_media_type), Wrong::MediaType);
        let dataschema = self.optional("dataschema", when(rules::is_uri), Wrong::Uri);
        let data = self.data(datacontenttype.as_deref());
        let mut extensions = std::collections::BTreeMap::new();
        for (name, raw) in std::mem::take(&mut self.members) {
            if let Some(value) = self.extension(&name, raw) {
                extensions.insert(name, value);
            }
        }
        version?;
        let (id, source, kind) = (id?, source?, kind?);
        Some(CloudEvent { id, source, kind, subject, time, datacontenttype, dataschema, extensions, data })
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let at = self.members.iter().position(|(given, _)| given == name)?;
        Some(self.members.remove(at).1.get().to_owned())
    }

    /// A text that must be there.
    fn required<T>(&mut self, name: &str, read: impl Fn(&str) -> Option<T>, wrong: Wrong) -> Option<T> {
        match self.take(name) {
            Some(raw) => self.text(name, &raw, read, wrong),
            None => self.faults.at(name, Wrong::Missing),
        }
    }

    /// A text that may be there.
    fn optional<T>(&mut self, name: &str, read: impl Fn(&str) -> Option<T>, wrong: Wrong) -> Option<T> {
        let raw = self.take(name)?;
        self.text(name, &raw, read, wrong)
    }

    fn text<T>(
        &mut self,
        name: &str,
        raw: &str,
        read: impl Fn(&str) -> Option<T>,
        wrong: Wrong,
    ) -> Option<T> {
        let Ok(text) = serde_json::from_str::<String>(raw) else {
            return self.faults.at(name, Wrong::NotText);
        };
        if text.is_empty() {
            return self.faults.at(name, Wrong::Empty);
        }
        if !rules::is_string(&text) {
            return self.faults.at(name, Wrong::Character);
        }
        read(&text).or_else(|| self.faults.at(name, wrong))
    }

    fn data(&mut self, media_type: Option<&str>) -> Option<Data> {
        let (plain, base64) = (self.take("data"), self.take("data_base64"));
        if plain.is_some() && base64.is_some() {
            self.faults.note("data", Wrong::DataTwice);
        }
        if let Some(raw) = base64 {
            let Ok(text) = serde_json::from_str::<String>(&raw) else {
                return self.faults.at("data_base64", Wrong::NotText);
            };
            return match rules::binary(&text) {
                Some(bytes) => Some(Data::Binary(bytes)),
                None => self.faults.at("data_base64", Wrong::Base64),
            };
        }
        let raw = plain?;
        // Reading the value finds what the raw text still hides: halves of surrogate pairs, numbers beyond all bounds.
        match serde_json::from_str::<Value>(&raw) {
            Ok(Value::String(text)) if !rules::is_json(media_type) => Some(Data::Text(text)),
            Ok(_) => RawValue::from_string(raw).ok().map(Data::Json),
            Err(error) => self.faults.at("data", Wrong::Json(error.to_string())),
        }
    }

    fn extension(&mut self, name: &str, raw: &RawValue) -> Option<Attribute> {
        if !rules::is_name(name) {
            return self.faults.at(name, Wrong::Name);
        }
        match raw.get() {
            "true" => Some(Attribute::Boolean(true)),
            "false" => Some(Attribute::Boolean(false)),
            text if text.starts_with('"') => match serde_json::from_str::<String>(text) {
                Ok(text) if rules::is_string(&text) => Some(Attribute::Text(text)),
                Ok(_) => self.faults.at(name, Wrong::Character),
                Err(_) => self.faults.at(name, Wrong::NotText),
            },
            number if number.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit()) => {
                match number.parse() {
                    Ok(number) => Some(Attribute::Integer(number)),
                    Err(_) => self.faults.at(name, Wrong::Range),
                }
            }
            _ => self.faults.at(name, Wrong::Type),
        }
    }
}

/// Takes any text; that it is not empty was looked at before.
fn is_anything(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Takes a text that fits.
fn when(fits: fn(&str) -> bool) -> impl Fn(&str) -> Option<String> {
    move |text| fits(text).then(|| text.to_owned())
}

/// Writes an event.
pub(super) fn write(event: &CloudEvent) -> String {
    let mut members = Map::new();
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            members.insert(name.to_owned(), value);
        }
    };
    add("specversion", Some(json!("1.0")));
    add("id", Some(json!(event.id)));
    add("source", Some(json!(event.source)));
    add("type", Some(json!(event.kind)));
    add("subject", event.subject.as_ref().map(|subject| json!(subject)));
    add("time", event.time.map(|time| json!(time.to_string())));
    add("datacontenttype", event.datacontenttype.as_ref().map(|kind| json!(kind)));
    add("dataschema", event.dataschema.as_ref().map(|schema| json!(schema)));
    for (name, value) in &event.extensions {
        add(name, Some(json!(value)));
    }
    let mut text = Value::Object(members).to_string();
    let data = match &event.data {
        None => return text,
        // As it was written: what was signed or hashed must come out the same.
        Some(Data::Json(raw)) => format!(",\"data\":{}", raw.get()),
        Some(Data::Text(content)) => format!(",\"data\":{}", json!(content)),
        Some(Data::Binary(bytes)) => format!(",\"data_base64\":\"{}\"", rules::base64(bytes)),
    };
    text.insert_str(text.len() - 1, &data);
    text
}
