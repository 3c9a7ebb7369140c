//! How reporters can be reached. Each record is encrypted with a key of its own (AES-256-GCM), which is encrypted with the master key; destroying
//! the record's key erases it for ever. Every reading is logged with its purpose, in the commit that allows it.

mod exchange;
mod seal;
pub(crate) mod store;

pub use exchange::{Exchanged, exchange_keys, forget_kept_key};
pub(crate) use seal::MasterKeys;

use gongzhi_chassis::config::{ContactKeys, Settings};
use gongzhi_chassis::execute::Writer;
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::status::Failure;
use sqlx::PgPool;

use crate::case::filing;

impl MasterKeys {
    /// The keys in the settings, or one that is made once and kept in the database. A deployment should give its own: kept beside the data it guards
    /// them against a look into a backup of these tables alone, and no more. One that was kept before others were given opens, too.
    pub(crate) async fn of_settings(settings: &Settings, pool: &PgPool) -> Result<Self, Failure> {
        let kept = match &settings.contact_keys {
            Some(_) => store::kept_key(pool).await?,
            None => Some(store::keep_key(pool, &seal::generate()?).await?),
        };
        let given = settings.contact_keys.as_ref().map(ContactKeys::masters).unwrap_or_default();
        let keys = Self::of(given.to_vec());
        Ok(match kept {
            Some(kept) => keys.and(kept),
            None => keys,
        })
    }
}

/// Reads how a reporter can be reached and logs the reading, both or neither. An anonymous report has nothing to read; that it was asked is logged too.
pub(crate) async fn read(
    writer: &Writer,
    masters: &MasterKeys,
    admission: &Admission,
    case_id: &str,
    reporter: i32,
    purpose: &str,
) -> Result<String, Failure> {
    let mut unit = writer.begin(admission).await?;
    let at = unit.at();
    let sealed = store::read(unit.connection().await?, case_id, reporter).await?;
    let text =
        sealed.map(|sealed| masters.open(&filing::record(case_id, reporter as u32), &sealed)).transpose()?;
    store::log(unit.connection().await?, case_id, reporter, admission, purpose, at).await?;
    unit.commit().await?;
    Ok(text.unwrap_or_default())
}
