//! The story of a follow-up visit: when a case is verified, one visit is opened for each of its reporters; somebody on duty in the community brings the
//! result and records how the resident judges it; the judgement goes back to whoever handles the case. If the case is reopened or voided before that,
//! the visit is withdrawn without a rating, and lists no longer show it.
//!
//! A visit has the id that follows from its case, round and reporter, so that the same news twice opens nothing twice.

mod announce;
mod machine;
mod rpc;
mod store;
mod wire;

pub use machine::{Command, Errand, Event, Rating, Refusal, Stage, Visit, decide, evolve};
pub(crate) use rpc::FollowUps;

use std::collections::BTreeSet;

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows, Target, Unit};
use gongzhi_chassis::status::{self, Failure};
use gongzhi_proto::ids::{CaseId, VisitId};
use jiff::Timestamp;
use uuid::Uuid;

/// Visits as the write path knows them.
pub(crate) struct FollowUpKind;

/// The id of the visit to a reporter about a round of a case: the same whenever it is computed.
pub fn visit_id(case: CaseId, round: i32, reporter: i32) -> VisitId {
    VisitId(Uuid::new_v5(
        &Uuid::NAMESPACE_URL,
        format!("gongzhi:follow_up/{case}/{round}/{reporter}").as_bytes(),
    ))
}

/// Loads visits that are about to be opened, all at once.
pub(crate) async fn expect(unit: &mut Unit, ids: &BTreeSet<String>) -> Result<(), Failure> {
    unit.load_all::<FollowUpKind>(ids).await
}

/// Opens a visit unless it was opened before.
pub(crate) async fn open(unit: &mut Unit, errand: Errand) -> Result<(), Failure> {
    let id = visit_id(errand.case, errand.round, errand.reporter).to_string();
    unit.execute::<FollowUpKind>(&(), Target::Any(&id), &Command::Open(errand)).await.map(drop)
}

/// Withdraws the visits of a case that wait and ask about a round before `round`; about any round without it.
pub(crate) async fn withdraw(unit: &mut Unit, case: CaseId, round: Option<i32>) -> Result<(), Failure> {
    for id in store::waiting_of(unit.connection().await?, case, round).await? {
        unit.execute::<FollowUpKind>(&(), Target::Existing(&id.to_string()), &Command::Withdraw).await?;
    }
    Ok(())
}

impl Aggregate for FollowUpKind {
    const KIND: &'static str = "follow_up";
    type State = Visit;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = ();

    fn decide(
        state: Option<&Visit>,
        _at: Timestamp,
        command: &Command,
        _rules: &(),
    ) -> Result<Vec<Event>, Refusal> {
        decide(state, command)
    }

    fn evolve(state: Option<Visit>, at: Timestamp, event: &Event) -> Visit {
        evolve(state, at, event)
    }

    fn next_due(_state: &Visit) -> Option<Timestamp> {
        None
    }

    fn tick() -> Option<Command> {
        None
    }

    fn scope(state: &Visit) -> Scope {
        Scope::area(state.errand.area.clone())
    }

    fn announce(id: &str, state: &Visit, event: &Event) -> Vec<Announcement> {
        announce::announce(id, state, event)
    }

    fn index(id: &str, state: &Visit) -> Vec<Rows> {
        vec![store::index(id, state)]
    }
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        self.word()
    }
}
