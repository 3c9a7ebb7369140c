//! Telephones, identity cards, bank cards and plates in many written forms, planted in 10,000 texts: none passes. And in texts that hold none (the real
//! ones are masked), almost nothing is found.

use gongzhi_scrub::{Kind, find, scrub};

use crate::carriers;
use crate::forms::{self, Dice};

const TEXTS: usize = 10_000;

/// One planted thing: what it is, as it is written, and whether it needs a word before it.
fn plant(dice: &mut Dice, nth: usize) -> (Kind, String) {
    let phone: [&[usize]; 6] = [&[3, 4], &[3, 3], &[4, 4], &[3], &[7], &[4, 3]];
    let card: [&[usize]; 4] = [&[4, 4, 4, 4], &[6], &[4, 6], &[8]];
    let identity: [&[usize]; 4] = [&[6, 8], &[6, 4, 4], &[3, 3, 4, 4], &[10]];
    match nth % 8 {
        0 | 1 => {
            let number = forms::mobile(dice);
            let written = forms::written(dice, &number, &phone);
            let country = dice.of(&["", "", "", "+86", "+86-", "+86 ", "0086 ", "86-", "（+86）", "＋８６"]);
            (Kind::Telephone, format!("{country}{written}"))
        }
        2 => {
            let (code, number) = forms::landline(dice);
            let number =
                if dice.below(3) == 0 { forms::grouped(&number, &[4], dice.of(&["-", " "])) } else { number };
            let whole = match dice.below(6) {
                0 => format!("({code}){number}"),
                1 => format!("（{code}）{number}"),
                2 => format!("{code}{number}"),
                3 => format!("{code} {number}"),
                4 => format!("+86 {} {number}", &code[1..]),
                _ => format!("{code}-{number}"),
            };
            // A gap inside and none after the area code is written by nobody.
            let whole = if dice.below(4) == 0 { forms::full_width(&whole) } else { whole };
            (Kind::Telephone, whole)
        }
        3 | 4 => {
            let number = forms::identity_card(dice);
            let mut written = forms::written(dice, &number, &identity);
            if dice.below(5) == 0 {
                written = written.replace('X', "x");
            }
            (Kind::IdentityCard, written)
        }
        5 => {
            let number = forms::bank_card(dice);
            (Kind::BankCard, forms::written(dice, &number, &card))
        }
        6 => {
            let number = forms::plate(dice);
            let written = match dice.below(8) {
                0 => forms::grouped(&number, &[2], "·"),
                1 => forms::grouped(&number, &[2], " "),
                2 => forms::grouped(&number, &[1, 1], " "),
                3 => forms::full_width(&number),
                4 => number.to_lowercase(),
                5 => forms::grouped(&number, &[2], "-"),
                6 => forms::grouped(&number, &[1; 8], " "),
                _ => number,
            };
            (Kind::Plate, written)
        }
        _ if dice.below(3) == 0 => {
            let number = forms::old_identity_card(dice);
            let written = if dice.below(2) == 0 { number } else { forms::grouped(&number, &[6, 6], " ") };
            (Kind::IdentityCard, written)
        }
        _ => (Kind::Telephone, forms::mobile(dice)),
    }
}

/// A place between two glyphs at which a number begins and ends as a number: not inside of another or of a Latin word.
fn place(dice: &mut Dice, carrier: &str) -> usize {
    let places: Vec<_> = carrier.char_indices().map(|(at, _)| at).chain([carrier.len()]).collect();
    let free = |at: usize| {
        let glued = |sign: char| {
            sign.is_alphanumeric() && !('\u{4e00}'..='\u{9fff}').contains(&sign)
                || "一二三四五六七八九零〇两幺+".contains(sign)
                || gap(sign)
        };
        !carrier[..at].chars().next_back().is_some_and(glued)
            && !carrier[at..].chars().next().is_some_and(glued)
    };
    let first = dice.below(places.len());
    let from_there = places[first..].iter().chain(&places[..first]);
    from_there.copied().find(|at| free(*at)).unwrap_or(carrier.len())
}

