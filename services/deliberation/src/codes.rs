//! Codes that people type: symbols that are not taken for each other, and one spelling however they are typed. Knows nothing of what a code is for.

/// Crockford's base32: no I, L, O and U.
const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The code that a digest makes: five bits a symbol, of the first eight bytes, so at most twelve symbols.
pub(crate) fn code(digest: &[u8; 32], length: usize) -> String {
    let bits = digest[..8].iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
    let symbol = |place: usize| char::from(SYMBOLS[(bits >> (5 * place) & 31) as usize]);
    (0..length.min(12)).map(symbol).collect()
}

/// The one spelling of a code of so many symbols as somebody typed it; none for what cannot be one. Small and wide letters, blanks and hyphens do not matter, and what looks
/// alike is the same.
pub(crate) fn one_spelling(typed: &str, length: usize) -> Option<String> {
    let mut code = String::with_capacity(length);
    let signs = typed.chars().filter(|sign| !sign.is_whitespace() && !"-—–－".contains(*sign));
    for sign in signs.take(length + 1) {
        // Chinese keyboards write wide forms.
        let narrow = match sign {
            '！'..='～' => char::from_u32(u32::from(sign) - 0xfee0)?,
            other => other,
        };
        let symbol = match narrow.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        if !u8::try_from(symbol).is_ok_and(|symbol| SYMBOLS.contains(&symbol)) {
            return None;
        }
        code.push(symbol);
    }
    (code.len() == length).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        assert_eq!(one_spelling(" oil0 - 1234—5678 ", 12).unwrap(), "011012345678");
        assert_eq!(one_spelling("０1２3-ａBＣd-5678", 12).unwrap(), "0123ABCD5678");
        for wrong in ["", "0123-4567", "0123-4567-89AB-C", "0123-4567-89A!", "码码码码码码码码码码码码"]
        {
            assert_eq!(one_spelling(wrong, 12), None, "{wrong}");
        }
    }

    #[test]
    fn every_bit_of_a_code_counts() {
        let digest = |byte: u8, value: u8| {
            let mut digest = [0; 32];
            digest[usize::from(byte)] = value;
            digest
        };
        let codes: std::collections::BTreeSet<_> =
            (1..8).flat_map(|byte| (0..8).map(move |bit| code(&digest(byte, 1 << bit), 12))).collect();
        assert_eq!(codes.len(), 56);
    }
}
