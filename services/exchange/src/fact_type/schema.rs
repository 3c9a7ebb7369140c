//! What schemas may look like: JSON Schema 2020-12 of an object, bounded in every direction, so that whoever registers one can slow down or bring down
//! nobody. Nothing is fetched, nothing refers to itself, patterns run on an engine whose time is linear. Pure.

use std::collections::{BTreeMap, BTreeSet};

use gongzhi_proto::catalogue::schema::DIALECT;
use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::{Map, Value};

/// Most bytes of a schema.
pub const MOST_BYTES: usize = 64 * 1024;
/// Deepest nesting of schemas.
const DEEPEST: usize = 16;
/// Most schemas within a schema, counted again wherever a reference leads to them: what a validator looks at for one value.
const MOST_SCHEMAS: usize = 1_000;
/// Most characters of a pattern.
const LONGEST_PATTERN: usize = 200;
/// Memory of one compiled pattern.
const PATTERN_BYTES: usize = 1 << 18;

/// Keywords that hold schemas by name.
const NAMED: [&str; 4] = ["properties", "patternProperties", "$defs", "dependentSchemas"];
/// Keywords that hold one schema.
const SINGLE: [&str; 10] = [
    "additionalProperties",
    "items",
    "contains",
    "not",
    "if",
    "then",
    "else",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
];
/// Keywords that hold a list of schemas.
const LISTED: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
/// Keywords without a schema in them.
const PLAIN: [&str; 33] = [
    "$schema",
    "$ref",
    "$comment",
    "title",
    "description",
    "examples",
    "default",
    "deprecated",
    "readOnly",
    "type",
    "enum",
    "const",
    "required",
    "dependentRequired",
    "format",
    "pattern",
    "multipleOf",
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "minContains",
    "maxContains",
    "contentEncoding",
    "contentMediaType",
    "writeOnly",
];

/// One thing that is wrong with a schema: where, as a JSON pointer, and what.
pub type Wrong = (String, String);

/// Reads a schema; everything that is wrong with it at once.
pub fn parse(text: &str) -> Result<Value, Vec<Wrong>> {
    let whole = |what: String| vec![(String::new(), what)];
    if text.len() > MOST_BYTES {
        return Err(whole(format!("has {} bytes, at most {MOST_BYTES} are taken", text.len())));
    }
    let schema: Value = serde_json::from_str(text).map_err(|error| whole(format!("is not JSON: {error}")))?;
    let mut looking = Looking { defs: schema.get("$defs"), wrong: Vec::new() };
    looking.root(&schema);
    looking.schema("", &schema, 0);
    if looking.wrong.is_empty() {
        looking.weigh(&schema);
    }
    let mut wrong = looking.wrong;
    if wrong.is_empty()
        && let Err(error) = compile(&schema)
    {
        wrong.push(error);
    }
    if wrong.is_empty() { Ok(schema) } else { Err(wrong) }
}

/// Makes a validator of a schema.
pub fn compile(schema: &Value) -> Result<Validator, Wrong> {
    let patterns = PatternOptions::regex().size_limit(PATTERN_BYTES).dfa_size_limit(PATTERN_BYTES);
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .offline()
        .should_validate_formats(true)
        .with_pattern_options(patterns)
        .build(schema)
        .map_err(|error| (error.instance_path().to_string(), error.to_string()))
}

struct Looking<'a> {
    defs: Option<&'a Value>,
    wrong: Vec<Wrong>,
}

impl<'a> Looking<'a> {
    fn add(&mut self, at: &str, what: impl Into<String>) {
        // One slip can be found in a thousand places; the first ones tell enough.
        if self.wrong.len() < 50 {
            self.wrong.push((at.to_owned(), what.into()));
        }
    }

    /// What holds for the outermost schema alone.
    fn root(&mut self, schema: &Value) {
        if schema.get("type") != Some(&Value::from("object")) {
            self.add("/type", "must be \"object\": the content of a fact is an object");
        }
        if schema.get("$schema").is_some_and(|dialect| dialect != DIALECT) {
            self.add("/$schema", format!("must be {DIALECT}, or left out"));
        }
        let Some(properties) =
            schema.get("properties").and_then(Value::as_object).filter(|all| !all.is_empty())
        else {
            return self.add("/properties", "must name at least one field");
        };
        if properties.len() > 200 {
            self.add("/properties", "must name at most 200 fields");
        }
        for name in properties.keys().filter(|name| !is_field_name(name)) {
            let what = "a field is named with letters, digits and _, begins with a letter and has at most 60 of them, so that grants and conditions can name it";
            self.add(&format!("/properties/{name}"), what);
        }
    }

    fn schema(&mut self, at: &str, schema: &Value, depth: usize) {
        if depth > DEEPEST {
            return self.add(at, format!("is nested deeper than {DEEPEST}"));
        }
        let members = match schema {
            Value::Object(members) => members,
            Value::Bool(_) => return,
            _ => return self.add(at, "must be a schema: an object, true or false"),
        };
        for (keyword, value) in members {
            let here = format!("{at}/{keyword}");
            match keyword.as_str() {
                "$defs" if depth > 0 => self.add(&here, "must stand in the outermost schema"),
                "$ref" => self.reference(&here, value),
                "pattern" => self.pattern(&here, value.as_str()),
                named if NAMED.contains(&named) => self.named(&here, named, value, depth),
                single if SINGLE.contains(&single) => self.schema(&here, value, depth + 1),
                listed if LISTED.contains(&listed) => {
                    for (nth, part) in value.as_array().into_iter().flatten().enumerate() {
                        self.schema(&format!("{here}/{nth}"), part, depth + 1);
                    }
                }
                plain if PLAIN.contains(&plain) => {}
                other => self.add(&here, format!("{other} is not a keyword that is taken here")),
            }
        }
    }

