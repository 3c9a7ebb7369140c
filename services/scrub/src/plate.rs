//! Vehicle plates: civil ones of the mainland with all their last signs, new-energy ones, and those of the police, the army and embassies.

use crate::glyph::{Text, is_sign};
use crate::{Found, Kind};

const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
/// First signs of the army's plates.
const ARMY: &str = "军海空武";
/// Last signs that say what a vehicle is for.
const LAST: &str = "学警港澳挂试超领使电";
/// Most signs between two glyphs of a plate.
const WIDEST_GAP: usize = 2;

pub(crate) fn find(text: &Text<'_>, found: &mut Vec<Found>) {
    let mut nth = 0;
    while nth < text.glyphs.len() {
        let plain = text.glyphs[nth].plain;
        let end = if plain.is_ascii() {
            if plain == 'W' { armed_police(text, nth) } else { None }
        } else if plain == '使' {
            embassy(text, nth)
        } else if PROVINCES.contains(plain) || ARMY.contains(plain) {
            civil(text, nth)
        } else {
            None
        };
        match end {
            Some(end) => {
                found.push(Found { kind: Kind::Plate, range: text.range(nth, end) });
                nth = end;
            }
            None => nth += 1,
        }
    }
}

/// The next glyph that is no sign, and where it ends.
fn next(text: &Text<'_>, mut nth: usize) -> Option<(char, usize)> {
    let from = nth;
    while nth - from < WIDEST_GAP && text.plain(nth).is_some_and(is_sign) {
        nth += 1;
    }
    text.plain(nth).filter(|plain| !is_sign(*plain)).map(|plain| (plain, nth + 1))
}

fn is_of_plate(plain: char) -> bool {
    plain.is_ascii_digit() || is_letter(plain)
}

/// Plates have no I, and O only in old ones of the police.
fn is_letter(plain: char) -> bool {
    plain.is_ascii_uppercase() && plain != 'I'
}

/// Where a plate ends that begins here: a sign of the province, a letter, five or six more.
fn civil(text: &Text<'_>, nth: usize) -> Option<usize> {
    let (letter, mut end) = next(text, nth + 1)?;
    if !is_letter(letter) {
        return None;
    }
    let (mut signs, mut ends) = (Vec::with_capacity(6), Vec::with_capacity(6));
    while signs.len() < 6 {
        let Some((plain, after)) = next(text, end).filter(|(plain, _)| is_of_plate(*plain)) else { break };
        signs.push(plain);
        ends.push(after);
        end = after;
    }
    let closed = |end: usize| text.plain(end).is_none_or(|plain| !plain.is_ascii_alphanumeric());
    let digits = |signs: &[char]| signs.iter().filter(|sign| sign.is_ascii_digit()).count();
    if let ([first, .., last], 6) = (signs.as_slice(), signs.len()) {
        let small = first.is_ascii_uppercase() && digits(&signs[2..]) == 4;
        let large = last.is_ascii_uppercase() && digits(&signs[..5]) == 5;
        if (small || large) && closed(ends[5]) {
            return Some(ends[5]);
        }
    }
    if signs.len() >= 5 && digits(&signs[..5]) >= 2 && closed(ends[4]) {
        return Some(ends[4]);
    }
    let last = |end: usize| next(text, end).filter(|(plain, _)| LAST.contains(*plain)).map(|(_, end)| end);
    if signs.len() == 4 && digits(&signs) >= 2 { last(ends[3]) } else { None }
}

/// 使 and six digits, with nothing between them.
fn embassy(text: &Text<'_>, nth: usize) -> Option<usize> {
    let first = nth + 1 + usize::from(text.plain(nth + 1) == Some('.'));
    let digit = |nth: usize| text.plain(nth).is_some_and(|plain| plain.is_ascii_digit());
    let closed = text.plain(first + 6).is_none_or(|plain| !plain.is_ascii_alphanumeric());
    (closed && (first..first + 6).all(digit)).then_some(first + 6)
}

/// WJ, a province or two digits, and four or five more.
fn armed_police(text: &Text<'_>, nth: usize) -> Option<usize> {
    let (_, mut end) = next(text, nth + 1).filter(|(plain, _)| *plain == 'J')?;
    let (mut digits, mut province) = (0, false);
    while let Some((plain, after)) = next(text, end) {
        if PROVINCES.contains(plain) && digits <= 2 && !province {
            province = true;
        } else if is_of_plate(plain) {
            digits += 1;
        } else {
            break;
        }
        end = after;
    }
    ((5..=7).contains(&digits) && province || digits == 7).then_some(end)
}
