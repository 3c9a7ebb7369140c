//! The exchange behind its gRPC face, on real PostgreSQL and NATS. Facts are put on the bus as their owners would; receivers are real HTTP servers.

mod grants;
mod machines;
mod pulls;
mod receiver;
mod town;
mod webhooks;
