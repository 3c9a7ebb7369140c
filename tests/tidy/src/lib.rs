//! The rules of the house that a compiler does not check. All of it is in `tests/it`; this crate has no code of its own.
