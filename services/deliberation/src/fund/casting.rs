//! What touches a fund and its slips together, each in one commit.

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{DoneOf, Target, Writer};
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::ids::FundId;

use super::{Command, Fund, FundKind, Refusal, Stage, missing, slips, store};
use crate::secrets::Secrets;

/// Tries against others who change the same fund at the same moment.
const TRIES: usize = 4;

/// Who writes.
pub(super) struct Casting<'a> {
    pub(super) writer: &'a Writer,
    pub(super) secrets: &'a Secrets,
}

impl Casting<'_> {
    /// Publishes a fund and makes its slips.
    pub(super) async fn publish(
        &self,
        admission: &Admission,
        id: &FundId,
        households: u32,
    ) -> Result<DoneOf<FundKind>, Failure> {
        let own = id.to_string();
        for _ in 0..TRIES {
            let mut unit = self.writer.begin(admission).await?;
            let command = Command::Publish { slips: households };
            let done = unit.execute::<FundKind>(&(), Target::Existing(&own), &command).await?;
            if !unit.is_repeat() {
                let codes = slips::codes(self.secrets, id, households);
                let slips: Vec<_> = codes.iter().map(|code| slips::slip(self.secrets, id, code)).collect();
                store::keep_slips(unit.connection().await?, &own, &slips).await?;
            }
            if unit.commit().await? {
                return Ok(done);
            }
        }
        Err(Failure::Conflict)
    }

    /// Casts a slip. Nothing but the slip is written: who casts it, from where and when is known to nobody.
    pub(super) async fn cast(
        &self,
        admission: &Admission,
        id: &FundId,
        fund: &Fund,
        code: &str,
        projects: Vec<u32>,
    ) -> Result<Vec<u32>, Failure> {
        let own = id.to_string();
        let refused = |refusal: Refusal| Err(Failure::refused(&refusal));
        let mut unit = self.writer.begin(admission).await?;
        let at = unit.at();
        let connection = unit.connection().await?;
        match store::cast_until(connection, &own).await? {
            None if fund.stage == Stage::Open => return refused(Refusal::NotPublished),
            None => return refused(Refusal::Over(fund.opening.closes_at)),
            Some(closes_at) if at >= closes_at => return refused(Refusal::Over(closes_at)),
            Some(_) => {}
        }
        let slip = slips::slip(self.secrets, id, code);
        match store::cast(connection, &own, &slip, &projects).await? {
            None => return refused(Refusal::UnknownCode),
            Some(cast) if cast != projects => return refused(Refusal::CastAlready),
            Some(_) => {}
        }
        if unit.commit().await? { Ok(projects) } else { Err(Failure::Conflict) }
    }

    /// Closes a fund with exactly what was cast. The fund is locked before its row, as by every other command.
    pub(super) async fn close(
        &self,
        admission: &Admission,
        id: &FundId,
    ) -> Result<DoneOf<FundKind>, Failure> {
        let own = id.to_string();
        for _ in 0..TRIES {
            let mut unit = self.writer.begin(admission).await?;
            unit.load_all::<FundKind>(&[own.clone()].into()).await?;
            let loaded = store::state(unit.connection().await?, &own).await?;
            let fund = loaded.ok_or_else(|| missing(id))?;
            // Who may not close it holds up nobody who is casting.
            admission.require(&Scope::area(fund.opening.area.clone()), None)?;
            let ballots = if unit.is_repeat() || fund.stage != Stage::Published {
                0
            } else {
                store::number_ballots(unit.connection().await?, &own).await?
            };
            let command = Command::Close { ballots };
            let done = unit.execute::<FundKind>(&(), Target::Existing(&own), &command).await?;
            if unit.commit().await? {
                return Ok(done);
            }
        }
        Err(Failure::Conflict)
    }

    /// The number of a slip among the ballots, and what it has paid for.
    pub(super) async fn share(&self, id: &FundId, code: &str) -> Result<(i32, Vec<(u32, String)>), Failure> {
        let slip = slips::slip(self.secrets, id, code);
        match store::share(self.writer.pool(), &id.to_string(), &slip).await? {
            None => Err(Failure::refused(&Refusal::UnknownCode)),
            Some(None) => Err(Failure::refused(&Refusal::NotCast)),
            Some(Some(share)) => Ok(share),
        }
    }
}
