//! Numbers made of digits: telephones, identity cards, bank cards. Each must hold by its own rules.

use crate::glyph::{Digit, Gap, Script, Text, WIDEST_GAP};
use crate::{Found, Kind};

/// Longest run of letters that may be glued to a telephone: `tel138…`, not the middle of a hash.
const LONGEST_GLUED: usize = 8;
/// Provinces as the first two digits of an identity card.
const PROVINCES: [u8; 35] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54,
    61, 62, 63, 64, 65, 71, 81, 82, 83,
];
/// Words before a telephone without an area code.
const BEFORE_TELEPHONE: [&str; 13] = [
    "电话",
    "手机",
    "座机",
    "热线",
    "拨打",
    "致电",
    "联系方式",
    "传真",
    "TEL",
    "PHONE",
    "MOBILE",
    "固话",
    "来电",
];
/// Words before the number of a bank account.
const BEFORE_ACCOUNT: [&str; 6] = ["卡号", "银行卡", "账号", "帐号", "账户", "帐户"];

/// Finds numbers; what belongs to one is not looked at again.
pub(crate) fn find(text: &Text<'_>, found: &mut Vec<Found>) {
    let mut from = 0;
    while from < text.digits.len() {
        let run = Run { text, from };
        let hit = if run.begins() { run.read() } else { None };
        let Some((kind, count, glyphs)) = hit else {
            from += 1;
            continue;
        };
        let first = text.digits[from].glyph;
        let before = run.prefix(kind, first);
        found.push(Found { kind, range: text.range(before, glyphs) });
        from += count;
    }
}

/// The digits from one place on.
struct Run<'a> {
    text: &'a Text<'a>,
    from: usize,
}

