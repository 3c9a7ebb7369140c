//! The chassis on a real PostgreSQL and a real JetStream, with a tally as the thing that has a history.

#![allow(clippy::unwrap_used)] // A test that cannot go on says where.

mod bus;
mod execute;
mod group;
mod objects;
mod outsiders;
mod tally;
mod timers;
mod traces;
mod webhooks;
