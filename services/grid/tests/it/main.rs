//! Tests of the grid service, one file per slice.

#![allow(clippy::unwrap_used)] // A test that cannot go on says where.

mod bench;
mod cells;
mod follow_up;
mod grids;
mod hangzhou;
mod import;
mod locate;
mod locate_place;
mod los_angeles;
mod machines;
mod sample;
mod shared_data;
