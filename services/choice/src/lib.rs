//! Rules of fair choice, each with its source: representatives by lot, earmarked money by equal shares, the order of an agenda, votes of owners by law, the point of balance between
//! bottom lines. Pure: no clock, no network, no database, and no chance but what is given; whoever has the same input gets the same answer.
//!
//! Knows nothing of residents, topics or meetings: it counts.

pub mod agenda;
pub mod balance;
pub mod budget;
mod chance;
pub mod number;
pub mod opinion;
pub mod owners;
pub mod ranking;
pub mod sortition;
