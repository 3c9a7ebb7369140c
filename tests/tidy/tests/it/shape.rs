//! The shape of files: each opens with what it owns, none is too long, and none is a place for whatever has no place.

use crate::tree;

/// Longest file of code.
const LINES: usize = 400;

#[test]
fn every_module_says_what_it_owns() {
    for file in rust_files() {
        let text = std::fs::read_to_string(&file).expect("a listed file can be read");
        assert!(text.starts_with("//!"), "{} does not open with //!", tree::shown(&file));
    }
}

#[test]
fn no_file_is_too_long() {
    let mut long = Vec::new();
    for file in rust_files() {
        let lines = std::fs::read_to_string(&file).expect("a listed file can be read").lines().count();
        if lines > LINES {
            long.push(format!("{} has {lines} lines", tree::shown(&file)));
        }
    }
    assert!(long.is_empty(), "more than {LINES} lines: {long:#?}");
}

#[test]
fn no_file_is_a_place_for_everything() {
    for file in rust_files() {
        let stem = file.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        let folder = file
            .parent()
            .and_then(|folder| folder.file_name())
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        for banned in ["common", "utils", "util", "helpers", "helper", "models", "types", "misc"] {
            assert!(stem != banned && folder != banned, "{}: say what it owns", tree::shown(&file));
        }
    }
}

#[test]
fn the_program_starts_in_a_few_lines() {
    let main = std::fs::read_to_string(tree::root().join("services/gongzhi/src/main.rs"))
        .expect("the program starts somewhere");
    assert!(main.lines().count() <= 30);
}

#[test]
fn nothing_is_put_off() {
    for file in rust_files() {
        let text = std::fs::read_to_string(&file).expect("a listed file can be read");
        for (number, line) in (1..).zip(text.lines()) {
            // Put together here, so that this file does not find itself.
            let put_off = [
                concat!("to", "do!("),
                concat!("unimple", "mented!("),
                concat!("#[ig", "nore"),
                concat!("FIX", "ME"),
                concat!("TO", "DO"),
            ];
            let found = put_off.iter().find(|word| line.contains(**word));
            assert!(found.is_none(), "{}:{number} puts off {found:?}", tree::shown(&file));
        }
    }
}

fn rust_files() -> Vec<std::path::PathBuf> {
    let root = tree::root();
    let files: Vec<_> = ["proto/src", "proto/tests", "services", "tests"]
        .iter()
        .flat_map(|folder| tree::files(&root.join(folder), ".rs"))
        .collect();
    let files: Vec<_> =
        files.into_iter().filter(|file| !file.components().any(|part| part.as_os_str() == "gen")).collect();
    assert!(files.len() > 40, "only {} files found", files.len());
    files
}
