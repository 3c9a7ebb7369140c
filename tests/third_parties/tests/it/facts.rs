//! The golden samples in the eyes of the Python SDK of CloudEvents: it finds the attributes and the data that we find.

use anyhow::{Result, ensure};
use gongzhi_proto::catalogue::entries;
use gongzhi_proto::cloudevents::CloudEvent;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::Row;
use crate::tools::Tool;

#[derive(Deserialize)]
struct Found {
    attributes: Map<String, Value>,
    data: Value,
}

/// Every attribute of every sample is the same to the SDK and to our general parser.
pub fn envelopes(tool: &Tool) -> Result<Vec<Row>> {
    let who = "PyPI cloudevents";
    let samples: Vec<_> = entries().iter().map(|entry| entry.sample.get()).collect();
    let found: Vec<Found> = tool.run("facts.py", &samples)?;
    ensure!(found.len() == samples.len());
    let mut attributes = 0;
    for (found, sample) in found.iter().zip(&samples) {
        // Ours, written anew after it was parsed: what was lost on the way is missing here.
        let ours = CloudEvent::from_json(sample.as_bytes())?;
        let mut ours: Map<String, Value> = serde_json::from_str(&ours.to_json())?;
        ensure!(ours.remove("data").as_ref() == Some(&found.data), "{sample}: other data");
        ensure!(ours.len() == found.attributes.len(), "{sample}: other attributes");
        for (name, value) in &ours {
            let theirs = found.attributes.get(name).unwrap_or(&Value::Null);
            let same = match name.as_str() {
                "time" => instant(value)? == instant(theirs)?,
                _ => value == theirs,
            };
            ensure!(same, "{name} of {sample} is {theirs} to them");
            attributes += 1;
        }
    }
    Ok(vec![
        Row { who, what: "a golden sample is a CloudEvent with the same data", count: found.len() },
        Row { who, what: "an attribute has the same value", count: attributes },
    ])
}

fn instant(value: &Value) -> Result<Timestamp> {
    Ok(value.as_str().unwrap_or_default().parse()?)
}
