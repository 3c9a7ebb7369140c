//! The seal of a record. Every event is chained to the one before (see `history`), so who changes one must change all that follow; a seal makes that visible
//! too: when a day is over, a service tells on the bus the root of a Merkle tree over the last event of every chain. It is written through the one write
//! path, so the seals of a service are a chain themselves, and everybody who listens has a copy that no one can call back.
//!
//! A seal covers what was committed when it looked, whatever instants the events carry: a transaction that was late belongs to the next seal. What it
//! covered is noted in `sealed_ends`, one row per chain that had grown. Leaves are in the order of kind and id, so that a single chain can be shown to
//! belong to a seal ([`merkle::proof`]), or not to. The chain of the seals is no leaf of its own tree.

mod daily;
mod machine;
pub mod merkle;
mod store;

use gongzhi_proto::audit::v1 as facts;
use gongzhi_proto::ids::AreaCode;
use jiff::Timestamp;

use crate::aggregate::{Aggregate, Announcement, Rows};
use crate::caller::Scope;
use crate::status;

pub(crate) use daily::run;
pub use machine::{Command, Event, Refusal, Sealed};

/// Word for seals in tables and facts.
pub const KIND: &str = "seal";

/// Seals as the write path knows them: one aggregate per service, which has the service's name.
pub struct Seals;

impl Aggregate for Seals {
    const KIND: &'static str = KIND;
    type State = Sealed;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = ();

    fn decide(
        state: Option<&Sealed>,
        _at: Timestamp,
        command: &Command,
        _rules: &(),
    ) -> Result<Vec<Event>, Refusal> {
        machine::decide(state, command)
    }

    fn evolve(_state: Option<Sealed>, _at: Timestamp, event: &Event) -> Sealed {
        machine::evolve(event)
    }

    fn next_due(_state: &Sealed) -> Option<Timestamp> {
        None
    }

    fn tick() -> Option<Command> {
        None
    }

    fn scope(state: &Sealed) -> Scope {
        Scope::area(state.district.clone())
    }

    fn announce(id: &str, state: &Sealed, event: &Event) -> Vec<Announcement> {
        vec![announce(id, &state.district, event)]
    }

    fn index(_id: &str, _state: &Sealed) -> Vec<Rows> {
        Vec::new()
    }
}

fn announce(service: &str, district: &AreaCode, event: &Event) -> Announcement {
    let Event::ChainsSealed(sealed) = event;
    Announcement::to_all(
        district,
        facts::ChainsSealed {
            service: service.to_owned(),
            day: sealed.day.to_string(),
            root: sealed.root.clone(),
            chains: i64::try_from(sealed.chains).unwrap_or(i64::MAX),
            events: i64::try_from(sealed.events).unwrap_or(i64::MAX),
        },
    )
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        match *self {}
    }
}
