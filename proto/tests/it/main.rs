//! The contracts hold together: table, catalogue, law of access and golden samples agree.

#![allow(clippy::unwrap_used)] // A test that cannot go on says where.

mod catalogue;
mod cloudevents;
mod contracts;
mod golden;
