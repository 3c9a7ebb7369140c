//! Codes of slips: what an elector types to vote. Each is made from the secret, so that printing again what was printed needs no list of codes in the database; kept are
//! keyed digests only.

use crate::codes;
use crate::secrets::{Secrets, hex};

/// Symbols of a code: 60 bits, of which nobody guesses one in a ballot of a hundred thousand.
const LENGTH: usize = 12;

/// The code of a slip, in three groups of four.
pub(super) fn code(secrets: &Secrets, ballot: &str, slip: u32) -> String {
    let code = codes::code(&secrets.digest("slip", &[ballot, &slip.to_string()]), LENGTH);
    format!("{}-{}-{}", &code[..4], &code[4..8], &code[8..])
}

/// The one spelling of a code as somebody typed it; none for what cannot be one.
pub(super) fn one_spelling(typed: &str) -> Option<String> {
    codes::one_spelling(typed, LENGTH)
}

/// The digest under which a code is kept: without the key codes cannot be tried against it.
pub(super) fn digest(secrets: &Secrets, ballot: &str, code: &str) -> String {
    hex(&secrets.digest("slip.code", &[ballot, code]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_has_one_code_and_a_ballot_its_own() {
        let secrets = Secrets::from_secret(b"one");
        let code = code(&secrets, "b", 7);
        assert_eq!(code.len(), 14);
        assert_eq!(code, super::code(&secrets, "b", 7));
        assert_ne!(code, super::code(&secrets, "b", 8));
        assert_ne!(code, super::code(&secrets, "c", 7));
        let plain = code.replace('-', "");
        assert_eq!(one_spelling(&code.to_lowercase()).unwrap(), plain);
        assert_ne!(digest(&secrets, "b", &plain), digest(&secrets, "c", &plain));
    }
}
