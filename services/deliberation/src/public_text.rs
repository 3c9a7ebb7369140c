//! Texts that everybody may read: nobody is named in them. Whoever writes one is told the kind of what was found, never the value.

use gongzhi_chassis::violations::Violations;

/// Takes a text of `min` to `max` characters in which the scrubber finds nobody.
pub(crate) fn public_text(
    violations: &mut Violations,
    field: &str,
    given: &str,
    (min, max): (usize, usize),
) -> String {
    let text = violations.text(field, given, min, max);
    let mut kinds: Vec<_> = gongzhi_scrub::find(&text).iter().map(|found| found.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    if !kinds.is_empty() {
        violations.add(field, format!("holds personal data ({}); write it without", kinds.join(", ")));
    }
    text
}

/// Takes such a text that stands in one line.
pub(crate) fn public_line(
    violations: &mut Violations,
    field: &str,
    given: &str,
    bounds: (usize, usize),
) -> String {
    let text = public_text(violations, field, given, bounds);
    if text.contains('\n') {
        violations.add(field, "must be one line");
    }
    text
}
