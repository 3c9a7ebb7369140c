//! The keys that `GONGZHI_CONTACT_KEY` holds: one master key of contact data as a rule; several while they are exchanged.

use std::fmt;
use std::str::FromStr;

use super::Secret;
use super::reader::Reader;

/// Bytes of a key.
const KEY: usize = 32;
/// Stands before the root of deliberation's keys.
const DELIBERATION: &str = "deliberation:";
/// The root that the database keeps.
const KEPT: &str = "kept";

/// Master keys of contact data, and what deliberation makes its keys from.
///
/// Written as 64 hexadecimal digits; or as one or several such keys separated by commas, of which the first seals and all open, with `deliberation:` and its root
/// behind them. Deliberation's keys must stay as they are for as long as the district lives (households are counted by them, and slips hold them), so
/// where a master key is exchanged, the root that was made from it stays: HMAC-SHA256 of the word `deliberation` by the text of the former key, 64 hexadecimal digits.
/// Where the district began without a master key, the root is the word `kept`: deliberation stays with the secret that the database keeps. It must be said:
/// a secret in the database may as well be the trace of one start without the setting.
#[derive(Clone, PartialEq, Eq)]
pub struct ContactKeys {
    masters: Vec<[u8; KEY]>,
    root: Root,
}

/// What deliberation makes its keys from.
#[derive(Clone, PartialEq, Eq)]
pub enum Root {
    /// The text of the master key, of which the root is made.
    Of(Secret),
    /// The root itself: what it was made from is gone.
    Itself([u8; KEY]),
    /// The secret in the database, from before there was a master key.
    Kept,
}

/// Reads them; none also when they are wrong, which is noted.
pub(super) fn read<F: Fn(&str) -> Option<String>>(reader: &mut Reader<F>) -> Option<ContactKeys> {
    let what = "master key of contact data, 64 hexadecimal digits; several, for an exchange: the first seals, all open";
    let keys = reader.secret("GONGZHI_CONTACT_KEY", what)?.reveal().parse();
    keys.map_err(|error| reader.wrong.push(format!("GONGZHI_CONTACT_KEY: {error}"))).ok()
}

impl ContactKeys {
    /// Keys that open, the one that seals first; there is at least one.
    pub fn masters(&self) -> &[[u8; KEY]] {
        &self.masters
    }

    /// What deliberation makes its keys from.
    pub fn root(&self) -> &Root {
        &self.root
    }
}

impl FromStr for ContactKeys {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |nth: usize, what: &str| Err(format!("part {nth} {what}"));
        let (mut masters, mut root) = (Vec::new(), None);
        for (nth, part) in (1..).zip(text.split(',')) {
            if root.is_some() {
                return wrong(nth, "stands behind deliberation:, which comes last");
            }
            let digits = part.strip_prefix(DELIBERATION);
            if digits == Some(KEPT) {
                root = Some(Root::Kept);
                continue;
            }
            let Some(key) = from_hex(digits.unwrap_or(part)) else {
                // Never the part itself: it may be a key with a slip of the pen.
                return wrong(nth, "must be 64 hexadecimal digits, without spaces");
            };
            match digits {
                Some(_) => root = Some(Root::Itself(key)),
                None if masters.contains(&key) => return wrong(nth, "is there twice"),
                None => masters.push(key),
            }
        }
        let root = match (root, masters.len()) {
            (_, 0) => return Err("needs a key before deliberation:".into()),
            (Some(root), _) => root,
            (None, 1) => Root::Of(text.to_owned().into()),
            (None, _) => {
                return Err("several keys need deliberation: behind them; the runbook key-rotation says how it is made".into());
            }
        };
        Ok(Self { masters, root })
    }
}

impl fmt::Debug for ContactKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

fn from_hex(text: &str) -> Option<[u8; KEY]> {
    let mut key = [0; KEY];
    let digits = text.as_bytes();
    if digits.len() != 2 * KEY || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    for (byte, pair) in key.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_one_or_several_with_the_root_behind_them() {
        let (a, b, root) = ("a1".repeat(32), "B2".repeat(32), "c3".repeat(32));
        let one: ContactKeys = a.parse().unwrap();
        assert_eq!(one.masters(), [[0xa1; 32]]);
        assert!(*one.root() == Root::Of(a.clone().into()));
        let two: ContactKeys = format!("{b},{a},deliberation:{root}").parse().unwrap();
        assert_eq!(two.masters(), [[0xb2; 32], [0xa1; 32]]);
        assert!(*two.root() == Root::Itself([0xc3; 32]));
        let after: ContactKeys = format!("{b},deliberation:{root}").parse().unwrap();
        assert_eq!(after.masters(), [[0xb2; 32]]);
        assert!(!format!("{two:?}").contains("b2"));
        let first: ContactKeys = format!("{a},deliberation:kept").parse().unwrap();
        assert_eq!(first.masters(), [[0xa1; 32]]);
        assert!(*first.root() == Root::Kept);
    }

    #[test]
    fn what_is_wrong_is_said_and_no_key_with_it() {
        let (a, b, root) = ("a1".repeat(32), "b2".repeat(32), "c3".repeat(32));
        for (text, wanted) in [
            (String::new(), "64 hexadecimal digits"),
            (format!("{a}0"), "part 1 must be"),
            (format!("{a}, {b}"), "part 2 must be"),
            (format!("{a},{b}"), "need deliberation:"),
            (format!("{a},{a},deliberation:{root}"), "part 2 is there twice"),
            (format!("{a},deliberation:{root},{b}"), "comes last"),
            (format!("{a},deliberation:{}", &root[1..]), "part 2 must be"),
            (format!("deliberation:{root}"), "needs a key"),
            ("deliberation:kept".into(), "needs a key"),
            (format!("deliberation:kept,{a}"), "comes last"),
        ] {
            let said = text.parse::<ContactKeys>().unwrap_err();
            assert!(said.contains(wanted), "{said:?}");
            assert!(!said.contains("a1a1"), "{said:?}");
        }
    }
}
