//! Approval of a suspension: the clocks of the case and of its whistle stand still in one commit, or neither does.

use gongzhi_chassis::execute::{DoneOf, Target, Writer};
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::ids::CaseId;

use super::{CaseFile, Command};
use crate::rules::Rules;
use crate::whistle::{self, Sheet};

/// Tries against others who change the same case at the same moment.
const TRIES: usize = 4;

pub(crate) async fn approve(
    writer: &Writer,
    rules: &Rules,
    admission: &Admission,
    id: &CaseId,
    command: Command,
) -> Result<DoneOf<CaseFile>, Failure> {
    for _ in 0..TRIES {
        let mut unit = writer.begin(admission).await?;
        // The case before its whistle: everybody locks in this order.
        let done = unit.execute::<CaseFile>(rules, Target::Existing(&id.to_string()), &command).await?;
        if let (Some(whistle_id), Some(until)) = (done.state.whistle_id(), done.state.suspended_until()) {
            let suspend = whistle::Command::Suspend { until };
            unit.execute::<Sheet>(rules, Target::Existing(&whistle_id.to_string()), &suspend).await?;
        }
        if unit.commit().await? {
            return Ok(done);
        }
    }
    Err(Failure::Conflict)
}
