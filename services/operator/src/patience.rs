//! How long to wait after failures: longer each time up to a bound, and never the same for two objects, so that what failed together is not tried together.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Counts failures in a row, by object.
pub(crate) struct Patience {
    first: Duration,
    longest: Duration,
    failures: Mutex<HashMap<String, u32>>,
}

impl Patience {
    pub(crate) fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, failures: Mutex::default() }
    }

    /// Notes a failure; tells how long to wait.
    pub(crate) fn after_failure(&self, uid: &str) -> Duration {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let count = failures.entry(uid.to_owned()).or_insert(0);
        let wait = self.first.saturating_mul(1 << (*count).min(16)).min(self.longest);
        *count += 1;
        spread(wait)
    }

    /// Forgets failures.
    pub(crate) fn after_success(&self, uid: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(uid);
    }
}

/// Three quarters to five quarters of a time.
pub(crate) fn spread(time: Duration) -> Duration {
    let random = RandomState::new().hash_one(()) % 1_024;
    time.mul_f64(0.75 + 0.5 * f64::from(u16::try_from(random).unwrap_or(0)) / 1_024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_a_bound_and_start_again_after_success() {
        let patience = Patience::new(Duration::from_secs(1), Duration::from_secs(60));
        let waits: Vec<_> = (0..40).map(|_| patience.after_failure("a").as_secs_f64()).collect();
        assert!((0.75..=1.25).contains(&waits[0]) && (1.5..=2.5).contains(&waits[1]), "{waits:?}");
        assert!(waits[10..].iter().all(|wait| (45.0..=75.0).contains(wait)), "{waits:?}");
        assert!(patience.after_failure("b") < Duration::from_secs(2));
        patience.after_success("a");
        assert!(patience.after_failure("a") < Duration::from_secs(2));
    }
}
