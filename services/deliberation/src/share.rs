//! Shares that must be reached, as tables of thresholds write them: `>=2/3` is two thirds or more (以上), `>1/2` is more than half (过半数).

use std::str::FromStr;

use gongzhi_choice::owners::Threshold;
use gongzhi_proto::deliberation::v1 as pb;
use serde::{Deserialize, Serialize};

/// A share that must be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Numerator.
    pub numerator: u32,
    /// Denominator.
    pub denominator: u32,
    /// True when more than the share is needed, false when the share suffices.
    pub more: bool,
}

impl Share {
    /// True when a part of a whole reaches it. Nothing is no share of nothing.
    pub fn is_reached(self, part: impl Into<u64>, whole: impl Into<u64>) -> bool {
        let (over, under) = (u64::from(self.numerator), u64::from(self.denominator));
        let threshold =
            if self.more { Threshold::more_than(over, under) } else { Threshold::at_least(over, under) };
        threshold.is_reached(part.into(), whole.into())
    }

    /// As the contracts have it.
    pub(crate) fn shown(self) -> pb::Share {
        let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        pb::Share {
            numerator: number(self.numerator),
            denominator: number(self.denominator),
            more: self.more,
        }
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = |text: &str| {
            let (more, share) = match text.strip_prefix(">=") {
                Some(share) => (false, share),
                None => (true, text.strip_prefix('>')?),
            };
            let (numerator, denominator) = share.split_once('/')?;
            let (numerator, denominator) = (numerator.parse().ok()?, denominator.parse().ok()?);
            (1..=denominator).contains(&numerator).then_some(Self { numerator, denominator, more })
        };
        read(text).ok_or_else(|| format!("{text} is no share like >=2/3 or >1/2"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn or_more_holds_at_the_share_itself_and_more_than_does_not() {
        let share = |text: &str| text.parse::<Share>().unwrap();
        assert!(share(">=2/3").is_reached(6u32, 9u32) && !share(">=2/3").is_reached(5u32, 9u32));
        assert!(share(">1/2").is_reached(5u32, 9u32) && !share(">1/2").is_reached(5u32, 10u32));
        assert!(!share(">=1/2").is_reached(0u32, 0u32));
        for wrong in ["2/3", ">=0/3", ">4/3", ">=2/0", ">=2", "=>2/3", ""] {
            assert!(wrong.parse::<Share>().is_err(), "{wrong}");
        }
    }
}
