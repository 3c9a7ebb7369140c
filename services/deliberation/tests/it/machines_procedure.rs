//! The whole law of a procedure: every state against every command.

use std::fmt::{self, Debug, Formatter};

use gongzhi_deliberation::procedure::law::Book;
use gongzhi_deliberation::procedure::machine::{Event, Refusal, decide, evolve, next_due};
use gongzhi_deliberation::procedure::state::{Body, Disclosure, Opening, Record, Step};
use gongzhi_deliberation::procedure::{Command, Procedure};
use gongzhi_deliberation::rules::day_of;
use gongzhi_proto::ids::{AreaCode, TopicId};
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::machines::{at, law};

pub fn day(number: i64) -> Date {
    day_of(at(number))
}

pub fn opening(scheduled: bool, under_way: bool) -> Command {
    let opening = Opening {
        topic: TopicId(Uuid::from_u128(1)),
        area: AreaCode::parse("330105001052").unwrap(),
        body: Body::VillagersRepresentatives,
        law: Book::official().at(Body::VillagersRepresentatives, at(0)),
    };
    Command::Open { opening: Box::new(opening), scheduled, under_way }
}

fn record(step: Step, held: i64, announced: Option<i64>, (present, in_favour): (u32, u32)) -> Record {
    Record {
        step,
        held_on: day(held),
        announced_on: announced.map(day),
        entitled: 30,
        present,
        in_favour,
        text: "同意在七幢东侧建充电棚".into(),
        attachment: None,
        merged: None,
    }
}

pub fn held(step: Step, on: i64, announced: Option<i64>, counts: (u32, u32)) -> Command {
    Command::Record(Box::new(record(step, on, announced, counts)))
}

pub fn merged(step: Step, on: i64) -> Command {
    let merged = Some("支书主任一肩挑".into());
    Command::Record(Box::new(Record { merged, ..record(step, on, None, (30, 30)) }))
}

pub fn disclosure(on: i64) -> Disclosure {
    Disclosure { on: day(on), text: "公告栏与微信群".into(), attachment: None }
}

pub fn disclose(on: i64, result_due: i64) -> Command {
    Command::DiscloseDecision { disclosure: disclosure(on), result_due_on: day(result_due) }
}

/// All four steps, on the days 1, 2, 4 and 5.
fn steps() -> [Command; 4] {
    [
        held(Step::Proposal, 1, None, (20, 15)),
        held(Step::Consultation, 2, None, (20, 15)),
        held(Step::Review, 4, Some(3), (20, 10)),
        held(Step::Resolution, 5, None, (20, 11)),
    ]
}

fn commands() -> Vec<(&'static str, Command)> {
    let [proposal, consultation, review, resolution] = steps();
    vec![
        ("open", opening(true, false)),
        ("open, not scheduled", opening(false, false)),
        ("open, one under way", opening(true, true)),
        ("proposal", proposal),
        ("proposal, merged", merged(Step::Proposal, 1)),
        ("proposal, too few present", held(Step::Proposal, 1, None, (15, 15))),
        ("proposal before the opening", held(Step::Proposal, -1, None, (20, 15))),
        ("proposal in the future", held(Step::Proposal, 9, None, (20, 15))),
        ("consultation", consultation),
        ("consultation, merged", merged(Step::Consultation, 2)),
        ("consultation too early", held(Step::Consultation, 0, None, (20, 15))),
        ("review", review),
        ("review without a draft", held(Step::Review, 4, None, (20, 10))),
        ("review, draft the same day", held(Step::Review, 4, Some(4), (20, 10))),
        ("review, 19 of 30 present", held(Step::Review, 4, Some(3), (19, 19))),
        ("review, 9 of 20 in favour", held(Step::Review, 4, Some(3), (20, 9))),
        ("resolution", resolution),
        ("resolution, half in favour", held(Step::Resolution, 5, None, (20, 10))),
        ("disclose decision", disclose(6, 90)),
        ("disclose in the future", disclose(9, 90)),
        ("disclose too early", disclose(4, 90)),
        ("disclose, result too late", disclose(6, 371)),
        ("disclose, result before it", disclose(6, 5)),
        ("disclose result", Command::DiscloseResult { disclosure: disclosure(7) }),
        ("disclose result too early", Command::DiscloseResult { disclosure: disclosure(5) }),
        ("tick", Command::Tick),
    ]
}

fn step(procedure: Option<Procedure>, at: Timestamp, command: &Command) -> Option<Procedure> {
    let events = decide(procedure.as_ref(), at, command).unwrap();
    events.iter().fold(procedure, |procedure, event| Some(evolve(procedure, at, event)))
}

fn after(more: &[Command]) -> Option<Procedure> {
    let opened = step(None, at(0), &opening(true, false));
    more.iter().fold(opened, |procedure, command| step(procedure, at(8), command))
}

fn states() -> Vec<(&'static str, Option<Procedure>)> {
    let steps = steps();
    let then = |more: &[Command]| after(&[&steps[..], more].concat());
    let result = Command::DiscloseResult { disclosure: disclosure(7) };
    vec![
        ("absent", None),
        ("opened", after(&[])),
        ("proposed", after(&steps[..1])),
        ("proposed and consulted in one", after(&[merged(Step::Proposal, 1)])),
        ("consulted", after(&steps[..2])),
        ("reviewed", after(&steps[..3])),
        ("failed", after(&[held(Step::Proposal, 1, None, (30, 15))])),
        ("resolved", then(&[])),
        ("decision disclosed", then(&[disclose(6, 90)])),
        ("result disclosed", then(&[disclose(6, 90), result])),
    ]
}

/// What happens, with what comes of a step.
fn told(procedure: Option<&Procedure>, at: Timestamp, command: &Command) -> Result<Vec<Told>, Refusal> {
    Ok(decide(procedure, at, command)?.into_iter().map(Told).collect())
}

struct Told(Event);

impl Debug for Told {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Event::StepRecorded { passed: true, .. } => f.write_str("StepRecorded:passed"),
            Event::StepRecorded { passed: false, .. } => f.write_str("StepRecorded:failed"),
            event => event.fmt(f),
        }
    }
}

#[test]
fn the_law_of_procedures() {
    let law = law(&states(), &commands(), |procedure, command| told(procedure, at(8), command));
    insta::assert_snapshot!("procedures", law);
}

#[test]
fn a_day_that_passes_is_told_once_and_before_anything_else() {
    let mut procedure = after(&steps());
    let due = next_due(procedure.as_ref().unwrap()).unwrap();
    assert_eq!(day_of(due), day(11), "the resolution was on day 5, and five days have passed");
    assert_eq!(decide(procedure.as_ref(), at(10), &Command::Tick), Ok(vec![]));
    let overdue = law(&[("overdue", procedure.clone())], &commands(), |procedure, command| {
        told(procedure, at(400), command)
    });
    insta::assert_snapshot!("procedures_overdue", overdue);
    procedure = step(procedure, at(11), &Command::Tick);
    assert_eq!(next_due(procedure.as_ref().unwrap()), None);
    assert_eq!(decide(procedure.as_ref(), at(12), &Command::Tick), Ok(vec![]), "told once");
    procedure = step(procedure, at(12), &disclose(6, 90));
    let due = next_due(procedure.as_ref().unwrap()).unwrap();
    assert_eq!(day_of(due), day(91));
    procedure = step(procedure, due, &Command::Tick);
    assert_eq!(procedure.unwrap().overdue.len(), 2);
}
