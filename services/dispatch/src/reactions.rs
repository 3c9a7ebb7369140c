//! What facts of other services lead to here: a rating brought back by grid is recorded on its case; a department registered by organization can be
//! called; a goal that a community set becomes work. Everything else is others' business.

use std::sync::Arc;

use gongzhi_chassis::bus::Bus;
use gongzhi_chassis::execute::{Target, Unit};
use gongzhi_chassis::inbox::Reactions;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::Fact;
use gongzhi_proto::envelope::Envelope;
use gongzhi_proto::grid::v1 as grid;
use gongzhi_proto::subjects::fact_filter;

use crate::case::{CaseFile, Command, Rating};
use crate::goal;
use crate::rules::Rules;
use crate::whistle;

/// The reactions of dispatch.
pub(crate) struct OfDispatch {
    pub(crate) rules: Arc<Rules>,
}

impl Reactions for OfDispatch {
    const SOURCE: &'static str = "dispatch";

    fn filters(&self, bus: &Bus) -> Vec<String> {
        vec![
            fact_filter(bus.district(), "grid", "follow_up_visit_recorded", None),
            fact_filter(bus.district(), "organization", "department_registered", None),
            fact_filter(bus.district(), "deliberation", "goal_set", None),
        ]
    }

    async fn handle(&self, unit: &mut Unit, envelope: &Envelope) -> Result<(), Failure> {
        let fact = envelope.fact().map_err(|error| Failure::Bug(error.to_string()))?;
        match fact {
            Some(Fact::FollowUpVisitRecorded(visit)) => {
                let Some(rating) = rating(visit.rating()) else { return Ok(()) };
                let command = Command::RecordRating {
                    round: visit.round.unsigned_abs(),
                    reporter: visit.reporter.unsigned_abs(),
                    rating,
                };
                unit.execute::<CaseFile>(&self.rules, Target::Existing(&visit.case_id), &command).await?;
            }
            Some(Fact::DepartmentRegistered(department)) => {
                whistle::store::note_department(
                    unit.connection().await?,
                    &department.department_code,
                    &department.name_zh,
                    &department.name_en,
                )
                .await?;
            }
            Some(Fact::GoalSet(set)) => goal::take_up(unit, &self.rules, &set).await?,
            // Facts that this program does not know come from a newer publisher; those that it knows otherwise lead to nothing here.
            Some(_) | None => {}
        }
        Ok(())
    }
}

fn rating(rating: grid::Rating) -> Option<Rating> {
    match rating {
        grid::Rating::Unspecified => None,
        grid::Rating::Satisfied => Some(Rating::Satisfied),
        grid::Rating::FairlySatisfied => Some(Rating::FairlySatisfied),
        grid::Rating::NotSatisfied => Some(Rating::NotSatisfied),
        grid::Rating::NotReached => Some(Rating::NotReached),
    }
}
