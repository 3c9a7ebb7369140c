//! What a process needs before somebody may be sent to it, and how each part of it is.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::metrics;

/// How the parts of a process are. Cloning shares it.
#[derive(Clone, Default)]
pub struct Readiness(Arc<Mutex<Parts>>);

#[derive(Default)]
struct Parts {
    has_started: bool,
    leaves: bool,
    parts: BTreeMap<String, Standing>,
}

struct Standing {
    is_needed: bool,
    /// None: it is well.
    trouble: Option<String>,
}

impl Readiness {
    /// Everything is mounted.
    pub fn started(&self) {
        self.parts().has_started = true;
        metrics::READY.set(1.0, &[("part", "started")]);
    }

    /// It ends: whatever its parts are, nobody is sent here any more.
    pub(crate) fn leaves(&self) {
        self.parts().leaves = true;
        metrics::READY.set(0.0, &[("part", "started")]);
    }

    /// Says how a part is; one that is not needed is told and makes nobody unready.
    pub(crate) fn note(&self, part: &str, is_needed: bool, outcome: Result<(), String>) {
        metrics::READY.set(if outcome.is_ok() { 1.0 } else { 0.0 }, &[("part", part)]);
        let mut all = self.parts();
        let before =
            all.parts.insert(part.to_owned(), Standing { is_needed, trouble: outcome.clone().err() });
        drop(all);
        let was_well = before.is_none_or(|before| before.trouble.is_none());
        match outcome {
            Err(trouble) if was_well => tracing::warn!(part, trouble, is_needed, "a part is not well"),
            Ok(()) if !was_well => tracing::info!(part, "a part is well again"),
            _ => {}
        }
    }

    /// True when somebody may be sent here.
    pub fn is_ready(&self) -> bool {
        let all = self.parts();
        all.has_started
            && !all.leaves
            && all.parts.values().all(|part| part.trouble.is_none() || !part.is_needed)
    }

    /// A line for each part.
    pub(crate) fn text(&self) -> String {
        let all = self.parts();
        let started = match (all.has_started, all.leaves) {
            (_, true) => "started: yes, and ends now",
            (true, false) => "started: yes",
            (false, false) => "started: not yet",
        };
        let mut text = format!("{started}\n");
        for (name, part) in &all.parts {
            let needed = if part.is_needed { "" } else { " (not needed to be ready)" };
            let how = part.trouble.as_deref().unwrap_or("well");
            // Writing to a text cannot fail.
            let _ = writeln!(text, "{name}: {how}{needed}");
        }
        text
    }

    fn parts(&self) -> MutexGuard<'_, Parts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_needed_keeps_a_process_from_being_ready() {
        let readiness = Readiness::default();
        readiness.note("database", true, Ok(()));
        assert!(!readiness.is_ready(), "it has not started");
        readiness.started();
        assert!(readiness.is_ready());
        readiness.note("bus", false, Err("no answer".into()));
        assert!(readiness.is_ready());
        assert_eq!(
            readiness.text(),
            "started: yes\nbus: no answer (not needed to be ready)\ndatabase: well\n"
        );
        readiness.note("bus", true, Err("no answer".into()));
        assert!(!readiness.is_ready());
        readiness.note("bus", true, Ok(()));
        readiness.note("database", true, Err("gone".into()));
        assert!(!readiness.is_ready());
        readiness.note("database", true, Ok(()));
        assert!(readiness.is_ready());
        readiness.leaves();
        assert!(!readiness.is_ready());
        assert!(readiness.text().starts_with("started: yes, and ends now\n"), "{}", readiness.text());
    }
}
