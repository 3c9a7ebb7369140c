//! `gongzhi up`: everything in one process, for a laptop or a small district.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::config::Settings;
use gongzhi_embedded::{Embedded, Part};

use crate::process::{Ground, Process, asked_to_end};
use crate::services::Name;

/// How often is looked whether the private parts are still there.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Where data is kept.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Folder of the private database and broker.
    #[arg(long, env = "GONGZHI_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
}

impl Arguments {
    /// The folder given, or the one that is customary for this user.
    pub(crate) fn folder(self) -> Result<PathBuf> {
        if let Some(data) = self.data {
            return Ok(data);
        }
        let home = std::env::var_os("HOME").map(PathBuf::from);
        let xdg = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from);
        // The private PostgreSQL of root runs as somebody else, who cannot look into root's home.
        match (is_root(), xdg, home) {
            (true, _, _) => Ok(PathBuf::from("/var/lib/gongzhi")),
            (false, Some(xdg), _) => Ok(xdg.join("gongzhi")),
            (false, None, Some(home)) => Ok(home.join(".local/share/gongzhi")),
            (false, None, None) => None.context("say with --data where the data is to be kept"),
        }
    }
}

/// Waits until a private part has ended by itself.
async fn lost(ground: &Ground) -> Part {
    loop {
        if let Some(part) = ground.embedded().and_then(Embedded::lost) {
            return part;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

pub(crate) async fn run(arguments: Arguments, settings: Settings) -> Result<()> {
    let ground = Ground::find(&settings, Some(arguments.folder()?)).await?;
    let context = ground.prepare(&settings, Clock::system()).await?;
    let process = Process::start(
        context,
        &[
            Name::Organization,
            Name::Grid,
            Name::Dispatch,
            Name::Deliberation,
            Name::Reporting,
            Name::Exchange,
            Name::Portal,
        ],
    )
    .await?;
    if let Some(portal) = process.portal_address {
        println!("portal  http://{portal}");
    }
    println!("gRPC    http://{}", process.grpc_address);
    let lost = tokio::select! {
        asked = asked_to_end() => {
            asked?;
            None
        }
        part = lost(&ground) => Some(part),
    };
    process.stop().await?;
    ground.stop().await?;
    match lost {
        // Whoever looks after this process starts it again, and with it what it brings along.
        Some(part) => bail!("{part} has ended by itself; its log is beside the data"),
        None => Ok(()),
    }
}
