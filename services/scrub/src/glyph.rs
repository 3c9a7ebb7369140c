//! A text as its glyphs: each folded to the plain form of what it shows, with its place. Numbers in it become digits with the gaps between them.

use std::ops::Range;

/// Most signs between two digits of one number.
pub(crate) const WIDEST_GAP: usize = 3;

/// One glyph.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Glyph {
    /// Where it begins, in bytes.
    pub(crate) at: usize,
    /// The plain form: full-width becomes half-width, letters upper case.
    pub(crate) plain: char,
}

/// How a digit is written. A digit beside one that is written otherwise does not belong to it: 方式一138… is a list, not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    /// 0 to 9, also full-width or in a circle.
    Figure,
    /// 〇 to 九, 幺.
    Numeral,
    /// 壹 to 玖, which are names of people and places too.
    Formal,
    /// O and l among figures.
    Letter,
}

/// One digit and what stands between it and the digit before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Digit {
    pub(crate) glyph: usize,
    pub(crate) value: u8,
    pub(crate) script: Script,
    pub(crate) gap: Gap,
}

/// What stands before a digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gap {
    /// The digit before.
    None,
    /// A sign or blanks, and then the digit before.
    Sign(char),
    /// Something that no number goes on after.
    Break,
}

/// A text as glyphs and digits.
pub(crate) struct Text<'a> {
    pub(crate) source: &'a str,
    pub(crate) glyphs: Vec<Glyph>,
    pub(crate) digits: Vec<Digit>,
}

impl<'a> Text<'a> {
    pub(crate) fn of(source: &'a str) -> Self {
        let mut glyphs = Vec::with_capacity(source.len() / 2);
        for (at, shown) in source.char_indices() {
            // What shows nothing separates nothing.
            if !is_invisible(shown) {
                glyphs.push(Glyph { at, plain: fold(shown) });
            }
        }
        let digits = digits(&glyphs);
        Self { source, glyphs, digits }
    }

    /// The plain form of a glyph; nothing outside of the text.
    pub(crate) fn plain(&self, nth: usize) -> Option<char> {
        self.glyphs.get(nth).map(|glyph| glyph.plain)
    }

    /// The plain form of the glyph before one.
    pub(crate) fn before(&self, nth: usize) -> Option<char> {
        nth.checked_sub(1).and_then(|nth| self.plain(nth))
    }

    /// The bytes of glyphs `from..to`.
    pub(crate) fn range(&self, from: usize, to: usize) -> Range<usize> {
        let begin = self.glyphs[from].at;
        let last = self.glyphs[to - 1].at;
        begin..last + self.source[last..].chars().next().map_or(0, char::len_utf8)
    }

    /// True when the glyphs before `nth`, without what separates, end in one of these words.
    pub(crate) fn follows(&self, nth: usize, words: &[&str]) -> bool {
        let mut end = nth;
        while end > 0 && nth - end < 6 && is_between(self.glyphs[end - 1].plain) {
            end -= 1;
        }
        words.iter().any(|word| {
            let length = word.chars().count();
            end >= length
                && word.chars().zip(&self.glyphs[end - length..end]).all(|(want, glyph)| want == glyph.plain)
        })
    }
}

/// What may stand between a word and the value that it announces.
fn is_between(plain: char) -> bool {
    is_sign(plain) || matches!(plain, '是' | '为' | '叫' | '号' | '码' | '“' | '"')
}

fn is_invisible(shown: char) -> bool {
    matches!(shown, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}' | '\u{fe0e}' | '\u{fe0f}' | '\u{20e3}')
}

fn fold(shown: char) -> char {
    if shown.is_ascii() {
        return shown.to_ascii_uppercase();
    }
    match shown {
        '！'..='～' => char::from_u32(shown as u32 - 0xfee0).unwrap_or(shown).to_ascii_uppercase(),
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}' => ' ',
        '‐'..='―' | '−' | '﹣' | 'ー' | '─' => '-',
        '·' | '•' | '・' | '‧' | '∙' | '⋅' | '●' | '。' => '.',
        '①'..='⑨' => char::from(b'1' + (shown as u32 - '①' as u32) as u8),
        '➀'..='➈' => char::from(b'1' + (shown as u32 - '➀' as u32) as u8),
        '❶'..='❾' => char::from(b'1' + (shown as u32 - '❶' as u32) as u8),
        '⓪' | '⓿' => '0',
        '⁰' | '⁴'..='⁹' => char::from(b'0' + (shown as u32 - '⁰' as u32) as u8),
        '₀'..='₉' => char::from(b'0' + (shown as u32 - '₀' as u32) as u8),
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        '\u{1d7ce}'..='\u{1d7ff}' => char::from(b'0' + ((shown as u32 - 0x1d7ce) % 10) as u8),
        '〜' | '∼' => '~',
        '、' => ',',
        other => other,
    }
}

