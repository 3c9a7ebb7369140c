//! The contracts hold together: table, catalogue, law of access and golden samples agree.

mod contracts;
mod golden;
