//! What a fund is. It does not grow with its ballots: these are rows of their own.

use gongzhi_proto::ids::{AreaCode, TopicId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Most projects of a fund.
pub const MOST_PROJECTS: usize = 200;

/// By which rule money is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// 均等份额(加一)
    EqualShares,
    /// 均等份额(加一后择优)
    EqualSharesThenGreedy,
    /// 弗拉格门法
    Phragmen,
    /// 得票优先
    Greedy,
}

/// How a fund begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// For which topic.
    pub topic: TopicId,
    /// The community.
    pub area: AreaCode,
    /// The money, in fen.
    pub amount_fen: i64,
    /// By which rule it is given.
    pub rule: Rule,
    /// Where a number comes from, should a tie have to be settled.
    pub tie_source: String,
    /// From when the topic may be voted on.
    pub votable_from: Timestamp,
    /// Until when slips are cast.
    pub closes_at: Timestamp,
}

/// A project. Its number is its place, from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// What it is called.
    pub title: String,
    /// Where it would be.
    pub area: AreaCode,
    /// What it costs, in fen.
    pub cost_fen: i64,
    /// At most one project of a group is paid for.
    pub group: Option<String>,
    /// Why it was taken back.
    pub withdrawn: Option<String>,
}

/// Why a project is not paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyLost {
    /// 已撤回
    Withdrawn,
    /// 同组已有中选
    SameGroup,
    /// 无人支持
    NoSupporters,
    /// 支持者剩余份额不足
    TooLittleLeft,
    /// 余额不足
    OverBudget,
    /// 规则已终止
    Ended,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Projects that are paid for, in the order in which they were bought.
    pub winners: Vec<u32>,
    /// What they cost together, in fen.
    pub total_fen: i64,
    /// What everybody had to begin with, in yuan, exactly; none where the rule gives no shares.
    pub share_yuan: Option<String>,
    /// Ballots that approve of each project.
    pub approvals: Vec<u32>,
    /// Why the others are not paid for.
    pub lost: Vec<(u32, WhyLost)>,
    /// Ballots that have more of this outcome than of the greedy one.
    pub prefer_outcome: u32,
    /// Ballots that would have more of the greedy one.
    pub prefer_greedy: u32,
    /// SHA-256 of the public record.
    pub sha256: String,
}

/// What came of the computing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Computed {
    /// Projects that are equal by the rule, and whose order changes the outcome.
    Tied(Vec<u32>),
    /// An outcome.
    Decided(Box<Decision>),
    /// None within the time.
    Overdue,
}

/// Where a fund stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Projects are gathered.
    Open,
    /// Slips are cast.
    Published,
    /// The outcome is being computed.
    Computing,
    /// A number is to be drawn.
    Tied(Vec<u32>),
    /// It is decided.
    Decided(Box<Decision>),
    /// No outcome was found in time.
    Overdue,
}

/// A fund (专款).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fund {
    /// How it began.
    pub opening: Opening,
    /// When.
    pub opened_at: Timestamp,
    /// Its projects.
    pub projects: Vec<Project>,
    /// Slips; none until it is published.
    pub slips: u32,
    /// When they were given out to be printed.
    pub printed_at: Option<Timestamp>,
    /// Slips that were cast, once it is closed.
    pub ballots: u32,
    /// The number that settled a tie, as digits.
    pub tie_number: Option<String>,
    /// Where it stands.
    pub stage: Stage,
}

impl Fund {
    /// A project by its number.
    pub fn project(&self, number: u32) -> Option<&Project> {
        self.projects.get((number as usize).checked_sub(1)?)
    }
}
