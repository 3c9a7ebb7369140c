//! What becomes of the work of goals, as dispatch tells it of its cases.

use gongzhi_chassis::execute::{Target, Unit};
use gongzhi_chassis::status::Failure;
use gongzhi_proto::ids::{CaseId, GoalId, InvalidId};

use super::machine::{Command, Status};
use super::{ResolutionKind, store};
use crate::rules::day_of;

/// How the case of a goal moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moved {
    /// It was closed.
    Closed,
    /// It came back after it had been closed, or the follow-up was not satisfied.
    Reopened,
    /// It was void.
    Voided,
}

fn malformed(error: InvalidId) -> Failure {
    Failure::Bug(format!("the fact holds what is not {error}"))
}

/// Notes that a goal became a case.
pub(crate) async fn take_up(unit: &mut Unit, goal: &str, case: &str) -> Result<(), Failure> {
    let goal = GoalId::parse(goal).map_err(malformed)?;
    let case = CaseId::parse(case).map_err(malformed)?;
    let Some(resolution) = store::of_goal(unit.connection().await?, &goal).await? else { return Ok(()) };
    let command = Command::TakeUp { goal, case };
    unit.execute::<ResolutionKind>(&(), Target::Existing(&resolution), &command).await.map(drop)
}

/// Follows the case of a goal; cases of nobody's goal are nobody's here.
pub(crate) async fn follow(unit: &mut Unit, case: &str, moved: Moved) -> Result<(), Failure> {
    let case = CaseId::parse(case).map_err(malformed)?;
    let Some((resolution, goal)) = store::of_case(unit.connection().await?, &case).await? else {
        return Ok(());
    };
    let goal = GoalId::parse(&goal).map_err(malformed)?;
    let status = match moved {
        Moved::Closed => Status::Fulfilled,
        Moved::Reopened => Status::UnderWay,
        Moved::Voided => Status::GivenUp,
    };
    let today = day_of(unit.at());
    let due_on = store::due_on(unit.connection().await?, &resolution, &goal).await?;
    let late = due_on.is_some_and(|due_on| today > due_on);
    let command = Command::Follow { goal, status, late };
    unit.execute::<ResolutionKind>(&(), Target::Existing(&resolution), &command).await.map(drop)
}
