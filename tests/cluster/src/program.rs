//! A program that is run as people run it, with a deadline, and whose failure tells what it said.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// A program, the arguments that it always gets, and the cluster that it talks to.
#[derive(Clone, Debug)]
pub struct Program {
    command: Vec<String>,
    kubeconfig: std::path::PathBuf,
}

/// What a program said.
#[derive(Clone, Debug)]
pub struct Said {
    /// True where it ended with 0.
    pub is_well: bool,
    /// Standard output.
    pub out: String,
    /// Standard error: warnings are there.
    pub err: String,
}

impl Said {
    /// Both, as a terminal shows them.
    pub fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }
}

impl Program {
    /// A program with the kubeconfig that it shall use and no other.
    pub fn new(command: Vec<String>, kubeconfig: &Path) -> Self {
        Self { command, kubeconfig: kubeconfig.to_owned() }
    }

    /// The command, for whoever starts it without waiting for its end. It dies with its handle.
    pub fn start(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]).args(arguments);
        command
            .env("KUBECONFIG", &self.kubeconfig)
            .env_remove("HELM_NAMESPACE")
            .env_remove("HELM_KUBECONTEXT");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// Runs it and tells what it said, whatever its end.
    pub async fn ask(&self, arguments: &[&str], input: Option<&str>, within: Duration) -> Result<Said> {
        let shown = || format!("{} {}", self.command.join(" "), arguments.join(" "));
        let mut command = self.start(arguments);
        if input.is_some() {
            command.stdin(Stdio::piped());
        }
        let mut child = command.spawn().with_context(|| format!("{} cannot be started", self.command[0]))?;
        let feed = child.stdin.take().zip(input.map(str::to_owned));
        let fed = async {
            if let Some((mut pipe, text)) = feed {
                // A program that does not read to the end says why by its own error.
                let _ = pipe.write_all(text.as_bytes()).await;
            }
        };
        let ended =
            tokio::time::timeout(within, async { tokio::join!(child.wait_with_output(), fed).0 }).await;
        let ended =
            ended.map_err(|_| anyhow::anyhow!("no end within {} s: {}", within.as_secs(), shown()))?;
        let ended = ended.with_context(shown)?;
        Ok(Said {
            is_well: ended.status.success(),
            out: String::from_utf8_lossy(&ended.stdout).into_owned(),
            err: String::from_utf8_lossy(&ended.stderr).into_owned(),
        })
    }

    /// Runs it; its failure is ours.
    pub async fn run(&self, arguments: &[&str], input: Option<&str>, within: Duration) -> Result<Said> {
        let said = self.ask(arguments, input, within).await?;
        anyhow::ensure!(
            said.is_well,
            "{} {} failed:\n{}",
            self.command.join(" "),
            arguments.join(" "),
            said.all().trim()
        );
        Ok(said)
    }
}

/// The helm of a major version: named by HELM3 and HELM4, on PATH, or fetched by the chart's own check. The error says what to do.
pub async fn helm(major: u8) -> Result<Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../helm");
    let ask = format!(
        "import sys; sys.path.insert(0, {:?}); sys.dont_write_bytecode = True\nimport tools\ntry:\n    print('\\n'.join(tools.helm({major}, True)))\nexcept tools.Missing as missing:\n    sys.exit(str(missing))",
        folder.display().to_string()
    );
    let mut command = Command::new("python3");
    command.arg("-c").arg(ask).stdin(Stdio::null()).kill_on_drop(true);
    let ended = tokio::time::timeout(Duration::from_secs(180), command.output()).await;
    let ended = ended.context("helm was not found within 180 s")?.context("python3 cannot be started")?;
    let said = String::from_utf8_lossy(&ended.stderr).trim().to_owned();
    anyhow::ensure!(ended.status.success(), "helm {major} is not there: {said}; or set HELM{major}");
    Ok(String::from_utf8_lossy(&ended.stdout).lines().map(str::to_owned).collect())
}
