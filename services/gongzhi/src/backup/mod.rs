//! `gongzhi backup` and `gongzhi restore`: the record of every service as one moment saw it, in a folder that says of itself whether it is whole.
//!
//! It asks the database and nothing else, so it works wherever the program does and needs no tool of a certain version of PostgreSQL. A record of
//! years on servers of one's own is better kept by what archives their log all the time (`deploy/postgres`): this copies everything each time.

mod manifest;
mod restore;
mod series;
mod take;

use std::path::PathBuf;
use std::str::FromStr as _;

use anyhow::{Context as _, Result};
use gongzhi_chassis::bus::Bus;
use gongzhi_chassis::config::Settings;
use gongzhi_chassis::nats_identity;
use gongzhi_chassis::objects::Objects;
use jiff::Timestamp;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, PgConnection};

/// Kinds of files beside the record.
const KINDS: [&str; 1] = ["evidence"];

/// Where a backup is put.
#[derive(clap::Args)]
pub(crate) struct Backup {
    /// A new folder for it; whoever reads it reads everything that the district knows.
    #[arg(value_name = "DIR", required_unless_present = "into", conflicts_with = "into")]
    folder: Option<PathBuf>,
    /// Makes the new folder in this one, named by district and instant, as something that runs every night does.
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
    /// Keeps so many of the newest there, and deletes older ones after the new one is whole.
    #[arg(long, value_name = "COUNT", requires = "into", value_parser = clap::value_parser!(u16).range(1..))]
    keep: Option<u16>,
}

/// Where a backup lies.
#[derive(clap::Args)]
pub(crate) struct Restore {
    /// The folder of the backup.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Looks whether the backup is whole and restores nothing.
    #[arg(long)]
    check: bool,
}

pub(crate) async fn backup(arguments: Backup, settings: Settings) -> Result<()> {
    let mut connection = connect(&settings).await?;
    let files = files(&settings).await?;
    let district = settings.district.as_str();
    let folder = match (&arguments.folder, &arguments.into) {
        (Some(folder), _) => folder.clone(),
        (None, Some(into)) => into.join(series::name(district, Timestamp::now())),
        (None, None) => anyhow::bail!("say where the backup goes"),
    };
    take::run(&mut connection, &files, district, &folder).await?;
    match (&arguments.into, arguments.keep) {
        (Some(into), Some(keep)) => series::thin(into, district, keep.into()),
        _ => Ok(()),
    }
}

pub(crate) async fn restore(arguments: Restore, settings: Settings) -> Result<()> {
    let manifest = restore::check(&arguments.folder)?;
    println!("{} is whole: {}", arguments.folder.display(), manifest.in_words());
    if arguments.check {
        return Ok(());
    }
    let district = settings.district.as_str();
    anyhow::ensure!(
        manifest.district == district,
        "it is the record of {}, and GONGZHI_DISTRICT is {district}",
        manifest.district
    );
    let url = database(&settings)?;
    let mut connection = connect(&settings).await?;
    let files = files(&settings).await?;
    restore::run(&mut connection, url, &files, (&arguments.folder, &manifest)).await
}

fn database(settings: &Settings) -> Result<&str> {
    let url = settings.database_url.as_ref().context(
        "set GONGZHI_DATABASE_URL; the private database of `up` is in DIR/… of its --data while it runs",
    )?;
    Ok(url.reveal())
}

/// A connection for which copying may take as long as it takes.
async fn connect(settings: &Settings) -> Result<PgConnection> {
    let options =
        PgConnectOptions::from_str(database(settings)?)?.application_name("gongzhi-backup").options([
            ("lock_timeout", "30s"),
            ("timezone", "UTC"),
            ("datestyle", "ISO"),
            ("extra_float_digits", "1"),
        ]);
    options.connect().await.context("the database does not answer")
}

/// Where files lie; none where there is no bus to ask, or where they lie in a store of others, which keeps copies of its own.
async fn files(settings: &Settings) -> Result<Vec<(&'static str, Objects)>> {
    let Some(url) = &settings.nats_url else {
        println!("GONGZHI_NATS_URL is not set: files of shared rooms are left out");
        return Ok(Vec::new());
    };
    let credentials = settings.nats_credentials.as_ref().map(nats_identity::read).transpose()?;
    let (district, authority) = (settings.district.clone(), settings.nats_authority.as_deref());
    let bus =
        Bus::connect_trusting(url.reveal(), "backup", district, credentials.as_ref(), authority).await?;
    let files = KINDS.iter().map(|kind| Ok((*kind, Objects::new(&bus, kind, settings)?)));
    let files: Vec<_> = files.collect::<Result<_>>()?;
    if files.iter().any(|(_, objects)| objects.is_elsewhere()) {
        println!(
            "files of shared rooms lie in the bucket {:?}: left out, back it up there",
            settings.s3.as_ref().map(|s3| &s3.bucket)
        );
        return Ok(Vec::new());
    }
    Ok(files)
}
