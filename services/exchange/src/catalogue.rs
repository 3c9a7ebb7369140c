//! Facts by the name that people use, `dispatch.whistle_sounded`, and what the exchange asks of their catalogue entries.

use gongzhi_proto::catalogue::{self, Entry};

/// The fact of this name.
pub(crate) fn fact(name: &str) -> Option<&'static Entry> {
    let (service, fact) = name.split_once('.')?;
    catalogue::find(service, fact)
}

/// The name of a fact.
pub(crate) fn name(entry: &Entry) -> String {
    format!("{}.{}", entry.service, entry.fact)
}

/// What to say of a name that is no fact: the nearest ones, so that a slip of the pen is found at once.
pub(crate) fn unknown(name: &str) -> String {
    let word = name.rsplit('.').next().unwrap_or_default();
    let near: Vec<_> = catalogue::entries()
        .iter()
        .filter(|entry| word.len() > 2 && (entry.fact.contains(word) || word.contains(&entry.fact)))
        .map(self::name)
        .take(5)
        .collect();
    if near.is_empty() {
        format!(
            "{name:?} is not in the catalogue; facts are named service.fact, for example dispatch.whistle_sounded"
        )
    } else {
        format!("{name:?} is not in the catalogue; do you mean {}?", near.join(" or "))
    }
}

/// The names of its fields in the contract.
pub(crate) fn field_names(entry: &Entry) -> Vec<&str> {
    entry.fields.iter().map(|field| field.name.as_str()).collect()
}
