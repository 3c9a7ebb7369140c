//! How much an organization may publish: a bucket of tokens for each, filled evenly, one token an event. Counted in each process for itself, in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

/// The limits and how much of them is used. Cloning shares them.
#[derive(Clone)]
pub(crate) struct Limits {
    rate: f64,
    burst: f64,
    buckets: Arc<Mutex<BTreeMap<String, (f64, Timestamp)>>>,
}

/// Buckets beyond which those that are full are forgotten.
const MANY: usize = 10_000;

impl Limits {
    /// At least a whole batch fits into a bucket, or it could never be sent.
    pub(crate) fn new(rate: u32, burst: u32, batch: usize) -> Self {
        let burst = f64::from(burst).max(batch as f64);
        Self { rate: f64::from(rate).max(0.1), burst, buckets: Arc::default() }
    }

    /// Takes tokens from all of these buckets or from none; then tells which one lacks them, and when it will not.
    pub(crate) fn take(
        &self,
        wanted: &BTreeMap<String, u32>,
        now: Timestamp,
    ) -> Result<(), (String, Duration)> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() > MANY {
            buckets.retain(|_, bucket| self.filled(*bucket, now) < self.burst);
        }
        let has = |who: &str| buckets.get(who).map_or(self.burst, |bucket| self.filled(*bucket, now));
        for (who, count) in wanted {
            let lacking = f64::from(*count) - has(who);
            if lacking > 0.0 {
                return Err((who.clone(), Duration::from_secs_f64(lacking / self.rate)));
            }
        }
        let left: Vec<_> =
            wanted.iter().map(|(who, count)| (who.clone(), has(who) - f64::from(*count))).collect();
        buckets.extend(left.into_iter().map(|(who, left)| (who, (left, now))));
        Ok(())
    }

    fn filled(&self, (tokens, since): (f64, Timestamp), now: Timestamp) -> f64 {
        let passed = now.duration_since(since).as_secs_f64().max(0.0);
        (tokens + passed * self.rate).min(self.burst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_runs_dry_and_fills_again_and_nobody_pays_for_others() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let wanted = |who: &str, count| BTreeMap::from([(who.to_owned(), count)]);
        let limits = Limits::new(10, 20, 10);
        assert_eq!(limits.take(&wanted("a", 20), at(0)), Ok(()));
        assert_eq!(limits.take(&wanted("a", 10), at(0)), Err(("a".into(), Duration::from_secs(1))));
        let both = BTreeMap::from([("a".to_owned(), 1), ("b".to_owned(), 20)]);
        assert!(limits.take(&both, at(0)).is_err(), "all or nothing");
        assert_eq!(limits.take(&wanted("b", 20), at(0)), Ok(()));
        assert_eq!(limits.take(&wanted("a", 10), at(1)), Ok(()));
        assert_eq!(limits.take(&wanted("a", 20), at(100)), Ok(()), "a bucket overflows at its burst");
        assert!(limits.take(&wanted("a", 1), at(100)).is_err());
    }
}
