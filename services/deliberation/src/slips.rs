//! Slips: papers with a code, with which somebody votes or speaks whom nobody knows. Each code is made from the secret, so that printing again what was printed needs no
//! list of codes in the database; kept are keyed digests only. What slips of one use and thing are, those of another never are.

use gongzhi_chassis::violations::Violations;

use crate::codes;
use crate::secrets::{Secrets, hex};

/// Symbols of a code: 60 bits, of which nobody guesses one among a hundred thousand.
const LENGTH: usize = 12;

/// What slips are for.
#[derive(Clone, Copy)]
pub(crate) struct Use {
    /// Under which codes are made.
    code: &'static str,
    /// Under which their digests are made.
    digest: &'static str,
}

/// Slips of ballots.
pub(crate) const BALLOT: Use = Use { code: "slip", digest: "slip.code" };
/// Slips of conversations.
pub(crate) const CONVERSATION: Use = Use { code: "conversation.slip", digest: "conversation.code" };

/// The code of a slip, in three groups of four.
pub(crate) fn code(secrets: &Secrets, usage: Use, thing: &str, slip: u32) -> String {
    let code = codes::code(&secrets.digest(usage.code, &[thing, &slip.to_string()]), LENGTH);
    format!("{}-{}-{}", &code[..4], &code[4..8], &code[8..])
}

/// Takes a code as somebody typed it, in its one spelling.
pub(crate) fn typed(violations: &mut Violations, field: &str, typed: &str) -> Option<String> {
    let code = codes::one_spelling(typed, LENGTH);
    if code.is_none() {
        violations.add(field, "must be the 12 signs of a slip, like 7QK4-2MZ9-R3TV");
    }
    code
}

/// The digest under which a code in its one spelling is kept: without the key codes cannot be tried against it.
pub(crate) fn digest(secrets: &Secrets, usage: Use, thing: &str, code: &str) -> String {
    hex(&secrets.digest(usage.digest, &[thing, code]))
}

/// The digests of codes as they are printed, in their order.
pub(crate) fn digests(secrets: &Secrets, usage: Use, thing: &str, codes: &[String]) -> Vec<String> {
    codes.iter().map(|code| digest(secrets, usage, thing, &code.replace('-', ""))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_has_one_code_and_every_use_and_thing_its_own() {
        let secrets = Secrets::from_secret(b"one");
        let code = |usage, thing, slip| super::code(&secrets, usage, thing, slip);
        let one = code(BALLOT, "b", 7);
        assert_eq!(one.len(), 14);
        assert_eq!(one, code(BALLOT, "b", 7));
        for other in [code(BALLOT, "b", 8), code(BALLOT, "c", 7), code(CONVERSATION, "b", 7)] {
            assert_ne!(one, other);
        }
        let plain = one.replace('-', "");
        let mut violations = Violations::new();
        assert_eq!(typed(&mut violations, "code", &one.to_lowercase()).unwrap(), plain);
        assert!(violations.finish().is_ok());
        let kept = digest(&secrets, BALLOT, "b", &plain);
        assert_eq!(digests(&secrets, BALLOT, "b", &[one]), std::slice::from_ref(&kept));
        assert_ne!(kept, digest(&secrets, BALLOT, "c", &plain));
        assert_ne!(kept, digest(&secrets, CONVERSATION, "b", &plain));
    }
}
