//! An instance: the parts that were found, running in one directory. Knows the order of starting and stopping,
//! and lends tests the ways in which parts fail.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use crate::error::StartError;
use crate::home::Home;
use crate::nats::Nats;
use crate::parts::{Part, Parts};
use crate::postgres::Postgres;
use crate::process::{Process, tail, wait_until};
use crate::shared_memory;
use crate::watcher::Watcher;

/// How long a part may take until it is ready.
const START_PATIENCE: Duration = Duration::from_secs(60);
/// How long PostgreSQL may where it keeps its data: after `kill -9` it replays its log, a gigabyte of it at most, and would begin anew each time it is given up. A
/// little less than the chart's probe allows.
const RECOVERY_PATIENCE: Duration = Duration::from_secs(570);
/// How long a part may take to end in order.
const STOP_PATIENCE: Duration = Duration::from_secs(20);

/// What must survive what, in PostgreSQL. nats-server always syncs before it acknowledges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// What was committed survives a power failure.
    Full,
    /// What was committed survives the death of processes only; for tests.
    Relaxed,
}

impl Durability {
    /// Stops PostgreSQL: fast with a checkpoint, or at once with nothing left in the kernel.
    pub(crate) const fn postgres_signal(self) -> i32 {
        match self {
            Self::Full => libc::SIGINT,
            Self::Relaxed => libc::SIGQUIT,
        }
    }
}

/// How an instance is wanted.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where everything is kept; none for a temporary directory that is removed at the end.
    pub dir: Option<PathBuf>,
    /// What committed data must survive.
    pub durability: Durability,
    /// Text appended to the configuration of nats-server: accounts, users, limits. It may name `$GONGZHI_NATS_ACCOUNTS`, a
    /// directory of the server's own for accounts that are pushed to it.
    pub nats_config: Option<String>,
    /// The account that inherits what a server without accounts has stored in this directory, if one ever ran there.
    pub nats_heir: Option<String>,
    /// The port of nats-server on 127.0.0.1; none for a free one.
    pub nats_port: Option<u16>,
}

impl Options {
    /// A temporary instance that is fast and forgets.
    pub fn temporary() -> Self {
        Self {
            dir: None,
            durability: Durability::Relaxed,
            nats_config: None,
            nats_heir: None,
            nats_port: None,
        }
    }

    /// An instance that keeps its data in a directory.
    pub fn lasting(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: Some(dir.into()),
            durability: Durability::Full,
            nats_config: None,
            nats_heir: None,
            nats_port: None,
        }
    }
}

/// A private PostgreSQL and nats-server (or one of them) that end with this process.
///
/// Shared references suffice for everything, so one instance can serve all tests of a binary.
pub struct Embedded {
    home: Home,
    state: Mutex<State>,
}

struct State {
    slots: Vec<Slot>,
    watcher: Option<Watcher>,
}

struct Slot {
    launcher: Launcher,
    process: Option<Process>,
}

enum Launcher {
    Postgres(Postgres),
    Nats(Nats),
}

impl Embedded {
    /// Starts the parts that were found and waits until they are ready.
    pub fn start(parts: &Parts, options: Options) -> Result<Self, StartError> {
        let Options { dir, durability, mut nats_config, nats_heir, nats_port } = options;
        let home = Home::open(dir.as_deref(), parts.account.as_ref())?;
        let scratch = home.scratch.as_ref().map(|scratch| scratch.path.as_path());
        let watcher = Watcher::start(&home.dir, scratch, durability.postgres_signal());
        // From here on a failure drops the instance, which stops what was started and removes what was made.
        let embedded = Self { home, state: Mutex::new(State { slots: Vec::new(), watcher }) };
        for program in &parts.programs {
            let launcher = match program.part {
                Part::Postgres => {
                    Launcher::Postgres(Postgres::prepare(parts, program, &embedded.home, durability)?)
                }
                Part::Nats => Launcher::Nats(Nats::prepare(
                    parts,
                    program,
                    &embedded.home,
                    nats_config.take(),
                    nats_heir.as_deref(),
                    nats_port,
                )?),
            };
            embedded.state().slots.push(Slot { launcher, process: None });
            embedded.restart(program.part)?;
        }
        Ok(embedded)
    }

