//! What a pool is. It holds quotas, counts and, once drawn, numbers; never what a volunteer said.

use gongzhi_proto::ids::{AreaCode, TopicId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Most volunteers of a pool.
pub const MOST_VOLUNTEERS: u32 = 10_000;
/// Most times that members are replaced.
pub const MOST_ROUNDS: usize = 50;

/// A feature with its quota.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Its name.
    pub feature: String,
    /// At least so many.
    pub min: u32,
    /// At most so many.
    pub max: u32,
}

/// A category with all of its features.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// Its name.
    pub name: String,
    /// Its features.
    pub quotas: Vec<Quota>,
}

/// How many of a household may take part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HouseholdRule {
    /// 每户限一人报名
    OneVolunteer,
    /// 每户最多一人入选
    OneMember,
    /// 不限
    None,
}

/// How a pool begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// For which topic.
    pub topic: TopicId,
    /// The community.
    pub area: AreaCode,
    /// Seats of the panel.
    pub seats: u32,
    /// Quotas.
    pub categories: Vec<Category>,
    /// How many of a household may take part.
    pub household_rule: HouseholdRule,
    /// Where the number comes from.
    pub draw_source: String,
    /// Until when people volunteer.
    pub closes_at: Timestamp,
    /// Days after the draw for which it is kept what volunteers said.
    pub keep_days: u32,
    /// Days after the closing for which it is kept where nothing is drawn.
    pub wait_days: u32,
}

/// A quota that would have to be given up in part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relaxation {
    /// Of which category.
    pub category: String,
    /// Of which feature.
    pub feature: String,
    /// Whether the minimum is lowered; otherwise the maximum is raised.
    pub lowers: bool,
    /// What it was.
    pub was: u32,
    /// What it must become.
    pub becomes: u32,
}

/// What a lottery is best at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// 逐级最大化最小机会
    Leximin,
    /// 最大化最小机会
    Maximin,
}

/// A lottery whose tickets are published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lottery {
    /// SHA-256 of the tickets.
    pub sha256: String,
    /// What it is best at.
    pub objective: Objective,
    /// By how much a chance differs at most from that of the lottery, in millionths.
    pub error_millionths: u32,
}

/// What came of the computing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Computed {
    /// Tickets.
    Lottery(Lottery),
    /// Quotas that cannot be met, with the smallest change; empty where there are fewer households than seats.
    Infeasible(Vec<Relaxation>),
    /// Nothing within the time.
    Failed,
}

/// A draw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draw {
    /// Members who had dropped out before; none for the first draw.
    pub left: Vec<u32>,
    /// SHA-256 of the tickets.
    pub sha256: String,
    /// How many tickets.
    pub tickets: u32,
    /// The number, as digits.
    pub number: String,
    /// Its ticket.
    pub ticket: u32,
    /// The panel: numbers of volunteers.
    pub panel: Vec<u32>,
}

/// A panel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Panel {
    /// From which lottery.
    pub lottery: Lottery,
    /// When it was drawn first.
    pub drawn_at: Timestamp,
    /// All draws, the first one first.
    pub draws: Vec<Draw>,
    /// Members with each feature, by category.
    pub counts: Vec<Vec<u32>>,
}

impl Panel {
    /// Numbers of the members now.
    pub fn members(&self) -> &[u32] {
        self.draws.last().map_or(&[], |draw| &draw.panel)
    }
}

/// Tickets for replacements, published before their number is drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacing {
    /// Members who dropped out.
    pub left: Vec<u32>,
    /// SHA-256 of the tickets.
    pub sha256: String,
    /// How many tickets.
    pub tickets: u32,
}

/// Where a pool stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// People volunteer.
    Open,
    /// Nobody else volunteers.
    Closed,
    /// The lottery is being computed.
    Computing,
    /// Quotas cannot be met.
    Infeasible(Vec<Relaxation>),
    /// No lottery was found in time.
    Failed,
    /// Tickets wait for their number.
    Published(Lottery),
    /// There is a panel.
    Drawn(Panel),
    /// Tickets for replacements wait for their number.
    Replacing(Panel, Replacing),
    /// Nothing was drawn in time.
    Abandoned,
}

/// A pool (抽选池).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// How it began; quotas as they are now.
    pub opening: Opening,
    /// When.
    pub opened_at: Timestamp,
    /// Volunteers.
    pub volunteers: u32,
    /// The last number that was given.
    pub last_number: u32,
    /// Counts what makes a lottery another one; what was computed for an earlier count is void.
    pub attempt: u32,
    /// Why quotas were changed.
    pub change_reasons: Vec<String>,
    /// Where it stands.
    pub stage: Stage,
    /// When what volunteers said was deleted.
    pub forgotten_at: Option<Timestamp>,
}

impl Pool {
    /// The panel, once there is one.
    pub fn panel(&self) -> Option<&Panel> {
        match &self.stage {
            Stage::Drawn(panel) | Stage::Replacing(panel, _) => Some(panel),
            Stage::Open
            | Stage::Closed
            | Stage::Computing
            | Stage::Infeasible(_)
            | Stage::Failed
            | Stage::Published(_)
            | Stage::Abandoned => None,
        }
    }

    /// The lottery, once its tickets are published.
    pub fn lottery(&self) -> Option<&Lottery> {
        match &self.stage {
            Stage::Published(lottery) => Some(lottery),
            _ => self.panel().map(|panel| &panel.lottery),
        }
    }

    /// When what volunteers said is deleted; none once it is.
    pub fn forget_at(&self) -> Option<Timestamp> {
        let after = |days: u32| SignedDuration::from_hours(24 * i64::from(days));
        let due = match self.panel() {
            Some(panel) => panel.drawn_at + after(self.opening.keep_days),
            None => self.opening.closes_at + after(self.opening.wait_days),
        };
        if self.forgotten_at.is_some() { None } else { Some(due) }
    }
}
