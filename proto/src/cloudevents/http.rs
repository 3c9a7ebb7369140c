//! The HTTP binding of CloudEvents: which of the three forms a request has, and the one whose attributes are headers. Knows no server: headers and
//! body are given.

use serde_json::json;
use serde_json::value::RawValue;

use super::fault::{InvalidEvent, Wrong};
use super::json::{self as structured, Faults};
use super::{BATCH_MEDIA_TYPE, CloudEvent, Data, MEDIA_TYPE, rules};

const PREFIX: &str = "ce-";

/// Reads what came over HTTP.
pub(super) fn read<'a>(
    headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    body: &[u8],
) -> Result<Vec<CloudEvent>, InvalidEvent> {
    let mut media_type = None;
    let mut attributes = Vec::new();
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        match name.strip_prefix(PREFIX) {
            Some(attribute) => attributes.push((attribute.to_owned(), value)),
            None if name == "content-type" => media_type = std::str::from_utf8(value).ok(),
            None => {}
        }
    }
    let plain =
        media_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match plain.as_str() {
        MEDIA_TYPE => structured::one(body).map(|event| vec![event]),
        BATCH_MEDIA_TYPE => structured::batch(body),
        _ => {
            let mut faults = Faults::default();
            if plain.starts_with("application/cloudevents") {
                faults.note("content-type", Wrong::Form);
                return faults.end(None);
            }
            let event = binary(attributes, media_type, body, &mut faults);
            faults.end(event.map(|event| vec![event]))
        }
    }
}

/// Reads an event whose attributes are headers. They are put into the form of JSON, in which each type of attribute is a text, and read by its rules.
fn binary(
    headers: Vec<(String, &[u8])>,
    media_type: Option<&str>,
    body: &[u8],
    faults: &mut Faults,
) -> Option<CloudEvent> {
    let media_type = media_type.map(|media_type| ("datacontenttype".to_owned(), Some(media_type.to_owned())));
    let texts = headers.into_iter().map(|(name, value)| (name, text(value))).chain(media_type);
    let mut owned = Vec::new();
    for (name, text) in texts {
        let raw = text.and_then(|text| RawValue::from_string(json!(text).to_string()).ok());
        match raw {
            // Neither is an attribute: what they would say is the body.
            _ if name == "data" || name == "data_base64" => faults.note(&name, Wrong::Name),
            Some(raw) => owned.push((name, raw)),
            None => faults.note(&name, Wrong::Encoding),
        }
    }
    let members = owned.iter().map(|(name, raw)| (name.clone(), raw.as_ref())).collect();
    let event = structured::attributes(members, faults);
    let data = content(media_type_of(event.as_ref()), body, faults);
    event.map(|event| CloudEvent { data, ..event })
}

fn media_type_of(event: Option<&CloudEvent>) -> Option<&str> {
    event.and_then(|event| event.datacontenttype.as_deref())
}

fn content(media_type: Option<&str>, body: &[u8], faults: &mut Faults) -> Option<Data> {
    if body.is_empty() {
        return None;
    }
    if !rules::is_json(media_type) {
        return Some(Data::Binary(body.to_owned()));
    }
    match serde_json::from_slice::<Box<RawValue>>(body) {
        Ok(raw) => Some(Data::Json(raw)),
        Err(error) => faults.at("data", Wrong::Json(error.to_string())),
    }
}

/// The value of a header: taken out of its quotes, then decoded once.
fn text(value: &[u8]) -> Option<String> {
    let plain: Vec<u8> = match value {
        [b'"', inner @ .., b'"'] => {
            let mut escaped = false;
            let keep = |byte: &&u8| {
                escaped = **byte == b'\\' && !escaped;
                !escaped
            };
            inner.iter().filter(keep).copied().collect()
        }
        _ => value.to_vec(),
    };
    let mut decoded = Vec::with_capacity(plain.len());
    let mut rest = plain.as_slice();
    while let [first, after @ ..] = rest {
        rest = after;
        decoded.push(match (first, after) {
            (b'%', [high, low, after @ ..]) => {
                rest = after;
                u8::try_from(hex(*high)? * 16 + hex(*low)?).ok()?
            }
            (b'%', _) => return None,
            (byte, _) => *byte,
        });
    }
    String::from_utf8(decoded).ok()
}

fn hex(digit: u8) -> Option<u32> {
    char::from(digit).to_digit(16)
}
