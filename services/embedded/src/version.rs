//! Versions of programs as they print them. Knows how to read and compare three numbers, nothing about which
//! version is wanted.

use std::fmt;

/// A version of a program: major, minor and patch, absent numbers being zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// The third number.
    pub patch: u32,
}

impl Version {
    /// Makes a version of its three numbers.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }

    /// Reads the first word that begins with a digit (or `v` and a digit) in what `--version` printed.
    pub(crate) fn find_in(output: &str) -> Option<Self> {
        output.split_whitespace().find_map(|word| {
            let word = word.strip_prefix('v').unwrap_or(word);
            word.starts_with(|c: char| c.is_ascii_digit()).then(|| Self::parse(word))
        })
    }

    fn parse(word: &str) -> Self {
        let mut numbers = word.split('.').map(|piece| {
            // "19beta1" and "1-RC.2" count as 19 and 1: a preview of a version has what that version has.
            let digits = piece.find(|c: char| !c.is_ascii_digit()).unwrap_or(piece.len());
            piece[..digits].parse().unwrap_or(0)
        });
        let mut next = || numbers.next().unwrap_or(0);
        Self { major: next(), minor: next(), patch: next() }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { major, minor, patch } = self;
        write!(f, "{major}.{minor}")?;
        if *patch > 0 { write!(f, ".{patch}") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn reads_what_the_programs_print() {
        let cases = [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", Version::new(15, 18, 0)),
            ("postgres (PostgreSQL) 19beta1", Version::new(19, 0, 0)),
            ("nats-server: v2.15.1", Version::new(2, 15, 1)),
            ("nats-server: v2.16.0-RC.1", Version::new(2, 16, 0)),
        ];
        for (output, version) in cases {
            assert_eq!(Version::find_in(output), Some(version), "{output}");
        }
        assert_eq!(Version::find_in("no number here"), None);
    }

    #[test]
    fn compares_by_number_not_by_letter() {
        assert!(Version::new(2, 9, 25) < Version::new(2, 15, 1));
        assert_eq!(Version::new(15, 18, 0).to_string(), "15.18");
        assert_eq!(Version::new(2, 15, 1).to_string(), "2.15.1");
    }
}