    fn named(&mut self, at: &str, keyword: &str, value: &Value, depth: usize) {
        for (name, part) in value.as_object().into_iter().flatten() {
            let here = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
            if keyword == "patternProperties" {
                self.pattern(&here, Some(name));
            }
            self.schema(&here, part, depth + 1);
        }
    }

    fn reference(&mut self, at: &str, value: &Value) {
        let target = value.as_str().unwrap_or_default();
        let known = target.strip_prefix("#/$defs/").and_then(|name| self.defs?.get(name)).is_some();
        if !known {
            self.add(at, "must lead to a definition in this schema: #/$defs/name; nothing is fetched");
        }
    }

    fn pattern(&mut self, at: &str, pattern: Option<&str>) {
        let Some(pattern) = pattern else { return self.add(at, "must be a text") };
        if pattern.chars().count() > LONGEST_PATTERN {
            self.add(at, format!("has more than {LONGEST_PATTERN} characters"));
        }
    }

    /// Refuses what refers to itself, and what is small to write and endless to look through.
    fn weigh(&mut self, schema: &'a Value) {
        let mut weights = BTreeMap::new();
        match self.weight(schema, &mut weights, &mut BTreeSet::new()) {
            Ok(weight) if weight <= MOST_SCHEMAS => {}
            Ok(_) => {
                self.add("", format!("holds more than {MOST_SCHEMAS} schemas, counted where references lead"))
            }
            Err(name) => self.add(&format!("/$defs/{name}"), "refers to itself, which could go on for ever"),
        }
    }

    /// How many schemas are looked through; the name of a definition that refers to itself otherwise.
    fn weight(
        &self,
        schema: &'a Value,
        weights: &mut BTreeMap<&'a str, usize>,
        above: &mut BTreeSet<&'a str>,
    ) -> Result<usize, &'a str> {
        let Some(members) = schema.as_object() else { return Ok(1) };
        let mut weight: usize = 1;
        for part in parts(members) {
            weight = weight.saturating_add(self.weight(part, weights, above)?);
        }
        let name =
            members.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix("#/$defs/"));
        if let Some((name, target)) = name.and_then(|name| Some((name, self.defs?.get(name)?))) {
            if !weights.contains_key(name) {
                if !above.insert(name) {
                    return Err(name);
                }
                let of_target = self.weight(target, weights, above)?;
                above.remove(name);
                weights.insert(name, of_target);
            }
            weight = weight.saturating_add(weights[name]);
        }
        Ok(weight)
    }
}

/// The schemas directly within a schema.
fn parts(members: &Map<String, Value>) -> Vec<&Value> {
    let mut parts = Vec::new();
    for (keyword, value) in members {
        match value {
            Value::Object(named) if NAMED.contains(&keyword.as_str()) => parts.extend(named.values()),
            Value::Array(listed) if LISTED.contains(&keyword.as_str()) => parts.extend(listed),
            single if SINGLE.contains(&keyword.as_str()) => parts.push(single),
            _ => {}
        }
    }
    parts
}

fn is_field_name(name: &str) -> bool {
    name.len() <= 60
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wrong(properties: Value, defs: Value) -> Vec<String> {
        let schema = json!({"type": "object", "properties": properties, "$defs": defs});
        let wrong = parse(&schema.to_string()).err().unwrap_or_default();
        wrong.into_iter().map(|(at, what)| format!("{at}: {what}")).collect()
    }

    #[test]
    fn a_plain_schema_is_taken() {
        let code = json!({"type": "string", "pattern": "^[A-Z]{2}-[0-9]+$"});
        assert_eq!(
            wrong(json!({"a": {"$ref": "#/$defs/code"}}), json!({"code": code})),
            Vec::<String>::new()
        );
    }

    #[test]
    fn what_could_do_harm_is_refused_with_its_place() {
        let long = "a".repeat(201);
        for (properties, defs, expected) in [
            (json!({"a": {"$ref": "https://example.com/x"}}), json!({}), "/properties/a/$ref: must lead"),
            (json!({"a": {"$ref": "#"}}), json!({}), "/properties/a/$ref: must lead"),
            (json!({"a": {"$id": "x"}}), json!({}), "/properties/a/$id: $id is not a keyword"),
            (json!({"a": {"requried": []}}), json!({}), "/properties/a/requried: requried is not"),
            (json!({"a": {"pattern": long}}), json!({}), "/properties/a/pattern: has more than 200"),
            (json!({"a": {"pattern": "(?=x)"}}), json!({}), "/properties/a/pattern"),
            (json!({"a": {"pattern": "(a{1000}){1000}"}}), json!({}), "/properties/a/pattern"),
            (json!({"a": {"type": "text"}}), json!({}), "/properties/a/type"),
            (json!({"姓名": {"type": "string"}}), json!({}), "/properties/姓名: a field is named"),
            (
                json!({"a": {"$ref": "#/$defs/x"}}),
                json!({"x": {"allOf": [{"$ref": "#/$defs/x"}]}}),
                "/$defs/x: refers to itself",
            ),
        ] {
            let found = wrong(properties, defs);
            assert!(found.iter().any(|found| found.starts_with(expected)), "{expected}: {found:?}");
        }
    }

    #[test]
    fn a_small_schema_that_unfolds_without_end_is_refused() {
        let mut defs = json!({"d0": {"type": "string"}});
        for nth in 1..20 {
            let below = json!({"$ref": format!("#/$defs/d{}", nth - 1)});
            defs[format!("d{nth}")] = json!({"anyOf": [below, below]});
        }
        let found = wrong(json!({"a": {"$ref": "#/$defs/d19"}}), defs);
        assert!(found[0].contains("more than 1000 schemas"), "{found:?}");
    }
}
