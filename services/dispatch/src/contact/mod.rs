//! How reporters can be reached. Each record is encrypted with a key of its own (AES-256-GCM), which is encrypted with the master key; destroying
//! the record's key erases it for ever. Every reading is logged with its purpose, in the commit that allows it.

mod seal;
pub(crate) mod store;

pub use seal::MasterKey;

use gongzhi_chassis::execute::Writer;
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::run::Context;
use gongzhi_chassis::status::Failure;

use crate::case::filing;

impl MasterKey {
    /// The key in the settings, or one that is made once and kept in the database. A deployment should give its own: kept beside the data it guards
    /// them against a look into a backup of these tables alone, and no more.
    pub(crate) async fn of(context: &Context, writer: &Writer) -> Result<Self, Failure> {
        if let Some(given) = &context.settings.contact_key {
            let wrong = || Failure::Bug("GONGZHI_CONTACT_KEY must be 64 hexadecimal digits".into());
            return Self::from_hex(given.reveal()).ok_or_else(wrong);
        }
        let kept = store::master_key(writer.pool(), &Self::generate()?.to_hex()).await?;
        Self::from_hex(&kept).ok_or_else(|| Failure::Bug("the kept master key is damaged".into()))
    }
}

/// Reads how a reporter can be reached and logs the reading, both or neither. An anonymous report has nothing to read; that it was asked is logged too.
pub(crate) async fn read(
    writer: &Writer,
    master: &MasterKey,
    admission: &Admission,
    case_id: &str,
    reporter: i32,
    purpose: &str,
) -> Result<String, Failure> {
    let mut unit = writer.begin(admission).await?;
    let at = unit.at();
    let sealed = store::read(unit.connection().await?, case_id, reporter).await?;
    let text =
        sealed.map(|sealed| master.open(&filing::record(case_id, reporter as u32), &sealed)).transpose()?;
    store::log(unit.connection().await?, case_id, reporter, admission, purpose, at).await?;
    unit.commit().await?;
    Ok(text.unwrap_or_default())
}
