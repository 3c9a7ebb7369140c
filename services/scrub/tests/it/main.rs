//! The scrubber: what is planted does not pass, and what is nobody's stays.

#![allow(clippy::unwrap_used)] // A test that cannot go on says where.

mod carriers;
mod forms;
mod json;
mod planted;
mod single;
