//! The information systems of three departments, each a process of its own: this program as `gongzhi subscribe`, signed in with the department's
//! account, receiving in a way of its own. Knows nothing of what they are sent.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use gongzhi_embedded::Companion;
use tokio::sync::{mpsc, oneshot};

use super::cast::PASSWORD;
use crate::process::{Ground, Process};
use crate::subscribe::READY;
use crate::subscribe::line::Line;

/// A department's system.
pub(crate) struct System {
    /// The department.
    pub(crate) department: &'static str,
    /// Its Chinese name.
    pub(crate) name: &'static str,
    /// Account with which it signs in.
    pub(crate) account: &'static str,
    /// How it receives: the value of `--way`.
    pub(crate) way: &'static str,
}

/// One for every way.
pub(crate) const SYSTEMS: [System; 3] = [
    System { department: "fire-rescue", name: "区消防救援大队", account: "xiaofang-xt", way: "grpc" },
    System {
        department: "urban-management", name: "区城市管理局", account: "chengguan-xt", way: "webhook"
    },
    System { department: "housing", name: "区住房和城乡建设局", account: "zhujian-xt", way: "nats" },
];

/// The fact to which they subscribe: every whistle. That each sees its own ones only is not asked for, it is its right.
pub(crate) const FACT: &str = "dispatch.whistle_sounded";

/// How long a system may take until it can receive.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// How long it may take to end.
const ENDED_WITHIN: Duration = Duration::from_secs(5);

/// A line that a system printed: which of [`SYSTEMS`], and what it received.
pub(crate) type Came = (usize, Line);

/// The systems while they run. Dropping it ends them.
pub(crate) struct AtWork(Vec<Companion>);

impl AtWork {
    /// Starts all of them and waits until each can receive; what they print goes to `came`.
    pub(crate) async fn start(
        process: &Process,
        ground: &Ground,
        came: &mpsc::UnboundedSender<Came>,
    ) -> Result<Self> {
        let (mut companions, mut ready) = (Vec::new(), Vec::new());
        for (nth, system) in SYSTEMS.iter().enumerate() {
            let command = command(system, process, ground)?;
            let mut companion = Companion::start(command)
                .with_context(|| format!("the system of {} does not start", system.department))?;
            let out = companion.stdout.take().context("no output")?;
            let complaints = companion.stderr.take().context("no complaints")?;
            let (told, hears) = oneshot::channel();
            let came = came.clone();
            std::thread::spawn(move || read(nth, out, &came));
            std::thread::spawn(move || listen(complaints, told));
            companions.push(companion);
            ready.push((system, hears));
        }
        for (system, hears) in ready {
            let heard = tokio::time::timeout(READY_WITHIN, hears).await;
            let said = heard.map_or_else(|_| Err("nothing in time".into()), |heard| heard.unwrap_or(Ok(())));
            let said = said.map_err(anyhow::Error::msg);
            said.with_context(|| format!("the system of {} cannot receive", system.department))?;
        }
        Ok(Self(companions))
    }

    /// Fails when one of them has ended by itself.
    pub(crate) fn check(&mut self) -> Result<()> {
        for (system, companion) in SYSTEMS.iter().zip(&mut self.0) {
            let ended = companion.ended()?;
            ensure!(ended.is_none(), "the system of {} ended by itself: {ended:?}", system.department);
        }
        Ok(())
    }

    /// Ends them in order.
    pub(crate) async fn stop(self) -> Result<()> {
        tokio::task::spawn_blocking(move || {
            self.0.into_iter().try_for_each(|companion| companion.stop(ENDED_WITHIN).map(drop))
        })
        .await??;
        Ok(())
    }
}

/// The command of a system, with settings of its own and none of those around the demo.
fn command(system: &System, process: &Process, ground: &Ground) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe().context("where this program is, is not known")?);
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_setting(name)) {
        command.env_remove(name);
    }
    let organization = format!("department/{}", system.department);
    command
        .args(["subscribe", "--for", &organization, "--fact", FACT, "--way", system.way])
        .env("GONGZHI_SERVER", format!("http://{}", process.grpc_address))
        .env("GONGZHI_ACCOUNT", system.account)
        .env("GONGZHI_PASSWORD", PASSWORD)
        .env("GONGZHI_DISTRICT", process.context.bus.district().as_str())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if system.way == "nats" {
        command.env("GONGZHI_NATS_URL", &ground.nats_url);
        if let Some(embedded) = ground.embedded() {
            command.arg("--credentials").arg(credentials(embedded.dir(), system));
        }
    }
    Ok(command)
}

fn is_setting(name: &OsString) -> bool {
    name.to_string_lossy().starts_with("GONGZHI_")
}

/// Where a system keeps its credentials: beside the data, gone with it.
fn credentials(dir: &Path, system: &System) -> std::path::PathBuf {
    dir.join(format!("{}.creds", system.account))
}

/// Passes on what a system prints until it ends.
fn read(nth: usize, out: impl Read, came: &mpsc::UnboundedSender<Came>) {
    for text in BufReader::new(out).lines().map_while(Result::ok) {
        match serde_json::from_str(&text) {
            // Nobody listens any more when the measurement is over; the system goes on.
            Ok(line) => drop(came.send((nth, line))),
            Err(error) => tracing::warn!(%error, "a department's system printed what is no fact"),
        }
    }
}

/// Tells when a system can receive, or what it said last when it cannot.
fn listen(complaints: impl Read, told: oneshot::Sender<Result<(), String>>) {
    let mut told = Some(told);
    let mut last = String::from("it said nothing");
    for text in BufReader::new(complaints).lines().map_while(Result::ok) {
        if text.starts_with(READY)
            && let Some(told) = told.take()
        {
            let _ = told.send(Ok(()));
        } else if told.is_none() {
            tracing::warn!(said = text, "a department's system");
        }
        last = text;
    }
    if let Some(told) = told {
        let _ = told.send(Err(last));
    }
}
