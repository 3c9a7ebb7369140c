//! Named crash points: where a process may be killed so that a test sees what survives. `GONGZHI_CRASH_AT=name` or `name:n` (the n-th time) aborts
//! the process there; unset, a point costs one atomic load.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The chassis' points, in the order in which a fact passes them; services have their own beside them.
pub const POINTS: [&str; 6] = [
    "execute.before_commit",
    "execute.after_commit",
    "relay.after_publish",
    "relay.after_cursor",
    "inbox.before_commit",
    "inbox.after_commit",
];

struct Armed {
    name: String,
    left: AtomicU32,
}

static ARMED: OnceLock<Option<Armed>> = OnceLock::new();

/// Ends the process here, as `kill -9` would, if this point is armed.
pub fn point(name: &'static str) {
    let armed = ARMED.get_or_init(|| {
        let value = std::env::var("GONGZHI_CRASH_AT").ok()?;
        let (name, times) = value.split_once(':').unwrap_or((&value, "1"));
        Some(Armed { name: name.to_owned(), left: AtomicU32::new(times.parse().unwrap_or(1)) })
    });
    if let Some(armed) = armed
        && armed.name == name
        && armed.left.fetch_sub(1, Ordering::SeqCst) == 1
    {
        std::process::abort();
    }
}