/// Signs behind which another number may stand; where the carrier has one, what is planted could not be told from what was there.
fn gap(sign: char) -> bool {
    sign.is_whitespace() || "-.·/、,，()（）:：*~_".contains(sign)
}

#[test]
fn nothing_planted_passes() {
    let carriers = carriers::real().unwrap_or_else(carriers::own);
    let mut dice = Dice(20_261_127);
    let (mut planted, mut passed, mut renamed) = ([0_usize; 7], Vec::new(), 0);
    for nth in 0..TEXTS {
        let carrier = &carriers[dice.below(carriers.len())];
        let (kind, written) = plant(&mut dice, nth);
        let at = place(&mut dice, carrier);
        let lead = dice.of(&["", "", "电话", "，", "我的号码是", "(", "："]);
        let text = format!("{}{lead}{written}{}", &carrier[..at], &carrier[at..]);
        let range = at + lead.len()..at + lead.len() + written.len();
        planted[Kind::ALL.iter().position(|other| *other == kind).unwrap()] += 1;
        let found = find(&text);
        // A plus or a bracket may stay, a digit or a letter may not.
        let stays = |(offset, sign): (usize, char)| {
            sign.is_alphanumeric() && !found.iter().any(|found| found.range.contains(&(range.start + offset)))
        };
        if written.char_indices().any(stays) {
            passed.push(format!("{kind}: {written} in {}", around(&text, &range)));
        }
        renamed += usize::from(!found.iter().any(|found| found.kind == kind));
    }
    for (kind, count) in Kind::ALL.iter().zip(planted).filter(|(_, count)| *count > 0) {
        println!("{count:>6} times a {kind}");
    }
    println!("planted in {TEXTS} texts: {} passed, {renamed} were found under another name", passed.len());
    assert!(passed.is_empty(), "{} passed, for example {:#?}", passed.len(), &passed[..passed.len().min(20)]);
}

/// A range of a text with a little of what stands around it.
fn around(text: &str, range: &std::ops::Range<usize>) -> String {
    let from = text[..range.start].char_indices().rev().nth(8).map_or(0, |(at, _)| at);
    let to = text[range.end..].char_indices().nth(8).map_or(text.len(), |(at, _)| range.end + at);
    let whole = format!("{}⟦{}⟧{}", &text[from..range.start], &text[range.clone()], &text[range.end..to]);
    whole.replace('\n', " ")
}

/// Words as a reader counts them, roughly: a Han character is one, a run of Latin letters or figures is one.
fn tokens(text: &str) -> usize {
    let (mut count, mut inside) = (0, false);
    for sign in text.chars() {
        let han = ('\u{3400}'..='\u{9fff}').contains(&sign);
        let word = sign.is_alphanumeric() && !han;
        count += usize::from(han || (word && !inside));
        inside = word;
    }
    count
}

#[test]
fn what_is_nobodys_stays() {
    let Some(texts) = carriers::real() else { return };
    let (mut words, mut hidden, mut alarms) = (0, 0, [0_usize; 7]);
    for text in &texts {
        words += tokens(text);
        for found in find(text) {
            alarms[Kind::ALL.iter().position(|kind| *kind == found.kind).unwrap()] += 1;
            hidden += tokens(&text[found.range.clone()]);
            if std::env::var_os("SHOW").is_some() {
                println!("{:<24} {}", found.kind.as_str(), around(text, &found.range));
            }
        }
    }
    let share = hidden as f64 / words as f64;
    println!(
        "{} real texts, {words} tokens (a Han character, or a run of letters or figures, is one)",
        texts.len()
    );
    for (kind, count) in Kind::ALL.iter().zip(alarms).filter(|(_, count)| *count > 0) {
        println!("{count:>6} times a {kind}");
    }
    println!("all of it counted as false alarms: {hidden} tokens, {:.4} %", share * 100.0);
    assert!(share < 0.01);
}

#[test]
fn what_was_scrubbed_holds_nothing_any_more() {
    let mut dice = Dice(7);
    for nth in 0..2_000 {
        let (_, written) = plant(&mut dice, nth);
        let once = scrub(&format!("请打{written}。"));
        assert_eq!(scrub(&once.text).found, vec![], "{}", once.text);
    }
}
