//! Numbers that hold by their own rules, and the ways in which people write them. Deterministic.

/// A generator of numbers that is the same on every machine (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }

    pub fn of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.below(10) as u8)).collect()
    }
}

pub fn mobile(dice: &mut Dice) -> String {
    format!("1{}{}", 3 + dice.below(7), dice.digits(9))
}

/// Area code and number.
pub fn landline(dice: &mut Dice) -> (String, String) {
    let (code, length) =
        [("010", 8), ("021", 8), ("0571", 8), ("0731", 8), ("0578", 7), ("0898", 8)][dice.below(6)];
    (code.to_owned(), format!("{}{}", 2 + dice.below(8), dice.digits(length - 1)))
}

pub fn identity_card(dice: &mut Dice) -> String {
    let mut number = format!(
        "{}{:04}{:02}{:02}{}",
        dice.of(&["330105", "110101", "430102", "510104", "650102"]),
        1930 + dice.below(90),
        1 + dice.below(12),
        1 + dice.below(28),
        dice.digits(3)
    );
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = number.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    number.push(['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'][(sum % 11) as usize]);
    number
}

pub fn old_identity_card(dice: &mut Dice) -> String {
    let (year, month, day) = (30 + dice.below(60), 1 + dice.below(12), 1 + dice.below(28));
    format!("330103{year:02}{month:02}{day:02}{}", dice.digits(3))
}

pub fn bank_card(dice: &mut Dice) -> String {
    let (prefix, length) = [
        ("622202", 19),
        ("621700", 19),
        ("622848", 16),
        ("436742", 16),
        ("5187", 16),
        ("955880", 19),
        ("3568", 16),
    ][dice.below(7)];
    let number = format!("{prefix}{}", dice.digits(length - 1 - prefix.len()));
    let sum: u32 = number
        .bytes()
        .rev()
        .zip(0..)
        .map(|(digit, nth)| match (u32::from(digit - b'0'), nth % 2) {
            (digit, 0) if digit > 4 => digit * 2 - 9,
            (digit, 0) => digit * 2,
            (digit, _) => digit,
        })
        .sum();
    format!("{number}{}", (10 - sum % 10) % 10)
}

pub fn plate(dice: &mut Dice) -> String {
    let letters = "ABCDEFGHJKLMNPQRSTUVWXYZ";
    let province = dice.of(&["浙", "京", "沪", "粤", "湘", "川", "新", "渝", "琼", "青"]);
    let letter = &letters[dice.below(letters.len())..][..1];
    let rest = match dice.below(7) {
        0 => format!("{}{}{}", dice.of(&["D", "F", "A", "B"]), dice.of(&["K", "8", "2"]), dice.digits(4)),
        1 => format!("{}{}", dice.digits(5), dice.of(&["D", "F"])),
        2 => format!("{}{}", dice.digits(4), dice.of(&["学", "警", "挂", "港", "澳"])),
        3 => format!("{}{}{}", dice.digits(2), dice.of(&["A", "Q", "W"]), dice.digits(2)),
        4 => format!("{}{}", dice.of(&["K", "P"]), dice.digits(4)),
        _ => dice.digits(5),
    };
    format!("{province}{letter}{rest}")
}

fn map(number: &str, of: impl Fn(char) -> char) -> String {
    number.chars().map(of).collect()
}

pub fn full_width(number: &str) -> String {
    map(
        number,
        |sign| if sign.is_ascii_graphic() { char::from_u32(sign as u32 + 0xfee0).unwrap() } else { sign },
    )
}

fn numerals(number: &str, signs: [char; 10]) -> String {
    map(number, |sign| sign.to_digit(10).map_or(sign, |digit| signs[digit as usize]))
}

/// Puts a sign between groups of these lengths; the last one holds what is left.
pub fn grouped(number: &str, lengths: &[usize], sign: &str) -> String {
    let signs: Vec<char> = number.chars().collect();
    let (mut groups, mut from) = (Vec::new(), 0);
    for length in lengths.iter().copied().chain([usize::MAX]) {
        let to = from + length.min(signs.len() - from);
        if to > from {
            groups.push(signs[from..to].iter().collect::<String>());
        }
        from = to;
    }
    groups.join(sign)
}

const SIGNS: [&str; 18] = [
    "-", " ", ".", "·", "—", "－", "\u{3000}", "\u{a0}", "_", "/", " - ", "*", "~", "‑", "、", "\u{200b}",
    "•", "|",
];

/// The number as somebody might write it. `lengths`: groups that are usual for it.
pub fn written(dice: &mut Dice, number: &str, lengths: &[&[usize]]) -> String {
    let sign = dice.of(&SIGNS);
    match dice.below(10) {
        0 | 1 => number.to_owned(),
        2 => full_width(number),
        3 => numerals(number, ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九']),
        4 => numerals(number, ['〇', '幺', '二', '三', '四', '五', '六', '七', '八', '九']),
        5 => numerals(number, ['⓪', '①', '②', '③', '④', '⑤', '⑥', '⑦', '⑧', '⑨']),
        6 => grouped(number, &vec![1; number.chars().count()], sign),
        7 => full_width(&grouped(number, dice.of(lengths), sign)),
        _ => grouped(number, dice.of(lengths), sign),
    }
}
