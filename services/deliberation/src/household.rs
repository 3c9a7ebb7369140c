//! How a household is written: however that is, it is one household. Blanks and the width of signs do not matter.

/// The one spelling of what was written.
pub(crate) fn one_spelling(written: &str) -> String {
    let narrow = |sign: char| match sign {
        '０'..='９' => char::from(b'0' + (sign as u32 - '０' as u32) as u8),
        '－' | '—' | '–' | '‐' => '-',
        other => other,
    };
    let signs = written.chars().filter(|sign| !sign.is_whitespace()).map(narrow);
    signs.collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_width_do_not_make_another_household() {
        assert_eq!(one_spelling(" ３－2 -501A"), "3-2-501a");
        assert_ne!(one_spelling("3-2-501"), one_spelling("3-2-502"));
    }
}
