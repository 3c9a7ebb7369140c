//! Votes of owners (业主共同决定): who takes part and who approves, by area and by heads, counted in whole numbers.
//!
//! Thresholds are data with a day from which they hold. Those of the Civil Code of China, art. 278, are here; "two thirds or more" holds at exactly two thirds
//! (art. 1259), "more than half" does not at exactly half. Heads are counted as the Supreme People's Court has it (interpretation on ownership of buildings,
//! art. 9, as amended 2020-12-23): an owner of several units is one head, and so are all units that are not sold.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A share that must be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    over: u64,
    under: u64,
    strictly: bool,
}

impl Threshold {
    /// So much or more (以上).
    pub const fn at_least(over: u64, under: u64) -> Self {
        Self { over, under, strictly: false }
    }

    /// More than so much (过半数, 超过).
    pub const fn more_than(over: u64, under: u64) -> Self {
        Self { over, under, strictly: true }
    }

    /// True when a part of a whole reaches it. Nothing is no share of nothing.
    pub fn is_reached(self, part: u64, whole: u64) -> bool {
        let (part, whole) =
            (u128::from(part) * u128::from(self.under), u128::from(whole) * u128::from(self.over));
        if self.strictly { part > whole } else { part >= whole && part > 0 }
    }
}

/// What must be reached, by area and by heads alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Law {
    /// Day from which it holds, ISO 8601.
    pub since: &'static str,
    /// Where it stands.
    pub source: &'static str,
    /// Matters that it is for, by their number in the law.
    pub items: &'static [u8],
    /// Of all owners, those who take part.
    pub quorum: Threshold,
    /// Of those who take part, those who approve.
    pub approval: Threshold,
}

/// The law for each matter that owners decide together.
pub const LAWS: [Law; 2] = [
    Law {
        since: "2021-01-01",
        source: "民法典第二百七十八条第一款第一至五、九项",
        items: &[1, 2, 3, 4, 5, 9],
        quorum: Threshold::at_least(2, 3),
        approval: Threshold::more_than(1, 2),
    },
    Law {
        since: "2021-01-01",
        source: "民法典第二百七十八条第一款第六至八项",
        items: &[6, 7, 8],
        quorum: Threshold::at_least(2, 3),
        approval: Threshold::at_least(3, 4),
    },
];

/// What an owner says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vote {
    /// 同意
    For,
    /// 反对
    Against,
    /// 弃权: takes part and does not approve.
    Abstain,
    /// 废票: does not take part.
    Invalid,
    /// No paper was given back.
    None,
}

/// Whether a unit has an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It was sold and handed over.
    Sold,
    /// It was not; the builder votes for it.
    Unsold,
}

/// A unit with its vote.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Unit {
    /// Exclusive area in 0.01 m².
    pub area: u64,
    /// Who owns it.
    pub owner: String,
    /// Whether it was sold.
    pub kind: Kind,
    /// What its owner says.
    pub vote: Vote,
}

/// A vote on a matter.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Ballot {
    /// The matter, by its number in the law.
    pub item: u8,
    /// All units of the building, also those whose owners do not vote.
    pub units: Vec<Unit>,
}

/// The count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Area of all units, in 0.01 m².
    pub total_area: u64,
    /// All heads.
    pub total_heads: u64,
    /// Area of those who take part.
    pub part_area: u64,
    /// Heads that take part.
    pub part_heads: u64,
    /// Area of those who approve.
    pub for_area: u64,
    /// Heads that approve.
    pub for_heads: u64,
    /// Enough take part.
    pub quorum: bool,
    /// Enough of them approve.
    pub approved: bool,
    /// Both.
    pub passed: bool,
}

/// A vote that cannot be counted, with everything that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct InvalidBallot(pub Vec<String>);

/// Most units of a building, and the largest of one in 0.01 m²: together they stay far from what a number holds.
const MOST_UNITS: usize = 1_000_000;
const LARGEST: u64 = 10_000_000_000;

/// The head that stands for all units that are not sold; no owner has its name, because names are not empty.
const BUILDER: &str = "";

/// Counts a vote.
pub fn count(ballot: &Ballot) -> Result<Count, InvalidBallot> {
    let mut faults = Vec::new();
    let law = LAWS.iter().find(|law| law.items.contains(&ballot.item));
    if law.is_none() {
        faults.push(format!("item: the law has no matter {}; it has 1 to 9", ballot.item));
    }
    if ballot.units.is_empty() || ballot.units.len() > MOST_UNITS {
        faults.push(format!("units: must be 1 to {MOST_UNITS}, are {}", ballot.units.len()));
    }
    // A head votes once: two papers of one owner that differ cannot both count.
    let mut heads: BTreeMap<&str, Vote> = BTreeMap::new();
    for (nth, unit) in ballot.units.iter().enumerate() {
        if unit.area == 0 || unit.area > LARGEST {
            faults.push(format!("units[{nth}].area: must be 1 to {LARGEST}, in 0.01 m²"));
        }
        if unit.kind == Kind::Sold && unit.owner.is_empty() {
            faults.push(format!("units[{nth}].owner: is missing"));
        }
        let head = if unit.kind == Kind::Unsold { BUILDER } else { unit.owner.as_str() };
        if *heads.entry(head).or_insert(unit.vote) != unit.vote {
            faults.push(format!("units[{nth}].vote: differs from that of another unit of the same owner"));
        }
        if faults.len() >= 50 {
            break;
        }
    }
    let Some(law) = law.filter(|_| faults.is_empty()) else { return Err(InvalidBallot(faults)) };
    let takes_part = |vote: Vote| matches!(vote, Vote::For | Vote::Against | Vote::Abstain);
    let area = |counts: &dyn Fn(Vote) -> bool| -> u64 {
        ballot.units.iter().filter(|unit| counts(unit.vote)).map(|unit| unit.area).sum()
    };
    let voting = |counts: &dyn Fn(Vote) -> bool| heads.values().filter(|vote| counts(**vote)).count() as u64;
    let approves = |vote: Vote| vote == Vote::For;
    let mut count = Count {
        total_area: area(&|_| true),
        total_heads: voting(&|_| true),
        part_area: area(&takes_part),
        part_heads: voting(&takes_part),
        for_area: area(&approves),
        for_heads: voting(&approves),
        ..Count::default()
    };
    count.quorum = law.quorum.is_reached(count.part_area, count.total_area)
        && law.quorum.is_reached(count.part_heads, count.total_heads);
    count.approved = law.approval.is_reached(count.for_area, count.part_area)
        && law.approval.is_reached(count.for_heads, count.part_heads);
    count.passed = count.quorum && count.approved;
    Ok(count)
}
