//! Backups that are taken again and again into one folder, of which the newest are kept.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use jiff::Timestamp;

use super::manifest::{FILE, PARTIAL};

/// The name of a backup in a series: sorted by name they are sorted by time.
pub(super) fn name(district: &str, at: Timestamp) -> String {
    format!("{district}-{}", at.strftime("%Y%m%dT%H%M%SZ"))
}

/// Deletes all but the newest whole backups of a district, and what older ones left that broke off. Nothing that is not one is touched.
pub(super) fn thin(into: &Path, district: &str, keep: usize) -> Result<()> {
    let prefix = format!("{district}-");
    let (mut names, mut broken) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(into).with_context(|| format!("{} cannot be read", into.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(&prefix) && name.ends_with(PARTIAL) {
            broken.push(name);
        } else if name.starts_with(&prefix) && entry.path().join(FILE).is_file() {
            names.push(name);
        }
    }
    names.sort_unstable();
    let newest = names.last().cloned().unwrap_or_default();
    for name in broken.iter().filter(|name| name.as_str() < newest.as_str()) {
        fs::remove_dir_all(into.join(name)).with_context(|| format!("{name} cannot be deleted"))?;
        println!("{name} was deleted: it had broken off");
    }
    let old = names.len().saturating_sub(keep);
    for name in &names[..old] {
        fs::remove_dir_all(into.join(name)).with_context(|| format!("{name} cannot be deleted"))?;
        println!("{name} was deleted: {keep} are kept");
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // A test that cannot go on says where.
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_kept_and_nothing_else_is_touched() {
        let into = std::env::temp_dir().join(format!("gongzhi-series-{}", std::process::id()));
        let at = |second| Timestamp::from_second(second).unwrap();
        let names: Vec<_> = (0..4).map(|nth| name("330105", at(1_764_000_000 + nth * 86_400))).collect();
        let others = ["330106-20200101T000000Z", "330105-20990101T000000Z.partial"];
        let broken = "330105-20200101T000000Z.partial";
        fs::create_dir_all(into.join(broken)).unwrap();
        for folder in names.iter().map(String::as_str).chain(others) {
            fs::create_dir_all(into.join(folder)).unwrap();
            fs::write(into.join(folder).join(FILE), "{}").unwrap();
        }
        fs::create_dir_all(into.join("330105-somebody's")).unwrap();
        thin(&into, "330105", 2).unwrap();
        let left = |name: &str| into.join(name).exists();
        assert_eq!(names.iter().map(|name| left(name)).collect::<Vec<_>>(), [false, false, true, true]);
        assert!(!left(broken), "what broke off before the newest is taken away, what is being made is not");
        assert!(others.into_iter().all(left) && left("330105-somebody's"));
        fs::remove_dir_all(&into).unwrap();
    }
}
