//! Bytes to lines to fields: the part of CSV that a file of divisions needs.
//!
//! A record is one physical line, on purpose: no name holds a line break, and a quote that is never closed
//! then spoils one line and not the rest of the file, so line numbers always agree with an editor's.
//! It does not know what the columns mean.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use super::complaint::Problem;

/// The longest line that is read; real ones have fewer than 120 bytes.
const MAX_LINE_BYTES: u64 = 16 * 1024;

/// One physical line without its end.
pub(super) enum Line {
    /// Bytes of the line.
    Bytes(Vec<u8>),
    /// A line beyond the limit, skipped.
    TooLong,
}

/// Reads physical lines and counts bytes and lines.
pub(super) struct Lines<R> {
    source: R,
    pub(super) bytes: u64,
    pub(super) lines: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(source: R) -> Self {
        Lines { source, bytes: 0, lines: 0 }
    }

    /// Returns the next line, none at the end.
    pub(super) fn next_line(&mut self) -> io::Result<Option<Line>> {
        let mut buffer = Vec::new();
        let taken = self.source.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut buffer)? as u64;
        if taken == 0 {
            return Ok(None);
        }
        self.bytes += taken;
        self.lines += 1;
        if taken == MAX_LINE_BYTES && buffer.last() != Some(&b'\n') {
            self.skip_rest()?;
            return Ok(Some(Line::TooLong));
        }
        while matches!(buffer.last(), Some(b'\n' | b'\r')) {
            buffer.pop();
        }
        Ok(Some(Line::Bytes(buffer)))
    }

    fn skip_rest(&mut self) -> io::Result<()> {
        loop {
            let chunk = self.source.fill_buf()?;
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(chunk.len(), |at| at + 1);
            self.source.consume(used);
            self.bytes += used as u64;
            if end.is_some() || used == 0 {
                return Ok(());
            }
        }
    }
}

/// Splits a line at its commas and takes the quotes off.
pub(super) fn fields(line: &str) -> Result<Vec<Cow<'_, str>>, Problem> {
    let mut found = Vec::with_capacity(5);
    let mut rest = line;
    loop {
        let Some(quoted) = rest.strip_prefix('"') else {
            let Some((field, tail)) = rest.split_once(',') else {
                found.push(Cow::Borrowed(rest));
                return Ok(found);
            };
            found.push(Cow::Borrowed(field));
            rest = tail;
            continue;
        };
        let (field, tail) = unquote(quoted)?;
        found.push(Cow::Owned(field));
        match tail.strip_prefix(',') {
            Some(tail) => rest = tail,
            None if tail.is_empty() => return Ok(found),
            None => return Err(Problem::StrayQuote),
        }
    }
}

/// Reads up to the closing quote; a doubled quote stands for one.
fn unquote(text: &str) -> Result<(String, &str), Problem> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let (part, tail) = rest.split_once('"').ok_or(Problem::OpenQuote)?;
        field.push_str(part);
        match tail.strip_prefix('"') {
            Some(tail) => {
                field.push('"');
                rest = tail;
            }
            None => return Ok((field, tail)),
        }
    }
}

/// Says whether bytes that are not UTF-8 read well as GBK: every high byte leads a pair.
pub(super) fn looks_like_gbk(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some((first, tail)) = rest.split_first() {
        if first.is_ascii() {
            rest = tail;
            continue;
        }
        match tail.split_first() {
            Some((second, tail)) if (0x81..=0xfe).contains(first) && (0x40..=0xfe).contains(second) => {
                rest = tail
            }
            Some(_) | None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_taken_off_and_a_bad_one_is_named() {
        assert_eq!(fields(r#"1,"a,""b"#).unwrap_err(), Problem::OpenQuote);
        assert_eq!(fields(r#"1,"a"b"#).unwrap_err(), Problem::StrayQuote);
        assert_eq!(fields(r#"1,"a,""b""",,"#).unwrap(), ["1", "a,\"b\"", "", ""]);
    }

    #[test]
    fn a_line_beyond_the_limit_is_skipped_and_counted_once() {
        let long = "x".repeat(3 * MAX_LINE_BYTES as usize);
        let text = format!("a\r\n{long}\nb");
        let mut lines = Lines::new(text.as_bytes());
        assert!(matches!(lines.next_line().unwrap(), Some(Line::Bytes(bytes)) if bytes == b"a"));
        assert!(matches!(lines.next_line().unwrap(), Some(Line::TooLong)));
        assert!(matches!(lines.next_line().unwrap(), Some(Line::Bytes(bytes)) if bytes == b"b"));
        assert!(lines.next_line().unwrap().is_none());
        assert_eq!((lines.lines, lines.bytes), (3, text.len() as u64));
    }
}
