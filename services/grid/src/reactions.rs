//! What dispatch's facts do here: a verified case opens visits, a reopened or voided one withdraws those that are waiting. Every other fact, known or
//! not, does nothing.

use gongzhi_chassis::bus::Bus;
use gongzhi_chassis::execute::Unit;
use gongzhi_chassis::inbox;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::Fact;
use gongzhi_proto::dispatch::v1 as dispatch;
use gongzhi_proto::envelope::Envelope;
use gongzhi_proto::ids::{CaseId, GridId, InvalidId};
use gongzhi_proto::subjects::fact_filter;

use crate::follow_up::{self, Errand};

/// Most reporters of one case; a fact that names more is parked for a person to look at.
const MAX_REPORTERS: i32 = 10_000;

/// The reactions of this service.
pub(crate) struct Reactions;

impl inbox::Reactions for Reactions {
    const SOURCE: &'static str = crate::NAME;

    fn filters(&self, bus: &Bus) -> Vec<String> {
        ["case_verified", "case_reopened", "case_voided"]
            .map(|fact| fact_filter(bus.district(), "dispatch", fact, None))
            .to_vec()
    }

    async fn handle_all(&self, unit: &mut Unit, envelopes: &[&Envelope]) -> Result<(), Failure> {
        let ids = envelopes.iter().flat_map(|envelope| visits(envelope)).collect();
        follow_up::expect(unit, &ids).await?;
        inbox::one_by_one(self, unit, envelopes).await
    }

    async fn handle(&self, unit: &mut Unit, envelope: &Envelope) -> Result<(), Failure> {
        let fact = envelope.fact().map_err(|error| {
            let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            Failure::Bug(format!("{error}: {source}"))
        })?;
        match fact {
            Some(Fact::CaseVerified(fact)) => open_visits(unit, envelope, &fact).await,
            Some(Fact::CaseReopened(fact)) => {
                follow_up::withdraw(unit, case(&fact.case_id)?, Some(fact.round)).await
            }
            Some(Fact::CaseVoided(fact)) => follow_up::withdraw(unit, case(&fact.case_id)?, None).await,
            // The vocabulary of others grows; what is not ours to react to is no state of ours.
            Some(_) | None => Ok(()),
        }
    }
}

/// The visits that a fact may open; those of a fact that cannot be read are none.
fn visits(envelope: &Envelope) -> Vec<String> {
    match envelope.fact() {
        Ok(Some(Fact::CaseVerified(fact))) if fact.reporter_count <= MAX_REPORTERS => {
            match case(&fact.case_id) {
                Ok(case) => (1..=fact.reporter_count)
                    .map(|reporter| follow_up::visit_id(case, fact.round, reporter).to_string())
                    .collect(),
                Err(_) => vec![],
            }
        }
        Ok(_) | Err(_) => vec![],
    }
}

/// Opens one visit per reporter.
async fn open_visits(
    unit: &mut Unit,
    envelope: &Envelope,
    fact: &dispatch::CaseVerified,
) -> Result<(), Failure> {
    if fact.round < 1 || fact.reporter_count > MAX_REPORTERS {
        return Err(Failure::Bug(format!(
            "case {} is verified in round {} for {} reporters, expected round 1 or later and at most {MAX_REPORTERS}",
            fact.case_id, fact.round, fact.reporter_count
        )));
    }
    let grid = match fact.grid_id.as_str() {
        "" => None,
        given => Some(GridId::parse(given).map_err(malformed)?),
    };
    let case = case(&fact.case_id)?;
    for reporter in 1..=fact.reporter_count {
        let (area, grid) = (envelope.area.clone(), grid.clone());
        follow_up::open(unit, Errand { case, round: fact.round, reporter, area, grid }).await?;
    }
    Ok(())
}

fn case(given: &str) -> Result<CaseId, Failure> {
    CaseId::parse(given).map_err(malformed)
}

fn malformed(error: InvalidId) -> Failure {
    Failure::Bug(format!("the fact holds what is not {error}"))
}
