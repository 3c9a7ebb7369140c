//! The keeper: one thread that starts every child and lives as long as the process. Knows nothing of what it
//! starts.
//!
//! The kernel sends a child its parent-death signal when the *thread* that started it ends. A worker of an
//! asynchronous runtime or a test's thread may end at any time, so none of them may start a child.

use std::io;
use std::process::{Child, Command};
use std::sync::OnceLock;
use std::sync::mpsc::{self, Sender};
use std::thread;

struct Order {
    command: Command,
    reply: Sender<io::Result<Child>>,
}

/// Starts a child on the keeper thread, in a process group of its own, so that Ctrl-C at a terminal reaches only
/// the parent, which then stops its children in order.
///
/// `death_signal` is what the child gets when this process is gone; none for a child that has to outlive it.
pub(crate) fn spawn(mut command: Command, death_signal: Option<i32>) -> io::Result<Child> {
    use std::os::unix::process::CommandExt;

    command.process_group(0);
    if let Some(signal) = death_signal {
        die_with_parent(&mut command, signal);
    }
    let gone = || io::Error::other("the thread that starts children is gone");
    let (reply, answer) = mpsc::channel();
    keeper()?.send(Order { command, reply }).map_err(|_| gone())?;
    answer.recv().map_err(|_| gone())?
}

fn keeper() -> io::Result<&'static Sender<Order>> {
    static KEEPER: OnceLock<Result<Sender<Order>, io::ErrorKind>> = OnceLock::new();
    let keeper = KEEPER.get_or_init(|| {
        let (orders, inbox) = mpsc::channel::<Order>();
        let work = move || {
            for Order { mut command, reply } in inbox {
                // Nobody waits for the reply only if the asking thread died; then nobody wants the child.
                if let Err(mpsc::SendError(Ok(mut unwanted))) = reply.send(command.spawn()) {
                    let _ = unwanted.kill();
                    let _ = unwanted.wait();
                }
            }
        };
        thread::Builder::new().name("embedded-keeper".into()).spawn(work).map_err(|error| error.kind())?;
        Ok(orders)
    });
    keeper.as_ref().map_err(|kind| io::Error::from(*kind))
}

/// Asks the kernel to signal the child when the keeper thread, and with it this process, is gone.
///
/// Changing the uid clears the wish, so it must come after it: the standard library runs these closures last.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn die_with_parent(command: &mut Command, signal: i32) {
    use std::os::unix::process::CommandExt;

    let parent = std::process::id();
    let wish = move || {
        // SAFETY: prctl with PR_SET_PDEATHSIG takes one number and getppid none; neither touches memory.
        let (refused, now) = unsafe { (libc::prctl(libc::PR_SET_PDEATHSIG, signal) != 0, libc::getppid()) };
        if refused {
            return Err(io::Error::last_os_error());
        }
        // The parent may have died before the wish was made; then no signal would ever come.
        if u32::try_from(now) == Ok(parent) { Ok(()) } else { Err(io::Error::from_raw_os_error(libc::ESRCH)) }
    };
    // SAFETY: between fork and exec the closure makes two system calls and allocates nothing.
    unsafe { command.pre_exec(wish) };
}

/// Other systems have no such wish; the watcher and the next start do the work there.
#[cfg(not(target_os = "linux"))]
fn die_with_parent(_command: &mut Command, _signal: i32) {}
