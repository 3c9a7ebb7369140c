//! Scenarios: people act on all services in one process. All of it is in `tests/it`; this crate has no code of its own.
