//! What a ballot is. Its roll and its votes are not in it: a ballot of a hundred thousand electors is no larger than one of ten.

use gongzhi_proto::ids::{AreaCode, TopicId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::count::{Count, Outcome};
use super::threshold::{Body, Threshold};

/// Most electors of a ballot.
pub const MOST_ELECTORS: u32 = 100_000;
/// Fewest electors of a secret ballot: of fewer, the count itself would tell who voted how.
pub const FEWEST_SECRET: u32 = 10;
/// Signatures that a record needs before anything rests on it.
pub const SIGNATURES: usize = 2;

/// Who can see who voted how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Secrecy {
    /// 记名
    Open,
    /// 无记名
    Secret,
}

/// An elector, as it is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elector {
    /// Area of all units, in 0.01 m²; 0 where areas do not count.
    pub area: u64,
    /// Stands for all units that are not sold.
    pub unsold: bool,
}

/// What is to be voted on, by whom and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The topic.
    pub topic: TopicId,
    /// The community.
    pub area: AreaCode,
    /// What is asked.
    pub question: String,
    /// Who decides.
    pub body: Body,
    /// Who can see who voted how.
    pub secrecy: Secrecy,
    /// How it is counted.
    pub threshold: Threshold,
    /// From when votes are cast.
    pub opens_at: Timestamp,
    /// Until when, exclusive.
    pub closes_at: Timestamp,
}

/// What was counted, and the record of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// What was counted.
    pub count: Count,
    /// What came of it.
    pub outcome: Outcome,
    /// SHA-256 of the public record.
    pub record_sha256: String,
    /// The seal over it.
    pub seal: String,
    /// The public key to the seal.
    pub seal_key: String,
    /// When.
    pub at: Timestamp,
}

/// A ballot (表决).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ballot {
    /// What is to be voted on.
    pub plan: Plan,
    /// When it was prepared.
    pub prepared_at: Timestamp,
    /// Numbers on the roll.
    pub electors: u32,
    /// True once one elector stands for all units that are not sold.
    pub unsold_entered: bool,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// When its slips were given out to be printed.
    pub slips_printed_at: Option<Timestamp>,
    /// What was counted.
    pub closing: Option<Closing>,
    /// Who signed the record, and when.
    pub signatures: Vec<(String, Timestamp)>,
}

impl Ballot {
    /// True once it adopted what was asked and enough people signed the record.
    pub fn is_adopted(&self) -> bool {
        self.signatures.len() >= SIGNATURES
            && self.closing.as_ref().is_some_and(|closing| closing.outcome == Outcome::Adopted)
    }
}
