//! Tables of data (CSV): reads one whole table or names every bad line of it. Knows nothing of what the tables mean.

use std::fmt;
use std::io::Read;

use serde::de::DeserializeOwned;

/// A line that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// Line of the file, counted from 1; the header is line 1. 0 when the table as a whole is meant.
    pub line: u64,
    /// What is wrong with it.
    pub problem: String,
}

/// A table that cannot be used, with everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct BadTable {
    /// What the table is for.
    pub table: &'static str,
    /// Every bad line, in the order of the file; never empty.
    pub lines: Vec<BadLine>,
}

impl fmt::Display for BadTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the table of {} cannot be used:", self.table)?;
        for (at, bad) in self.lines.iter().enumerate() {
            let comma = if at == 0 { "" } else { ";" };
            if bad.line == 0 {
                write!(f, "{comma} {}", bad.problem)?;
            } else {
                write!(f, "{comma} line {}: {}", bad.line, bad.problem)?;
            }
        }
        Ok(())
    }
}

/// Collects rows and bad lines while a table is read.
pub(crate) struct TableReader {
    table: &'static str,
    bad: Vec<BadLine>,
}

impl TableReader {
    pub(crate) fn new(table: &'static str) -> Self {
        Self { table, bad: Vec::new() }
    }

    /// Hands every row to `take`; a row that does not parse and one that `take` does not want are bad lines.
    pub(crate) fn read<Row: DeserializeOwned>(
        &mut self,
        source: impl Read,
        mut take: impl FnMut(Row) -> Result<(), String>,
    ) {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(source);
        let headers = match reader.headers() {
            Ok(headers) => headers.clone(),
            Err(error) => return self.refuse(1, error.to_string()),
        };
        let mut record = csv::StringRecord::new();
        loop {
            let line = reader.position().line();
            let taken = match reader.read_record(&mut record) {
                Ok(false) => return,
                Ok(true) => match record.deserialize(Some(&headers)) {
                    Ok(row) => take(row),
                    Err(error) => Err(match error.kind() {
                        csv::ErrorKind::Deserialize { err, .. } => err.to_string(),
                        _ => error.to_string(),
                    }),
                },
                Err(error) => Err(error.to_string()),
            };
            if let Err(problem) = taken {
                self.refuse(record.position().map_or(line, csv::Position::line), problem);
            }
            if reader.is_done() {
                return;
            }
        }
    }

    /// Notes a bad line; line 0 means the table as a whole.
    pub(crate) fn refuse(&mut self, line: u64, problem: String) {
        self.bad.push(BadLine { line, problem });
    }

    /// The value made of the rows, unless a line was bad.
    pub(crate) fn finish<T>(self, value: T) -> Result<T, BadTable> {
        if self.bad.is_empty() { Ok(value) } else { Err(BadTable { table: self.table, lines: self.bad }) }
    }
}