impl Run<'_> {
    fn digit(&self, nth: usize) -> Option<&Digit> {
        self.text.digits.get(self.from + nth)
    }

    fn value(&self, nth: usize) -> u8 {
        self.digit(nth).map_or(u8::MAX, |digit| digit.value)
    }

    /// True when `nth` digits from here nothing of the same script goes on without a gap.
    fn borders(&self, nth: usize) -> bool {
        let before = (self.from + nth).checked_sub(1).and_then(|nth| self.text.digits.get(nth));
        match (before, self.digit(nth)) {
            (Some(before), Some(after)) => after.gap != Gap::None || after.script != before.script,
            (_, _) => true,
        }
    }

    fn begins(&self) -> bool {
        self.borders(0)
    }

    /// True when `count` digits are one number's, whatever stands between them.
    fn together(&self, count: usize) -> bool {
        (1..count).all(|nth| self.digit(nth).is_some_and(|digit| digit.gap != Gap::Break))
            && self.borders(count)
            && (0..count).filter(|nth| self.digit(*nth).is_some_and(|d| d.script == Script::Letter)).count()
                * 2
                < count
    }

    /// The lengths of the groups in which `count` digits are written, and the sign between them where it is always the same.
    fn groups(&self, count: usize) -> (Vec<usize>, Option<char>) {
        let (mut groups, mut signs) = (vec![0], Vec::new());
        for nth in 0..count {
            if let (Some(Digit { gap: Gap::Sign(sign), .. }), true) = (self.digit(nth), nth > 0) {
                groups.push(0);
                signs.push(*sign);
            }
            *groups.last_mut().expect("there is a first group") += 1;
        }
        let uniform = signs.windows(2).all(|pair| pair[0] == pair[1]);
        (groups, signs.first().copied().filter(|_| uniform))
    }

    /// True when people write one number so: in one piece, or in groups that are not years, days and prices beside each other.
    fn is_written_as_one(&self, count: usize) -> bool {
        if !self.together(count) {
            return false;
        }
        let (groups, sign) = self.groups(count);
        let uniform = sign.is_some();
        let (last, rest) = groups.split_last().expect("there is a first group");
        let long = groups.iter().all(|length| *length >= 3);
        // 147、226、262、26 is a list of four.
        let even = rest.windows(2).all(|pair| pair[0] == pair[1])
            && rest
                .first()
                .is_none_or(|first| *first <= 4 && last <= first && (*first != 3 || sign != Some(',')));
        let usual = [&[3, 4, 4][..], &[3, 8], &[7, 4], &[4, 4, 3], &[3, 3, 5]].contains(&groups.as_slice());
        rest.is_empty() || usual || (uniform && (long || even))
    }

    /// What begins here: its kind, how many digits, and where its last glyph ends.
    fn read(&self) -> Option<(Kind, usize, usize)> {
        let ends = |count: usize| self.digit(count - 1).map_or(0, |digit| digit.glyph + 1);
        if let Some((count, end)) = self.identity_card() {
            return Some((Kind::IdentityCard, count, end));
        }
        if let Some(count) = self.bank_card() {
            return Some((Kind::BankCard, count, ends(count)));
        }
        if self.is_old_identity_card() {
            return Some((Kind::IdentityCard, 15, ends(15)));
        }
        let count = self.telephone()?;
        self.stands_apart(ends(count)).then(|| (Kind::Telephone, count, ends(count)))
    }

    /// The number that `count` digits make.
    fn number(&self, from: usize, count: usize) -> u32 {
        (from..from + count).fold(0, |number, nth| number * 10 + u32::from(self.value(nth).min(9)))
    }

    /// 17 digits and a check sign: a province, a day of birth. One that is written in one piece may be mistyped and is somebody's all the same.
    fn identity_card(&self) -> Option<(usize, usize)> {
        if !PROVINCES.contains(&(self.number(0, 2) as u8)) {
            return None;
        }
        let (count, end) = self.eighteen()?;
        let born = is_day(self.number(6, 4), self.number(10, 2), self.number(12, 2));
        (born && (self.groups(count).0.len() == 1 || self.checks(count))).then_some((count, end))
    }

    /// The 15 digits of the first generation, which have no check digit.
    fn is_old_identity_card(&self) -> bool {
        PROVINCES.contains(&(self.number(0, 2) as u8))
            && is_day(1900 + self.number(6, 2), self.number(8, 2), self.number(10, 2))
            && self.is_written_as_one(15)
    }

    /// 18 digits, or 17 and an X: how many digits, and where the last glyph ends.
    fn eighteen(&self) -> Option<(usize, usize)> {
        let last = self.digit(16)?.glyph;
        let mut end = last + 1;
        while end - last <= WIDEST_GAP && self.text.plain(end).is_some_and(crate::glyph::is_sign) {
            end += 1;
        }
        let is_x = |plain: char| matches!(plain, 'X' | '×' | 'Х' | '╳');
        if self.text.plain(end).is_some_and(is_x)
            && self.text.plain(end + 1).is_none_or(|plain| !plain.is_ascii_alphanumeric())
            && (1..17).all(|nth| self.digit(nth).is_some_and(|digit| digit.gap != Gap::Break))
        {
            return Some((17, end + 1));
        }
        self.together(18).then(|| self.digit(17)).flatten().map(|digit| (18, digit.glyph + 1))
    }

    /// The check sign of an identity card (ISO 7064, MOD 11-2).
    fn checks(&self, count: usize) -> bool {
        const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let sum: u32 = WEIGHTS.iter().zip(0..).map(|(weight, nth)| weight * u32::from(self.value(nth))).sum();
        let wanted = (12 - sum % 11) % 11;
        if count == 17 { wanted == 10 } else { wanted == u32::from(self.value(17)) }
    }

    /// 13 to 19 digits with a check digit, or as many after a word that says what they are.
    fn bank_card(&self) -> Option<usize> {
        let first = self.value(0);
        let prefix = self.number(0, 4);
        let issued = matches!(first, 3..=6 | 8 | 9);
        let announced = || self.digit(0).is_some_and(|digit| self.text.follows(digit.glyph, &BEFORE_ACCOUNT));
        (13..=19).rev().find(|count| {
            let plausible = issued || (*count == 16 && (2221..=2720).contains(&prefix));
            self.digit(count - 1).is_some()
                && self.is_written_as_one(*count)
                && ((plausible && self.holds_luhn(*count)) || (*count >= 15 && announced()))
        })
    }

    fn holds_luhn(&self, count: usize) -> bool {
        let sum: u32 = (0..count)
            .map(|nth| match (u32::from(self.value(nth)), (count - nth) % 2) {
                (digit, 1) => digit,
                (digit, _) if digit > 4 => digit * 2 - 9,
                (digit, _) => digit * 2,
            })
            .sum();
        sum.is_multiple_of(10)
    }

    /// How many digits of a telephone begin here, prefixes included.
    fn telephone(&self) -> Option<usize> {
        let prefixes: [&[u8]; 5] = [&[], &[8, 6], &[0, 0, 8, 6], &[0], &[8, 6, 0]];
        for prefix in prefixes {
            if prefix.iter().zip(0..).any(|(digit, nth)| self.value(nth) != *digit) {
                continue;
            }
            let rest = Run { text: self.text, from: self.from + prefix.len() };
            let joined = prefix.is_empty()
                || (1..=prefix.len()).all(|nth| self.digit(nth).is_some_and(|d| d.gap != Gap::Break));
            if joined && rest.is_mobile() {
                return Some(prefix.len() + 11);
            }
        }
        self.landline().or_else(|| self.foreign()).or_else(|| self.local())
    }

    fn is_mobile(&self) -> bool {
        self.value(0) == 1 && (3..=9).contains(&self.value(1)) && self.is_written_as_one(11)
    }

    /// An area code and a number, with or without the code of the country.
    fn landline(&self) -> Option<usize> {
        let country = match (self.value(0), self.value(1)) {
            (8, 6) if self.digit(0).is_some_and(|digit| self.text.before(digit.glyph) == Some('+')) => 2,
            (0, 0) if self.value(2) == 8 && self.value(3) == 6 => 4,
            (_, _) => 0,
        };
        let rest = Run { text: self.text, from: self.from + country };
        // Abroad the zero of the area code is left out.
        let zero = usize::from(rest.value(0) == 0);
        if zero == 0 && country == 0 {
            return None;
        }
        let (code, numbers): (usize, &[usize]) = match (rest.value(zero), rest.value(zero + 1)) {
            (1, 0) | (2, 0..=9) => (zero + 2, &[8]),
            (3..=9, 0..=9) => (zero + 3, &[8, 7]),
            (_, _) => return None,
        };
        numbers
            .iter()
            .map(|number| code + number)
            .find(|count| rest.is_landline(code, *count))
            .map(|count| country + count)
    }

    fn is_landline(&self, code: usize, count: usize) -> bool {
        if !self.together(count) || !(2..=9).contains(&self.value(code)) {
            return false;
        }
        let (groups, _) = self.groups(count);
        let local = Run { text: self.text, from: self.from + code };
        let apart = self.digit(code).is_some_and(|digit| digit.gap != Gap::None);
        let in_figures = self.groups(code).0.len() == 1;
        groups.len() == 1
            || groups.iter().all(|length| *length == 1)
            || self.is_written_as_one(count)
            || (apart && in_figures && local.is_written_as_one(count - code))
    }

    /// A number abroad: a plus and 8 to 15 digits.
    fn foreign(&self) -> Option<usize> {
        let plus = self.digit(0).is_some_and(|digit| self.text.before(digit.glyph) == Some('+'));
        if !plus || self.value(0) == 0 {
            return None;
        }
        (9..=15).rev().find(|count| self.digit(count - 1).is_some() && self.is_written_as_one(*count))
    }

    /// A number without an area code, after a word that says what it is.
    fn local(&self) -> Option<usize> {
        if !(2..=9).contains(&self.value(0)) {
            return None;
        }
        let count = [8, 7].into_iter().find(|count| self.is_written_as_one(*count))?;
        self.digit(0).is_some_and(|digit| self.text.follows(digit.glyph, &BEFORE_TELEPHONE)).then_some(count)
    }

    /// True when a telephone is not the middle of a hash or of a code.
    fn stands_apart(&self, end: usize) -> bool {
        let letter = |nth: usize| self.text.plain(nth).is_some_and(|plain| plain.is_ascii_alphabetic());
        let alphanumeric =
            |nth: usize| self.text.plain(nth).is_some_and(|plain| plain.is_ascii_alphanumeric());
        let first = self.text.digits[self.from].glyph;
        let before = (1..=first).take_while(|back| letter(first - back)).take(LONGEST_GLUED + 1).count();
        let after = (0..).take_while(|ahead| letter(end + ahead)).take(LONGEST_GLUED + 1).count();
        before <= LONGEST_GLUED
            && after <= LONGEST_GLUED
            && (before == 0 || first == before || !alphanumeric(first - before - 1))
            && (after == 0 || !alphanumeric(end + after))
    }

    /// Where the first glyph stands: a plus and a bracket before a telephone belong to it.
    fn prefix(&self, kind: Kind, first: usize) -> usize {
        let mut before = first;
        while kind == Kind::Telephone && matches!(self.text.before(before), Some('+' | '(')) {
            before -= 1;
        }
        before
    }
}

fn is_day(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1900..=2099).contains(&year) && (1..=days).contains(&day)
}
