//! Tests of the organization service: divisions read and compared as an importer does, and one file per slice on PostgreSQL and NATS.

#![allow(clippy::unwrap_used)] // A test that cannot go on says where.

mod bench;
mod compared;
mod departments;
mod divisions;
mod files;
mod identity;
mod import;
mod machines;
mod refused;
mod staff;

use std::fs::File;
use std::path::{Path, PathBuf};

use gongzhi_organization::division::{DivisionFile, Tree, Unreadable, read};

/// Opens a file of the shared real data; says so and returns none when it is not there.
fn shared(name: &str) -> Option<File> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/divisions").join(name);
    let file = File::open(&path).ok();
    if file.is_none() {
        eprintln!("SKIPPED: no {}", path.display());
    }
    file
}

/// Returns the path of a file of the sample data.
fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/samples").join(name)
}

/// Reads a file that must be sound.
fn sound(source: impl std::io::Read) -> DivisionFile {
    read(source, |_| {}).unwrap_or_else(|error| panic!("{error}"))
}

/// Reads rows below the usual header.
fn rows(rows: &str) -> Result<DivisionFile, Unreadable> {
    read(format!("code,parent_code,name,level\n{rows}").as_bytes(), |_| {})
}

/// Takes a file for the tree that is there.
fn tree(file: &DivisionFile) -> Tree {
    file.divisions().iter().map(|(code, division)| (code.clone(), division.name.clone())).collect()
}
