//! What a conversation is. What is said in it stands beside it: it does not grow with what is said.

use gongzhi_proto::ids::{AreaCode, TopicId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What is told of people and what they said is told of so many people or more.
pub const FEWEST_TOLD: u32 = 10;
/// Most statements that are not rejected.
pub const MOST_STATEMENTS: u32 = 2_000;

/// What is asked of whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The topic.
    pub topic: TopicId,
    /// The community.
    pub area: AreaCode,
    /// What is asked.
    pub question: String,
    /// Slips.
    pub slips: u32,
    /// Until when, exclusive.
    pub closes_at: Timestamp,
    /// Statements that a slip may make, as it held when the conversation was opened.
    pub statements_per_slip: u32,
}

/// How much was said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// People who judged statements.
    pub participants: u32,
    /// Statements that were accepted.
    pub statements: u32,
    /// Judgements.
    pub judgements: u32,
}

impl Counts {
    /// What may be told of them: nothing of few people.
    pub fn told(self) -> Self {
        if self.participants < FEWEST_TOLD { Self::default() } else { self }
    }
}

/// How a conversation was closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// When.
    pub at: Timestamp,
    /// Why before its time; none when that had passed.
    pub reason: Option<String>,
}

/// A conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// What is asked.
    pub plan: Plan,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When its slips were given out to be printed.
    pub slips_printed_at: Option<Timestamp>,
    /// How it was closed.
    pub closing: Option<Closing>,
}

/// When statements and judgements are taken; what the conversation says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Talk {
    /// Until when, exclusive.
    pub closes_at: Timestamp,
    /// True once it was closed.
    pub closed: bool,
    /// Statements that a slip may make.
    pub statements_per_slip: u32,
}

impl Talk {
    /// True while statements and judgements are taken.
    pub fn goes_on(&self, at: Timestamp) -> bool {
        !self.closed && at < self.closes_at
    }
}
