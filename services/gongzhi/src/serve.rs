//! `gongzhi serve SERVICE…`: what a Deployment of a cluster runs.

use anyhow::Result;
use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::config::Settings;

use crate::process::{Ground, Process, asked_to_end};
use crate::services::Name;

/// Which services.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Services to serve in this process.
    #[arg(required = true, value_name = "SERVICE")]
    services: Vec<Name>,
}

impl Arguments {
    /// `gongzhi-dispatch` for a process that serves dispatch alone.
    pub(crate) fn name(&self) -> String {
        match self.services.as_slice() {
            [only] => format!("gongzhi-{}", only.schema().unwrap_or("portal")),
            _ => "gongzhi".into(),
        }
    }
}

pub(crate) async fn run(arguments: Arguments, settings: Settings) -> Result<()> {
    anyhow::ensure!(
        settings.database_url.is_some(),
        "set GONGZHI_DATABASE_URL: `serve` runs beside others, `up` brings its own database"
    );
    anyhow::ensure!(
        settings.nats_url.is_some(),
        "set GONGZHI_NATS_URL: `serve` runs beside others, `up` brings its own NATS server"
    );
    let ground = Ground::find(&settings, None).await?;
    let process =
        Process::start(ground.context(&settings, Clock::system()).await?, &arguments.services).await?;
    tracing::info!(grpc = %process.grpc_address, portal = ?process.portal_address, "serving");
    asked_to_end().await?;
    process.stop().await?;
    ground.stop().await
}
