//! Erasure of contact data: that it was erased stands in the history of the case in the commit that destroys the record's key, or neither happens.

use gongzhi_chassis::execute::{DoneOf, Target, Writer};
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::ids::CaseId;

use super::{CaseFile, Command};
use crate::contact;
use crate::rules::Rules;

/// Tries against others who change the same case at the same moment.
const TRIES: usize = 4;

pub(crate) async fn erase(
    writer: &Writer,
    rules: &Rules,
    admission: &Admission,
    id: &CaseId,
    command: Command,
) -> Result<DoneOf<CaseFile>, Failure> {
    let case_id = id.to_string();
    for _ in 0..TRIES {
        let mut unit = writer.begin(admission).await?;
        let done = unit.execute::<CaseFile>(rules, Target::Existing(&case_id), &command).await?;
        // The case is locked by now: nobody files contact data under this number again.
        if let (Command::EraseContact { reporter, .. }, false) = (&command, unit.is_repeat()) {
            contact::store::erase(unit.connection().await?, &case_id, *reporter).await?;
        }
        if unit.commit().await? {
            return Ok(done);
        }
    }
    Err(Failure::Conflict)
}
