//! Tests of the deliberation service, one file per slice.

#![allow(clippy::unwrap_used)] // A test that cannot go on says where.

mod agendas;
mod ballots;
mod counts;
mod equal_shares;
mod funds;
mod killed;
mod machines;
mod machines_ballot;
mod machines_fund;
mod machines_pool;
mod machines_resolution;
mod pools;
mod pools_refused;
mod resolutions;
mod topics;
mod town;
