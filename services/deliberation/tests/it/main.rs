//! Tests of the deliberation service, one file per slice.

#![allow(clippy::unwrap_used)] // A test that cannot go on says where.

mod agendas;
mod machines;
mod topics;
mod town;
