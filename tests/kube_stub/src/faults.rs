//! What goes wrong on demand: calls that fail or wait.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// One fault: the next calls that fit.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Verb, for example `patch`; empty for every one.
    pub verb: String,
    /// Resource, for example `subscriptions.gongzhi.io/status`; empty for every one.
    pub resource: String,
    /// How many calls.
    pub times: u32,
    /// HTTP status with which they are refused; none: they are answered, late.
    pub code: Option<u16>,
    /// How long they wait first.
    pub wait: Duration,
}

impl Fault {
    /// The next so many calls of a verb on a resource are refused.
    pub fn refused(verb: &str, resource: &str, code: u16, times: u32) -> Self {
        Self { verb: verb.into(), resource: resource.into(), times, code: Some(code), wait: Duration::ZERO }
    }
}

/// The faults that are asked for.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    pub(crate) fn add(&self, fault: Fault) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// How long a call waits, and with what it is refused.
    pub(crate) fn of(&self, verb: &str, resource: &str) -> (Duration, Option<u16>) {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |fault: &Fault| {
            (fault.verb.is_empty() || fault.verb == verb)
                && (fault.resource.is_empty() || fault.resource == resource)
        };
        let Some(nth) = faults.iter().position(fits) else { return (Duration::ZERO, None) };
        let fault = faults[nth].clone();
        if fault.times <= 1 {
            faults.remove(nth);
        } else {
            faults[nth].times -= 1;
        }
        (fault.wait, fault.code)
    }
}
