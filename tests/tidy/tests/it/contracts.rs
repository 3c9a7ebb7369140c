//! The contracts are clean by `buf lint` and formatted, and grow only: nothing that the released image has is taken away.

use std::process::Command;

use crate::tree;

/// Runs buf in `proto`; none when it is not installed.
fn buf(arguments: &[&str]) -> Option<std::process::Output> {
    match Command::new("buf").args(arguments).current_dir(tree::root().join("proto")).output() {
        Ok(output) => Some(output),
        Err(_) => {
            println!("SKIPPED: buf is not installed; `pip install buf-bin` brings it");
            None
        }
    }
}

#[test]
fn buf_finds_nothing_to_say() {
    for arguments in [&["lint"][..], &["format", "--diff", "--exit-code"]] {
        let Some(output) = buf(arguments) else { return };
        assert!(
            output.status.success(),
            "buf {arguments:?}\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
