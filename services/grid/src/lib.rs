//! The grid service: owns grids and their boundaries, and the answer to "in which grid does this place lie".
//!
//! It deliberately does not know who solves a case, nor any person living in a grid.

pub mod boundary;
