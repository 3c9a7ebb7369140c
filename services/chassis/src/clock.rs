//! Injected time: the system's, or one that a story moves forward. Ids carry this time too, so that they sort by age.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// The clock of a process. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Milliseconds by which this clock differs from the system's.
    offset_ms: Arc<AtomicI64>,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that shows `start` now and runs on from there.
    pub fn starting_at(start: Timestamp) -> Self {
        let clock = Self::default();
        clock.move_to(start);
        clock
    }

    /// The instant that it shows, cut to microseconds as PostgreSQL keeps them.
    pub fn now(&self) -> Timestamp {
        let shown = Timestamp::now() + SignedDuration::from_millis(self.offset_ms.load(Ordering::SeqCst));
        Timestamp::from_microsecond(shown.as_microsecond()).unwrap_or(shown)
    }

    /// Moves the clock forward. A clock never goes back: what was done late would be early.
    pub fn advance(&self, by: SignedDuration) {
        self.offset_ms.fetch_add(by.as_millis().max(0) as i64, Ordering::SeqCst);
    }

    /// Makes the clock show `at`, if that is not in its past or it never moved yet.
    pub fn move_to(&self, at: Timestamp) {
        let wanted = at.duration_since(Timestamp::now()).as_millis() as i64;
        let moved = self.offset_ms.load(Ordering::SeqCst);
        if moved == 0 || wanted > moved {
            self.offset_ms.store(wanted, Ordering::SeqCst);
        }
    }

    /// A new id (UUID version 7) of the instant that the clock shows.
    pub fn new_id(&self) -> Uuid {
        let now = self.now();
        let nanos = u32::try_from(now.subsec_nanosecond()).unwrap_or_default();
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanos))
    }
}
