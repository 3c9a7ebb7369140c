//! Typed ids, in alphabetical order. An id that parsed is well formed; whether the thing exists is for its owner to say.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is not an id of the kind it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{expected}, not {given:?}")]
pub struct InvalidId {
    /// What was given, cut to 60 characters.
    pub given: String,
    /// What it should look like.
    pub expected: &'static str,
}

impl InvalidId {
    fn new(given: &str, expected: &'static str) -> Self {
        Self { given: given.chars().take(60).collect(), expected }
    }
}

/// An id that is a UUID (version 7 when made by us, so that ids sort by age).
macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Reads the hyphenated form.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                // The hyphenated form only: one id has one spelling, in subjects, logs and keys.
                match Uuid::try_parse(text) {
                    Ok(id) if text.len() == 36 && !id.is_nil() => Ok(Self(id)),
                    _ => Err(InvalidId::new(text, "a UUID with hyphens")),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    };
}

/// An id that is a text of a certain shape.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the shape.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) { Ok(Self(text.to_owned())) } else { Err(InvalidId::new(text, $expected)) }
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::parse(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    };
}

uuid_id!(
    /// Identity of an agenda (议程).
    AgendaId
);

text_id!(
    /// Code of a division (区划代码), trimmed to its level: 2, 4, 6, 9 or 12 digits as the national statistics bureau has them, 15 for an
    /// estate and 18 for a building. An area contains another exactly when its code is a prefix of the other's; the trimmed code is also the
    /// key (level, code), because 441900000000 is a city and a district at once.
    AreaCode,
    "an area code of 2, 4, 6, 9, 12, 15 or 18 digits",
    |text| matches!(text.len(), 2 | 4 | 6 | 9 | 12 | 15 | 18) && text.bytes().all(|byte| byte.is_ascii_digit())
);

/// Level of a division, from the province down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 省
    Province,
    /// 市
    City,
    /// 区
    District,
    /// 街道
    SubDistrict,
    /// 社区
    Community,
    /// 小区
    Estate,
    /// 楼栋
    Building,
}

impl Level {
    /// Every level, from the province down.
    pub const ALL: [Level; 7] = [
        Self::Province,
        Self::City,
        Self::District,
        Self::SubDistrict,
        Self::Community,
        Self::Estate,
        Self::Building,
    ];

    /// Digits of a code of this level.
    pub const fn digits(self) -> usize {
        match self {
            Self::Province => 2,
            Self::City => 4,
            Self::District => 6,
            Self::SubDistrict => 9,
            Self::Community => 12,
            Self::Estate => 15,
            Self::Building => 18,
        }
    }

    /// The level above.
    pub fn above(self) -> Option<Level> {
        Self::ALL.into_iter().rev().find(|level| *level < self)
    }

    /// The word for it in contracts and files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::City => "city",
            Self::District => "district",
            Self::SubDistrict => "sub_district",
            Self::Community => "community",
            Self::Estate => "estate",
            Self::Building => "building",
        }
    }
}

impl AreaCode {
    /// Level of the division.
    pub fn level(&self) -> Level {
        // The shape was checked when the code was parsed, so one of the levels has this length.
        Level::ALL.into_iter().find(|level| level.digits() == self.0.len()).unwrap_or(Level::Building)
    }

    /// True when `other` is this division or lies in it.
    pub fn contains(&self, other: &AreaCode) -> bool {
        other.0.starts_with(&self.0)
    }

    /// The division that this one belongs to at a level above or at its own; none below it.
    pub fn at(&self, level: Level) -> Option<AreaCode> {
        (level <= self.level()).then(|| AreaCode(self.0[..level.digits()].to_owned()))
    }

    /// The division directly above.
    pub fn parent(&self) -> Option<AreaCode> {
        self.level().above().and_then(|above| self.at(above))
    }

    /// The code as the statistics bureau writes it: twelve digits, zeros behind; longer codes as they are.
    pub fn full_code(&self) -> String {
        format!("{:0<12}", self.0)
    }
}

