//! How a process of Gongzhi lives: settings, who is asking, the one write path, the outbox and its relay, the inbox, timers, telemetry, orderly
//! start and end. Knows no word of the domain: cases, whistles and grids are other crates' business.

pub mod aggregate;
pub mod audit;
pub mod bus;
pub mod caller;
pub mod client;
pub mod clock;
pub mod config;
pub mod crash;
pub mod deliveries;
pub mod execute;
pub mod gate;
mod group;
pub mod history;
pub mod inbox;
pub mod lease;
pub mod nats_identity;
pub mod objects;
mod order;
pub mod outbox;
pub mod page;
pub mod parked;
pub mod reading;
pub mod record;
mod repeat;
pub mod requests;
pub mod rows;
pub mod run;
pub mod seal;
pub mod status;
pub mod telemetry;
pub mod timers;
pub mod token;
pub mod violations;
pub mod webhook_signature;
mod work;
