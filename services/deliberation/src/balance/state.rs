//! What a balance is. Options are numbered from 0 here.

use std::collections::BTreeMap;

use gongzhi_proto::ids::{AreaCode, TopicId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a party is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartyKind {
    /// 政府方
    State,
    /// 社会方
    Social,
}

/// A party. It has no weight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Its code, of which there is one in a balance.
    pub code: String,
    /// What it is.
    pub kind: PartyKind,
    /// What it is called.
    pub name: String,
}

/// What is to be balanced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The topic.
    pub topic: TopicId,
    /// The community.
    pub area: AreaCode,
    /// The parties.
    pub parties: Vec<Party>,
    /// The options.
    pub options: Vec<String>,
    /// Rounds that there may be, as it held when the balance was opened.
    pub most_rounds: u32,
}

/// What a party says of the options.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// What it has of each, 0 to 100.
    pub scores: Vec<u8>,
    /// Below which score it cannot go.
    pub bottom_line: u8,
}

/// What came of a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Options that meet every bottom line.
    pub feasible: Vec<usize>,
    /// The point of balance.
    pub choice: usize,
    /// The product of its gains in decimal digits; none where nothing is feasible.
    pub product: Option<String>,
    /// The option whose smallest gain is largest; none where nothing is feasible.
    pub largest_minimum_gain_choice: Option<usize>,
    /// By how much each party stays below its bottom line; none where something is feasible.
    pub shortfalls: Option<Vec<u8>>,
    /// The smallest sets of parties, by code, whose bottom lines cannot be met together.
    pub conflicts: Vec<Vec<String>>,
}

/// A round that was revealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// What each party said, in the order of the parties.
    pub positions: Vec<Position>,
    /// What came of it.
    pub outcome: Outcome,
}

/// Where a balance stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Positions are being given.
    Asking {
        /// Positions by party, each sealed.
        given: BTreeMap<String, String>,
    },
    /// The last round was revealed.
    Revealed,
    /// All agreed.
    Agreed {
        /// On what.
        common_goals: String,
        /// When.
        at: Timestamp,
    },
}

/// A balance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// What is to be balanced.
    pub plan: Plan,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The rounds that were revealed.
    pub rounds: Vec<Round>,
    /// Where it stands.
    pub phase: Phase,
}

impl Balance {
    /// The round that is under way or was revealed last, from 1.
    pub fn round(&self) -> usize {
        self.rounds.len() + usize::from(matches!(self.phase, Phase::Asking { .. }))
    }
}
