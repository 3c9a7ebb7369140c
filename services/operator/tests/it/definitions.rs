//! The definitions in the chart are those of the types, their rules are cheap enough for a real server, and they refuse what they ought to.

use std::path::Path;

use anyhow::{Context as _, Result};
use gongzhi_operator::resources::definitions;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::stage::Stage;

#[test]
fn the_definitions_in_the_chart_are_fresh() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../helm/gongzhi/crds");
    let mut stale = Vec::new();
    for definition in definitions() {
        let file = folder.join(format!("{}.yaml", definition.spec.names.plural));
        let head = "# Generated from services/operator/src/resources; UPDATE=1 cargo test -p gongzhi-operator rewrites it.\n";
        let text = format!("{head}{}", serde_saphyr::to_string(&serde_json::to_value(&definition)?)?);
        if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
            std::fs::create_dir_all(&folder)?;
            std::fs::write(&file, &text)?;
        }
        if std::fs::read_to_string(&file).unwrap_or_default() != text {
            stale.push(file.display().to_string());
        }
        // What is written means what was meant.
        let read: Value = serde_saphyr::from_str(&text)?;
        assert_eq!(read, serde_json::to_value(&definition)?);
    }
    assert!(stale.is_empty(), "stale, rewrite with `UPDATE=1 cargo test -p gongzhi-operator`: {stale:?}");
    Ok(())
}

#[test]
fn what_a_server_asks_of_a_definition_holds() -> Result<()> {
    for definition in definitions() {
        let name = definition.metadata.name.clone().unwrap_or_default();
        let schema = definition.spec.versions[0].schema.as_ref().context("a schema")?;
        let schema = serde_json::to_value(schema.open_api_v3_schema.as_ref().context("a schema")?)?;
        let mut wrong = Vec::new();
        bounds(&schema["properties"]["spec"], "spec", &mut wrong);
        assert!(wrong.is_empty(), "{name}: without a bound a rule is too dear for the server: {wrong:#?}");
        assert!(
            definition.spec.versions[0].subresources.as_ref().is_some_and(|sub| sub.status.is_some()),
            "{name}"
        );
        let columns = definition.spec.versions[0].additional_printer_columns.clone().unwrap_or_default();
        assert!(columns.iter().any(|column| column.name == "Ready"), "{name} shows whether it is ready");
    }
    Ok(())
}

/// Every text, list and map of what people write has a bound.
fn bounds(schema: &Value, path: &str, wrong: &mut Vec<String>) {
    let bounded = |field: &str| schema[field].is_u64();
    match schema["type"].as_str() {
        Some("string") => {
            let short = schema["format"] == "date-time"
                || schema["enum"].is_array()
                || schema["pattern"].as_str().is_some_and(|pattern| pattern.ends_with('$'));
            if !short && !bounded("maxLength") {
                wrong.push(format!("{path} has no maxLength"));
            }
        }
        Some("array") => {
            if !bounded("maxItems") {
                wrong.push(format!("{path} has no maxItems"));
            }
            bounds(&schema["items"], &format!("{path}[]"), wrong);
        }
        Some("object") if schema["additionalProperties"].is_object() && !bounded("maxProperties") => {
            wrong.push(format!("{path} has no maxProperties"));
        }
        _ => {}
    }
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        bounds(inner, &format!("{path}.{name}"), wrong);
    }
}

/// What a server must refuse; the same is asked of a real one by `tests/apiserver`.
#[derive(Deserialize)]
struct Refused {
    created: Vec<Wrong>,
    changed: Vec<Change>,
}

#[derive(Deserialize)]
struct Wrong {
    kind: String,
    spec: Value,
    says: String,
}

#[derive(Deserialize)]
struct Change {
    kind: String,
    from: Value,
    to: Value,
    says: String,
}

#[tokio::test]
async fn what_is_wrong_is_refused_by_the_server_with_a_sentence() -> Result<()> {
    let stage = Stage::without_exchange().await?;
    stage.namespace("fire", &[("gongzhi.io/department", "fire-rescue")])?;
    let object = |kind: &str, name: &str, spec: &Value| json!({"apiVersion": "gongzhi.io/v1alpha1", "kind": kind, "metadata": {"name": name, "namespace": "fire"}, "spec": spec});
    let refused: Refused = serde_json::from_str(include_str!("../refused.json"))?;
    for Wrong { kind, spec, says } in refused.created {
        let said = stage.create(object(&kind, "wrong", &spec)).await;
        let said = said.expect_err("it must be refused").to_string();
        assert!(said.contains(&says), "{kind} {spec}: {said}");
    }
    for (nth, Change { kind, from, to, says }) in refused.changed.into_iter().enumerate() {
        let name = format!("right-{nth}");
        stage.create(object(&kind, &name, &from)).await?;
        let plural = format!("{}s", kind.to_lowercase());
        let said = stage.change(&plural, "fire", &name, json!({"spec": to})).await;
        let said = said.expect_err("it must be refused").to_string();
        assert!(said.contains(&says), "{kind} {to}: {said}");
    }
    // What may be changed can be.
    let changed = json!({"spec": {"filter": {"facts": ["dispatch.case_registered"]}}});
    stage.change("subscriptions", "fire", "right-0", changed).await?;
    Ok(())
}
