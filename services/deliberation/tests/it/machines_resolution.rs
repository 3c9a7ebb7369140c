//! The whole law of resolutions: every state against every command.

use gongzhi_deliberation::resolution::machine::{
    Adoption, Basis, Command, Draft, Kind, Resolution, Status, decide, evolve,
};
use gongzhi_proto::ids::{AreaCode, BallotId, CaseId, CategoryCode, GoalId, TopicId};
use uuid::Uuid;

use crate::machines::{at, law};

fn adopt() -> Command {
    let draft = |number: u128, kind| Draft {
        id: GoalId(Uuid::from_u128(number)),
        text: "建成充电棚".into(),
        kind,
        category: CategoryCode::parse("fire.lane").unwrap(),
        departments: vec![],
        due_on: "2027-03-31".parse().unwrap(),
        amount_fen: 0,
    };
    Command::Adopt(Box::new(Adoption {
        topic: TopicId(Uuid::from_u128(8)),
        area: AreaCode::parse("330105001052").unwrap(),
        text: "决议".into(),
        basis: Basis::Ballot(BallotId(Uuid::from_u128(9))),
        goals: vec![draft(1, Kind::Case), draft(2, Kind::OwnWork)],
    }))
}

#[test]
fn the_law_of_resolutions() {
    let goal = |number: u128| GoalId(Uuid::from_u128(number));
    let report =
        |number, status| Command::Report { goal: goal(number), status, report: "说明".into(), late: false };
    let follow = |status| Command::Follow { goal: goal(1), status, late: false };
    let take_up = Command::TakeUp { goal: goal(1), case: CaseId(Uuid::from_u128(7)) };
    let commands = [
        ("adopt", adopt()),
        ("report on a case", report(1, Status::Fulfilled)),
        ("report under way", report(2, Status::UnderWay)),
        ("report fulfilled", report(2, Status::Fulfilled)),
        ("report given up", report(2, Status::GivenUp)),
        ("report on no goal", report(5, Status::Fulfilled)),
        ("take up", take_up.clone()),
        ("case closed", follow(Status::Fulfilled)),
        ("case reopened", follow(Status::UnderWay)),
        ("case void", follow(Status::GivenUp)),
    ];
    let after = |steps: &[Command]| -> Option<Resolution> {
        steps.iter().fold(None, |state, command| {
            let events = decide(state.as_ref(), command).unwrap();
            events.iter().fold(state, |state, event| Some(evolve(state, at(0), event)))
        })
    };
    let states = [
        ("absent", None),
        ("adopted", after(&[adopt()])),
        ("goal taken up", after(&[adopt(), take_up.clone()])),
        ("goal fulfilled by its case", after(&[adopt(), take_up, follow(Status::Fulfilled)])),
        ("own work under way", after(&[adopt(), report(2, Status::UnderWay)])),
        ("own work fulfilled", after(&[adopt(), report(2, Status::Fulfilled)])),
        ("own work given up", after(&[adopt(), report(2, Status::GivenUp)])),
    ];
    insta::assert_snapshot!("resolutions", law(&states, &commands, decide));
}
