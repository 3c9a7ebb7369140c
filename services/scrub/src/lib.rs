//! Finds what names a person in free text, so that it does not leave the service that holds it: telephones, identity cards, bank cards, plates, travel
//! documents, mail addresses, and names beside a title. Pure: no table, no file, no word of the domain.
//!
//! Numbers are found in whatever way people write them: full-width, in Chinese numerals, in groups, with signs between. A number must also hold by
//! its own rules (a date of birth, a check digit, a prefix), so that years, prices and paragraphs pass. Names are found only beside a word that makes
//! one certain; a name that stands alone is not found.

mod document;
mod glyph;
mod json;
mod mail;
mod name;
mod number;
mod plate;

use std::fmt;
use std::ops::Range;

pub use json::{InJson, find_in_json};

use glyph::Text;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// 电话: mobile or landline.
    Telephone,
    /// 身份证号: 18 or 15 digits.
    IdentityCard,
    /// 银行卡号
    BankCard,
    /// 车牌号
    Plate,
    /// 护照、通行证号
    TravelDocument,
    /// 邮箱
    Mail,
    /// 姓名
    Name,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Telephone,
        Self::IdentityCard,
        Self::BankCard,
        Self::Plate,
        Self::TravelDocument,
        Self::Mail,
        Self::Name,
    ];

    /// The word for an error message, which never says the value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Telephone => "telephone number",
            Self::IdentityCard => "identity card number",
            Self::BankCard => "bank card number",
            Self::Plate => "vehicle plate",
            Self::TravelDocument => "travel document number",
            Self::Mail => "mail address",
            Self::Name => "name of a person",
        }
    }

    /// What stands in its place afterwards.
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Telephone => "〔电话〕",
            Self::IdentityCard => "〔身份证号〕",
            Self::BankCard => "〔银行卡号〕",
            Self::Plate => "〔车牌号〕",
            Self::TravelDocument => "〔证件号〕",
            Self::Mail => "〔邮箱〕",
            Self::Name => "〔姓名〕",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something personal and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// Its bytes in the text.
    pub range: Range<usize>,
}

/// A text without what was found in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scrubbed {
    /// The text, with a mark for everything that was found.
    pub text: String,
    /// What was found, by its place in the text before.
    pub found: Vec<Found>,
}

/// Finds everything personal in a text, from left to right; what is found does not overlap.
pub fn find(text: &str) -> Vec<Found> {
    let text = Text::of(text);
    let mut found = Vec::new();
    // Mail before numbers: a telephone before the @ is part of the address.
    mail::find(&text, &mut found);
    document::find(&text, &mut found);
    plate::find(&text, &mut found);
    number::find(&text, &mut found);
    name::find(&text, &mut found);
    // Of two that overlap, what was looked for first stays.
    let mut kept: Vec<(usize, Found)> = found.into_iter().enumerate().collect();
    kept.sort_by_key(|(nth, found)| (found.range.start, *nth));
    let mut result: Vec<(usize, Found)> = Vec::with_capacity(kept.len());
    for (nth, next) in kept {
        match result.last() {
            Some((last, before)) if before.range.end > next.range.start => {
                if nth < *last {
                    result.pop();
                    result.push((nth, next));
                }
            }
            _ => result.push((nth, next)),
        }
    }
    result.into_iter().map(|(_, found)| found).collect()
}

/// Puts a mark in the place of everything personal.
pub fn scrub(text: &str) -> Scrubbed {
    let found = find(text);
    let mut clean = String::with_capacity(text.len());
    let mut from = 0;
    for Found { kind, range } in &found {
        clean.push_str(&text[from..range.start]);
        clean.push_str(kind.mark());
        from = range.end;
    }
    clean.push_str(&text[from..]);
    Scrubbed { text: clean, found }
}