/// True for signs that people put between the digits of one number.
pub(crate) fn is_sign(plain: char) -> bool {
    plain.is_whitespace()
        || matches!(
            plain,
            '-' | '.'
                | '_'
                | '~'
                | '/'
                | '\\'
                | '|'
                | ','
                | '('
                | ')'
                | '['
                | ']'
                | '*'
                | ':'
                | '+'
                | '='
                | '#'
        )
}

fn numeral(plain: char) -> Option<(u8, Script)> {
    let (value, script) = match plain {
        '〇' | '零' | '○' => (0, Script::Numeral),
        '一' | '幺' => (1, Script::Numeral),
        '二' | '两' => (2, Script::Numeral),
        '三' => (3, Script::Numeral),
        '四' => (4, Script::Numeral),
        '五' => (5, Script::Numeral),
        '六' => (6, Script::Numeral),
        '七' => (7, Script::Numeral),
        '八' => (8, Script::Numeral),
        '九' => (9, Script::Numeral),
        '洞' => (0, Script::Formal),
        '壹' => (1, Script::Formal),
        '贰' => (2, Script::Formal),
        '叁' => (3, Script::Formal),
        '肆' => (4, Script::Formal),
        '伍' => (5, Script::Formal),
        '陆' => (6, Script::Formal),
        '柒' | '拐' => (7, Script::Formal),
        '捌' => (8, Script::Formal),
        '玖' | '勾' => (9, Script::Formal),
        _ => return None,
    };
    Some((value, script))
}

fn digits(glyphs: &[Glyph]) -> Vec<Digit> {
    let mut digits: Vec<Digit> = Vec::new();
    let mut nth = 0;
    while nth < glyphs.len() {
        if is_uuid(glyphs, nth) {
            nth += 36;
            continue;
        }
        let plain = glyphs[nth].plain;
        let beside = digits.last().is_some_and(|digit| digit.glyph + 1 == nth);
        let read = match plain {
            '0'..='9' => Some((plain as u8 - b'0', Script::Figure)),
            'O' if beside => Some((0, Script::Letter)),
            'L' | 'I' if beside => Some((1, Script::Letter)),
            other if other.is_ascii() => None,
            other => numeral(other),
        };
        if let Some((value, script)) = read {
            let gap = gap(glyphs, digits.last().map(|digit| digit.glyph), nth);
            digits.push(Digit { glyph: nth, value, script, gap });
        }
        nth += 1;
    }
    digits
}

fn gap(glyphs: &[Glyph], before: Option<usize>, nth: usize) -> Gap {
    let Some(before) = before else { return Gap::Break };
    let between = &glyphs[before + 1..nth];
    if between.is_empty() {
        return Gap::None;
    }
    if between.len() > WIDEST_GAP || !between.iter().all(|glyph| is_sign(glyph.plain)) {
        return Gap::Break;
    }
    // Two different signs end one thing and begin another; blanks and brackets beside a sign do not.
    let mut signs = between
        .iter()
        .map(|glyph| glyph.plain)
        .filter(|plain| !plain.is_whitespace() && !"()[]".contains(*plain));
    match (signs.next(), signs.next()) {
        (Some(one), Some(other)) if one != other => Gap::Break,
        (Some(one), _) => Gap::Sign(one),
        (None, _) => Gap::Sign(' '),
    }
}

/// True where a UUID begins: ids of ours are no numbers of anybody.
fn is_uuid(glyphs: &[Glyph], nth: usize) -> bool {
    let hyphen = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    glyphs.get(nth + 8).is_some_and(|glyph| glyph.plain == '-')
        && (nth == 0 || !glyphs[nth - 1].plain.is_ascii_alphanumeric())
        && glyphs.get(nth..nth + 36).is_some_and(|glyphs| {
            glyphs.iter().enumerate().all(|(at, glyph)| match hyphen(at) {
                true => glyph.plain == '-',
                false => glyph.plain.is_ascii_hexdigit(),
            })
        })
        && glyphs.get(nth + 36).is_none_or(|glyph| !glyph.plain.is_ascii_alphanumeric())
}
