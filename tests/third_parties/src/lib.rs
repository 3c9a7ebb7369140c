//! What programs of others say about what we publish and sign. All of it is in `tests/it` and in the scripts beside this crate's manifest; this
//! crate has no code of its own.
