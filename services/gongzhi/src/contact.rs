//! `gongzhi contact`: the keys under which it is kept how reporters can be reached.

use anyhow::{Context as _, Result, ensure};
use gongzhi_chassis::config::Settings;
use gongzhi_chassis::record;
use gongzhi_dispatch::{exchange_keys, forget_kept_key};

/// What is done with contact data.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Wraps the key of every record by the first key of GONGZHI_CONTACT_KEY. The others in it are needed no more when this says 0 after the last process that
    /// sealed by them has ended. Opens no record, and disturbs nobody; 1 when there are records that none of the keys opens.
    ExchangeKeys {
        /// Also forgets the key that the database keeps from the time before GONGZHI_CONTACT_KEY was set. Every process must have been started with the setting
        /// since. Refused while anything hangs on another key.
        #[arg(long)]
        forget_kept: bool,
    },
}

pub(crate) async fn run(command: Command, settings: Settings) -> Result<()> {
    let Command::ExchangeKeys { forget_kept } = command;
    let url = settings.database_url.as_ref().context("set GONGZHI_DATABASE_URL: keys are in the database")?;
    ensure!(
        settings.contact_keys.is_some(),
        "set GONGZHI_CONTACT_KEY as dispatch has it: its first key wraps the others"
    );
    let pool = record::connect(url.reveal(), gongzhi_dispatch::NAME, 2).await?;
    let exchanged = exchange_keys(&pool, &settings).await?;
    println!(
        "{} keys of records wrapped anew by the key {}, {} were so already",
        exchanged.anew, exchanged.fingerprint, exchanged.already
    );
    ensure!(
        exchanged.foreign == 0,
        "{} keys of records open with none of these keys, among them {}; give the key that they were wrapped by as well",
        exchanged.foreign,
        exchanged.named.join(", ")
    );
    if forget_kept {
        let forgot = forget_kept_key(&pool, &settings).await?;
        println!("{}", if forgot { "the kept key is forgotten" } else { "no key was kept" });
    } else if exchanged.keeps {
        println!("a key is kept in the database, from before one was given: --forget-kept forgets it");
    }
    pool.close().await;
    Ok(())
}
