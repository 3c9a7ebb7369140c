//! A stranger: a program that knows no line of ours (`tests/strangers/recompute.py`) and computes from a public export what was published.

use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use uuid::Uuid;

/// Has a stranger recompute an export, `ballot`, `draw` or `fund`, whose digest was published, and then one in which something was changed, which must not pass. Gives
/// what was said; none, and says so, where there is no Python.
pub fn agrees(what: &str, export: &str, digest: &str, change: (&str, &str)) -> Result<Option<String>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../strangers/recompute.py");
    let file = std::env::temp_dir().join(format!("gongzhi-{what}-{}", Uuid::now_v7()));
    let ask = |text: &str, digest: &str| -> Result<Option<Output>> {
        std::fs::write(&file, text)?;
        match Command::new("python3").arg("-B").arg(&script).arg(what).arg(&file).arg(digest).output() {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    };
    let answers = ask(export, digest).and_then(|first| {
        ensure!(export.contains(change.0), "the export does not hold what is to be changed");
        let changed = export.replacen(change.0, change.1, 1);
        // Whoever changes an export changes its digest with it; what was computed must show it.
        let own = if sha256(export) == digest { sha256(&changed) } else { digest.to_owned() };
        Ok((first, ask(&changed, &own)?))
    });
    let (first, changed) = answers.inspect_err(|_| drop(std::fs::remove_file(&file)))?;
    std::fs::remove_file(&file)?;
    let Some(first) = first else {
        println!("skipped: there is no python3, so no stranger recomputes the {what}");
        return Ok(None);
    };
    let said = |output: &Output| {
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        format!("{out}{err}").trim().to_owned()
    };
    ensure!(first.status.success(), "a stranger does not agree: {}", said(&first));
    let changed = changed.context("python3 was there before")?;
    ensure!(changed.status.code() == Some(1), "a changed {what} passes: {}", said(&changed));
    println!("a stranger recomputes the {what}: {}", said(&first));
    Ok(Some(said(&first)))
}

fn sha256(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
