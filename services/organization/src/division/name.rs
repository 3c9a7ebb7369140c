//! Names of divisions, compared as people compare them.
//!
//! Owns the endings that come and go between two editions of the official file. It does not know codes.

/// Endings that name the committee rather than the place, longest first.
const ENDINGS: [&str; 8] =
    ["社区居民委员会", "社区居委会", "居民委员会", "村民委员会", "居委会", "村委会", "社区", "委员会"];

/// Cuts the ending that names the committee: "米市社区居委会" and "米市社区" are both "米市".
///
/// "村" stays: it is part of the name in "米市新村". A name that is nothing but an ending stays whole.
pub(super) fn bare(name: &str) -> &str {
    for ending in ENDINGS {
        match name.strip_suffix(ending) {
            Some(rest) if !rest.is_empty() => return rest,
            Some(_) | None => {}
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn endings_of_committees_do_not_count() {
        for (name, expected) in [
            ("米市社区", "米市"),
            ("米市社区居委会", "米市"),
            ("米市居民委员会", "米市"),
            ("一清新村", "一清新村"),
            ("三墩村村委会", "三墩村"),
            ("三墩村民委员会", "三墩"),
            ("社区", "社区"),
            ("米市巷街道", "米市巷街道"),
        ] {
            assert_eq!(bare(name), expected, "{name}");
        }
    }
}
