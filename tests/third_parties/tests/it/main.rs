//! Programs of others read what we publish and sign: the AsyncAPI parser, a validator of JSON Schema, the SDK of CloudEvents, the libraries of
//! Standard Webhooks. And programs in the languages of others, our samples, are run against a district at work. What cannot be run is skipped aloud; where `CI` is true nothing may be skipped. At the end stands a table: who agreed about what.

#![allow(clippy::unwrap_used)] // A test that cannot go on says where.

mod catalogue;
mod facts;
mod samples;
mod tools;
mod webhooks;

use std::io::Write as _;

use anyhow::Result;
use tools::{Language, Tool};

/// Who agreed about what, and how often.
pub struct Row {
    who: &'static str,
    what: &'static str,
    count: usize,
}

type Look = fn(&Tool) -> Result<Vec<Row>>;

const LOOKS: [(Language, &str, Look); 5] = [
    (Language::Node, "the AsyncAPI document", catalogue::asyncapi),
    (Language::Node, "the JSON Schemas", catalogue::schemas),
    (Language::Python, "the golden samples", facts::envelopes),
    (Language::Python, "webhooks with shared secrets", webhooks::python),
    (Language::Node, "webhooks with secrets and pairs", webhooks::node),
];

#[test]
fn others_agree_with_us() -> Result<()> {
    let strict = std::env::var("CI").is_ok_and(|ci| ci == "true");
    let [node, python] = [Language::Node, Language::Python].map(|language| (language, language.find()));
    let (mut table, mut failures) = (String::new(), Vec::new());
    for (language, about, look) in LOOKS {
        let tool = [&node, &python].into_iter().find(|(found, _)| *found == language).map(|(_, tool)| tool);
        match tool.unwrap() {
            Err(missing) => {
                table += &format!("SKIPPED {about}: {missing}\n");
                if strict {
                    failures.push(format!("{about}: {missing}"));
                }
            }
            Ok(tool) => match look(tool) {
                Ok(rows) => {
                    for Row { who, what, count } in rows {
                        table += &format!("{count:>5}  {who:<34} {what}\n");
                    }
                }
                Err(error) => failures.push(format!("{about}: {error:#}")),
            },
        }
    }
    // Not `eprintln!`: the test harness would keep it to itself.
    write!(std::io::stderr(), "\ncount  who                                agreed that\n{table}")?;
    assert!(failures.is_empty(), "{failures:#?}");
    Ok(())
}
