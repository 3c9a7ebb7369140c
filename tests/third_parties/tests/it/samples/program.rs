//! Programs as a user runs them: the very files, in a copy of their folders, with the command that their page gives, and with nothing but the
//! environment that the page names. What they print is read line by line; dropped, they are killed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::page::Page;

/// Nothing that is waited for takes longer, also where a machine has much else to do.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What a program finds in its environment.
pub type Environment = BTreeMap<&'static str, String>;

/// A folder outside of the work tree with the samples and the contracts, as a user has them. Dropped, it is deleted.
pub struct Desk {
    root: PathBuf,
}

impl Desk {
    /// Copies the samples.
    pub fn lay(project: &Path) -> Result<Self> {
        let desk =
            Self { root: std::env::temp_dir().join(format!("gongzhi-samples-{}", std::process::id())) };
        for folder in ["python", "javascript", "curl"] {
            let from = project.join(SAMPLES).join(folder);
            std::fs::create_dir_all(desk.folder(folder))?;
            for file in std::fs::read_dir(from)?.collect::<std::io::Result<Vec<_>>>()? {
                let name = file.file_name();
                // What somebody tried here left ids behind that count as taken.
                let made = ["db", "taken"].map(std::ffi::OsStr::new);
                if file.file_type()?.is_file()
                    && !Path::new(&name).extension().is_some_and(|end| made.contains(&end))
                {
                    std::fs::copy(file.path(), desk.folder(folder).join(&name))?;
                }
            }
        }
        std::os::unix::fs::symlink(project.join("proto"), desk.root.join("proto"))?;
        Ok(desk)
    }

    /// The folder of a language.
    pub fn folder(&self, language: &str) -> PathBuf {
        self.root.join(SAMPLES).join(language)
    }

    /// The page of a language.
    pub fn page(&self, language: &str) -> Result<Page> {
        Page::read(&self.folder(language).join("README.md"))
    }

    /// Runs something in the folder of a language until it ends; gives what it printed, and whether it ended well.
    pub async fn runs(
        &self,
        language: &str,
        command: &str,
        environment: &Environment,
    ) -> Result<(bool, String)> {
        let output = self.command(language, command, environment).kill_on_drop(true).output();
        let output = tokio::time::timeout(PATIENCE, output).await.context(command.to_owned())??;
        let said = String::from_utf8_lossy(&output.stderr);
        if !said.trim().is_empty() {
            println!("{command}: {said}");
        }
        Ok((output.status.success(), String::from_utf8(output.stdout)?))
    }

    fn command(&self, language: &str, command: &str, environment: &Environment) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", command]).current_dir(self.folder(language)).envs(environment);
        shell.env("PYTHONDONTWRITEBYTECODE", "1").stdin(Stdio::null());
        shell
    }
}

const SAMPLES: &str = "services/exchange/samples";

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

/// A sample that runs until it is stopped.
pub struct Program {
    /// What it is.
    pub name: &'static str,
    language: &'static str,
    command: String,
    /// What it finds in its environment.
    pub environment: Environment,
    /// Its subscription.
    pub subscription_id: String,
    complaints: PathBuf,
    running: Option<(Child, Lines<BufReader<ChildStdout>>)>,
    printed: Vec<String>,
}

impl Program {
    /// A program as its page says to run it.
    pub fn new(
        desk: &Desk,
        name: &'static str,
        language: &'static str,
        environment: Environment,
        subscription_id: String,
    ) -> Result<Self> {
        let command = desk.page(language)?.command(name)?.to_owned();
        let complaints = desk.root.join(name.replace('.', "_")).with_extension("complaints");
        let (running, printed) = (None, Vec::new());
        Ok(Self { name, language, command, environment, subscription_id, complaints, running, printed })
    }

    /// Starts it, again where it was stopped.
    pub fn starts(&mut self, desk: &Desk) -> Result<()> {
        let mut child = desk
            .command(self.language, &format!("exec {}", self.command), &self.environment)
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&self.complaints)?)
            .kill_on_drop(true)
            .spawn()?;
        let lines = BufReader::new(child.stdout.take().context("a pipe")?).lines();
        self.running = Some((child, lines));
        Ok(())
    }

    /// Waits until it has printed so many lines more; gives them.
    pub async fn prints(&mut self, count: usize) -> Result<Vec<String>> {
        let (_, lines) = self.running.as_mut().context("is started first")?;
        let mut printed = Vec::new();
        while printed.len() < count {
            let line = tokio::time::timeout(PATIENCE, lines.next_line()).await;
            let complaint = || std::fs::read_to_string(&self.complaints).unwrap_or_default();
            let line =
                line.with_context(|| format!("{} printed only {printed:?}: {}", self.name, complaint()))??;
            printed.push(
                line.with_context(|| format!("{} ended after {printed:?}: {}", self.name, complaint()))?,
            );
        }
        self.printed.extend(printed.clone());
        Ok(printed)
    }

    /// Kills it, without a word of warning.
    pub async fn is_killed(&mut self) -> Result<()> {
        let (mut child, lines) = self.running.take().context("is started first")?;
        child.kill().await?;
        self.rest_of(lines).await
    }

    /// Waits until it ends by itself, with a last line that says why.
    pub async fn gives_up(&mut self, why: &str) -> Result<()> {
        let (mut child, lines) = self.running.take().context("is started first")?;
        let ended = tokio::time::timeout(PATIENCE, child.wait()).await;
        let status = ended.with_context(|| format!("{} went on", self.name))??;
        let complaints = std::fs::read_to_string(&self.complaints)?;
        let says_why = complaints.lines().last().is_some_and(|last| last.contains(why));
        ensure!(status.code() == Some(1) && says_why, "{} ended with {status}: {complaints}", self.name);
        self.rest_of(lines).await
    }

    /// Notes what was printed and not looked at.
    async fn rest_of(&mut self, mut lines: Lines<BufReader<ChildStdout>>) -> Result<()> {
        while let Some(line) = lines.next_line().await? {
            self.printed.push(line);
        }
        Ok(())
    }

    /// Everything that it printed, over all its runs.
    pub fn printed(&self) -> &[String] {
        &self.printed
    }
}
