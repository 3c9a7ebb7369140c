//! Passports and permits: a letter or two and seven to ten digits, after a word that says what they are. Without the word they could be anything.

use crate::glyph::Text;
use crate::{Found, Kind};

const WORDS: [&str; 8] = ["护照", "通行证", "回乡证", "台胞证", "居住证", "军官证", "PASSPORT", "证件"];

pub(crate) fn find(text: &Text<'_>, found: &mut Vec<Found>) {
    let mut nth = 0;
    while nth < text.glyphs.len() {
        let begins = text.glyphs[nth].plain.is_ascii_uppercase()
            && text.before(nth).is_none_or(|plain| !plain.is_ascii_alphanumeric());
        let end = if begins && text.follows(nth, &WORDS) { end(text, nth) } else { None };
        match end {
            Some(end) => {
                found.push(Found { kind: Kind::TravelDocument, range: text.range(nth, end) });
                nth = end;
            }
            None => nth += 1,
        }
    }
}

fn end(text: &Text<'_>, nth: usize) -> Option<usize> {
    let count = |from: usize, of: fn(char) -> bool| {
        (from..).take_while(|nth| text.plain(*nth).is_some_and(of)).take(12).count()
    };
    let letters = count(nth, |plain| plain.is_ascii_uppercase());
    let digits = count(nth + letters, |plain| plain.is_ascii_digit());
    let end = nth + letters + digits;
    let closed = text.plain(end).is_none_or(|plain| !plain.is_ascii_alphanumeric());
    ((1..=2).contains(&letters) && (7..=10).contains(&digits) && closed).then_some(end)
}
