//! Cases (案件): one need of residents, from the report to the rating.
//!
//! A report is registered at a community and must be accepted there. The community handles it, in an estate together with the three
//! parties (三方协同: 社区、业委会、物业). What is beyond them climbs to the sub-district, which may sound a whistle to departments, and
//! from there to the district. Whoever settles it, somebody looks on the spot; then every reporter is visited. One "no" opens it again on
//! the rung that settled it; otherwise it is closed. Clocks run by themselves and only an approved suspension stops them.

mod aggregate;
mod announce;
pub mod command;
mod erase;
pub mod event;
mod evolve;
pub(crate) mod filing;
pub mod machine;
mod parse;
pub mod refusal;
pub(crate) mod reply;
pub(crate) mod rpc;
pub mod state;
pub(crate) mod store;
mod suspend;

pub use aggregate::CaseFile;
pub use command::{Command, CommandKind};
pub use event::Event;
pub use machine::{allowed, decide, evolve, next_due};
pub use refusal::Refusal;
pub use state::{Case, Phase, Place, Rating, Registration, Rung, Urgency};

#[cfg(test)]
mod machine_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod samples;