uuid_id!(
    /// Identity of a search for the point of balance (平衡点).
    BalanceId
);

uuid_id!(
    /// Identity of a ballot (表决).
    BallotId
);

uuid_id!(
    /// A case (案件).
    CaseId
);

text_id!(
    /// A category of cases (事项类别): up to three lower-case words joined by dots.
    CategoryCode,
    "one to three lower-case words joined by dots",
    |text| text.len() <= 80 && text.split('.').count() <= 3 && text.split('.').all(is_word)
);

uuid_id!(
    /// Identity of a conversation with its opinion map (意见征集).
    ConversationId
);

text_id!(
    /// A department (部门): a lower-case word; it addresses facts, so it fits into a subject.
    DepartmentCode,
    "2 to 40 lower-case letters, digits and hyphens, starting with a letter",
    |text| (2..=40).contains(&text.len()) && is_word(text)
);

uuid_id!(
    /// Identity of an earmarked fund that residents spend (专款).
    FundId
);

uuid_id!(
    /// Identity of a goal of a resolution (共同目标).
    GoalId
);

uuid_id!(
    /// A grant (共享授权).
    GrantId
);

text_id!(
    /// A grid (网格): the community's code, a hyphen and two digits.
    GridId,
    "a community code, a hyphen and two digits",
    |text| text.len() == 15
        && text.bytes().enumerate().all(|(at, byte)| if at == 12 { byte == b'-' } else { byte.is_ascii_digit() })
);

impl GridId {
    /// The community that the grid belongs to.
    pub fn community(&self) -> AreaCode {
        AreaCode(self.0[..12].to_owned())
    }
}

uuid_id!(
    /// Identity of a meeting (会议).
    MeetingId
);

uuid_id!(
    /// Identity of a pool of volunteers from whom representatives are drawn by lot (代表抽选).
    PoolId
);

uuid_id!(
    /// Identity of a procedure of four deliberations and two disclosures (四议两公开).
    ProcedureId
);

uuid_id!(
    /// Identity of a resolution (决议).
    ResolutionId
);

uuid_id!(
    /// A person on duty (在岗人员).
    StaffId
);

uuid_id!(
    /// A joint judgement room (协同研判室).
    RoomId
);

uuid_id!(
    /// What was said in a joint judgement room.
    RoomEntryId
);

uuid_id!(
    /// A subscription (订阅).
    SubscriptionId
);

uuid_id!(
    /// Identity of a topic (议题).
    TopicId
);

uuid_id!(
    /// A follow-up visit (回访).
    VisitId
);

uuid_id!(
    /// A whistle (吹哨单).
    WhistleId
);

fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn area_codes_nest_by_prefix() {
        let estate = AreaCode::parse("330105001052003").unwrap();
        assert_eq!(estate.level(), Level::Estate);
        assert_eq!(estate.parent().unwrap().as_str(), "330105001052");
        assert!(AreaCode::parse("330105001").unwrap().contains(&estate));
        assert!(!AreaCode::parse("330105002").unwrap().contains(&estate));
        assert_eq!(estate.at(Level::District).unwrap().full_code(), "330105000000");
        assert_eq!(estate.at(Level::Building), None);
    }

    #[test]
    fn malformed_ids_are_refused_with_the_shape_they_should_have() {
        for bad in ["", "3301050", "33010500105２", "330105001052 ", "abc"] {
            assert!(AreaCode::parse(bad).is_err(), "{bad}");
        }
        for bad in ["", "A", "a", "-ab", "ab-", "a.b", "urban management", "管"] {
            assert!(DepartmentCode::parse(bad).is_err(), "{bad}");
        }
        assert!(CaseId::parse("00000000-0000-0000-0000-000000000000").is_err());
        assert!(CaseId::parse("{01890a5d-ac96-774b-bcce-b302099a8057}").is_err());
        assert_eq!(
            GridId::parse("x").unwrap_err().to_string(),
            "a community code, a hyphen and two digits, not \"x\""
        );
    }
}
