//! Dashboards and alerts are written against a list of measures, so the list is what the program measures: names and types.

use std::collections::BTreeMap;

use crate::tree;

/// How the sources make a measure, and what Prometheus calls its type.
const MADE_BY: [(&str, &str); 7] = [
    ("Level::new(", "gauge"),
    ("Count::new(", "counter"),
    ("Spread::new(", "histogram"),
    ("_gauge(", "gauge"),
    ("up_down_counter(", "gauge"),
    ("u64_counter(", "counter"),
    ("_histogram(", "histogram"),
];

/// The measures that the sources make.
fn made() -> BTreeMap<String, &'static str> {
    let mut made = BTreeMap::new();
    for path in tree::files(&tree::root().join("services"), ".rs") {
        let text = std::fs::read_to_string(&path).expect("a source can be read");
        for (maker, kind) in MADE_BY {
            for (at, _) in text.match_indices(maker) {
                let Some(rest) = text[at + maker.len()..].trim_start().strip_prefix('"') else { continue };
                let name = rest.split('"').next().unwrap_or_default();
                if !name.starts_with("gongzhi_") {
                    continue;
                }
                // The exporter puts it behind every counter.
                let suffix = if kind == "counter" { "_total" } else { "" };
                made.insert(format!("{name}{suffix}"), kind);
            }
        }
    }
    made
}

#[test]
fn what_is_measured_is_what_the_list_says() {
    let list = tree::root().join("deploy/observability/metrics.csv");
    let text = std::fs::read_to_string(&list).expect("the list can be read");
    let listed: BTreeMap<_, _> = text
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut cells = line.split(',');
            Some((cells.next()?.to_owned(), cells.next()?))
        })
        .collect();
    let made = made();
    assert!(made.len() > 20, "hardly any measure was found: {made:?}");
    assert_eq!(made, listed, "left: the sources; right: {}", tree::shown(&list));
}
