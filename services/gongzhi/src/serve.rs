//! `gongzhi serve SERVICE…`: what a Deployment of a cluster runs.

use std::pin::pin;
use std::time::{Duration, Instant};

use anyhow::Result;
use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::config::Settings;
use gongzhi_chassis::status::Failure;

use crate::process::{Ground, Process, asked_to_end};
use crate::services::Name;

/// How long database and bus may take until they answer the first time: less than what the chart's probes allow for a start.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long is waited before they are asked again.
const REST: Duration = Duration::from_secs(1);

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
    let mut end = pin!(asked_to_end());
    let process = tokio::select! {
        started = start(&ground, &settings, &arguments.services) => started?,
        asked = &mut end => return asked,
    };
    tracing::info!(grpc = %process.grpc_address, portal = ?process.portal_address, "serving");
    end.await?;
    process.stop().await?;
    ground.stop().await
}

/// Starts the services, as soon as database and bus answer: a cluster starts everything at once, and moves what we stand on about.
async fn start(ground: &Ground, settings: &Settings, services: &[Name]) -> Result<Process> {
    let since = Instant::now();
    loop {
        let started =
            async { Process::start(ground.context(settings, Clock::system()).await?, services).await };
        match started.await {
            Err(error) if is_away(&error) && since.elapsed() < PATIENCE => {
                tracing::warn!(error = format!("{error:#}"), "waits for what it stands on");
                tokio::time::sleep(REST).await;
            }
            done => return done,
        }
    }
}

/// True when nobody answered, so that waiting may help; false for what was refused.
fn is_away(error: &anyhow::Error) -> bool {
    match error.downcast_ref::<Failure>() {
        Some(Failure::Bus(_)) => true,
        Some(Failure::Database(error)) => match error {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => true,
            // It starts, or ends, or has no connection to give for the moment.
            sqlx::Error::Database(said) => {
                said.code().is_some_and(|code| matches!(code.as_ref(), "57P03" | "57P01" | "53300"))
            }
            _ => false,
        },
        _ => false,
    }
}
