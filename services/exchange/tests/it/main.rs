//! The exchange behind its gRPC face, on real PostgreSQL and NATS. Facts are put on the bus as their owners would; receivers are real HTTP servers.

#![allow(clippy::unwrap_used)] // A test that cannot go on says where.

mod evidence;
mod forbidden;
mod grants;
mod machines;
mod outsiders;
mod publication;
mod publishers;
mod pulls;
mod rebuilt;
mod receiver;
mod rooms;
mod stops;
mod town;
mod webhooks;
