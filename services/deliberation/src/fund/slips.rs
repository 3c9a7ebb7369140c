//! Codes of slips: derived from the secret, so that none is kept; ten symbols without those that are taken for each other, 50 bits.

use std::collections::BTreeSet;

use gongzhi_proto::ids::FundId;

use crate::codes;
use crate::secrets::{Secrets, hex};

/// Symbols of a code.
const LENGTH: usize = 10;

/// The codes of a fund, sorted, so that their order says nothing. Of two that come out equal the next number takes the place of one.
pub(super) fn codes(secrets: &Secrets, fund: &FundId, count: u32) -> BTreeSet<String> {
    let (mut made, fund) = (BTreeSet::new(), fund.to_string());
    let mut number = 0u64;
    while made.len() < count as usize {
        number += 1;
        made.insert(codes::code(&secrets.digest("fund.slip", &[&fund, &number.to_string()]), LENGTH));
    }
    made
}

/// The one spelling of a code as somebody typed it; none for what cannot be one.
pub(super) fn one_spelling(typed: &str) -> Option<String> {
    codes::one_spelling(typed, LENGTH)
}

/// What is kept of a code.
pub(super) fn slip(secrets: &Secrets, fund: &FundId, code: &str) -> String {
    hex(&secrets.digest("fund.code", &[&fund.to_string(), code])[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_as_many_as_slips_and_come_out_the_same() {
        let secrets = Secrets::from_secret(b"one");
        let fund = FundId::parse("0192f0c1-7a00-7000-8000-00000000000f").unwrap();
        let codes = codes(&secrets, &fund, 1_000);
        assert_eq!(codes.len(), 1_000);
        assert_eq!(codes, super::codes(&secrets, &fund, 1_000));
        assert!(codes.iter().all(|code| one_spelling(code).as_ref() == Some(code)));
        let other = Secrets::from_secret(b"two");
        assert!(
            codes.is_disjoint(&super::codes(&other, &fund, 1_000)),
            "nobody derives them without the secret"
        );
    }

    #[test]
    fn however_a_code_is_typed_it_is_one() {
        assert_eq!(one_spelling("o1il-ab cd-9z").as_deref(), Some("0111ABCD9Z"));
        assert_eq!(one_spelling("０1１1－ａBcD 9Ｚ").as_deref(), Some("0111ABCD9Z"));
        assert_eq!(one_spelling("0111ABCD9"), None, "too short");
        assert_eq!(one_spelling("0111ABCD9ZZ"), None, "too long");
        assert_eq!(one_spelling("0111ABCD9U"), None, "no such symbol");
    }
}
