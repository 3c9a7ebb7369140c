//! The private nats-server: its configuration, its readiness, its address. Knows no subject, no stream and whose no
//! account is; callers append what they need.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::account::{self, Account};
use crate::error::StartError;
use crate::home::{self, Home};
use crate::keeper;
use crate::parts::{Part, Parts, Program};
use crate::process::Process;

/// The largest message: what we publish stays under 256 KiB, headers and replies get room.
const MAX_PAYLOAD: u32 = 1024 * 1024;

/// The variable by which appended text names the directory of accounts that are pushed to the server.
const ACCOUNTS: &str = "GONGZHI_NATS_ACCOUNTS";
/// Where a server without accounts stores its streams.
const WITHOUT_ACCOUNTS: &str = "$G";

/// How to start nats-server, as often as wanted; it keeps the port it got first.
pub(crate) struct Nats {
    program: Program,
    account: Option<Account>,
    dir: PathBuf,
    log: PathBuf,
    extra: String,
    port: Option<u16>,
}

impl Nats {
    /// Makes the directories ready. Without a port the system chooses a free one.
    pub(crate) fn prepare(
        parts: &Parts,
        program: &Program,
        home: &Home,
        extra: Option<String>,
        heir: Option<&str>,
        port: Option<u16>,
    ) -> Result<Self, StartError> {
        let dir = home.dir.join("nats");
        // Closed to others: the text of the caller may hold passwords.
        home.private(&dir)?;
        home.private(&dir.join("ports"))?;
        home.private(&dir.join("store"))?;
        home.private(&dir.join("accounts"))?;
        if let Some(heir) = heir {
            inherit(&dir.join("store/jetstream"), heir)?;
        }
        Ok(Self {
            program: program.clone(),
            account: parts.account.clone(),
            dir,
            log: home.log(Part::Nats),
            extra: extra.unwrap_or_default(),
            port,
        })
    }

    /// Starts the server; it is ready later.
    pub(crate) fn spawn(&self) -> Result<Process, StartError> {
        let configuration = self.dir.join("nats.conf");
        home::write_private(&configuration, &self.configuration(), self.account.as_ref())?;
        let log = File::options()
            .create(true)
            .append(true)
            .open(&self.log)
            .map_err(StartError::io("open", &self.log))?;
        let errors = log.try_clone().map_err(StartError::io("open", &self.log))?;
        let mut command = account::command(&self.program.path, self.account.as_ref());
        command.arg("-c").arg(&configuration).env(ACCOUNTS, quoted(&self.dir.join("accounts")));
        command.stdin(Stdio::null()).stdout(log).stderr(errors);
        keeper::spawn(command, Some(libc::SIGTERM))
            .map(Process::new)
            .map_err(StartError::io("run", &self.program.path))
    }

    /// The default of `sync_interval` acknowledges up to two minutes before it syncs; the bus is never run so. The default of
    /// `max_file_store` is three quarters of what is free at the start, and a stream counts there with all that it may ever
    /// hold: a small disk would refuse streams that are nearly empty. Here each stream has its own bound and the disk is the last.
    fn configuration(&self) -> String {
        let port = self.port.map_or(-1, i32::from);
        let (ports, store) = (quoted(&self.dir.join("ports")), quoted(&self.dir.join("store")));
        let extra = &self.extra;
        format!(
            "server_name: \"gongzhi-embedded\"\n\
             listen: \"127.0.0.1:{port}\"\n\
             max_payload: {MAX_PAYLOAD}\n\
             ports_file_dir: {ports}\n\
             jetstream {{\n  store_dir: {store}\n  sync_interval: always\n  max_file_store: 1TB\n}}\n\
             {extra}\n"
        )
    }

    /// True when the server of this number has told its port, which is kept from then on. The server writes the
    /// file when it accepts connections; a file left by a killed one has another number in its name.
    pub(crate) fn ready(&mut self, pid: u32) -> bool {
        let file = self.dir.join("ports").join(format!("{}_{pid}.ports", self.file_name()));
        let port = fs::read(file).ok().and_then(|text| port_of(&text));
        self.port = port.or(self.port);
        port.is_some()
    }

    /// The server puts the name it was run by into the name of its file.
    fn file_name(&self) -> String {
        self.program.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Removes the files of earlier servers, one of which may have had the number of the next.
    pub(crate) fn forget_ports(&self) -> Result<(), StartError> {
        let dir = self.dir.join("ports");
        for entry in fs::read_dir(&dir).map_err(StartError::io("read", &dir))?.flatten() {
            fs::remove_file(entry.path()).map_err(StartError::io("remove", entry.path()))?;
        }
        Ok(())
    }

    /// The address of the server.
    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port.unwrap_or_default())
    }

    /// The log.
    pub(crate) fn log(&self) -> &Path {
        &self.log
    }
}

/// Gives an account what a server without accounts has stored: JetStream keeps a directory per account, by its name.
fn inherit(store: &Path, heir: &str) -> Result<(), StartError> {
    let (from, to) = (store.join(WITHOUT_ACCOUNTS), store.join(heir));
    if !from.exists() || to.exists() {
        return Ok(());
    }
    fs::rename(&from, &to).map_err(StartError::io("give an account of its own to", from))
}

/// The port in a ports file, none while the file is half written.
fn port_of(text: &[u8]) -> Option<u16> {
    let ports: serde_json::Value = serde_json::from_slice(text).ok()?;
    let address = ports.get("nats")?.get(0)?.as_str()?;
    address.rsplit_once(':')?.1.parse().ok()
}

/// A path as the configuration reads it.
fn quoted(path: &Path) -> String {
    serde_json::Value::from(path.display().to_string()).to_string()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{inherit, port_of};

    #[test]
    fn what_was_stored_without_accounts_is_inherited_once() {
        let store = std::env::temp_dir().join(format!("inherit-{}", std::process::id()));
        fs::create_dir_all(store.join("$G/streams/KEPT")).unwrap();
        inherit(&store, "HEIR").unwrap();
        assert!(store.join("HEIR/streams/KEPT").exists() && !store.join("$G").exists());
        fs::create_dir_all(store.join("$G")).unwrap();
        inherit(&store, "HEIR").unwrap();
        assert!(store.join("HEIR/streams/KEPT").exists(), "an heir keeps what it has");
        inherit(&store.join("nothing"), "HEIR").unwrap();
        fs::remove_dir_all(&store).unwrap();
    }

    #[test]
    fn reads_the_port_only_from_a_whole_file() {
        let file = br#"{"nats": ["nats://127.0.0.1:41234"], "monitoring": []}"#;
        assert_eq!(port_of(file), Some(41234));
        assert_eq!(port_of(&file[..30]), None);
        assert_eq!(port_of(br#"{"nats": []}"#), None);
    }
}
