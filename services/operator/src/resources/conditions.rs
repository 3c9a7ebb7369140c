//! Conditions: how an object says in words that machines compare how it stands.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

/// How a condition stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It holds.
    True,
    /// It does not.
    False,
    /// Nobody can tell now.
    Unknown,
}

impl Standing {
    /// The word for it on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::True => "True",
            Self::False => "False",
            Self::Unknown => "Unknown",
        }
    }
}

/// The conditions of one object at one generation, made from those that it had: what stands as before keeps the instant at which it began.
#[derive(Clone, Debug)]
pub struct Conditions {
    list: Vec<Condition>,
    generation: Option<i64>,
    now: Timestamp,
}

impl Conditions {
    /// Begins with what the object says now.
    pub fn of(list: &[Condition], generation: Option<i64>, now: Timestamp) -> Self {
        Self { list: list.to_vec(), generation, now }
    }

    /// Says one thing; the message says what to do next where something is to be done.
    #[must_use]
    pub fn say(mut self, kind: &str, standing: Standing, reason: &str, message: impl Into<String>) -> Self {
        let mut message = message.into();
        // A condition holds at most 32 KiB; nobody reads that much.
        if message.chars().count() > 1_000 {
            message = message.chars().take(999).chain(['…']).collect();
        }
        let was = self.list.iter().position(|condition| condition.type_ == kind);
        let since = was
            .map(|nth| &self.list[nth])
            .filter(|condition| condition.status == standing.word())
            .map_or_else(|| whole_seconds(self.now), |condition| condition.last_transition_time.clone());
        let condition = Condition {
            type_: kind.to_owned(),
            status: standing.word().to_owned(),
            reason: reason.to_owned(),
            message,
            last_transition_time: since,
            observed_generation: self.generation,
        };
        match was {
            Some(nth) => self.list[nth] = condition,
            None => self.list.push(condition),
        }
        self
    }

    /// All of them.
    pub fn list(self) -> Vec<Condition> {
        self.list
    }
}

/// The server keeps whole seconds; what is compared with it must, too.
fn whole_seconds(at: Timestamp) -> Time {
    Time(Timestamp::from_second(at.as_second()).unwrap_or(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_as_before_keeps_its_instant() {
        let (then, now) = (Timestamp::from_second(10).unwrap(), Timestamp::from_second(20).unwrap());
        let first = Conditions::of(&[], Some(1), then).say("Ready", Standing::False, "Waits", "wait").list();
        let same = Conditions::of(&first, Some(2), now).say("Ready", Standing::False, "Other", "wait").list();
        assert_eq!(same[0].last_transition_time.0, then);
        assert_eq!((same[0].reason.as_str(), same[0].observed_generation), ("Other", Some(2)));
        let other = Conditions::of(&same, Some(2), now).say("Ready", Standing::True, "Done", "").list();
        assert_eq!((other.len(), other[0].last_transition_time.0), (1, now));
    }
}
