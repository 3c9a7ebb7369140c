//! The law of a resolution: pure, total, no clock, no ids of its own. It is adopted once, on something that was decided; its goals move on as their work does, or as
//! people report who do it themselves.
//!
//! ```text
//! goal: set ──take up──▶ under way ──fulfil──▶ fulfilled ──reopen──▶ under way        set, under way ──give up──▶ given up
//! ```

use gongzhi_proto::ids::{
    AreaCode, BallotId, CaseId, CategoryCode, DepartmentCode, GoalId, MeetingId, ProcedureId, TopicId,
};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What becomes of a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 转为案件
    Case,
    /// 转为吹哨
    Whistle,
    /// 居民自办
    OwnWork,
}

/// On what a resolution rests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// A ballot that adopted it.
    Ballot(BallotId),
    /// A procedure of four deliberations that resolved it.
    Procedure(ProcedureId),
    /// A motion that a meeting carried.
    Motion {
        /// The meeting.
        meeting: MeetingId,
        /// Number of the motion.
        number: u32,
    },
}

/// How far a goal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// 待落实
    Set,
    /// 落实中
    UnderWay,
    /// 已落实
    Fulfilled,
    /// 未能落实
    GivenUp,
}

/// A goal as it is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The goal.
    pub id: GoalId,
    /// What is to be reached.
    pub text: String,
    /// What becomes of it.
    pub kind: Kind,
    /// Category of the work.
    pub category: CategoryCode,
    /// Departments that are called.
    pub departments: Vec<DepartmentCode>,
    /// Day by which it is to be reached.
    pub due_on: Date,
    /// Money set apart, in fen.
    pub amount_fen: u64,
}

/// A goal (共同目标).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    /// What was promised.
    pub promise: Draft,
    /// How far it is.
    pub status: Status,
    /// The case that it became.
    pub case: Option<CaseId>,
    /// When it was reached or given up.
    pub ended_at: Option<Timestamp>,
    /// True when it was reached after its day, or its day has passed.
    pub late: bool,
    /// What was reported last.
    pub report: String,
}

/// How a resolution begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adoption {
    /// The topic.
    pub topic: TopicId,
    /// The community.
    pub area: AreaCode,
    /// What was resolved.
    pub text: String,
    /// On what it rests.
    pub basis: Basis,
    /// Its goals.
    pub goals: Vec<Draft>,
}

/// A resolution (决议).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// The topic.
    pub topic: TopicId,
    /// The community.
    pub area: AreaCode,
    /// What was resolved.
    pub text: String,
    /// On what it rests.
    pub basis: Basis,
    /// When.
    pub adopted_at: Timestamp,
    /// Its goals, in their order.
    pub goals: Vec<Goal>,
}

impl Resolution {
    /// A goal of it.
    pub fn goal(&self, id: &GoalId) -> Option<&Goal> {
        self.goals.iter().find(|goal| goal.promise.id == *id)
    }
}

/// What may be asked of a resolution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 通过
    Adopt(Box<Adoption>),
    /// 报告进展
    Report {
        /// Which goal.
        goal: GoalId,
        /// How far it is.
        status: Status,
        /// What was done, or why not.
        report: String,
        /// True when the day of the goal has passed.
        late: bool,
    },
    /// The goal became a case. Comes over the bus, as the next ones: never refused.
    TakeUp {
        /// Which goal.
        goal: GoalId,
        /// The case.
        case: CaseId,
    },
    /// Its case moved on.
    Follow {
        /// Which goal.
        goal: GoalId,
        /// How far it is.
        status: Status,
        /// True when the day of the goal has passed.
        late: bool,
    },
}

/// What can happen to a resolution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was adopted.
    Adopted(Box<Adoption>),
    /// A goal became a case.
    TakenUp {
        /// Which goal.
        goal: GoalId,
        /// The case.
        case: CaseId,
    },
    /// A goal moved on.
    Progressed {
        /// Which goal.
        goal: GoalId,
        /// How far it is.
        status: Status,
        /// True when its day had passed.
        late: bool,
        /// What was reported; none where its case tells.
        report: Option<String>,
    },
}

