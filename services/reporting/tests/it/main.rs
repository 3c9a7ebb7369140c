//! Reporting, tried by telling facts on a real bus and looking at what it shows.

mod boards;
mod listing;
mod rebuilding;
mod town;
mod watching;
