//! Tests of the deliberation service, one file per slice.

#![allow(clippy::unwrap_used)] // A test that cannot go on says where.

mod agendas;
mod balances;
mod ballots;
mod conversations;
mod counts;
mod equal_shares;
mod funds;
mod killed;
mod machines;
mod machines_balance;
mod machines_ballot;
mod machines_conversation;
mod machines_fund;
mod machines_meeting;
mod machines_pool;
mod machines_procedure;
mod machines_resolution;
mod meeting_laws;
mod meetings;
mod migrations;
mod notices;
mod opinion_maps;
mod pools;
mod pools_refused;
mod procedure_laws;
mod procedures;
mod resolutions;
mod session;
mod speakers;
mod starting;
mod topics;
mod town;
