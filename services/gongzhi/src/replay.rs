//! `gongzhi replay`: empties what a service made of the bus, makes it anew from the stream, and compares the two byte for byte.

use anyhow::{Result, ensure};
use clap::ValueEnum;
use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::config::Settings;
use indicatif::{ProgressBar, ProgressStyle};

use crate::process::Ground;

/// What to rebuild.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The service whose projections are rebuilt.
    service: Rebuilt,
}

/// A service that is made of the bus alone.
#[derive(Clone, Copy, ValueEnum)]
enum Rebuilt {
    /// Boards and figures.
    Reporting,
}

pub(crate) async fn run(arguments: Arguments, settings: Settings) -> Result<()> {
    ensure!(
        settings.database_url.is_some() && settings.nats_url.is_some(),
        "set GONGZHI_DATABASE_URL and GONGZHI_NATS_URL: there is nothing to rebuild otherwise"
    );
    let Rebuilt::Reporting = arguments.service;
    let ground = Ground::find(&settings, None).await?;
    let context = ground.context(&settings, Clock::system()).await?;
    let pool = context.writer(gongzhi_reporting::NAME).await?.pool().clone();
    let before = gongzhi_reporting::digest(&pool).await?;
    let bar = ProgressBar::new(0);
    bar.set_style(ProgressStyle::with_template("{bar:40} {pos}/{len} {per_sec}")?);
    let moved = bar.clone();
    let done = gongzhi_reporting::replay(&context, move |progress| {
        moved.set_length(progress.end);
        moved.set_position(progress.sequence);
    })
    .await?;
    bar.finish_and_clear();
    let after = gongzhi_reporting::digest(&pool).await?;
    println!("before  {before}\nafter   {after}\nread up to {} of the stream", done.end);
    ensure!(
        before == after,
        "the rebuilt projections differ; facts older than the stream keeps, or a newer program, can be why"
    );
    println!("the same to the byte");
    Ok(())
}
