//! What a vote must reach, by body and matter, each with the day from which it holds. Dated data, never code; a ballot keeps what held when it was prepared.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::rules::day_of;
use crate::share::Share;

const OFFICIAL: &str = include_str!("../../data/thresholds.csv");

/// Who decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// 业主
    Owners,
    /// 居民会议
    Residents,
    /// 村民会议
    Villagers,
    /// 村民代表会议
    VillagersRepresentatives,
    /// 居民代表会议
    ResidentsRepresentatives,
}

/// What a vote must reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threshold {
    /// Name of the rule.
    pub rule: String,
    /// Day from which it holds.
    pub since: Date,
    /// Where it stands.
    pub source: String,
    /// Of all electors, those who must take part.
    pub quorum: Share,
    /// Of those who take part, those who must approve.
    pub approval: Share,
    /// True when areas must reach the shares as well as heads.
    pub by_area: bool,
}

#[derive(Deserialize)]
struct Row {
    rule: String,
    body: Body,
    matters: String,
    valid_from: Date,
    quorum: String,
    approval: String,
    by_area: bool,
    source: String,
}

/// A row: who decides which matters, and by what.
type Known = (Body, Vec<u32>, Threshold);

fn read(text: &str) -> Result<Vec<Known>, String> {
    let known = |row: Result<Row, csv::Error>| {
        let row = row.map_err(|error| error.to_string())?;
        let share = |text: &str| text.parse().map_err(|wrong: String| format!("{}: {wrong}", row.rule));
        let matters = row.matters.split_whitespace().map(str::parse).collect::<Result<_, _>>();
        let threshold = Threshold {
            quorum: share(&row.quorum)?,
            approval: share(&row.approval)?,
            since: row.valid_from,
            by_area: row.by_area,
            source: row.source.clone(),
            rule: row.rule.clone(),
        };
        let matters = matters.map_err(|_| format!("{}: {:?} are no matters", row.rule, row.matters))?;
        Ok((row.body, matters, threshold))
    };
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(known).collect()
}

static KNOWN: LazyLock<Vec<Known>> =
    LazyLock::new(|| read(OFFICIAL).expect("the table that comes with the program is whole"));

/// What a vote of a body on a matter must reach at an instant; none where no rule holds then.
pub fn threshold(body: Body, matter: u32, at: Timestamp) -> Option<Threshold> {
    let day = day_of(at);
    KNOWN
        .iter()
        .filter(|(of, matters, rule)| *of == body && matters.contains(&matter) && rule.since <= day)
        .max_by_key(|(_, _, rule)| rule.since)
        .map(|(_, _, rule)| rule.clone())
}

#[cfg(test)]
mod tests {
    use gongzhi_choice::owners;

    use super::*;

    #[test]
    fn the_table_says_what_the_code_of_the_law_says() {
        let at = "2026-11-09T01:30:00Z".parse().unwrap();
        for law in owners::LAWS {
            for matter in law.items {
                let rule = threshold(Body::Owners, u32::from(*matter), at).unwrap();
                assert_eq!(rule.since.to_string(), law.since);
                assert!(rule.by_area);
                for (part, whole) in (0..=60u64).flat_map(|part| (0..=60u64).map(move |whole| (part, whole)))
                {
                    assert_eq!(rule.quorum.is_reached(part, whole), law.quorum.is_reached(part, whole));
                    assert_eq!(rule.approval.is_reached(part, whole), law.approval.is_reached(part, whole));
                }
            }
        }
    }

    #[test]
    fn all_must_agree_where_a_dwelling_becomes_a_business() {
        let rule = threshold(Body::Owners, 279, "2026-11-09T01:30:00Z".parse().unwrap()).unwrap();
        assert!(
            rule.approval.is_reached(7u64, 7u64) && !rule.approval.is_reached(6u64, 7u64) && !rule.by_area
        );
    }

    #[test]
    fn before_its_first_day_no_rule_holds() {
        assert_eq!(threshold(Body::Owners, 1, "2020-12-31T15:59:59Z".parse().unwrap()), None);
        assert!(threshold(Body::Owners, 1, "2020-12-31T16:00:00Z".parse().unwrap()).is_some());
        assert_eq!(threshold(Body::Owners, 10, "2026-11-09T01:30:00Z".parse().unwrap()), None);
        assert_eq!(threshold(Body::Residents, 1, "2026-11-09T01:30:00Z".parse().unwrap()), None);
    }

    #[test]
    fn a_share_that_is_none_is_refused() {
        for wrong in [">=3/2", ">0/1", ">=1/0", "half"] {
            assert!(read(&OFFICIAL.replace(">=2/3,>1/2", &format!("{wrong},>1/2"))).is_err());
        }
    }
}
