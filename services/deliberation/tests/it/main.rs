//! Tests of the deliberation service, one file per slice.

#![allow(clippy::unwrap_used)] // A test that cannot go on says where.

mod agendas;
mod ballots;
mod counts;
mod machines;
mod machines_ballot;
mod machines_resolution;
mod resolutions;
mod topics;
mod town;
