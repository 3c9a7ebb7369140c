//! Whether a new schema keeps everything that an old one promised to those who receive, explained field by field. Pure.
//!
//! Fields may be added, and rules widened: longer lists of values, wider bounds, a rule less. Nothing may be removed, be of another type, become required
//! or stop being always there, or be narrowed. What cannot be told from the two schemas, as with `anyOf`, has to stay as it is.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Says nothing of what is valid.
const NOTES: [&str; 8] =
    ["$schema", "title", "description", "$comment", "examples", "default", "deprecated", "readOnly"];
/// Lower bounds: a smaller one is wider.
const LOWER: [&str; 6] =
    ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"];
/// Upper bounds: a greater one is wider.
const UPPER: [&str; 6] =
    ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"];
/// Rules that may only go.
const LOOSER: [&str; 4] = ["pattern", "multipleOf", "uniqueItems", "propertyNames"];

/// Everything that the new schema takes away; empty when the change is compatible.
pub fn breaks(old: &Value, new: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", old, new, &mut found);
    found
}

/// The name of a place for people.
fn place(at: &str) -> &str {
    if at.is_empty() { "the content" } else { at }
}

/// The field `name` within `at`.
fn within(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

fn compare(at: &str, old: &Value, new: &Value, found: &mut Vec<String>) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => keywords(at, old, new, found),
        // What allowed nothing is widened by anything, and what allows everything narrows nothing.
        (Value::Bool(false), _) | (_, Value::Bool(true)) => {}
        (Value::Bool(true), Value::Object(new)) => keywords(at, &Map::new(), new, found),
        _ => found.push(format!("{}: nothing is allowed any more", place(at))),
    }
}

fn keywords(at: &str, old: &Map<String, Value>, new: &Map<String, Value>, found: &mut Vec<String>) {
    let names: BTreeSet<_> = old.keys().chain(new.keys()).map(String::as_str).collect();
    for name in names.into_iter().filter(|name| !NOTES.contains(name)) {
        let (before, after) = (old.get(name), new.get(name));
        match name {
            "type" => retyped(at, before, after, found),
            "properties" => properties(at, before, after, found),
            "required" => required(at, before, after, found),
            "enum" => values(at, before, after, found),
            "$defs" => definitions(before, after, found),
            "items" => open(&format!("{at}[]"), before, after, found),
            "additionalProperties" => open(&within(at, "*"), before, after, found),
            bound if LOWER.contains(&bound) => {
                narrowed(at, bound, before, after, |old, new| new <= old, found)
            }
            bound if UPPER.contains(&bound) => {
                narrowed(at, bound, before, after, |old, new| new >= old, found)
            }
            rule if LOOSER.contains(&rule) && after.is_none() => {}
            other if before != after => {
                found.push(format!("{}: the rule {other} was {}", place(at), changed(before, after)));
            }
            _ => {}
        }
    }
}

fn changed(before: Option<&Value>, after: Option<&Value>) -> &'static str {
    match (before, after) {
        (None, _) => "added, which narrows what is allowed",
        (_, None) => "taken away, on which subscribers may rely",
        (Some(_), Some(_)) => "changed; it has to stay as it is",
    }
}

/// The types that a schema names; none for any type.
fn types(given: Option<&Value>) -> Option<BTreeSet<&str>> {
    match given? {
        Value::String(one) => Some(BTreeSet::from([one.as_str()])),
        Value::Array(several) => Some(several.iter().filter_map(Value::as_str).collect()),
        _ => None,
    }
}

fn retyped(at: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<String>) {
    let (before, after) = (types(before), types(after));
    if before != after {
        let say = |types: Option<BTreeSet<&str>>| {
            types.map_or_else(|| "any type".to_owned(), |types| Vec::from_iter(types).join(" or "))
        };
        found.push(format!("{}: was {}, would be {}", place(at), say(before), say(after)));
    }
}

fn properties(at: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<String>) {
    let Some(before) = before.and_then(Value::as_object) else { return };
    for (name, old) in before {
        let field = within(at, name);
        match after.and_then(|after| after.get(name)) {
            Some(new) => compare(&field, old, new, found),
            None => found.push(format!("{field}: was removed")),
        }
    }
}

fn required(at: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<String>) {
    let names = |given: Option<&Value>| -> BTreeSet<String> {
        let names = given.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        names.map(ToOwned::to_owned).collect()
    };
    let (before, after) = (names(before), names(after));
    for name in after.difference(&before) {
        found.push(format!("{}: became required", within(at, name)));
    }
    for name in before.difference(&after) {
        found.push(format!("{}: was always there and could be missing", within(at, name)));
    }
}

