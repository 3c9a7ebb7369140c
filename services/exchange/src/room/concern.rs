//! Which facts concern a room: those of its place that are of what it is about, and of everything that hangs on that. A whistle hangs on the case that it names, a
//! summons on the whistle; so what concerns is found in the order in which it happened. Pure.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{About, Subject};
use crate::hub::Seen;

/// What concerns a room so far.
pub(super) struct Concern<'a> {
    subject: &'a Subject,
    /// Identities of aggregates of which something concerned it.
    threads: HashSet<String>,
}

impl<'a> Concern<'a> {
    pub(super) fn new(subject: &'a Subject, known: impl IntoIterator<Item = String>) -> Self {
        let mut threads: HashSet<_> = known.into_iter().collect();
        if let About::Case(case) = &subject.about {
            threads.insert(case.to_string());
        }
        Self { subject, threads }
    }

    /// Looks at the next fact; tells whether it concerns the room.
    pub(super) fn looks_at(&mut self, seen: &Seen) -> bool {
        let concerns = self.subject.area.contains(&seen.envelope.area)
            && match &self.subject.about {
                About::Place => true,
                About::Case(_) => self.hangs_on(seen),
                About::Category(category) => is_of(category, seen.data()) || self.hangs_on(seen),
            };
        if concerns {
            self.threads.insert(seen.envelope.subject.clone());
        }
        concerns
    }

    fn hangs_on(&self, seen: &Seen) -> bool {
        let known = |id: &str| self.threads.contains(id);
        let mut named = seen.data().iter().filter(|(name, _)| name.ends_with("Id"));
        known(&seen.envelope.subject) || named.any(|(_, value)| value.as_str().is_some_and(known))
    }
}

fn is_of(category: &str, data: &Map<String, Value>) -> bool {
    let code = data.get("categoryCode").and_then(Value::as_str).unwrap_or_default();
    code.strip_prefix(category).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
