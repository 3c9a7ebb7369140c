//! Numbers that a place decides, each with the day from which it holds. Dated data, never code; what was begun keeps what held then.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use serde::Deserialize;

const OFFICIAL: &str = include_str!("../data/policies.csv");

/// A number that is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Policy {
    /// Cases at one place within the days counted that raise a topic.
    #[serde(rename = "topic.cases_at_one_place")]
    CasesAtOnePlace,
    /// Cases of one category in a community within the days counted that raise a topic.
    #[serde(rename = "topic.cluster_of_demands")]
    ClusterOfDemands,
    /// Days within which cases are counted.
    #[serde(rename = "topic.days_counted")]
    DaysCounted,
    /// One place in so many is drawn by lot.
    #[serde(rename = "agenda.lot_every")]
    LotEvery,
    /// Days between the publication of an agenda and the first vote on it.
    #[serde(rename = "agenda.notice_days")]
    NoticeDays,
    /// Days that a ballot is open at least.
    #[serde(rename = "ballot.shortest_days")]
    ShortestBallotDays,
    /// Days that a ballot is open at most.
    #[serde(rename = "ballot.longest_days")]
    LongestBallotDays,
    /// Days after a draw for which it is kept what volunteers said.
    #[serde(rename = "pool.keep_days")]
    PoolKeepDays,
    /// Days after the closing of a pool for which it is kept where nothing is drawn.
    #[serde(rename = "pool.wait_days")]
    PoolWaitDays,
    /// Seconds in which a lottery is computed.
    #[serde(rename = "pool.lottery_seconds")]
    LotterySeconds,
    /// Seconds in which the outcome of a fund is computed.
    #[serde(rename = "fund.outcome_seconds")]
    OutcomeSeconds,
    /// Rounds in which parties may look for a point of balance.
    #[serde(rename = "balance.rounds")]
    BalanceRounds,
    /// Days that a conversation is open at most.
    #[serde(rename = "conversation.longest_days")]
    LongestConversationDays,
    /// Statements that a slip of a conversation may make.
    #[serde(rename = "conversation.statements_per_slip")]
    StatementsPerSlip,
}

/// Every number.
const ALL: [Policy; 14] = [
    Policy::CasesAtOnePlace,
    Policy::ClusterOfDemands,
    Policy::DaysCounted,
    Policy::LotEvery,
    Policy::NoticeDays,
    Policy::ShortestBallotDays,
    Policy::LongestBallotDays,
    Policy::PoolKeepDays,
    Policy::PoolWaitDays,
    Policy::LotterySeconds,
    Policy::OutcomeSeconds,
    Policy::BalanceRounds,
    Policy::LongestConversationDays,
    Policy::StatementsPerSlip,
];

#[derive(Deserialize)]
struct Row {
    valid_from: Date,
    name: Policy,
    value: u32,
}

/// The numbers of a place.
#[derive(Clone, Debug)]
pub struct Rules {
    dated: BTreeMap<Policy, BTreeMap<Date, u32>>,
}

impl Rules {
    /// The numbers that come with the program.
    pub fn official() -> Self {
        Self::read(OFFICIAL).expect("the table that comes with the program is whole")
    }

    /// Reads a table; fails with what is wrong with it.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut dated: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for row in csv::Reader::from_reader(text.as_bytes()).deserialize() {
            let row: Row = row.map_err(|error| error.to_string())?;
            if row.value == 0 {
                return Err(format!("{:?} is 0", row.name));
            }
            dated.entry(row.name).or_default().insert(row.valid_from, row.value);
        }
        match ALL.iter().find(|policy| !dated.contains_key(policy)) {
            Some(missing) => Err(format!("{missing:?} is missing")),
            None => Ok(Self { dated }),
        }
    }

    /// A number as it holds at an instant; before its first day, that of the first.
    pub fn at(&self, policy: Policy, at: Timestamp) -> u32 {
        let Some(dated) = self.dated.get(&policy) else { return 1 };
        let held = dated.range(..=day_of(at)).next_back().or_else(|| dated.first_key_value());
        held.map_or(1, |(_, value)| *value)
    }
}

/// The day in China on which an instant lies.
pub fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::fixed(offset(8))).date()
}

/// The instant at which a day begins in China.
pub fn start_of(day: Date) -> Option<Timestamp> {
    day.to_zoned(TimeZone::fixed(offset(8))).ok().map(|start| start.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_the_newest_that_holds_counts() {
        let more = format!("{OFFICIAL}2027-01-01,agenda.notice_days,7,\"a later decision\"\n");
        let rules = Rules::read(&more).unwrap();
        let at = |text: &str| rules.at(Policy::NoticeDays, text.parse().unwrap());
        assert_eq!(at("2026-12-31T15:59:59Z"), 15);
        assert_eq!(at("2026-12-31T16:00:00Z"), 7, "it is the first of January in China");
        assert_eq!(at("2020-01-01T00:00:00Z"), 15);
    }

    #[test]
    fn a_table_with_a_hole_is_refused() {
        assert!(Rules::read("valid_from,name,value,source\n").unwrap_err().contains("missing"));
        let zero = OFFICIAL.replace(",15,", ",0,");
        assert!(Rules::read(&zero).unwrap_err().contains("is 0"));
    }
}
