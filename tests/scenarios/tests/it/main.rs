//! Scenarios told by people: nobody here calls a store or a machine.

#![allow(clippy::unwrap_used)] // A scenario that cannot go on says where.

mod access;
mod audit;
mod backup;
mod browser;
mod case;
mod certificates;
mod contact_keys;
mod deliberation;
mod demo;
mod erasure;
mod operations;
mod operator;
mod outage;
mod replicas;
mod sharing;
mod whistle;
mod world;