    /// Finds both parts as the environment says and starts a temporary instance.
    pub fn temporary() -> Result<Self, StartError> {
        let parts = Parts::find(&Part::ALL, None, |line| tracing::info!("{line}"))?;
        Self::start(&parts, Options::temporary())
    }

    /// The one temporary instance of this process, started by whoever asks first.
    ///
    /// Meant for tests: a test binary has one, a database and an account or stream prefix per test keep tests
    /// apart. A static is never dropped; the watcher removes everything when the process ends.
    pub fn shared() -> Result<&'static Self, &'static StartError> {
        static SHARED: OnceLock<Result<Embedded, StartError>> = OnceLock::new();
        SHARED.get_or_init(Self::temporary).as_ref()
    }

    /// The address of a database, in a form that sqlx and libpq read. After the first start there is only
    /// `postgres`; others are the caller's to create. The role is superuser.
    ///
    /// # Panics
    /// When PostgreSQL is not part of this instance.
    pub fn database_url(&self, database: &str) -> String {
        let find = |slot: &Slot| match &slot.launcher {
            Launcher::Postgres(postgres) => Some(postgres.url(database)),
            Launcher::Nats(_) => None,
        };
        self.state().slots.iter().find_map(find).expect("PostgreSQL is part of this instance")
    }

    /// The address of nats-server; it stays the same when the server is restarted.
    ///
    /// # Panics
    /// When nats-server is not part of this instance.
    pub fn nats_url(&self) -> String {
        let find = |slot: &Slot| match &slot.launcher {
            Launcher::Postgres(_) => None,
            Launcher::Nats(nats) => Some(nats.url()),
        };
        self.state().slots.iter().find_map(find).expect("nats-server is part of this instance")
    }

    /// The directory everything is kept in.
    pub fn dir(&self) -> &Path {
        &self.home.dir
    }

    /// The log of a part.
    pub fn log(&self, part: Part) -> PathBuf {
        self.home.log(part)
    }

    /// The processes that run now; of PostgreSQL the one that started the others.
    pub fn pids(&self) -> Vec<(Part, u32)> {
        self.state().running()
    }

    /// The part that has ended by itself, if one has; nobody starts it again.
    pub fn lost(&self) -> Option<Part> {
        let mut state = self.state();
        state.slots.iter_mut().find_map(|slot| match slot.process.as_mut()?.ended() {
            Ok(None) => None,
            Ok(Some(_)) | Err(_) => Some(slot.launcher.part()),
        })
    }

    /// Ends a part at once, with all processes below it, as a power failure would.
    pub fn kill(&self, part: Part) -> Result<(), StartError> {
        let mut state = self.state();
        let slot = state.slot(part)?;
        match slot.process.take() {
            Some(mut process) => {
                process.kill().map_err(StartError::io("kill the process of", &self.home.dir))
            }
            None => Ok(()),
        }
    }

    /// Starts a part again, after stopping it in order if it runs, and waits until it is ready. Data and
    /// addresses stay.
    pub fn restart(&self, part: Part) -> Result<(), StartError> {
        let mut state = self.state();
        let slot = state.slot(part)?;
        self.stop_slot(slot)?;
        slot.process = Some(slot.launcher.spawn()?);
        let running = state.running();
        self.home.note(&running)?;
        if let Some(watcher) = &mut state.watcher {
            for (part, pid) in running.into_iter().filter(|(running, _)| *running == part) {
                watcher.tell(part, pid);
            }
        }
        state.slot(part)?.wait_until_ready()
    }

    /// Freezes a part, with all processes below it: its connections stay open and nobody answers.
    pub fn pause(&self, part: Part) -> Result<(), StartError> {
        self.with_process(part, Process::pause)
    }

    /// Lets a frozen part go on.
    pub fn resume(&self, part: Part) -> Result<(), StartError> {
        self.with_process(part, Process::resume)
    }

    /// Stops everything in order and removes a temporary directory.
    pub fn stop(self) -> Result<(), StartError> {
        self.close()
    }