/// How the law says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is one of this identity.
    #[error("this resolution was adopted already")]
    AlreadyAdopted,
    /// There is none.
    #[error("there is no such resolution")]
    Absent,
    /// Not a goal of it.
    #[error("the resolution has no such goal")]
    NoSuchGoal,
    /// Its case tells.
    #[error("the goal is work of others; how far it is follows from their case")]
    FollowsFromCase,
    /// It has ended.
    #[error("the goal has ended; what was reported stays")]
    GoalEnded,
    /// What it is to rest on decided nothing, or something else.
    #[error(
        "what the resolution is to rest on has not adopted this topic, or its record is not signed by two people"
    )]
    NotDecided,
    /// A ballot was published; what it says decides.
    #[error("a ballot on this topic was published; only what it adopts can become a resolution")]
    BallotDecides,
}

impl Refusal {
    /// The word for it on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::AlreadyAdopted => "ALREADY_ADOPTED",
            Self::Absent => "ABSENT",
            Self::NoSuchGoal => "NO_SUCH_GOAL",
            Self::FollowsFromCase => "FOLLOWS_FROM_CASE",
            Self::GoalEnded => "GOAL_ENDED",
            Self::NotDecided => "NOT_DECIDED",
            Self::BallotDecides => "BALLOT_DECIDES",
        }
    }
}

/// What follows from a command.
pub fn decide(resolution: Option<&Resolution>, command: &Command) -> Result<Vec<Event>, Refusal> {
    let resolution = match (resolution, command) {
        (None, Command::Adopt(adoption)) => return Ok(vec![Event::Adopted(adoption.clone())]),
        (Some(_), Command::Adopt(_)) => return Err(Refusal::AlreadyAdopted),
        (None, Command::Report { .. }) => return Err(Refusal::Absent),
        (None, Command::TakeUp { .. } | Command::Follow { .. }) => return Ok(Vec::new()),
        (Some(resolution), _) => resolution,
    };
    match command {
        Command::Adopt(_) => Err(Refusal::AlreadyAdopted),
        Command::Report { goal: id, status, report, late } => {
            let goal = resolution.goal(id).ok_or(Refusal::NoSuchGoal)?;
            if goal.promise.kind != Kind::OwnWork {
                return Err(Refusal::FollowsFromCase);
            }
            if matches!(goal.status, Status::Fulfilled | Status::GivenUp) {
                return Err(Refusal::GoalEnded);
            }
            let report = Some(report.clone());
            Ok(vec![Event::Progressed { goal: *id, status: *status, late: *late, report }])
        }
        Command::TakeUp { goal: id, case } => Ok(match resolution.goal(id) {
            Some(goal) if goal.case.is_none() => vec![Event::TakenUp { goal: *id, case: *case }],
            Some(_) | None => Vec::new(),
        }),
        Command::Follow { goal: id, status, late } => Ok(match resolution.goal(id) {
            Some(goal) if goal.case.is_some() && goal.status != *status => {
                vec![Event::Progressed { goal: *id, status: *status, late: *late, report: None }]
            }
            Some(_) | None => Vec::new(),
        }),
    }
}

/// What a resolution is after an event.
///
/// # Panics
/// When the event cannot follow: a history that says so is damaged, or the program is wrong.
pub fn evolve(resolution: Option<Resolution>, at: Timestamp, event: &Event) -> Resolution {
    match (resolution, event) {
        (None, Event::Adopted(adoption)) => {
            let Adoption { topic, area, text, basis, goals } = adoption.as_ref().clone();
            let goal = |promise| Goal {
                promise,
                status: Status::Set,
                case: None,
                ended_at: None,
                late: false,
                report: String::new(),
            };
            let goals = goals.into_iter().map(goal).collect();
            Resolution { topic, area, text, basis, adopted_at: at, goals }
        }
        (Some(mut resolution), Event::TakenUp { goal: id, case }) => {
            if let Some(goal) = resolution.goals.iter_mut().find(|goal| goal.promise.id == *id) {
                goal.case = Some(*case);
                goal.status = Status::UnderWay;
            }
            resolution
        }
        (Some(mut resolution), Event::Progressed { goal: id, status, late, report }) => {
            if let Some(goal) = resolution.goals.iter_mut().find(|goal| goal.promise.id == *id) {
                goal.status = *status;
                goal.late = *late;
                goal.ended_at = matches!(status, Status::Fulfilled | Status::GivenUp).then_some(at);
                if let Some(report) = report {
                    goal.report.clone_from(report);
                }
            }
            resolution
        }
        (resolution, event) => panic!("{event:?} cannot follow {resolution:?}"),
    }
}
