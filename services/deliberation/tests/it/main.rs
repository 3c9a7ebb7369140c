//! Tests of the deliberation service, one file per slice.

#![allow(clippy::unwrap_used)] // A test that cannot go on says where.

mod agendas;
mod equal_shares;
mod funds;
mod killed;
mod machines;
mod machines_fund;
mod machines_pool;
mod pools;
mod pools_refused;
mod topics;
mod town;
