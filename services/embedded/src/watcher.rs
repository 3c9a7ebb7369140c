//! The watcher: a small shell that cleans up when this process has ended, however it ended. Knows only numbers
//! of processes and the directory they run in.
//!
//! Its standard input is a pipe whose writing end only this process has: the standard library opens pipes
//! close-on-exec, so neither PostgreSQL nor nats-server inherits it, and the end of the process is the end of
//! the pipe. It runs in a process group of its own and ignores the signals of terminals.

use std::io::Write;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use crate::keeper;
use crate::parts::Part;
use crate::process::wait_until;

const SCRIPT: &str = include_str!("watcher.sh");

pub(crate) struct Watcher {
    child: Child,
    pipe: Option<ChildStdin>,
}

impl Watcher {
    /// Starts the watcher of a directory; `scratch` is removed in the end. Without a shell there is none: the
    /// kernel's signal and the next start remain.
    pub(crate) fn start(home: &Path, scratch: Option<&Path>, postgres_signal: i32) -> Option<Self> {
        let signal = if postgres_signal == libc::SIGQUIT { "QUIT" } else { "INT" };
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", SCRIPT, "gongzhi-watcher"])
            .arg(home)
            .arg(scratch.unwrap_or(Path::new("")))
            .arg(signal)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        match keeper::spawn(command, None) {
            Ok(mut child) => {
                let pipe = child.stdin.take();
                Some(Self { child, pipe })
            }
            Err(error) => {
                tracing::warn!(%error, "no watcher: a killed process may leave its temporary directory behind");
                None
            }
        }
    }

    /// Tells the watcher which process a part is now.
    pub(crate) fn tell(&mut self, part: Part, pid: u32) {
        let told = self.pipe.as_mut().is_some_and(|pipe| writeln!(pipe, "{part} {pid}").is_ok());
        if !told {
            tracing::warn!(%part, "the watcher is gone");
        }
    }

    /// Ends the watcher after the parts were stopped; it finds nothing left to do.
    pub(crate) fn dismiss(&mut self) {
        drop(self.pipe.take());
        if !wait_until(Duration::from_secs(15), || !matches!(self.child.try_wait(), Ok(None))) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
