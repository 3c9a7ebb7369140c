//! The private PostgreSQL: its settings, its readiness, its address. Knows no SQL and nothing of what is kept.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::account::{self, Account};
use crate::data::{self, SUPERUSER};
use crate::embedded::Durability;
use crate::error::StartError;
use crate::home::Home;
use crate::keeper;
use crate::parts::{Part, Parts, Program};
use crate::process::{Process, command_line};

/// Names the socket's file; nothing listens on the network.
const PORT: u16 = 5432;

/// How to start PostgreSQL, as often as wanted.
pub(crate) struct Postgres {
    program: Program,
    account: Option<Account>,
    data: PathBuf,
    sockets: PathBuf,
    log: PathBuf,
    durability: Durability,
}

impl Postgres {
    /// Makes the data directory ready.
    pub(crate) fn prepare(
        parts: &Parts,
        program: &Program,
        home: &Home,
        durability: Durability,
    ) -> Result<Self, StartError> {
        let data = home.dir.join("postgres");
        forget(&data, &home.sockets);
        data::prepare(parts, program, &data, durability)?;
        Ok(Self {
            program: program.clone(),
            account: parts.account.clone(),
            data,
            sockets: home.sockets.clone(),
            log: home.log(Part::Postgres),
            durability,
        })
    }

    /// Starts the server; it is ready later.
    pub(crate) fn spawn(&self) -> Result<Process, StartError> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(&self.log)
            .map_err(StartError::io("open", &self.log))?;
        let errors = log.try_clone().map_err(StartError::io("open", &self.log))?;
        let mut command = account::command(&self.program.path, self.account.as_ref());
        command.arg("-D").arg(&self.data);
        for setting in self.settings() {
            command.arg("-c").arg(setting);
        }
        command.stdin(Stdio::null()).stdout(log).stderr(errors);
        keeper::spawn(command, Some(self.durability.postgres_signal()))
            .map(Process::new)
            .map_err(StartError::io("run", &self.program.path))
    }

    fn settings(&self) -> Vec<String> {
        let mut settings = vec![
            "listen_addresses=".to_owned(),
            format!("port={PORT}"),
            // The list is split at commas unless a path is quoted.
            format!(
                "unix_socket_directories=\"{}\"",
                self.sockets.display().to_string().replace('"', "\"\"")
            ),
            "max_connections=200".into(),
            "shared_buffers=128MB".into(),
            "timezone=UTC".into(),
            "log_timezone=UTC".into(),
            // The wheel has no compiler inside: with it off, every PostgreSQL plans alike.
            "jit=off".into(),
        ];
        match self.durability {
            Durability::Full => {}
            Durability::Relaxed => settings.extend(
                // A commit still reaches the kernel: without that it would not survive `kill -9` of PostgreSQL.
                // Shared memory in files vanishes with the directory, even after such a kill.
                ["fsync=off", "full_page_writes=off", "dynamic_shared_memory_type=mmap"].map(String::from),
            ),
        }
        settings
    }

    /// True when the server of this number says it takes connections.
    pub(crate) fn ready(&self, pid: u32) -> bool {
        let note = fs::read_to_string(self.data.join("postmaster.pid")).unwrap_or_default();
        let mut lines = note.lines();
        // A note left by a killed server is told apart by its number.
        lines.next() == Some(pid.to_string().as_str())
            && lines.nth(6).is_some_and(|line| line.trim() == "ready")
    }

    /// What must survive what.
    pub(crate) fn durability(&self) -> Durability {
        self.durability
    }

    /// The address of a database, as sqlx and libpq read it. The port is named because both would otherwise
    /// take it from `PGPORT`.
    pub(crate) fn url(&self, database: &str) -> String {
        let (database, sockets) = (escape(database), escape_path(&self.sockets));
        format!("postgres://{SUPERUSER}@localhost:{PORT}/{database}?host={sockets}")
    }

    /// The data directory.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// The log.
    pub(crate) fn log(&self) -> &Path {
        &self.log
    }
}

fn escape_path(path: &Path) -> String {
    path.display().to_string().split('/').map(escape).collect::<Vec<_>>().join("/")
}

/// Escapes what means something in an address.
fn escape(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// Takes away the notes by which PostgreSQL finds that it runs already, where it does not. In a container numbers begin anew with each start, so that the one which is
/// noted is soon somebody else's, and PostgreSQL would refuse to start for ever.
fn forget(data: &Path, sockets: &Path) {
    let mark = data.display().to_string();
    for path in [data.join("postmaster.pid"), sockets.join(format!(".s.PGSQL.{PORT}.lock"))] {
        let Ok(note) = fs::read_to_string(&path) else { continue };
        let noted = note.lines().next().and_then(|line| line.trim().parse::<u32>().ok());
        if noted.is_some_and(|pid| command_line(pid).contains(&mark)) {
            continue;
        }
        if let Err(error) = fs::remove_file(&path) {
            tracing::warn!(%error, path = %path.display(), "a note of a server that is gone stays");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::wait_until;
    use std::time::Duration;

    #[test]
    fn a_note_of_a_server_stays_only_while_it_runs_here() -> std::io::Result<()> {
        let dir = std::env::temp_dir().join(format!("gongzhi-note-{}", std::process::id()));
        let (data, sockets) = (dir.join("postgres"), dir.join("sockets"));
        fs::create_dir_all(&data)?;
        fs::create_dir_all(&sockets)?;
        let (note, lock) = (data.join("postmaster.pid"), sockets.join(format!(".s.PGSQL.{PORT}.lock")));
        // Somebody who is alive and has nothing to do with the directory.
        for path in [&note, &lock] {
            fs::write(path, format!("{}\n{}\n", std::process::id(), data.display()))?;
        }
        forget(&data, &sockets);
        assert!(!note.exists() && !lock.exists(), "they stand in the way for ever");
        let mut server =
            std::process::Command::new("sh").args(["-c", "sleep 60; true", "-D"]).arg(&data).spawn()?;
        let seen = wait_until(Duration::from_secs(5), || {
            command_line(server.id()).contains(&data.display().to_string())
        });
        fs::write(&note, format!("{}\n", server.id()))?;
        forget(&data, &sockets);
        let stays = note.exists();
        server.kill()?;
        server.wait()?;
        fs::remove_dir_all(&dir)?;
        assert!(seen && stays, "the note of one that runs was taken away");
        Ok(())
    }

    #[test]
    fn escapes_what_means_something_in_an_address() {
        assert_eq!(escape_path(Path::new("/tmp/gongzhi-0a")), "/tmp/gongzhi-0a");
        assert_eq!(escape_path(Path::new("/a b/c+d&e")), "/a%20b/c%2Bd%26e");
        assert_eq!(escape_path(Path::new("/共")), "/%E5%85%B1");
    }
}