    fn with_process(&self, part: Part, act: impl FnOnce(&mut Process)) -> Result<(), StartError> {
        let mut state = self.state();
        state.slot(part)?.process.as_mut().map(act).ok_or(StartError::Absent(part))
    }

    fn stop_slot(&self, slot: &mut Slot) -> Result<(), StartError> {
        let Some(mut process) = slot.process.take() else { return Ok(()) };
        let signal = match &slot.launcher {
            Launcher::Postgres(_) => libc::SIGINT,
            Launcher::Nats(_) => libc::SIGTERM,
        };
        let in_order = process
            .stop(signal, STOP_PATIENCE)
            .map_err(StartError::io("stop the process of", &self.home.dir))?;
        if !in_order {
            tracing::warn!(part = %slot.launcher.part(), "had to be killed");
        }
        Ok(())
    }

    /// Everything that has to be done at the end; done twice, the second time finds nothing.
    fn close(&self) -> Result<(), StartError> {
        let mut state = self.state();
        let mut outcome = Ok(());
        // The last one started is the first one stopped.
        for slot in state.slots.iter_mut().rev() {
            outcome = outcome.and(self.stop_slot(slot));
            match &slot.launcher {
                // A killed server that was not started again has left its segment.
                Launcher::Postgres(postgres) => shared_memory::release(postgres.data()),
                Launcher::Nats(_) => {}
            }
        }
        let removed = match &self.home.scratch {
            Some(scratch) => scratch.remove(),
            None => Ok(()),
        };
        if let Some(mut watcher) = state.watcher.take() {
            watcher.dismiss();
        }
        outcome.and(removed)
    }

    /// A panic elsewhere does not make the processes less real.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::warn!(%error, "the instance was not stopped in order");
        }
    }
}

impl State {
    fn slot(&mut self, part: Part) -> Result<&mut Slot, StartError> {
        self.slots.iter_mut().find(|slot| slot.launcher.part() == part).ok_or(StartError::Absent(part))
    }

    fn running(&self) -> Vec<(Part, u32)> {
        let pid = |slot: &Slot| Some((slot.launcher.part(), slot.process.as_ref()?.pid()));
        self.slots.iter().filter_map(pid).collect()
    }
}

impl Slot {
    fn wait_until_ready(&mut self) -> Result<(), StartError> {
        let Some(process) = &mut self.process else { return Ok(()) };
        let mut status = None;
        let mut ready = false;
        let patience = self.launcher.patience();
        wait_until(patience, || {
            ready = self.launcher.ready(process.pid());
            status = process.ended().ok().flatten();
            ready || status.is_some()
        });
        let (part, log) = (self.launcher.part(), tail(self.launcher.log()));
        if let Some(status) = status {
            self.process = None;
            return Err(StartError::Ended { program: part.file().into(), status: status.to_string(), log });
        }
        if ready { Ok(()) } else { Err(StartError::NotReady { part, seconds: patience.as_secs(), log }) }
    }
}

impl Launcher {
    fn patience(&self) -> Duration {
        match self {
            Self::Postgres(postgres) if postgres.durability() == Durability::Full => RECOVERY_PATIENCE,
            Self::Postgres(_) | Self::Nats(_) => START_PATIENCE,
        }
    }

    fn part(&self) -> Part {
        match self {
            Self::Postgres(_) => Part::Postgres,
            Self::Nats(_) => Part::Nats,
        }
    }

    fn spawn(&self) -> Result<Process, StartError> {
        match self {
            Self::Postgres(postgres) => postgres.spawn(),
            Self::Nats(nats) => {
                nats.forget_ports()?;
                nats.spawn()
            }
        }
    }

    fn ready(&mut self, pid: u32) -> bool {
        match self {
            Self::Postgres(postgres) => postgres.ready(pid),
            Self::Nats(nats) => nats.ready(pid),
        }
    }

    fn log(&self) -> &Path {
        match self {
            Self::Postgres(postgres) => postgres.log(),
            Self::Nats(nats) => nats.log(),
        }
    }
}
