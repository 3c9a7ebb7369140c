//! The tree of divisions: province, city, district, sub-district, community, estate, building.
//!
//! The story of an import: `file` reads a CSV file and either names every bad line or returns all of it;
//! `diff` compares it with the tree that is there and says what is new, renamed, recoded, merged and gone.
//! An officer looks at the difference and confirms; only then does `import` write the register, in one commit.
//! Reading and comparing are pure: they know no database, no clock and no caller.

mod announce;
mod check;
mod complaint;
mod diff;
mod file;
pub mod import;
mod level;
mod line;
mod machine;
mod name;
mod register;
mod rpc;
mod store;
mod successor;
mod wire;

pub use complaint::{Complaint, Complaints, MAX_LISTED, Problem};
pub use diff::{Ambiguous, Departed, Diff, Evidence, Merged, PartlyMoved, Recoded, Renamed, Tree, compare};
pub use file::{Column, Division, DivisionFile, EstateType, Note, Progress, Unreadable, read};
pub use machine::{Change, Command, Counts, Event, Refusal, Register, Unclear, decide, evolve};
pub(crate) use register::RegisterKind;
pub(crate) use rpc::Divisions;
