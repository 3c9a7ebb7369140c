//! Nothing outlives the process that started it: no child and no directory, however that process ends.
//!
//! The process that has to die is this test binary itself, run again with one test only.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use gongzhi_embedded::{Companion, Embedded};

use crate::Room;

const HOLD: &str = "GONGZHI_TEST_HOLD";

/// Alone it is a test of the shared instance; with the variable set it is the process that the others kill.
#[test]
fn shared_is_one_instance() {
    let shared = Embedded::shared().unwrap();
    let second = thread::spawn(|| Embedded::shared().map(Embedded::pids)).join().unwrap().unwrap();
    assert_eq!(second, shared.pids());
    if std::env::var_os(HOLD).is_some() {
        println!("\ndir {}", shared.dir().display());
        shared.pids().iter().for_each(|(_, pid)| println!("pid {pid}"));
        println!("ready");
        let _ = std::io::stdin().read(&mut [0]);
    }
}

/// Another process that holds an instance.
struct Holder {
    process: Child,
    /// Kept open: the test's own last words must not meet a closed pipe.
    _words: BufReader<ChildStdout>,
    dir: PathBuf,
    pids: Vec<u32>,
}

impl Holder {
    fn start(room: &Room) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "lifetime::shared_is_one_instance", "--nocapture"])
            .env(HOLD, "1")
            .env("TMPDIR", room.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut dir, mut pids) = (PathBuf::new(), Vec::new());
        let mut words = BufReader::new(process.stdout.take().unwrap());
        for line in words.by_ref().lines().map_while(Result::ok) {
            match line.split_once(' ') {
                Some(("dir", path)) => dir = path.into(),
                Some(("pid", pid)) => pids.push(pid.parse().unwrap()),
                _ if line == "ready" => break,
                _ => {}
            }
        }
        assert!(dir.starts_with(room.path()), "{}", dir.display());
        assert_eq!(pids.len(), 2);
        assert!(pids.iter().all(|pid| runs(*pid)));
        Self { process, _words: words, dir, pids }
    }

    /// The process that watches it.
    fn watcher(&self) -> u32 {
        let parent = format!("PPid:\t{}\n", self.process.id());
        let watches = |pid: &u32| {
            let read = |name: &str| fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default();
            read("status").contains(&parent) && read("cmdline").contains("gongzhi-watcher")
        };
        let numbers = fs::read_dir("/proc").unwrap().flatten();
        let mut numbers = numbers.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        numbers.find(watches).expect("a watcher")
    }

    fn kill(mut self) -> (PathBuf, Vec<u32>) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        (self.dir, self.pids)
    }
}

fn runs(pid: u32) -> bool {
    // The command line of a process that ended and waits for its parent is empty.
    fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}

fn signal(name: &str, pid: u32) {
    assert!(Command::new("kill").args([name, &pid.to_string()]).status().unwrap().success());
}

fn comes_true(what: &str, condition: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < end, "{what} did not come true");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_killed_process_leaves_no_child_and_no_directory() {
    let room = Room::new();
    let (dir, pids) = Holder::start(&room).kill();
    comes_true("the end of the children", || !pids.iter().any(|pid| runs(*pid)));
    comes_true("the end of the directory", || !dir.exists());
}

#[test]
fn a_process_that_ends_with_its_statics_leaves_nothing() {
    let room = Room::new();
    let mut holder = Holder::start(&room);
    drop(holder.process.stdin.take());
    assert!(holder.process.wait().unwrap().success());
    comes_true("the end of the children", || !holder.pids.iter().any(|pid| runs(*pid)));
    comes_true("the end of the directory", || !holder.dir.exists());
}

#[test]
fn without_a_watcher_the_kernel_ends_the_children_and_the_next_start_removes_the_directory() {
    let room = Room::new();
    let holder = Holder::start(&room);
    signal("-KILL", holder.watcher());
    let (dir, pids) = holder.kill();
    comes_true("the end of the children", || !pids.iter().any(|pid| runs(*pid)));
    assert!(dir.exists(), "nobody was left to remove it");

    // Where the kernel sends no signal a child would be left, too; its number may also be somebody else's by now.
    let mut stray = waiting(&format!("{}/nats/nats.conf", dir.display()));
    let mut stranger = waiting("/somewhere/else");
    fs::write(dir.join("children"), format!("nats {}\npostgres {}\n", stray.id(), stranger.id())).unwrap();
    let reaper = thread::spawn(move || stray.wait().unwrap());

    let next = Holder::start(&room);
    assert!(!dir.exists());
    assert!(!reaper.join().unwrap().success());
    assert!(stranger.try_wait().unwrap().is_none(), "a process that is not ours was ended");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
    let (dir, _) = next.kill();
    comes_true("the end of the directory", || !dir.exists());
}

/// A process that does nothing, with a word of ours in its command line.
fn waiting(word: &str) -> Child {
    Command::new("/bin/sh").args(["-c", "read line", "waiting", word]).stdin(Stdio::piped()).spawn().unwrap()
}

const COMPANION: &str = "GONGZHI_TEST_COMPANION";

/// With the variable set it is the process that is killed beside its companion.
#[test]
fn a_companion_ends_when_it_is_dropped() {
    let mut sleep = Command::new("sleep");
    sleep.arg("600");
    let companion = Companion::start(sleep).unwrap();
    let pid = companion.pid();
    if std::env::var_os(COMPANION).is_some() {
        println!("\npid {pid}");
        let _ = std::io::stdin().read(&mut [0]);
    }
    drop(companion);
    assert!(!runs(pid));
}

#[cfg(target_os = "linux")]
#[test]
fn a_companion_ends_with_a_killed_process() {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "lifetime::a_companion_ends_when_it_is_dropped", "--nocapture"])
        .env(COMPANION, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let words = BufReader::new(process.stdout.take().unwrap());
    let mut lines = words.lines().map_while(Result::ok);
    let pid = lines.find_map(|line| line.strip_prefix("pid ")?.parse().ok()).expect("a companion");
    assert!(runs(pid));
    process.kill().unwrap();
    process.wait().unwrap();
    comes_true("the end of the companion", || !runs(pid));
}
