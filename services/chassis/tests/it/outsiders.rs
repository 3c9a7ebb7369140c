//! Outsiders on a real nats-server with the configuration that is shipped: what they get, what they never get, and how fast they are gone.

mod acts;
mod forbidden;
mod publishers;
mod python;
mod served;
mod strangers;
mod wire;
mod world;
