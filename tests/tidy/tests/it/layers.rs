//! Dependencies point one way: scenarios → gongzhi → services → chassis → proto. Inside a service the machine is pure, the store knows no gRPC and the
//! rpc no SQL.

use std::collections::BTreeSet;
use std::path::Path;

use crate::tree;

/// The crates of ours that a crate depends on, outside of its tests.
fn ours(manifest: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(manifest).expect("a manifest can be read");
    let dependencies = text.split("\n[").find(|table| table.starts_with("dependencies]")).unwrap_or_default();
    let names = dependencies.lines().filter_map(|line| line.split(['.', ' ', '=']).next());
    names.filter(|name| *name == "gongzhi" || name.starts_with("gongzhi-")).map(ToOwned::to_owned).collect()
}

#[test]
fn no_crate_depends_on_what_stands_above_or_beside_it() {
    let allowed = |name: &str| -> &[&str] {
        match name {
            "proto" | "embedded" | "scrub" | "choice" => &[],
            "chassis" => &["gongzhi-proto"],
            "harness" => &["gongzhi-chassis", "gongzhi-embedded", "gongzhi-proto"],
            "scenarios" | "third_parties" | "tidy" | "kube_stub" => &[],
            "gongzhi" => &[
                "gongzhi-chassis",
                "gongzhi-choice",
                "gongzhi-deliberation",
                "gongzhi-dispatch",
                "gongzhi-embedded",
                "gongzhi-exchange",
                "gongzhi-grid",
                "gongzhi-operator",
                "gongzhi-organization",
                "gongzhi-portal",
                "gongzhi-proto",
                "gongzhi-reporting",
            ],
            "deliberation" => &["gongzhi-chassis", "gongzhi-choice", "gongzhi-proto", "gongzhi-scrub"],
            // A service knows no other service; they meet on the bus.
            _ => &["gongzhi-chassis", "gongzhi-proto", "gongzhi-scrub"],
        }
    };
    let manifests = tree::files(&tree::root(), "Cargo.toml");
    assert!(manifests.len() > 10);
    for manifest in manifests.iter().filter(|manifest| manifest.parent() != Some(tree::root().as_path())) {
        let folder =
            manifest.parent().and_then(Path::file_name).expect("a crate has a folder").to_string_lossy();
        let allowed: BTreeSet<_> = allowed(&folder).iter().map(|name| (*name).to_owned()).collect();
        let foreign: Vec<_> = ours(manifest).difference(&allowed).cloned().collect();
        assert!(foreign.is_empty(), "{} may not depend on {foreign:?}", tree::shown(manifest));
    }
}

/// What a file may not name, by its role.
const FORBIDDEN: [(&str, &[&str]); 5] = [
    (
        "machine.rs",
        &[
            "sqlx",
            "tonic",
            "prost",
            "tokio",
            "gongzhi_chassis",
            "gongzhi_proto::deliberation",
            "gongzhi_proto::dispatch",
            "gongzhi_proto::exchange",
            "gongzhi_proto::grid",
            "gongzhi_proto::organization",
            "Timestamp::now",
            "Uuid::new",
            "Uuid::now",
        ],
    ),
    ("policy.rs", &["sqlx", "tonic", "prost", "tokio", "gongzhi_chassis", "Timestamp::now"]),
    ("store.rs", &["tonic"]),
    ("rpc.rs", &["sqlx"]),
    ("announce.rs", &["sqlx", "tonic"]),
];

#[test]
fn roles_keep_to_themselves() {
    let mut looked_at = 0;
    for (role, forbidden) in FORBIDDEN {
        for file in tree::files(&tree::root().join("services"), role) {
            if file.file_name().is_none_or(|name| name != role) {
                continue;
            }
            looked_at += 1;
            let text = std::fs::read_to_string(&file).expect("a listed file can be read");
            for (number, line) in
                (1..).zip(text.lines()).filter(|(_, line)| !line.trim_start().starts_with("//"))
            {
                let named = forbidden.iter().find(|word| line.contains(**word));
                assert!(named.is_none(), "{}:{number} names {named:?}", tree::shown(&file));
            }
        }
    }
    assert!(looked_at >= 12, "only {looked_at} files have a role");
}

#[test]
fn the_chassis_knows_no_word_of_the_domain() {
    for file in tree::files(&tree::root().join("services/chassis/src"), ".rs") {
        let text = std::fs::read_to_string(&file).expect("a listed file can be read");
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .take_while(|line| !line.contains("#[cfg(test)]"));
        for (number, line) in (1..).zip(code) {
            // What a post is bound to has this name in the contract.
            let line = line.replace("for_department", "");
            let word =
                ["whistle", "Whistle", "community", "Community", "department", "Department", "resident"]
                    .iter()
                    .find(|word| line.contains(**word));
            assert!(word.is_none(), "{}, code line {number}: {word:?}", tree::shown(&file));
        }
    }
}
