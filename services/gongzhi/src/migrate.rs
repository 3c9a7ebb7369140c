//! `gongzhi migrate`: the schemas of all services, one after the other.

use anyhow::{Context, Result};
use gongzhi_chassis::config::Settings;

use crate::services::Name;

pub(crate) async fn run(settings: Settings) -> Result<()> {
    let url = settings.database_url.as_ref().context(
        "set GONGZHI_DATABASE_URL: `up` and `demo` bring their private database up to date by themselves",
    )?;
    for name in Name::WITH_RECORD {
        name.migrate(url.reveal()).await.with_context(|| format!("the schema of {name:?}"))?;
        println!("{} is up to date", name.schema().unwrap_or_default());
    }
    Ok(())
}
