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
    /// Tells by which key they are wrapped now, and not the key: the first 16 digits of SHA-256 of its 64 small hexadecimal digits.
    pub fingerprint: String,
}

/// Wraps every key of a record by the first of the settings' keys.
pub async fn exchange_keys(pool: &PgPool, settings: &Settings) -> Result<Exchanged, Failure> {
    let keys = MasterKeys::of_settings(settings, pool).await?;
    let mut exchanged = Exchanged {
        keeps: store::kept_key(pool).await?.is_some(),
        fingerprint: keys.fingerprint()?,
        ..Exchanged::default()
    };
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

/// Forgets the key that the database keeps from before one was given; false when none is kept. Refused while a key of a record hangs on another than the first:
/// all are looked at in the transaction that forgets, and none is written meanwhile. Nothing may seal by the kept key any more, so every process must have been
/// given its key before.
pub async fn forget_kept_key(pool: &PgPool, settings: &Settings) -> Result<bool, Failure> {
    let keys = MasterKeys::of_settings(settings, pool).await?;
    let mut transaction = pool.begin().await?;
    store::hold_keys(&mut transaction).await?;
    let mut last = (String::new(), 0);
    loop {
        let page = store::keys_behind(&mut *transaction, (&last.0, last.1), PAGE).await?;
        let Some(end) = page.last() else { break };
        last = (end.case_id.clone(), end.reporter);
        for key in page {
            let record = filing::record(&key.case_id, key.reporter.unsigned_abs());
            if !matches!(keys.wrap_anew(&record, &key.wrapped)?, Wrapped::Already) {
                let message = format!(
                    "the key of record {record} hangs on another key than the first; exchange keys before"
                );
                return Err(Failure::Refused { reason: "KEYS_HANG_ON_IT", message });
            }
        }
    }
    let forgot = store::forget_key(&mut transaction).await?;
    transaction.commit().await?;
    Ok(forgot)
}
