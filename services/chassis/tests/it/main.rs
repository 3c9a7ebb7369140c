//! The chassis on a real PostgreSQL and a real JetStream, with a tally as the thing that has a history.

mod bus;
mod execute;
mod tally;
mod timers;
