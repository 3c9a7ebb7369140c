//! The tree of divisions: province, city, district, sub-district, community, estate, building.
//!
//! The story of an import: `file` reads a CSV file and either names every bad line or returns all of it;
//! `diff` compares it with the tree that is there and says what is new, renamed, recoded, merged and gone.
//! An officer looks at the difference and confirms; only then is anything written. All of this is pure:
//! it knows no database, no clock and no caller.

mod check;
mod complaint;
mod diff;
mod file;
mod level;
mod line;
mod name;
mod successor;

pub use complaint::{Complaint, Complaints, MAX_LISTED, Problem};
pub use diff::{Ambiguous, Departed, Diff, Evidence, Merged, PartlyMoved, Recoded, Renamed, Tree, compare};
pub use file::{Column, Division, DivisionFile, EstateType, Note, Progress, Unreadable, read};
