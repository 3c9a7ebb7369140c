//! What facts of other services lead to here: cases that come together raise a topic; cases that come back, or were void, count for the topics behind which they are;
//! and a case that a goal became tells how far the goal is.

use std::sync::Arc;

use gongzhi_chassis::bus::Bus;
use gongzhi_chassis::execute::Unit;
use gongzhi_chassis::inbox;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::Fact;
use gongzhi_proto::envelope::Envelope;
use gongzhi_proto::subjects::fact_filter;

use crate::resolution::{self, Moved};
use crate::rules::Rules;
use crate::topic::demand::{self, Demand};
use crate::topic::raise;

/// The reactions of deliberation.
pub(crate) struct OfDeliberation {
    pub(crate) rules: Arc<Rules>,
}

fn read(envelope: &Envelope) -> Result<Option<Fact>, Failure> {
    envelope.fact().map_err(|error| Failure::Bug(error.to_string()))
}

impl inbox::Reactions for OfDeliberation {
    const SOURCE: &'static str = crate::NAME;

    fn filters(&self, bus: &Bus) -> Vec<String> {
        ["case_registered", "case_closed", "case_reopened", "case_voided"]
            .map(|fact| fact_filter(bus.district(), "dispatch", fact, None))
            .to_vec()
    }

    /// Cases of a batch are kept together; a case is registered before anything else happens to it.
    async fn handle_all(&self, unit: &mut Unit, envelopes: &[&Envelope]) -> Result<(), Failure> {
        let mut demands = Vec::new();
        for envelope in envelopes {
            // What follows from a resolution is no new demand.
            if let Some(Fact::CaseRegistered(fact)) = read(envelope)?
                && fact.goal_id.is_empty()
            {
                demands.extend(Demand::read(envelope, &fact)?);
            }
        }
        raise::keep(unit, &self.rules, &demands).await?;
        inbox::one_by_one(self, unit, envelopes).await
    }

    async fn handle(&self, unit: &mut Unit, envelope: &Envelope) -> Result<(), Failure> {
        match read(envelope)? {
            Some(Fact::CaseRegistered(fact)) if !fact.goal_id.is_empty() => {
                resolution::take_up(unit, &fact.goal_id, &fact.case_id).await
            }
            Some(Fact::CaseClosed(fact)) => resolution::follow(unit, &fact.case_id, Moved::Closed).await,
            Some(Fact::CaseReopened(fact)) => {
                demand::reopened(unit.connection().await?, &fact.case_id).await?;
                resolution::follow(unit, &fact.case_id, Moved::Reopened).await
            }
            Some(Fact::CaseVoided(fact)) => {
                demand::forget(unit.connection().await?, &fact.case_id).await?;
                resolution::follow(unit, &fact.case_id, Moved::Voided).await
            }
            // Registered cases were kept with their batch; the vocabulary of others grows.
            Some(_) | None => Ok(()),
        }
    }
}
