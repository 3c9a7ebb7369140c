//! Codes of slips: what an elector types to vote. Each is made from the secret, so that printing again what was printed needs no list of codes in the database; kept are
//! digests only.

use crate::secrets::{Secrets, sha256};

/// Signs of a code: digits and letters without those that are taken for others (Crockford's base 32).
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Signs in a code: 60 bits, of which nobody guesses one in a ballot of a hundred thousand.
const LENGTH: usize = 12;

/// The code of a slip, in three groups of four.
pub(super) fn code(secrets: &Secrets, ballot: &str, slip: u32) -> String {
    let digest = secrets.digest("slip", &[ballot, &slip.to_string()]);
    let mut code = String::with_capacity(LENGTH + 2);
    for (nth, byte) in digest.iter().take(LENGTH).enumerate() {
        if nth > 0 && nth % 4 == 0 {
            code.push('-');
        }
        code.push(char::from(SIGNS[usize::from(byte % 32)]));
    }
    code
}

/// A code as it is digested: without blanks and hyphens, in capitals, and what is taken for another sign as that one. None for what cannot be a code.
pub(super) fn normal(given: &str) -> Option<String> {
    let mut normal = String::with_capacity(LENGTH);
    for sign in given.chars().filter(|sign| !sign.is_whitespace() && !"-—–－".contains(*sign)) {
        let sign = match sign.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            // Full-width forms of Chinese keyboards.
            wide @ '０'..='ｚ' => {
                let narrow = char::from_u32(u32::from(wide) - 0xfee0)?.to_ascii_uppercase();
                match narrow {
                    'O' => '0',
                    'I' | 'L' => '1',
                    other => other,
                }
            }
            other => other,
        };
        if !sign.is_ascii() || !SIGNS.contains(&(sign as u8)) || normal.len() == LENGTH {
            return None;
        }
        normal.push(sign);
    }
    (normal.len() == LENGTH).then_some(normal)
}

/// The digest under which a code is kept.
pub(super) fn digest(ballot: &str, normal: &str) -> String {
    sha256(format!("{ballot}/{normal}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let secrets = Secrets::from_secret(b"one");
        let code = code(&secrets, "b", 7);
        assert_eq!(code.len(), 14);
        assert_eq!(code, super::code(&secrets, "b", 7));
        assert_ne!(code, super::code(&secrets, "b", 8));
        assert_ne!(code, super::code(&secrets, "c", 7));
        let plain = code.replace('-', "");
        assert_eq!(normal(&code).unwrap(), plain);
        assert_eq!(normal(&format!(" {} ", code.to_lowercase().replace('-', " — "))).unwrap(), plain);
        assert_eq!(normal("OIL0-1234-5678").unwrap(), "011012345678");
        assert_eq!(normal("０1２3-ａBＣd-5678").unwrap(), "0123ABCD5678");
        for wrong in ["", "0123-4567", "0123-4567-89AB-C", "0123-4567-89A!", "码码码码"] {
            assert_eq!(normal(wrong), None, "{wrong}");
        }
    }
}
