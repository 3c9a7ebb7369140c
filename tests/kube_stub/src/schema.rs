//! Structural schemas of definitions: defaults, pruning, validation, and the rules in CEL. Pure.

use anyhow::{Context as _, Result};
use jsonschema::Validator;
use kube_cel::{CompiledSchema, apply_defaults, compile_schema};
use serde_json::{Map, Value, json};

/// The schema of one version of a definition, ready to be asked.
pub(crate) struct Schema {
    raw: Value,
    structure: Validator,
    rules: CompiledSchema,
}

impl Schema {
    /// Reads a schema; fails where it is none, or where a rule cannot be compiled.
    pub(crate) fn new(raw: &Value) -> Result<Self> {
        let rules = compile_schema(raw);
        if rules.has_errors() {
            anyhow::bail!("rules cannot be compiled: {:?}", rules.compilation_errors());
        }
        let structure = jsonschema::options()
            .should_validate_formats(true)
            .build(&plain(raw))
            .context("the schema is not structural")?;
        Ok(Self { raw: raw.clone(), structure, rules })
    }

    /// What becomes of an object: with defaults, without what the schema does not know. `strict` refuses that instead.
    pub(crate) fn admit(&self, object: Value, old: Option<&Value>, strict: bool) -> Result<Value, String> {
        let mut object = apply_defaults(&self.raw, &object);
        let mut unknown = Vec::new();
        prune(&mut object, &self.raw, "", true, &mut unknown);
        if strict && !unknown.is_empty() {
            return Err(format!("strict decoding error: unknown field {}", unknown.join(", ")));
        }
        let wrong: Vec<_> = self
            .structure
            .iter_errors(&object)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        if !wrong.is_empty() {
            return Err(wrong.join("; "));
        }
        let checked = kube_cel::Validator::new().validate_compiled(&self.rules, &object, old);
        checked.map_err(|errors| errors.to_string())?;
        Ok(object)
    }
}

/// Takes away what the schema does not know; the server knows the head of every object.
fn prune(value: &mut Value, schema: &Value, path: &str, top: bool, unknown: &mut Vec<String>) {
    if schema["x-kubernetes-preserve-unknown-fields"] == true {
        return;
    }
    match value {
        Value::Object(fields) => {
            let (known, others) = (schema["properties"].as_object(), &schema["additionalProperties"]);
            let head = |name: &str| top && matches!(name, "apiVersion" | "kind" | "metadata");
            fields.retain(|name, _| {
                let keep = head(name)
                    || known.is_some_and(|known| known.contains_key(name))
                    || others.is_object()
                    || *others == true;
                if !keep {
                    unknown.push(format!("{path}.{name}"));
                }
                keep
            });
            for (name, inner) in fields.iter_mut().filter(|(name, _)| !head(name)) {
                let schema = known.and_then(|known| known.get(name)).unwrap_or(others);
                prune(inner, schema, &format!("{path}.{name}"), false, unknown);
            }
        }
        Value::Array(items) => {
            for item in items {
                prune(item, &schema["items"], &format!("{path}[]"), false, unknown);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The schema in the words of JSON Schema.
fn plain(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => {
            let mut kept: Map<_, _> = fields
                .iter()
                .filter(|(name, _)| !name.starts_with("x-kubernetes-") && *name != "nullable")
                .map(|(name, value)| (name.clone(), plain(value)))
                .collect();
            if fields.get("x-kubernetes-int-or-string") == Some(&Value::Bool(true)) {
                kept.insert("type".into(), json!(["integer", "string"]));
            }
            if fields.get("nullable") == Some(&Value::Bool(true))
                && let Some(kind) = kept.get("type").cloned()
            {
                kept.insert("type".into(), json!([kind, "null"]));
            }
            Value::Object(kept)
        }
        Value::Array(items) => items.iter().map(plain).collect(),
        other => other.clone(),
    }
}
