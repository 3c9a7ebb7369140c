//! The real program as a child of the test: built, watched, frozen, killed.

use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use gongzhi_harness::wait_until;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

/// How long a process may live that is to abort at a crash point under load.
const ABORTS_WITHIN: Duration = Duration::from_secs(30);
/// How long one may take that is told to end.
const ENDS_WITHIN: Duration = Duration::from_secs(30);

/// The process while it lives.
pub struct Serving {
    child: Child,
    log: JoinHandle<Vec<String>>,
    address: SocketAddr,
}

impl Serving {
    /// Starts it and keeps what it says; `address` is where it can be asked.
    pub(super) fn start(mut command: Command, address: SocketAddr) -> Result<Self> {
        let mut child = command.stderr(Stdio::piped()).spawn().context("the program cannot be started")?;
        let mut lines = BufReader::new(child.stderr.take().context("no log")?).lines();
        let log = tokio::spawn(async move {
            let mut log = Vec::new();
            while let Ok(Some(line)) = lines.next_line().await {
                log.push(line);
            }
            log
        });
        Ok(Self { child, log, address })
    }

    /// Waits until it takes calls.
    pub async fn answers(&mut self) -> Result<()> {
        let (address, child) = (self.address, &mut self.child);
        wait_until("the process takes calls", || {
            let ended = child.try_wait();
            async move {
                ensure!(matches!(ended, Ok(None)), "the process ended by itself: {ended:?}");
                let connected = tokio::net::TcpStream::connect(address).await;
                Ok(connected.map(drop).map_err(|error| error.to_string()))
            }
        })
        .await
    }

    /// Freezes it: its connections stay open and nobody answers.
    pub async fn pause(&self) -> Result<()> {
        self.signal("STOP").await
    }

    /// Lets it go on.
    pub async fn resume(&self) -> Result<()> {
        self.signal("CONT").await
    }

    async fn signal(&self, name: &str) -> Result<()> {
        let pid = self.child.id().context("the process ended by itself")?;
        let sent = Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).status().await?;
        ensure!(sent.success(), "SIG{name} was not sent to the process");
        Ok(())
    }

    /// Kills it and gives its log.
    pub async fn kill(mut self) -> Result<Vec<String>> {
        self.child.start_kill()?;
        let status = self.child.wait().await?;
        let log = self.log.await?;
        // 9: SIGKILL. Anything else means that it had died before.
        ensure!(status.signal() == Some(9), "the process ended by itself, {status}:\n{}", log.join("\n"));
        Ok(log)
    }

    /// Tells it to end as a cluster does, and waits until it has ended in order; gives its log.
    pub async fn ends(mut self) -> Result<Vec<String>> {
        self.signal("TERM").await?;
        let ended = tokio::time::timeout(ENDS_WITHIN, self.child.wait()).await;
        if ended.is_err() {
            self.child.start_kill()?;
        }
        let log = self.log.await?;
        let status = ended.with_context(|| format!("did not end:\n{}", log.join("\n")))??;
        ensure!(status.success(), "the process ended otherwise, {status}:\n{}", log.join("\n"));
        Ok(log)
    }

    /// Waits until it aborts by itself and gives its log.
    pub async fn aborts(mut self) -> Result<Vec<String>> {
        let ended = tokio::time::timeout(ABORTS_WITHIN, self.child.wait()).await;
        if ended.is_err() {
            self.child.start_kill()?;
        }
        let log = self.log.await?;
        let status = ended.with_context(|| format!("did not abort:\n{}", log.join("\n")))??;
        // 6: SIGABRT.
        ensure!(status.signal() == Some(6), "the process ended otherwise, {status}:\n{}", log.join("\n"));
        Ok(log)
    }
}

/// Builds the program as the tests were built; does nothing when it is fresh. Cargo tells the path of a program to tests of its own package only.
pub fn program() -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = std::process::Command::new(cargo);
    command.args(["build", "--quiet", "--package", "gongzhi", "--bin", "gongzhi"]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    // What cargo tells a test of its own package; some build scripts take it for a change and would build everything anew.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    let built = command.stdin(Stdio::null()).output()?;
    ensure!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let own = std::env::current_exe()?;
    let folder = own.parent().and_then(|deps| deps.parent()).context("tests lie in deps")?;
    Ok(folder.join("gongzhi"))
}
