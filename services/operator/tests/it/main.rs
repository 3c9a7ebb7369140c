//! The operator against a stand-in for the API server, with exactly the rights that the chart gives it, and a real exchange on a real PostgreSQL and NATS.

mod definitions;
mod districts;
mod door;
mod grants;
mod leaders;
mod many;
mod rights;
mod stage;
mod strict;
mod subscriptions;
mod trouble;
