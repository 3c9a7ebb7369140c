//! Exchange of the master key: the keys of records are wrapped by the key that seals now, page by page, while reports are filed and read. What they open is not
//! looked at. Broken off, it goes on where it is done again.

use gongzhi_chassis::config::Settings;
use gongzhi_chassis::status::Failure;
use sqlx::PgPool;

use super::seal::Wrapped;
use super::{MasterKeys, store};
use crate::case::filing;

/// Keys that are wrapped at once.
const PAGE: i64 = 500;
/// Records that are named where no key opens them.
const NAMED: usize = 10;

/// What an exchange came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Exchanged {
    /// Keys of records that were wrapped by another of our keys.
    pub anew: u64,
    /// Those that were wrapped by the first already.
    pub already: u64,
    /// Those that none of our keys opens.
    pub foreign: u64,
    /// Some of these: case and reporter.
    pub named: Vec<String>,
    /// True while the database keeps a key that was made before one was given.
    pub keeps: bool,
}

impl Exchanged {
    /// True when nothing hangs on another key than the first.
    pub fn is_over(&self) -> bool {
        self.anew == 0 && self.foreign == 0
    }
}

/// Wraps every key of a record by the first of the settings' keys.
pub async fn exchange_keys(pool: &PgPool, settings: &Settings) -> Result<Exchanged, Failure> {
    let keys = MasterKeys::of_settings(settings, pool).await?;
    let mut exchanged = Exchanged { keeps: store::kept_key(pool).await?.is_some(), ..Exchanged::default() };
    let mut last = (String::new(), 0);
    loop {
        let page = store::keys_behind(pool, (&last.0, last.1), PAGE).await?;
        let Some(end) = page.last() else { return Ok(exchanged) };
        last = (end.case_id.clone(), end.reporter);
        let mut anew = Vec::new();
        for key in page {
            let record = filing::record(&key.case_id, key.reporter.unsigned_abs());
            match keys.wrap_anew(&record, &key.wrapped)? {
                Wrapped::Already => exchanged.already += 1,
                Wrapped::Anew(wrapped) => anew.push((key, wrapped)),
                Wrapped::Foreign => {
                    exchanged.foreign += 1;
                    if exchanged.named.len() < NAMED {
                        exchanged.named.push(record);
                    }
                }
            }
        }
        exchanged.anew += store::wrap_anew(pool, &anew).await?;
    }
}

/// Forgets the key that the database keeps from before one was given. Refused while anything hangs on it; and nothing may seal by it any more, so
/// every process must have been given its key before.
pub async fn forget_kept_key(pool: &PgPool, exchanged: &Exchanged) -> Result<bool, Failure> {
    if !exchanged.is_over() {
        let message = "keys of records hung on another key than the first until now; do it again";
        return Err(Failure::Refused { reason: "KEYS_HANG_ON_IT", message: message.into() });
    }
    Ok(store::forget_key(pool).await?)
}
