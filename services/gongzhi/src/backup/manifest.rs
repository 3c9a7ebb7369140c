//! What a backup holds: every table with its rows and digest, every file, and the version of each schema. Whoever restores believes nothing else.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

/// Name of the file in the folder.
pub(super) const FILE: &str = "manifest.json";
/// What a backup's name ends with until it is whole.
pub(super) const PARTIAL: &str = ".partial";
/// The form of a backup; another number is read by another program.
pub(super) const FORM: u32 = 1;

/// A backup.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) form: u32,
    pub(super) district: String,
    pub(super) taken_at: Timestamp,
    /// Version of the program that took it.
    pub(super) program: String,
    pub(super) schemas: BTreeMap<String, Schema>,
    pub(super) files: Vec<File>,
}

/// The tables of a service.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Schema {
    /// Migrations that had been run.
    pub(super) migrations: Vec<i64>,
    /// In an order in which they can be filled: what is referred to comes first.
    pub(super) tables: Vec<Table>,
    /// What each sequence gave last.
    pub(super) sequences: BTreeMap<String, i64>,
}

/// The rows of a table, as COPY writes them as text.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    pub(super) rows: u64,
    pub(super) content: Content,
}

/// A file of a shared room.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct File {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) content: Content,
}

/// Bytes in the folder.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Content {
    /// Path in the folder.
    pub(super) path: String,
    pub(super) bytes: u64,
    /// SHA-256, hexadecimal.
    pub(super) sha256: String,
}

impl Manifest {
    /// What is in it, for a person.
    pub(super) fn in_words(&self) -> String {
        let tables = self.schemas.values().flat_map(|schema| &schema.tables);
        let (count, rows) = tables.fold((0, 0), |(count, rows), table| (count + 1, rows + table.rows));
        format!(
            "{} of {}, {count} tables with {rows} rows, {} files",
            self.district,
            self.taken_at.strftime("%F %TZ"),
            self.files.len()
        )
    }
}

/// Counts and digests bytes on their way.
pub(super) struct Digest {
    context: Context,
    bytes: u64,
}

impl Digest {
    pub(super) fn new() -> Self {
        Self { context: Context::new(&SHA256), bytes: 0 }
    }

    pub(super) fn add(&mut self, piece: &[u8]) {
        self.context.update(piece);
        self.bytes += piece.len() as u64;
    }

    pub(super) fn end(self, path: String) -> Content {
        let sha256 = self.context.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Content { path, bytes: self.bytes, sha256 }
    }
}
