//! What departments were due and what their systems got. Pure: lines and instants go in, a verdict comes out.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::subscribe::line::Line;

/// How long a whistle may take to the system of a department.
pub(crate) const WITHIN: Duration = Duration::from_secs(1);

/// What is read of an event.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    time: Timestamp,
    audience: String,
    data: Whistle,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Whistle {
    whistle_id: String,
}

/// Receipts of one department's system.
#[derive(Debug, Default)]
pub(crate) struct Receipts {
    /// Whistles that call the department.
    due: BTreeSet<String>,
    /// Of these, those that came, with how long after they happened.
    got: BTreeMap<String, SignedDuration>,
    /// Whistles that came again.
    again: usize,
    /// Facts that are not addressed to it.
    foreign: usize,
}

impl Receipts {
    /// Notes a whistle that calls the department.
    pub(crate) fn expect(&mut self, whistle_id: &str) {
        self.due.insert(whistle_id.to_owned());
    }

    /// Notes what the system of a department received.
    pub(crate) fn note(&mut self, department: &str, line: &Line) -> Result<()> {
        let event: Event = serde_json::from_str(line.event.get()).context("what came is no fact")?;
        if event.audience != department || event.kind != "gongzhi.dispatch.v1.whistle_sounded" {
            self.foreign += 1;
            return Ok(());
        }
        let took = line.received_at.duration_since(event.time);
        if self.got.insert(event.data.whistle_id, took).is_some() {
            self.again += 1;
        }
        Ok(())
    }

    /// True when nothing is missing any more.
    pub(crate) fn is_complete(&self) -> bool {
        self.missing() == 0
    }

    fn missing(&self) -> usize {
        self.due.iter().filter(|id| !self.got.contains_key(*id)).count()
    }

    /// How long it took for so many hundredths of those that were due; none when nothing came.
    fn took(&self, hundredths: usize) -> Option<Duration> {
        let mut took: Vec<_> = self.due.iter().filter_map(|id| self.got.get(id)).copied().collect();
        took.sort_unstable();
        let last = took.len().checked_sub(1)?;
        let at = took[(last * hundredths).div_ceil(100)];
        Some(Duration::try_from(at).unwrap_or_default())
    }

    /// True when nearly all came in time.
    pub(crate) fn is_timely(&self) -> bool {
        self.took(99).is_none_or(|took| took <= WITHIN)
    }

    /// The receipts in words.
    pub(crate) fn row(&self) -> String {
        let shown = |hundredths| {
            self.took(hundredths).map_or_else(|| "-".into(), |took| took.as_millis().to_string())
        };
        let got = self.due.len() - self.missing();
        let again = if self.again > 0 { format!("  重复 again {}", self.again) } else { String::new() };
        format!(
            "应收 due {:>3}  实收 got {got:>3}  他人 foreign {}  p50 {:>4} ms  p99 {:>4} ms{again}",
            self.due.len(),
            self.foreign,
            shown(50),
            shown(99)
        )
    }

    /// Fails when something is missing or foreign. Late is neither.
    pub(crate) fn judge(&self, department: &str) -> Result<()> {
        ensure!(
            self.missing() == 0,
            "哨声缺失:{department} 应收 {} 条,缺 {} 条 ({} of {} whistles did not reach the system of {department})",
            self.due.len(),
            self.missing(),
            self.missing(),
            self.due.len()
        );
        ensure!(
            self.foreign == 0,
            "越权投递:{department} 收到 {} 条他人的事实 (the system of {department} got {} facts that are not addressed to it)",
            self.foreign,
            self.foreign
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(audience: &str, whistle_id: &str, took_ms: i64) -> Line {
        let at: Timestamp = "2026-11-09T01:30:00Z".parse().unwrap();
        let event = serde_json::json!({
            "type": "gongzhi.dispatch.v1.whistle_sounded", "time": at, "audience": audience, "data": {"whistleId": whistle_id},
        });
        let event = serde_json::from_str(&event.to_string()).unwrap();
        Line { received_at: at + SignedDuration::from_millis(took_ms), event }
    }

    fn receipts(lines: &[Line]) -> Receipts {
        let mut receipts = Receipts::default();
        ["a", "b"].iter().for_each(|id| receipts.expect(id));
        for line in lines {
            receipts.note("housing", line).unwrap();
        }
        receipts
    }

    #[test]
    fn late_is_told_and_only_missing_or_foreign_fails() {
        let complete = receipts(&[line("housing", "a", 20), line("housing", "b", 30)]);
        assert!(complete.is_complete() && complete.is_timely());
        complete.judge("housing").unwrap();
        let late =
            receipts(&[line("housing", "a", 20), line("housing", "b", 1_200), line("housing", "b", 1_300)]);
        assert!(!late.is_timely());
        late.judge("housing").unwrap();
        assert!(late.row().contains("again 1"), "{}", late.row());
        let missing = receipts(&[line("housing", "a", 20)]);
        assert!(!missing.is_complete());
        assert!(missing.judge("housing").unwrap_err().to_string().contains("1 of 2"));
        let foreign =
            receipts(&[line("housing", "a", 20), line("housing", "b", 20), line("fire-rescue", "b", 20)]);
        assert!(foreign.is_complete());
        assert!(foreign.judge("housing").unwrap_err().to_string().contains("1 facts"));
    }
}
