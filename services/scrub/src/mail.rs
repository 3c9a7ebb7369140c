//! Mail addresses.

use crate::glyph::Text;
use crate::{Found, Kind};

pub(crate) fn find(text: &Text<'_>, found: &mut Vec<Found>) {
    let mut from = 0;
    for (at, glyph) in text.glyphs.iter().enumerate() {
        if glyph.plain != '@' {
            continue;
        }
        let local = |nth: &usize| {
            text.plain(*nth).is_some_and(|plain| {
                plain.is_ascii_alphanumeric() || matches!(plain, '.' | '_' | '%' | '+' | '-')
            })
        };
        let begin = (from..at).rev().take_while(local).last();
        let domain = (at + 1..).take_while(|nth| {
            text.plain(*nth).is_some_and(|plain| plain.is_ascii_alphanumeric() || matches!(plain, '.' | '-'))
        });
        let mut end = domain.last().map_or(at, |last| last + 1);
        while end > at && text.before(end).is_some_and(|plain| matches!(plain, '.' | '-')) {
            end -= 1;
        }
        let dotted = (at + 1..end).any(|nth| text.plain(nth) == Some('.'));
        if let (Some(begin), true) = (begin, dotted) {
            found.push(Found { kind: Kind::Mail, range: text.range(begin, end) });
            from = end;
        }
    }
}
