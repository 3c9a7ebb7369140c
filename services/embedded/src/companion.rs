//! A program that runs beside this process and never longer: another one of ours, as its own process. Knows nothing of what it does.

use std::io;
use std::process::{ChildStderr, ChildStdout, Command, ExitStatus};
use std::time::Duration;

use crate::keeper;
use crate::process::Process;

/// A running program that ends with this process: in order when it is stopped, at once when it is dropped, and on Linux also when this process is
/// killed. Ctrl-C at a terminal does not reach it.
pub struct Companion {
    process: Process,
    /// What it prints, when the command pipes it; taken by whoever reads it.
    pub stdout: Option<ChildStdout>,
    /// What it complains of, when the command pipes it; taken by whoever reads it.
    pub stderr: Option<ChildStderr>,
}

impl Companion {
    /// Starts a program.
    pub fn start(command: Command) -> io::Result<Self> {
        let mut child = keeper::spawn(command, Some(libc::SIGKILL))?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        Ok(Self { process: Process::new(child), stdout, stderr })
    }

    /// Number of the process.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Says how it ended, if it did.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.process.ended()
    }

    /// Asks it to end, and ends it after the time given. True when it went by itself. Blocks as long.
    pub fn stop(mut self, patience: Duration) -> io::Result<bool> {
        self.process.stop(libc::SIGTERM, patience)
    }
}

impl Drop for Companion {
    fn drop(&mut self) {
        if let Err(error) = self.process.kill() {
            tracing::warn!(%error, pid = self.process.pid(), "a program beside this one could not be ended");
        }
    }
}
