//! How reporters can be reached. Each record is encrypted with a key of its own (AES-256-GCM), which is encrypted with the master key; destroying
//! the record's key erases it for ever. Every reading is logged with its purpose, in the commit that allows it.

mod seal;
pub(crate) mod store;

pub use seal::MasterKey;
