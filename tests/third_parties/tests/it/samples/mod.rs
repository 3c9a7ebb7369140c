//! The samples for integrators, run as a user runs them against a district at work: each prints exactly what happened, goes on where it was after it
//! was killed and after the services were, takes nothing twice, believes no forged webhook, and ends with a word where somebody must do something.

mod district;
mod page;
mod program;
mod stage;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use self::program::Desk;
use self::stage::Stage;
use crate::tools::{Language, Tool, on_path};

/// What the machine can run.
pub struct Tools {
    python: Result<Tool, String>,
    node: Result<Tool, String>,
    curl: Result<(), String>,
}

impl Tools {
    fn find() -> Self {
        let curl = on_path("curl").map(drop).ok_or("curl is not installed".to_owned());
        Self { python: Language::Python.find(), node: Language::Node.find(), curl }
    }

    /// What is missing, by what it keeps from being run.
    fn missing(&self) -> Vec<String> {
        let python = self.python.as_ref().err().map(|why| format!("the samples in Python: {why}"));
        let node = self.node.as_ref().err().map(|why| format!("the samples in JavaScript: {why}"));
        let curl = self.curl.as_ref().err().map(|why| format!("the page of curl: {why}"));
        [python, node, curl].into_iter().flatten().collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn samples_do_what_their_pages_say() -> Result<()> {
    let tools = tokio::task::spawn_blocking(Tools::find).await?;
    let missing = tools.missing();
    let mut said: String = missing.iter().map(|what| format!("SKIPPED {what}\n")).collect();
    if missing.len() < 3 {
        for (name, printed) in play(&tools).await? {
            said += &format!("{printed:>5}  {name:<34} printed once each, as they happened\n");
        }
    }
    // Not `eprintln!`: the test harness would keep it to itself.
    write!(std::io::stderr(), "\nfacts  sample\n{said}")?;
    let strict = std::env::var("CI").is_ok_and(|ci| ci == "true");
    ensure!(!strict || missing.is_empty(), "{missing:#?}");
    Ok(())
}

/// The whole story; what each program printed in all.
async fn play(tools: &Tools) -> Result<Vec<(&'static str, usize)>> {
    let desk = Desk::lay(&project())?;
    let mut stage = Stage::set(desk, tools).await?;
    stage.start().await?;
    stage.published(tools).await?;
    stage.killed_in_between().await?;
    stage.rewound().await?;
    stage = stage.services_restarted().await?;
    if tools.curl.is_ok() {
        stage.page_of_curl().await?;
    }
    stage.forged().await?;
    stage.given_up().await?;
    stage.end().await
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What the pages say to install is what is installed here.
#[test]
fn samples_stand_on_what_is_tested() -> Result<()> {
    let samples = project().join("services/exchange/samples");
    let read = |path: PathBuf| std::fs::read_to_string(&path).with_context(|| path.display().to_string());
    let pins = ["requirements.txt", "requirements-source.txt"];
    let ours = pins.map(|pins| read(project().join("tests/third_parties").join(pins)));
    let ours = ours.into_iter().collect::<Result<Vec<_>>>()?.concat();
    for line in read(samples.join("python/requirements.txt"))?.lines().filter(|line| !line.starts_with('#')) {
        ensure!(
            ours.lines().any(|pinned| pinned.split(' ').next() == Some(line)),
            "{line} is not what is tested"
        );
    }
    let manifest =
        |folder: PathBuf| -> Result<Value> { Ok(serde_json::from_str(&read(folder.join("package.json"))?)?) };
    let ours = manifest(project().join("tests/third_parties"))?;
    let theirs = manifest(samples.join("javascript"))?;
    for (name, version) in theirs["dependencies"].as_object().context("no dependencies")? {
        ensure!(ours["dependencies"].get(name) == Some(version), "{name} {version} is not what is tested");
    }
    Ok(())
}
