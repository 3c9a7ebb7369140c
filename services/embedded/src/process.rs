//! One running program: signals, patience, and the processes below it. Knows nothing of which program it is.

use std::fs;
use std::io;
use std::process::{Child, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

/// How often a condition is looked at again.
pub(crate) const GLANCE: Duration = Duration::from_millis(5);

/// A child of ours that has not been waited for, so its number cannot belong to anybody else.
pub(crate) struct Process {
    child: Child,
}

impl Process {
    pub(crate) fn new(child: Child) -> Self {
        Self { child }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Says how the process ended, if it did.
    pub(crate) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Asks the process to end, and ends it after the time given. True when it went by itself.
    pub(crate) fn stop(&mut self, signal: i32, patience: Duration) -> io::Result<bool> {
        if self.ended()?.is_some() {
            return Ok(true);
        }
        // A paused process would sleep through the request.
        self.resume();
        send(self.pid(), signal);
        if wait_until(patience, || !matches!(self.ended(), Ok(None))) {
            return Ok(true);
        }
        self.kill()?;
        Ok(false)
    }

    /// Ends the process and all below it at once, as a power failure would.
    pub(crate) fn kill(&mut self) -> io::Result<()> {
        if self.ended()?.is_some() {
            return Ok(());
        }
        // Stopped first, it cannot start new processes while we count the ones it has.
        send(self.pid(), libc::SIGSTOP);
        let below = descendants(self.pid());
        self.child.kill()?;
        self.child.wait()?;
        for pid in &below {
            send(*pid, libc::SIGKILL);
        }
        // PostgreSQL refuses to start again while one of the old processes still has its shared memory.
        wait_until(Duration::from_secs(10), || !below.iter().any(|pid| alive(*pid)));
        Ok(())
    }

    /// Freezes the process and all below it.
    pub(crate) fn pause(&mut self) {
        self.signal_all(libc::SIGSTOP);
    }

    /// Lets the process and all below it go on.
    pub(crate) fn resume(&mut self) {
        self.signal_all(libc::SIGCONT);
    }

    fn signal_all(&mut self, signal: i32) {
        if matches!(self.ended(), Ok(None)) {
            send(self.pid(), signal);
            for pid in descendants(self.pid()) {
                send(pid, signal);
            }
        }
    }
}

/// Waits for a condition, true when it came before the time was over.
pub(crate) fn wait_until(patience: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + patience;
    loop {
        if condition() {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        thread::sleep(GLANCE);
    }
}

/// Sends a signal to a process; one that is gone already is no error to anybody who wants it stopped.
#[allow(unsafe_code)]
pub(crate) fn send(pid: u32, signal: i32) {
    if let Ok(pid) = libc::pid_t::try_from(pid)
        && pid > 1
    {
        // SAFETY: kill takes two numbers; the guard keeps out 0 and negatives, which would mean whole groups.
        unsafe { libc::kill(pid, signal) };
    }
}

/// True while a process runs; one that ended and was not waited for by its parent does not.
pub(crate) fn alive(pid: u32) -> bool {
    !command_line(pid).is_empty()
}

/// The command line of a process, empty when it is gone.
#[cfg(target_os = "linux")]
pub(crate) fn command_line(pid: u32) -> String {
    fs::read(format!("/proc/{pid}/cmdline"))
        .map(|line| String::from_utf8_lossy(&line).into())
        .unwrap_or_default()
}

/// The command line of a process, empty when it is gone.
#[cfg(not(target_os = "linux"))]
pub(crate) fn command_line(pid: u32) -> String {
    ps(&["-p", &pid.to_string(), "-o", "command="])
}

/// All processes below one, the nearest first.
fn descendants(pid: u32) -> Vec<u32> {
    let parents = parents();
    let mut found = vec![pid];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        found.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(child, _)| *child));
        next += 1;
    }
    found.split_off(1)
}

/// Every process with its parent.
#[cfg(target_os = "linux")]
fn parents() -> Vec<(u32, u32)> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            // The name in brackets may hold anything, brackets too; the state and the parent follow the last.
            let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
            Some((pid, parent))
        })
        .collect()
}

/// Every process with its parent.
#[cfg(not(target_os = "linux"))]
fn parents() -> Vec<(u32, u32)> {
    let numbers = |line: &str| {
        let mut words = line.split_whitespace().map_while(|word| word.parse().ok());
        Some((words.next()?, words.next()?))
    };
    ps(&["-A", "-o", "pid=,ppid="]).lines().filter_map(numbers).collect()
}

#[cfg(not(target_os = "linux"))]
fn ps(arguments: &[&str]) -> String {
    let output = std::process::Command::new("ps").args(arguments).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}

/// The end of a log, for a message to people.
pub(crate) fn tail(log: &std::path::Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(8)..].join(" | ")
}
