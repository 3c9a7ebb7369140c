//! The one executable of Gongzhi. Everything is in the library beside it, so that scenarios can run it too.

use std::process::ExitCode;

/// A fifth of the program's time under load went into the system's allocator (`perf`, `gongzhi simulate`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    gongzhi::main()
}
