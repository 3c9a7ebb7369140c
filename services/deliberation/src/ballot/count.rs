//! Counting: heads and areas in whole numbers. Pure.

use serde::{Deserialize, Serialize};

use super::threshold::Threshold;

/// What an elector says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// 同意
    For,
    /// 反对
    Against,
    /// 弃权
    Abstain,
}

/// What was counted. Areas in 0.01 m².
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// All heads.
    pub total_heads: u64,
    /// Heads that took part.
    pub part_heads: u64,
    /// Heads that approved.
    pub for_heads: u64,
    /// Heads that were against.
    pub against_heads: u64,
    /// All areas.
    pub total_area: u64,
    /// Areas that took part.
    pub part_area: u64,
    /// Areas that approved.
    pub for_area: u64,
}

/// What came of a vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// 通过
    Adopted,
    /// 未通过
    Rejected,
    /// 参与不足
    NoQuorum,
}

/// Counts electors: the area of each, 0 where areas do not count, and what it said, if anything.
pub fn count(electors: impl IntoIterator<Item = (u64, Option<Choice>)>) -> Count {
    let mut count = Count::default();
    for (area, choice) in electors {
        count.total_heads += 1;
        count.total_area += area;
        let Some(choice) = choice else { continue };
        count.part_heads += 1;
        count.part_area += area;
        match choice {
            Choice::For => {
                count.for_heads += 1;
                count.for_area += area;
            }
            Choice::Against => count.against_heads += 1,
            Choice::Abstain => {}
        }
    }
    count
}

impl Count {
    /// What comes of it by a rule.
    pub fn outcome(&self, rule: &Threshold) -> Outcome {
        let area = |share: crate::share::Share, part: u64, whole: u64| {
            !rule.by_area || share.is_reached(part, whole)
        };
        let quorum = rule.quorum.is_reached(self.part_heads, self.total_heads)
            && area(rule.quorum, self.part_area, self.total_area);
        let approved = rule.approval.is_reached(self.for_heads, self.part_heads)
            && area(rule.approval, self.for_area, self.part_area);
        match (quorum, approved) {
            (false, _) => Outcome::NoQuorum,
            (true, true) => Outcome::Adopted,
            (true, false) => Outcome::Rejected,
        }
    }
}
