//! Whistles (吹哨): a sub-district calls several departments to one case, each with clocks of its own.
//!
//! All clocks start at the sounding, not when somebody signs. A department signs for the whistle, makes contact, reports in on the spot, does its
//! part. Who is late is reminded and then supervised, without anybody acting. Who holds that it is not the one to come refuses with a reason, and the
//! arbiter decides while the clocks run on. Nobody leaves before all is done: the joint result is accepted only when every joined department is.

mod actions;
mod aggregate;
mod allowed;
mod announce;
pub mod command;
pub mod event;
mod evolve;
mod joint;
pub mod machine;
mod parse;
pub mod refusal;
mod reply;
pub(crate) mod rpc;
pub mod state;
pub(crate) mod store;

pub use aggregate::Sheet;
pub use allowed::allowed;
pub use command::{Command, CommandKind};
pub use event::Event;
pub use machine::{decide, evolve, next_due};
pub use refusal::Refusal;
pub use state::{Decision, Kind, Level, Phase, Summons, SummonsPhase, Whistle};

#[cfg(test)]
mod machine_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod samples;
