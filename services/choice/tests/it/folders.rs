//! Where instances are found: beside the project, and where the environment says. What is not there is said aloud and skipped.

use std::path::{Path, PathBuf};

/// Files of a kind, by their folder and their ending.
pub fn files(kind: &str, ending: &str) -> Vec<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/deliberation");
    let given = std::env::var_os("GONGZHI_DELIBERATION").map(PathBuf::from);
    let mut found = Vec::new();
    for root in [Some(beside), given].into_iter().flatten() {
        let Ok(folder) = std::fs::read_dir(root.join(kind)) else {
            println!("skipped: there is no folder {kind} with instances in {}", root.display());
            continue;
        };
        let files = folder.flatten().map(|entry| entry.path());
        found.extend(files.filter(|path| path.to_string_lossy().ends_with(ending)));
    }
    found.sort();
    found
}

pub fn json(path: &Path) -> serde_json::Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}