fn values(at: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<String>) {
    match (before.and_then(Value::as_array), after.and_then(Value::as_array)) {
        (Some(before), Some(after)) => {
            let gone: Vec<_> = before.iter().filter(|value| !after.contains(value)).collect();
            for value in gone {
                found.push(format!("{}: the value {value} was removed", place(at)));
            }
        }
        (None, Some(_)) => found.push(format!("{}: was narrowed to a list of values", place(at))),
        _ => found.push(format!("{}: the list of values was taken away", place(at))),
    }
}

fn definitions(before: Option<&Value>, after: Option<&Value>, found: &mut Vec<String>) {
    for (name, old) in before.and_then(Value::as_object).into_iter().flatten() {
        match after.and_then(|after| after.get(name)) {
            Some(new) => compare(&format!("$defs/{name}"), old, new, found),
            None => found.push(format!("$defs/{name}: was removed")),
        }
    }
}

/// Compares what stands for everything where it is not written.
fn open(at: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<String>) {
    let all = Value::Bool(true);
    compare(at, before.unwrap_or(&all), after.unwrap_or(&all), found);
}

fn narrowed(
    at: &str,
    bound: &str,
    before: Option<&Value>,
    after: Option<&Value>,
    wider: impl Fn(f64, f64) -> bool,
    found: &mut Vec<String>,
) {
    let number = |given: Option<&Value>| given.and_then(Value::as_f64);
    let Some(new) = number(after) else { return };
    match number(before) {
        Some(old) if wider(old, new) => {}
        Some(old) => found.push(format!("{}: {bound} was {old}, would be {new}", place(at))),
        None => found.push(format!("{}: {bound} {new} was added, which narrows what is allowed", place(at))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn old() -> Value {
        json!({
            "type": "object", "required": ["bin_code"], "additionalProperties": true,
            "properties": {
                "bin_code": {"type": "string", "maxLength": 20},
                "fill_level": {"type": "integer", "minimum": 0, "maximum": 100},
                "cause": {"type": "string", "enum": ["full", "tipped"]},
                "parts": {"type": "array", "items": {"$ref": "#/$defs/part"}},
            },
            "$defs": {"part": {"type": "object", "properties": {"lid": {"type": "boolean"}}}},
        })
    }

    fn with(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut new = old();
        change(&mut new);
        breaks(&old(), &new)
    }

    #[test]
    fn what_only_adds_or_widens_is_compatible() {
        assert_eq!(with(|_| {}), Vec::<String>::new());
        assert_eq!(
            with(|new| {
                new["properties"]["note_code"] = json!({"type": "string"});
                new["properties"]["cause"]["enum"] = json!(["full", "tipped", "burnt"]);
                new["properties"]["fill_level"]["maximum"] = json!(120);
                new["properties"]["bin_code"]["description"] = json!("painted on its lid");
                new["$defs"]["part"]["properties"]["wheel"] = json!({"type": "boolean"});
            }),
            Vec::<String>::new()
        );
    }

    #[test]
    fn what_takes_something_away_is_explained_field_by_field() {
        type Change = fn(&mut Value);
        let cases: [(Change, &str); 9] = [
            (|new| new["properties"] = json!({}), "bin_code: was removed"),
            (
                |new| new["properties"]["fill_level"]["type"] = json!("number"),
                "fill_level: was integer, would be number",
            ),
            (|new| new["required"] = json!(["bin_code", "cause"]), "cause: became required"),
            (|new| new["required"] = json!([]), "bin_code: was always there and could be missing"),
            (
                |new| new["properties"]["cause"]["enum"] = json!(["full"]),
                "cause: the value \"tipped\" was removed",
            ),
            (
                |new| new["properties"]["fill_level"]["maximum"] = json!(90),
                "fill_level: maximum was 100, would be 90",
            ),
            (
                |new| new["properties"]["bin_code"]["pattern"] = json!("^B"),
                "bin_code: the rule pattern was added, which narrows what is allowed",
            ),
            (|new| new["additionalProperties"] = json!(false), "*: nothing is allowed any more"),
            (
                |new| new["$defs"]["part"]["properties"]["lid"]["type"] = json!("string"),
                "$defs/part.lid: was boolean, would be string",
            ),
        ];
        for (change, expected) in cases {
            let found = with(change);
            assert!(found.iter().any(|found| found == expected), "{expected}: {found:?}");
        }
    }
}
