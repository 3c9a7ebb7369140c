//! Looks for what is personal in JSON: in texts, in numbers, in the names of members, and in what a member's name says of its value.

use serde_json::Value;

use crate::{Kind, find, scrub};

/// Something personal in a JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InJson {
    /// Where: a JSON pointer (RFC 6901), in which names of members that are personal themselves are scrubbed.
    pub path: String,
    /// What.
    pub kind: Kind,
}

/// Finds everything personal in a JSON value, in the order in which it stands there; each kind once per place.
pub fn find_in_json(value: &Value) -> Vec<InJson> {
    let mut found = Vec::new();
    walk(value, "", "", &mut found);
    found
}

fn walk(value: &Value, path: &str, name: &str, found: &mut Vec<InJson>) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => {
            // 1.38e10 is a telephone too.
            let whole = number.as_f64().filter(|value| value.fract() == 0.0 && value.abs() < 1e20);
            let written = match (number.is_f64(), whole) {
                (true, Some(whole)) => format!("{whole:.0}"),
                (_, _) => number.to_string(),
            };
            look(&written, path, name, found);
        }
        Value::String(text) => look(text, path, name, found),
        Value::Array(items) => {
            for (nth, item) in items.iter().enumerate() {
                walk(item, &format!("{path}/{nth}"), name, found);
            }
        }
        Value::Object(members) => {
            for (member, value) in members {
                let path = format!("{path}/{}", scrub(member).text.replace('~', "~0").replace('/', "~1"));
                look(member, &path, "", found);
                walk(value, &path, member, found);
            }
        }
    }
}

/// Looks at a text, and at what the name of its member makes of it: 8 digits are a telephone where the name says so.
fn look(text: &str, path: &str, name: &str, found: &mut Vec<InJson>) {
    // A list of telephones is named in the plural.
    let name = name.strip_suffix(['s', 'S']).unwrap_or(name);
    let announced = format!("{name}:{text}");
    let of_text = find(text).into_iter();
    let of_name = find(&announced).into_iter().filter(|found| found.range.end > name.len() + 1);
    for kind in of_text.chain(of_name).map(|found| found.kind) {
        let here = InJson { path: path.to_owned(), kind };
        if !found.contains(&here) {
            found.push(here);
        }
    }
}
