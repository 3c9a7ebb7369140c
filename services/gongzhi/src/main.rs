//! The one executable of Gongzhi. Everything is in the library beside it, so that scenarios can run it too.

use std::process::ExitCode;

fn main() -> ExitCode {
    gongzhi::main()
}
