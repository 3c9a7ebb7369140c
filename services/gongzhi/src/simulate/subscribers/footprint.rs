//! What this process, and the private database and broker below it, take of the machine.

use std::time::Duration;

use anyhow::{Context as _, Result};

/// Clock ticks of a second in `/proc`: the same on every Linux that Rust runs on.
const TICKS: u64 = 100;

/// What is taken at a moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Footprint {
    /// Resident memory of this process, in bytes.
    pub(super) memory: u64,
    /// Processor time of this process since it began.
    pub(super) own: Duration,
    /// Processor time of this process and everything that it started, since they began.
    pub(super) all: Duration,
}

impl Footprint {
    /// Looks now.
    pub(super) fn now() -> Result<Self> {
        let own = std::process::id();
        let status =
            std::fs::read_to_string("/proc/self/status").context("only Linux tells what a process takes")?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next());
        let kilobytes: u64 = resident.context("/proc does not tell the resident memory")?.parse()?;
        let processes: Vec<_> = std::fs::read_dir("/proc")?
            .flatten()
            .filter_map(|entry| Taken::of(entry.file_name().to_str()?.parse().ok()?))
            .collect();
        let mut ours = vec![own];
        let mut next = 0;
        while let Some(parent) = ours.get(next).copied() {
            ours.extend(processes.iter().filter(|taken| taken.parent == parent).map(|taken| taken.pid));
            next += 1;
        }
        let time = |of: &dyn Fn(u32) -> bool| {
            let ticks: u64 = processes.iter().filter(|taken| of(taken.pid)).map(|taken| taken.ticks).sum();
            Duration::from_millis(ticks * 1_000 / TICKS)
        };
        Ok(Self {
            memory: kilobytes * 1024,
            own: time(&|pid| pid == own),
            all: time(&|pid| ours.contains(&pid)),
        })
    }
}

/// What one process has taken.
struct Taken {
    pid: u32,
    parent: u32,
    ticks: u64,
}

impl Taken {
    fn of(pid: u32) -> Option<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name in brackets may hold anything, brackets too; state, parent and the rest follow the last.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let number = |nth: usize| fields.get(nth)?.parse::<u64>().ok();
        // User and system time of the process, and of those children of it that have ended: a database starts and ends some.
        let ticks = (11..15).filter_map(number).sum();
        Some(Self { pid, parent: u32::try_from(number(1)?).ok()?, ticks })
    }
}
