//! The newest facts of the stream in memory, so that those who keep up read them without asking anybody.

use std::collections::VecDeque;
use std::sync::Arc;

use super::seen::Seen;

/// Most facts that are kept; about two kilobytes each.
const MOST: usize = 10_000;

/// The newest facts.
#[derive(Debug, Default)]
pub(super) struct Ring {
    /// The stream, by the instant at which it was made.
    pub(super) stream: String,
    /// Everything behind this position and up to `newest` is in the ring.
    pub(super) behind: i64,
    /// Position up to which the stream was read.
    pub(super) newest: i64,
    /// Facts behind `newest` that are still to be read.
    pub(super) unread: i64,
    facts: VecDeque<Arc<Seen>>,
}

impl Ring {
    /// An empty ring of a stream that is read on behind a position, to its end at `last`.
    pub(super) fn starting(stream: &str, behind: i64, last: i64) -> Self {
        let unread = last - behind;
        Self { stream: stream.to_owned(), behind, newest: behind, unread, facts: VecDeque::new() }
    }

    /// Takes what was read up to a position.
    pub(super) fn take(&mut self, facts: Vec<Arc<Seen>>, up_to: i64) {
        self.facts.extend(facts);
        self.newest = self.newest.max(up_to);
        while self.facts.len() > MOST {
            if let Some(oldest) = self.facts.pop_front() {
                self.behind = oldest.position;
            }
        }
    }

    /// Facts behind a position, oldest first; none when the ring does not reach so far back.
    pub(super) fn behind(&self, position: i64, most: usize) -> Option<(Vec<Arc<Seen>>, i64)> {
        if position < self.behind {
            return None;
        }
        let from = self.facts.partition_point(|fact| fact.position <= position);
        let facts: Vec<_> = self.facts.range(from..).take(most).cloned().collect();
        let read_to = match facts.last() {
            Some(last) if facts.len() == most => last.position,
            _ => self.newest.max(position),
        };
        Some((facts, read_to))
    }

    /// The newest fact up to a position.
    pub(super) fn last_before(&self, position: i64) -> Option<Arc<Seen>> {
        let behind = self.facts.partition_point(|fact| fact.position <= position);
        self.facts.get(behind.checked_sub(1)?).cloned()
    }
}
