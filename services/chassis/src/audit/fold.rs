//! What a history makes of an aggregate, for kinds that are told apart at run time.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;
use serde_json::Value;

use crate::aggregate::Aggregate;

/// How the histories of one kind are folded.
#[derive(Clone, Copy)]
pub struct Fold {
    /// The kind.
    pub kind: &'static str,
    start: fn() -> Box<dyn Folding + Send>,
}

impl Fold {
    /// The fold of a kind.
    pub fn of<A: Aggregate>() -> Self {
        Self { kind: A::KIND, start: || Box::new(Folded::<A> { state: None, broken: false }) }
    }

    pub(super) fn start(&self) -> Box<dyn Folding + Send> {
        (self.start)()
    }
}

/// A history that is being folded.
pub(super) trait Folding {
    /// Follows an event.
    fn follow(&mut self, at: Timestamp, event: &str);
    /// True when this is the state that a row holds. Both are written anew, so that a field that the row was written without is no difference.
    fn is(&self, stored: &str) -> bool;
}

struct Folded<A: Aggregate> {
    state: Option<A::State>,
    /// True after an event that cannot be read or cannot follow: then no state fits.
    broken: bool,
}

impl<A: Aggregate> Folding for Folded<A> {
    fn follow(&mut self, at: Timestamp, event: &str) {
        let before = self.state.take();
        // A machine may panic on a history that it did not make, and such a one is what is looked for here.
        let after = serde_json::from_str::<A::Event>(event)
            .ok()
            .and_then(|event| catch_unwind(AssertUnwindSafe(|| A::evolve(before, at, &event))).ok());
        self.broken |= after.is_none();
        self.state = after;
    }

    fn is(&self, stored: &str) -> bool {
        let stored = serde_json::from_str::<A::State>(stored).ok().and_then(|state| value(&state));
        !self.broken && stored.is_some() && stored == self.state.as_ref().and_then(value)
    }
}

fn value<T: serde::Serialize>(state: &T) -> Option<Value> {
    serde_json::to_value(state).ok()
}
