//! Tests of the grid service, one file per slice.

mod cells;
mod hangzhou;
mod import;
mod locate;
mod los_angeles;
mod shared_data;
