//! What is to be done and who does it: cases that climb the ladder, and whistles that call departments.
//!
//! Owns cases (案件), whistles (吹哨), their clocks and limits, the official working calendar and the categories. Refuses to know
//! geometry (grid tells in which grid a place lies), people (organization), and how a result is rated in the street (grid visits).

pub mod calendar;
pub mod case;
pub mod category;
pub mod clock;
pub mod limits;
pub mod rules;
pub mod table;
