//! Who governs what: divisions, and later departments, branches, posts and accounts.
//!
//! Owns the tree of divisions (行政区划) and who stands where in it. Deliberately knows nothing of cases
//! (dispatch) and nothing of geometry (grid).

pub mod division;
