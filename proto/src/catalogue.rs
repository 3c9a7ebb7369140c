//! The catalogue of facts, read from the options in the contracts.

use prost_reflect::{DynamicMessage, MessageDescriptor, Value};

use crate::event::v1::FactOptions;
use crate::json::POOL;

/// One entry of the catalogue.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Full name of the message, for example `gongzhi.dispatch.v1.WhistleSounded`.
    pub message: String,
    /// Titles, classification, retention.
    pub options: FactOptions,
}

/// Every message of the contracts that is marked as a fact, in the order of its full name.
pub fn entries() -> Vec<Entry> {
    let mut entries: Vec<_> = POOL.all_messages().filter_map(|message| entry(&message)).collect();
    entries.sort_by(|a, b| a.message.cmp(&b.message));
    entries
}

fn entry(message: &MessageDescriptor) -> Option<Entry> {
    let extension = POOL.get_extension_by_name("gongzhi.event.v1.fact")?;
    let options: DynamicMessage = message.options();
    if !options.has_extension(&extension) {
        return None;
    }
    let value = options.get_extension(&extension).into_owned();
    let Value::Message(value) = value else { return None };
    Some(Entry { message: message.full_name().to_owned(), options: value.transcode_to().ok()? })
}
