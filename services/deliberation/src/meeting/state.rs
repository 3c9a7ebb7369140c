//! What a meeting is: seats and what is before them. Who sits on a seat is nobody here.

use std::collections::{BTreeMap, BTreeSet};

use gongzhi_proto::ids::{AgendaId, AreaCode, TopicId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::bylaws::Bylaws;
use super::floor::{Block, Floor, Hand};

/// Most motions of one meeting, and most rulings.
pub const MOST: usize = 100;
/// Fewest votes of a secret vote whose counts are shown: among fewer, a count tells who said what.
const FEWEST_SHOWN: u32 = 10;

/// A seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// Its block.
    pub block: Block,
    /// Its party within the block.
    pub party: String,
}

/// To what a meeting was called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The community.
    pub area: AreaCode,
    /// The agenda.
    pub agenda: AgendaId,
    /// Its topics.
    pub topics: Vec<TopicId>,
    /// Its seats; the first has number 1.
    pub seats: Vec<Seat>,
    /// By what it goes.
    pub bylaws: Bylaws,
}

/// Where a meeting stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 已召集
    Convened,
    /// 开会中
    Open {
        /// Since when.
        since: Timestamp,
    },
    /// 已散会
    Closed {
        /// When it was opened; none when it never came to a quorum.
        opened_at: Option<Timestamp>,
        /// When it was closed.
        at: Timestamp,
    },
}

/// Votes as they were counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// For.
    pub ayes: u32,
    /// Against.
    pub noes: u32,
    /// Neither.
    pub abstentions: u32,
}

impl Count {
    /// All votes.
    pub fn total(self) -> u32 {
        self.ayes.saturating_add(self.noes).saturating_add(self.abstentions)
    }

    /// More ayes than noes carry; a tie fails.
    pub fn carries(self) -> bool {
        self.ayes > self.noes
    }
}

/// What a seat says in a roll call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Say {
    /// 同意
    Aye,
    /// 反对
    No,
    /// 弃权
    Abstain,
}

/// How a motion was voted on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Poll {
    /// 举手
    Hands(Count),
    /// 唱名
    RollCall(BTreeMap<u32, Say>),
    /// 无记名: counted only.
    Secret(Count),
}

impl Poll {
    /// What was counted.
    pub fn count(&self) -> Count {
        match self {
            Self::Hands(count) | Self::Secret(count) => *count,
            Self::RollCall(said) => said.values().fold(Count::default(), |mut count, say| {
                match say {
                    Say::Aye => count.ayes += 1,
                    Say::No => count.noes += 1,
                    Say::Abstain => count.abstentions += 1,
                }
                count
            }),
        }
    }

    /// What may be shown of it.
    pub fn shown(&self) -> Option<Count> {
        let count = self.count();
        match self {
            Self::Secret(_) if count.total() < FEWEST_SHOWN => None,
            Self::Hands(_) | Self::RollCall(_) | Self::Secret(_) => Some(count),
        }
    }
}

/// An amendment before the meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amendment {
    /// The whole motion as it would be.
    pub text: String,
    /// Who moved it.
    pub mover: u32,
    /// Who seconded it.
    pub seconder: Option<u32>,
}

/// How far a motion is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// 待附议
    Moved,
    /// 待辩论
    Seconded,
    /// 辩论中
    Debated(Floor),
    /// 待表决
    DebateClosed,
}

/// A motion before the meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Motion {
    /// The topic.
    pub topic: TopicId,
    /// Its words, as amended so far.
    pub text: String,
    /// Who moved it.
    pub mover: u32,
    /// Who seconded it.
    pub seconder: Option<u32>,
    /// How far it is.
    pub phase: Phase,
    /// The amendment before the meeting.
    pub amendment: Option<Amendment>,
}

/// A motion that was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Its number.
    pub number: u32,
    /// The topic.
    pub topic: TopicId,
    /// Its words, as amended.
    pub text: String,
    /// How it was voted on.
    pub poll: Poll,
    /// When.
    pub at: Timestamp,
}

/// A ruling of the chair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// Word for word.
    pub text: String,
    /// When.
    pub at: Timestamp,
    /// Whether it was overturned; none when nobody appealed.
    pub overturned: Option<bool>,
}

/// A meeting (议事会).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    /// To what it was called.
    pub call: Call,
    /// When it was convened.
    pub convened_at: Timestamp,
    /// Where it stands.
    pub stage: Stage,
    /// Seats that are taken.
    pub present: BTreeSet<u32>,
    /// Motions moved so far.
    pub moved: u32,
    /// The motion before it.
    pub motion: Option<Motion>,
    /// Motions that were decided.
    pub decided: Vec<Decision>,
    /// Rulings of the chair.
    pub rulings: Vec<Ruling>,
    /// Seconds for which each seat has spoken.
    pub spoken: BTreeMap<u32, u32>,
}

impl Meeting {
    /// A seat by its number.
    pub fn seat(&self, number: u32) -> Option<&Seat> {
        usize::try_from(number).ok()?.checked_sub(1).and_then(|nth| self.call.seats.get(nth))
    }

    /// How many seats are taken.
    pub fn present(&self) -> u32 {
        u32::try_from(self.present.len()).unwrap_or(u32::MAX)
    }

    /// How many seats there are.
    pub fn seats(&self) -> u32 {
        u32::try_from(self.call.seats.len()).unwrap_or(u32::MAX)
    }

    /// True while so many seats are taken that it may vote.
    pub fn is_quorate(&self) -> bool {
        self.call.bylaws.quorum.is_reached(self.present(), self.seats())
    }

    /// The floor, during a debate.
    pub fn floor(&self) -> Option<&Floor> {
        match &self.motion.as_ref()?.phase {
            Phase::Debated(floor) => Some(floor),
            Phase::Moved | Phase::Seconded | Phase::DebateClosed => None,
        }
    }

    /// Who speaks, and when the turn ends by itself.
    pub fn turn(&self) -> Option<(Hand, Timestamp)> {
        let turn = self.floor()?.turn?;
        Some((turn, turn.since + SignedDuration::from_secs(i64::from(self.call.bylaws.turn_seconds))))
    }

    /// True when a motion of these words was decided here.
    pub fn has_decided(&self, topic: TopicId, text: &str) -> bool {
        self.decided.iter().any(|decided| decided.topic == topic && wording(&decided.text) == wording(text))
    }
}

/// The words of a motion without blanks and signs: however it is punctuated, it is the same motion.
pub fn wording(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
