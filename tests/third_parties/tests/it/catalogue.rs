//! The catalogue in the eyes of others: the AsyncAPI document is valid by the official parser, and the JSON Schemas take what we publish, now and
//! later, and refuse what we never publish.

use anyhow::{Result, ensure};
use gongzhi_proto::catalogue::{Entry, Kind, asyncapi, entries};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Row;
use crate::tools::Tool;

#[derive(Deserialize)]
struct Read {
    errors: Vec<String>,
    warnings: Vec<String>,
    version: Option<String>,
    channels: Vec<String>,
    messages: Vec<String>,
    examples: usize,
    misfits: Vec<String>,
    sends: Option<usize>,
    receives: Option<usize>,
    protocols: Vec<String>,
}

/// The official parser reads the document and finds every fact in it.
pub fn asyncapi(tool: &Tool) -> Result<Vec<Row>> {
    let who = "npm @asyncapi/parser";
    let document = asyncapi::document(entries(), &asyncapi::Setting::default());
    let read: Read = tool.run("asyncapi.mjs", &document)?;
    ensure!(read.errors.is_empty(), "{:#?}", read.errors);
    ensure!(read.warnings.is_empty(), "{:#?}", read.warnings);
    ensure!(read.version.as_deref() == Some("3.0.0") && read.protocols == ["nats"]);
    let mut wanted: Vec<_> = entries().iter().map(Entry::subject_pattern).collect();
    let mut found = read.channels;
    wanted.sort_unstable();
    found.sort_unstable();
    ensure!(found == wanted, "other channels: {found:?}");
    let facts = entries().len();
    ensure!(
        read.messages.len() == facts && read.examples == facts && read.misfits.is_empty(),
        "{:?}",
        read.misfits
    );
    ensure!((read.sends, read.receives) == (Some(facts), Some(facts)));
    // What is broken must be found, or the above says nothing.
    let mut misfit = document.clone();
    misfit["components"]["messages"]["dispatch.whistle_sounded"]["examples"][0]["payload"]["sequence"] =
        json!(7);
    let read: Read = tool.run("asyncapi.mjs", &misfit)?;
    ensure!(read.misfits == ["gongzhi.dispatch.v1.whistle_sounded"], "{:?}", read.misfits);
    let mut broken = document;
    broken["channels"]["dispatch.case_closed"]["parameters"]["region"] = json!({});
    broken["operations"]["send.dispatch.case_closed"]["channel"]["$ref"] = json!("#/channels/none");
    let read: Read = tool.run("asyncapi.mjs", &broken)?;
    ensure!(read.errors.len() >= 2, "a broken document was taken: {:?}", read.errors);
    Ok(vec![
        Row { who, what: "a channel of the AsyncAPI 3.0 document is valid", count: facts },
        Row { who, what: "an operation of the document is valid", count: facts * 2 },
        Row { who: "npm ajv", what: "a golden sample fits its message of the document", count: facts },
    ])
}

#[derive(Deserialize)]
struct Judged {
    taken: usize,
    refused: usize,
    wrong: Vec<String>,
}

/// Ajv takes every golden sample and what a later version may publish, and refuses what breaks the contract.
pub fn schemas(tool: &Tool) -> Result<Vec<Row>> {
    let who = "npm ajv (JSON Schema 2020-12)";
    let both = entries().iter().flat_map(|entry| {
        let sample: Value = serde_json::from_str(entry.sample.get()).expect("a golden sample is JSON");
        [
            json!({
                "name": format!("{}, envelope", entry.fact),
                "schema": entry.envelope_schema(),
                "valid": [sample, changed(&sample, "later", json!({"more": 1}))],
                "invalid": [
                    changed(&sample, "type", json!("gongzhi.dispatch.v1.other")),
                    changed(&sample, "sequence", json!(7)),
                    changed(&sample, "area", json!("33010500")),
                    changed(&sample, "time", json!("noon")),
                    changed(&sample, "data", json!([])),
                ],
            }),
            json!({
                "name": format!("{}, data", entry.fact),
                "schema": entry.data_schema(),
                // An absent field has its default, so nothing is a fact as well.
                "valid": [sample["data"], json!({}), later(entry, &sample["data"])],
                "invalid": entry.fields.iter().map(|field| changed(&sample["data"], &field.json_name, unfit(&field.kind))).collect::<Vec<_>>(),
            }),
        ]
    });
    let judged: Judged = tool.run("schemas.mjs", &both.collect::<Vec<_>>())?;
    ensure!(judged.wrong.is_empty(), "{:#?}", judged.wrong);
    ensure!(judged.taken == entries().len() * 5 && judged.refused >= entries().len() * 6);
    Ok(vec![
        Row { who, what: "a sample of today or later fits its schema", count: judged.taken },
        Row { who, what: "what is no such fact does not", count: judged.refused },
    ])
}

fn changed(sample: &Value, name: &str, value: Value) -> Value {
    let mut changed = sample.clone();
    changed[name] = value;
    changed
}

/// What a later version may publish: a further field, and further names of enums.
fn later(entry: &Entry, data: &Value) -> Value {
    let mut later = changed(data, "fieldOfALaterVersion", json!("new"));
    for field in &entry.fields {
        if let Kind::Choice(choices) = &field.kind {
            let prefix = choices[0].name.strip_suffix("UNSPECIFIED").expect("enums start at unspecified");
            later[&field.json_name] = json!(format!("{prefix}OF_A_LATER_VERSION"));
        }
    }
    later
}

/// A value that a field of this kind never has: an object, which only a message is, and for a message a text.
fn unfit(kind: &Kind) -> Value {
    if matches!(kind, Kind::Message(_)) { json!("x") } else { json!({}) }
}
