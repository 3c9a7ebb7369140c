//! The definitions in the chart are those of the types, their rules are cheap enough for a real server, and they refuse what they ought to.

use std::path::Path;

use anyhow::{Context as _, Result};
use gongzhi_operator::resources::definitions;
use serde_json::{Value, json};

use crate::stage::{Stage, subscription};

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

#[tokio::test]
async fn what_is_wrong_is_refused_by_the_server_with_a_sentence() -> Result<()> {
    let stage = Stage::without_exchange().await?;
    stage.namespace("fire", &[("gongzhi.io/department", "fire-rescue")])?;
    let pull = json!({"delivery": {"pull": {}}});
    for (spec, says) in [
        (json!({"delivery": {}}), "choose one of pull, webhook and nats"),
        (json!({"delivery": {"pull": {}, "nats": {}}}), "choose one of"),
        (json!({"delivery": {"nats": {"inHand": 257}}}), "256"),
        (json!({"delivery": {"webhook": {"url": "ftp://example.org"}}}), "url"),
        (json!({"delivery": {"pull": {}}, "rotateAfter": "5m"}), "an hour at least"),
        (json!({"delivery": {"pull": {}}, "from": "yesterday"}), "from"),
        (json!({"delivery": {"pull": {}}, "filtre": {}}), "filtre"),
    ] {
        let refused = stage.create(subscription("fire", "wrong", spec.clone())).await;
        let said = refused.expect_err("it must be refused").to_string();
        assert!(said.contains(says), "{spec}: {said}");
    }
    stage.create(subscription("fire", "right", pull.clone())).await?;
    for (spec, says) in [
        (json!({"delivery": {"nats": {}}}), "the way cannot be changed"),
        (json!({"delivery": {"pull": {}}, "grant": "other"}), "the grant cannot be changed"),
        (json!({"delivery": {"pull": {}}, "credentialsSecret": "other"}), "Secret's name cannot be changed"),
    ] {
        let said = stage.change("subscriptions", "fire", "right", json!({"spec": spec})).await;
        let said = said.expect_err("it must be refused").to_string();
        assert!(said.contains(says), "{spec}: {said}");
    }
    let changed = json!({"spec": {"filter": {"facts": ["dispatch.case_registered"]}}});
    stage.change("subscriptions", "fire", "right", changed).await?;

    let grant = stage.grant("fire", "asked", json!({}));
    stage.create(grant).await?;
    let said =
        stage.change("sharinggrants", "fire", "asked", json!({"spec": {"purpose": "something else"}})).await;
    assert!(
        said.expect_err("it must be refused").to_string().contains("what was asked for cannot be changed")
    );
    let both = json!({"grantee": {"department": "fire-rescue", "area": "330105"}});
    let said = stage.create(stage.grant("fire", "both", both)).await.expect_err("it must be refused");
    assert!(said.to_string().contains("one of the two"), "{said}");

    let district = |code: &str, replicas: Value| {
        json!({"apiVersion": "gongzhi.io/v1alpha1", "kind": "District", "metadata": {"name": "d", "namespace": "fire"},
            "spec": {"code": code, "databaseSecret": {"name": "a"}, "natsSecret": {"name": "b"}, "replicas": replicas}})
    };
    for (district, says) in [
        (district("33010", json!({})), "code"),
        (district("330106", json!({"dispach": 1})), "services are organization"),
        (district("330106", json!({"dispatch": 51})), "0 to 50 pods"),
    ] {
        let said = stage.create(district).await.expect_err("it must be refused").to_string();
        assert!(said.contains(says), "{said}");
    }
    stage.create(district("330106", json!({"dispatch": 1}))).await?;
    let said = stage.change("districts", "fire", "d", json!({"spec": {"code": "330107"}})).await;
    assert!(said.expect_err("it must be refused").to_string().contains("keeps its code"));
    Ok(())
}
