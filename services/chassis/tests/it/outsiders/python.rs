//! The public Python client with the credentials file as issued. Where Python, pip or the registry is absent this is skipped aloud; where
//! `CI=true` it must run.

use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context, Result};
use gongzhi_chassis::deliveries::Standing;
use gongzhi_chassis::nats_identity::JETSTREAM_DOMAIN;

use super::world::{SUB, World};

/// The client and what it signs with.
const PACKAGES: [&str; 5] =
    ["nats-py==2.16.0", "nkeys==0.2.1", "pynacl==1.6.2", "cffi==2.1.1", "pycparser==3.12"];

fn ran(what: &str, output: std::io::Result<Output>) -> Result<String> {
    let output = output.with_context(|| what.to_owned())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    anyhow::ensure!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(text)
}

fn install(into: &Path) -> Result<()> {
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check", "--target"]);
    ran("pip", pip.arg(into).args(PACKAGES).output()).map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_client_consumes_and_acknowledges() -> Result<()> {
    let dir = std::env::temp_dir().join(format!("outsider-{}", std::process::id()));
    std::fs::create_dir_all(&dir)?;
    let packages = dir.join("packages");
    let target = packages.clone();
    if let Err(why) = tokio::task::spawn_blocking(move || install(&target)).await? {
        std::fs::remove_dir_all(&dir)?;
        assert!(
            std::env::var_os("CI").is_none_or(|ci| ci != "true"),
            "the Python client must be tried: {why:#}"
        );
        eprintln!("SKIPPED the Python client: {why:#}");
        return Ok(());
    }
    let world = World::new("").await?;
    let me = world.outsider("A", 10).await?;
    let (script, credentials) = (dir.join("consume.py"), dir.join("a.creds"));
    std::fs::write(&script, include_str!("consume.py"))?;
    std::fs::write(&credentials, me.outsider.credentials.reveal())?;
    let mut python = Command::new("python3");
    python.env("PYTHONPATH", &packages).arg(&script).arg(world.url()).arg(&credentials);
    python.args([SUB, me.key(), JETSTREAM_DOMAIN, "10"]);
    let printed = tokio::task::spawn_blocking(move || ran("the client", python.output())).await??;
    let wanted: Vec<_> = (0..10).map(|nth| format!("for A {nth}")).chain(["pending 0".into()]).collect();
    assert_eq!(printed.lines().collect::<Vec<_>>(), wanted);
    gongzhi_harness::wait_until("the client's acknowledgements are in", || async {
        let standing = world.deliveries.standing(me.key()).await?;
        Ok(if standing == Standing::default() { Ok(()) } else { Err(format!("{standing:?}")) })
    })
    .await?;
    std::fs::remove_dir_all(&dir)?;
    world.stop().await
}
