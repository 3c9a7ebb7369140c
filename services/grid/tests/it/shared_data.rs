//! Finds the real data kept beside the project; tests that need it say aloud when it is absent.

use std::path::{Path, PathBuf};

/// Gives the path of a file of the shared data, or says that the test skips.
pub(crate) fn shared_file(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("SKIPPED: ../shared/data/{name} is absent");
    None
}

/// Reads a text file of the shared data.
pub(crate) fn shared_text(name: &str) -> Option<String> {
    shared_file(name).map(|path| std::fs::read_to_string(path).expect("a readable file"))
}

/// Reads the sample outline of 拱墅区 that the project carries.
pub(crate) fn gongshu_district() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/samples/gongshu_district.geojson");
    std::fs::read_to_string(path).expect("the sample is part of the project")
}
