//! A private PostgreSQL and a private nats-server as child processes.
//!
//! Owns: finding the two programs (or fetching pinned wheels of them), starting them unprivileged in a
//! directory of their own, telling their addresses, and leaving nothing behind. `gongzhi up` and the tests
//! stand on it. A [`Companion`] is any other program that is to end with this process.
//!
//! Deliberately knows no word of the domain, no SQL client and no NATS client: it starts processes and reports
//! addresses, the rest is the caller's.
//!
//! # How nothing is left behind
//! Four layers, each of which is enough for the failures below it:
//! 1. [`Embedded::stop`] and `Drop` stop both programs and remove a temporary directory.
//! 2. A watcher (`watcher.sh`) holds the reading end of a pipe. When this process ends in any way, `kill -9`
//!    and statics that are never dropped included, it sees the end of the pipe and does the same work.
//! 3. On Linux the children ask the kernel for a signal when the thread that started them ends
//!    (`PR_SET_PDEATHSIG`); one keeper thread, which lives as long as the process, starts all of them.
//! 4. The next start removes temporary directories whose lock nobody holds, with the processes recorded there.
//!
//! All calls block; from asynchronous code use them inside `spawn_blocking`.
//!
//! # Environment
//! | variable | meaning |
//! |---|---|
//! | `GONGZHI_PG_BIN` | directory with `initdb` and `postgres`, version 15 or newer |
//! | `GONGZHI_NATS_BIN` | the `nats-server` program, or its directory, version 2.15.1 or newer |
//! | `GONGZHI_PARTS=wheel` | use the pinned wheels even where programs are installed |
//! | `GONGZHI_CACHE` | where wheels and database templates are kept |

mod account;
mod companion;
mod data;
mod embedded;
mod error;
mod home;
mod keeper;
mod nats;
mod parts;
mod postgres;
mod process;
mod scratch;
mod shared_memory;
mod version;
mod watcher;
mod wheel;

pub use companion::Companion;
pub use embedded::{Durability, Embedded, Options};
pub use error::{PartsError, StartError};
pub use parts::{Installed, Part, Parts, Program, Search};
pub use version::Version;
