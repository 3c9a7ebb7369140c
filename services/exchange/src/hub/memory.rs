//! The newest facts as all tasks of the process share them, and the word to those who wait for more. Two locks, that of the ring and the one within the
//! channel: nobody takes one while holding the other, so no order of them can stop two tasks for ever.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tokio::sync::watch;

use super::ring::Ring;
use super::seen::Seen;

/// The newest facts, shared. Cloning shares them.
#[derive(Clone)]
pub(super) struct Memory {
    ring: Arc<RwLock<Ring>>,
    newest: watch::Sender<i64>,
}

impl Memory {
    pub(super) fn new() -> Self {
        Self { ring: Arc::default(), newest: watch::Sender::new(0) }
    }

    /// To look at the ring; let go of before anything else is asked of the memory.
    pub(super) fn ring(&self) -> RwLockReadGuard<'_, Ring> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self) -> RwLockWriteGuard<'_, Ring> {
        self.ring.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes whenever the stream was read further.
    pub(super) fn arrivals(&self) -> watch::Receiver<i64> {
        self.newest.subscribe()
    }

    /// The stream that is read and its newest position; none before the first look.
    pub(super) fn stream(&self) -> Option<(String, i64)> {
        let ring = self.ring();
        (!ring.stream.is_empty()).then(|| (ring.stream.clone(), ring.newest))
    }

    /// Waits until a stream is read.
    pub(super) async fn begun(&self) {
        let mut arrivals = self.arrivals();
        // Not by a condition that the channel would ask while it is locked.
        while self.stream().is_none() {
            if arrivals.changed().await.is_err() {
                return;
            }
        }
    }

    /// Begins with a stream that is read on behind a position, to its end at `last`; what was kept of another is forgotten.
    pub(super) fn start(&self, stream: &str, behind: i64, last: i64) {
        *self.change() = Ring::starting(stream, behind, last);
        self.newest.send_replace(behind);
    }

    /// Takes what was read up to a position.
    pub(super) fn take(&self, facts: Vec<Arc<Seen>>, up_to: i64) {
        self.change().take(facts, up_to);
        self.newest.send_replace(up_to);
    }

    /// Notes how much is still to be read.
    pub(super) fn left(&self, unread: i64) {
        self.change().unread = unread;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    /// Readers wait for a beginning while a reader of the stream begins again and again, and none stops another.
    #[test]
    fn whoever_waits_for_a_beginning_stops_nobody() {
        const TIMES: i64 = 20_000;
        let memory = Memory::new();
        let (done, all) = mpsc::channel();
        for who in 0..4 {
            let (memory, done) = (memory.clone(), done.clone());
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            std::thread::spawn(move || {
                for nth in 0..TIMES {
                    match who {
                        0 => memory.start("a stream", nth, TIMES),
                        1 => memory.take(Vec::new(), nth),
                        _ => runtime.block_on(memory.begun()),
                    }
                }
                let _ = done.send(who);
            });
        }
        for _ in 0..4 {
            let ended = all.recv_timeout(Duration::from_secs(60));
            assert!(ended.is_ok(), "somebody waits for a lock that nobody gives back");
        }
    }
}
