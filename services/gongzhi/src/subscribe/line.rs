//! What is printed of a fact: one line of JSON with the instant at which it came and the event as it came.

use std::io::Write as _;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A line; whoever starts `gongzhi subscribe` reads it back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Line {
    /// When it came, by the clock of this machine.
    pub(crate) received_at: Timestamp,
    /// The CloudEvent, byte for byte but for line breaks between its parts.
    pub(crate) event: Box<RawValue>,
}

/// Prints a fact. It is out of this process when this returns, so it may be acknowledged.
pub(super) fn print(event: &str, received_at: Timestamp) -> Result<()> {
    let event = serde_json::from_str(event).context("what came is not JSON")?;
    let line = serde_json::to_string(&Line { received_at, event })?;
    let mut out = std::io::stdout().lock();
    // Between its parts a publisher may break lines; within a text JSON has none.
    writeln!(out, "{}", line.replace(['\n', '\r'], " ")).context("nobody reads what is printed")?;
    out.flush().context("nobody reads what is printed")
}
