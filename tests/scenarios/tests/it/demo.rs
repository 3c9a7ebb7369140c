//! The demo as people run it: three systems of departments run as processes of their own, one over each way, get every whistle that calls them and nothing
//! else, and nothing is left behind. How long it takes is the machine's business and not looked at.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;

use crate::outage::program;

/// Longest time that the demo may take, also where a machine has much else to do.
const PATIENCE: Duration = Duration::from_secs(400);

/// What a line of the report says of a department's system: due, got, foreign.
fn counts(row: &str) -> Option<[u32; 3]> {
    let after = |word: &str| row.split_once(word)?.1.split_whitespace().next()?.parse().ok();
    Some([after("due")?, after("got")?, after("foreign")?])
}

#[tokio::test(flavor = "multi_thread")]
async fn each_department_gets_its_own_whistles_over_its_own_way() -> Result<()> {
    let program = tokio::task::spawn_blocking(program).await??;
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GONGZHI_")) {
        command.env_remove(name);
    }
    command
        .args(["demo", "--exit", "--cases", "0"])
        .env("GONGZHI_GRPC_ADDRESS", "127.0.0.1:0")
        .env("GONGZHI_PORTAL_ADDRESS", "127.0.0.1:0")
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, command.output()).await.context("the demo did not end")??;
    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "{said}\n{complained}");
    for (department, way) in [("fire-rescue", "grpc"), ("urban-management", "webhook"), ("housing", "nats")] {
        let of_it = |line: &&str| line.split_whitespace().take(2).eq([department, way]);
        let row = said.lines().find(of_it).with_context(|| format!("nothing of {department}:\n{said}"))?;
        println!("{row}");
        assert_eq!(counts(row), Some([30, 30, 0]), "{row}");
    }
    // Its systems end with it, its parts and their folder too.
    let server =
        said.lines().find_map(|line| line.trim().strip_prefix("export GONGZHI_SERVER=")?.split(' ').next());
    let server = server.context("the demo does not say where it serves")?;
    ensure!(!still_called(server), "a department's system outlived the demo");
    Ok(())
}

/// True when a process is left that was started to call this server.
fn still_called(server: &str) -> bool {
    let setting = format!("GONGZHI_SERVER={server}");
    let Ok(processes) = std::fs::read_dir("/proc") else { return false };
    processes.flatten().any(|entry| {
        std::fs::read(entry.path().join("environ"))
            .is_ok_and(|environ| environ.split(|byte| *byte == 0).any(|one| one == setting.as_bytes()))
    })
}
