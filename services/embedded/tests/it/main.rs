//! The two programs themselves, started as the product starts them. Owns one file per promise; knows no client
//! library, only the few bytes of `wire.rs`.

#![allow(clippy::unwrap_used, reason = "this is a test throughout, its helpers too")]

mod finding;
mod lasting;
mod lifetime;
mod outage;
mod wire;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use gongzhi_embedded::{Part, Parts};

/// The parts of this machine, found once.
fn parts() -> &'static Parts {
    static PARTS: OnceLock<Parts> = OnceLock::new();
    PARTS.get_or_init(|| Parts::find(&Part::ALL, None, |line| eprintln!("{line}")).expect("both parts"))
}

/// A directory of one test, gone with it.
struct Room(PathBuf);

impl Room {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = PathBuf::from(format!("/tmp/room-{}-{number}", std::process::id()));
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Self(path)
    }

    fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).expect("nothing else may hold the directory of a test");
    }
}
