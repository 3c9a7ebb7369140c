//! How facts leave the house: pulled or streamed over gRPC, posted to webhooks, over NATS. Each way reads on from a cursor of its own; a cursor moves
//! only when everything before it was delivered, did not concern the subscription, or stands in the table of held deliveries. So whatever dies at
//! whatever moment, nothing is lost; what was under way may come twice, with the same id.

pub(crate) mod address;
pub(crate) mod cursor;
pub(crate) mod figures;
pub(crate) mod held;
pub(crate) mod nats;
pub(crate) mod rpc;
pub(crate) mod webhook;
mod workers;

pub(crate) use workers::Workers;
