//! Sample whistles for tests: how to come to every state, and one sample of every command.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use gongzhi_proto::ids::{AreaCode, CaseId, CategoryCode, DepartmentCode};
use jiff::{SignedDuration, Timestamp};

use super::{Command, CommandKind, Decision, Event, Kind, Level, Refusal, Whistle, decide, evolve};
use crate::rules::Rules;

pub(super) static RULES: LazyLock<Rules> = LazyLock::new(Rules::official);

/// An instant in China.
pub(super) fn china(text: &str) -> Timestamp {
    format!("{text}+08:00").parse().unwrap()
}

/// A Monday morning at nine.
pub(super) fn monday() -> Timestamp {
    china("2026-11-23T09:00:00")
}

/// The department whose steps the table shows.
pub(super) const OWN: &str = "fire-rescue";
/// The other called department.
pub(super) const OTHER: &str = "housing";

pub(super) fn code(department: &str) -> DepartmentCode {
    DepartmentCode::parse(department).unwrap()
}

pub(super) fn call(kind: Kind, level: Level, departments: &[&str]) -> Command {
    Command::Sound {
        case_id: CaseId::parse("01890a5d-ac96-774b-bcce-b302099a8057").unwrap(),
        area: AreaCode::parse("330105001052001").unwrap(),
        category: CategoryCode::parse("fire.lane.obstructed").unwrap(),
        kind,
        level,
        departments: departments.iter().map(|department| code(department)).collect::<BTreeSet<_>>(),
        request: "请到场联合整治".to_owned(),
    }
}

/// One sample of every command, for one department where it is for one, as it would come at an instant.
pub(super) fn sample(kind: CommandKind, department: &str, at: Timestamp) -> Command {
    let department = code(department);
    match kind {
        CommandKind::Sound => call(Kind::JointEnforcement, Level::Blue, &[OWN, OTHER]),
        CommandKind::SignFor => Command::SignFor { department },
        CommandKind::MakeContact => Command::MakeContact { department },
        CommandKind::ReportIn => Command::ReportIn { department },
        CommandKind::Finish => Command::Finish { department, summary: "已完成".to_owned() },
        CommandKind::Refuse => {
            Command::Refuse { department, reason: "不属于本部门职责清单".to_owned() }
        }
        CommandKind::DecideRefusal => decided(department.as_str(), Decision::Stands),
        CommandKind::AgreeTask => Command::AgreeTask { department, task: "划线".to_owned() },
        CommandKind::HandInEvidence => Command::HandInEvidence {
            department,
            text: "整改后照片".to_owned(),
            references: vec!["picture-1".to_owned()],
        },
        CommandKind::OrderRework => {
            Command::OrderRework { department, reason: "仍有车辆占道".to_owned() }
        }
        CommandKind::Accept => Command::Accept { summary: "通道畅通".to_owned() },
        CommandKind::Withdraw => Command::Withdraw { reason: "无需联合处置".to_owned() },
        CommandKind::Suspend => Command::Suspend { until: at + SignedDuration::from_hours(48) },
        CommandKind::Resume => Command::Resume,
        CommandKind::Tick => Command::Tick,
    }
}

pub(super) fn decided(department: &str, decision: Decision) -> Command {
    Command::DecideRefusal { department: code(department), decision, reason: "按职责清单".to_owned() }
}

/// A whistle on its way through its life.
#[derive(Clone, Debug, Default)]
pub(super) struct Story {
    pub(super) whistle: Option<Whistle>,
    pub(super) events: Vec<(Timestamp, Event)>,
}

impl Story {
    /// Follows a command, and writes down what happened.
    pub(super) fn follow(&mut self, at: Timestamp, command: &Command) -> Result<Vec<Event>, Refusal> {
        let events = decide(self.whistle.as_ref(), at, command, &RULES)?;
        for event in &events {
            self.whistle = Some(evolve(self.whistle.take(), at, event));
            self.events.push((at, event.clone()));
        }
        Ok(events)
    }

    /// Follows commands that come at one instant and must not be refused.
    pub(super) fn then(mut self, at: Timestamp, commands: &[Command]) -> Self {
        for command in commands {
            self.follow(at, command).unwrap_or_else(|refusal| panic!("{command:?} was refused: {refusal}"));
        }
        self
    }
}

/// Every state that the by-laws tell apart, with the commands that lead to it; all at one instant.
pub(super) fn states() -> Vec<(&'static str, Vec<Command>)> {
    use CommandKind::{Accept, Finish, OrderRework, Refuse, ReportIn, SignFor, Sound, Suspend, Withdraw};
    let own = |kind| sample(kind, OWN, monday());
    let other = |kind| sample(kind, OTHER, monday());
    let way = |more: Vec<Command>| {
        let mut way = vec![own(Sound)];
        way.extend(more);
        way
    };
    let other_done = || vec![other(ReportIn), other(Finish)];
    let finished = || vec![other(ReportIn), other(Finish), own(ReportIn), own(Finish)];
    let and = |mut way: Vec<Command>, more: Vec<Command>| {
        way.extend(more);
        way
    };
    let twice =
        || vec![own(Refuse), decided(OWN, Decision::Stands), own(Refuse), decided(OWN, Decision::Stands)];
    let excused = || vec![own(Refuse), decided(OWN, Decision::Excused)];
    vec![
        ("absent", vec![]),
        ("called", way(vec![])),
        ("signed for", way(vec![own(SignFor)])),
        ("contacted", way(vec![own(CommandKind::MakeContact)])),
        ("reported in", way(vec![own(ReportIn)])),
        ("reported in, the other is done", way(and(other_done(), vec![own(ReportIn)]))),
        ("done, the other is not", way(vec![own(ReportIn), own(Finish)])),
        ("called, refusal open", way(vec![own(Refuse)])),
        ("called, refused twice and upheld", way(twice())),
        ("called, refusal open, the other is done", way(and(other_done(), vec![own(Refuse)]))),
        (
            "done, refusal open, the other is done",
            way(and(other_done(), vec![own(ReportIn), own(Refuse), own(Finish)])),
        ),
        ("excused, the other is called", way(excused())),
        (
            "called, refusal open, the other is excused",
            way(vec![other(Refuse), decided(OTHER, Decision::Excused), own(Refuse)]),
        ),
        ("called, suspended", way(vec![own(Suspend)])),
        ("finished", way(finished())),
        ("finished, the own part sent back", way(and(finished(), vec![own(OrderRework)]))),
        ("accepted", way(and(finished(), vec![own(Accept)]))),
        ("withdrawn", way(vec![own(Withdraw)])),
    ]
}
