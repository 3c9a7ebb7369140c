//! Reading a file of divisions: all of it, or the list of everything wrong with it.
//!
//! Owns the columns and the check of each row by itself. How rows fit together is `check`'s business;
//! what is in the database already, nobody's here.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, BufReader, Read};

use super::check::{Row, assemble};
use super::complaint::{Complaint, Complaints, MAX_LISTED, Problem};
use super::level::{file_digits, from_word};
use super::line::{Line, Lines, fields, looks_like_gbk};
use gongzhi_proto::ids::{AreaCode, Level};

/// The longest name that is taken; the longest official one has 17 characters in Zhejiang.
const MAX_NAME_CHARS: usize = 64;
/// How often progress is told, in lines.
const PROGRESS_EVERY: u64 = 1_000;

/// A column of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// The division's own code.
    Code,
    /// The code right above.
    ParentCode,
    /// The name.
    Name,
    /// The level.
    Level,
    /// The kind of estate; may be absent.
    EstateType,
}

impl Column {
    const ALL: [Column; 5] =
        [Column::Code, Column::ParentCode, Column::Name, Column::Level, Column::EstateType];

    /// Returns the word in the header.
    pub const fn word(self) -> &'static str {
        match self {
            Column::Code => "code",
            Column::ParentCode => "parent_code",
            Column::Name => "name",
            Column::Level => "level",
            Column::EstateType => "estate_type",
        }
    }
}

/// The kind of an estate (小区类型).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EstateType {
    /// 老旧小区: built before there were property companies and owners' committees.
    Old,
    /// 商品房小区: commercial housing.
    Commercial,
}

impl EstateType {
    /// Returns the Chinese label, which is also the word in the file.
    pub const fn label(self) -> &'static str {
        match self {
            EstateType::Old => "老旧小区",
            EstateType::Commercial => "商品房小区",
        }
    }

    fn from_label(label: &str) -> Option<EstateType> {
        [EstateType::Old, EstateType::Commercial].into_iter().find(|kind| kind.label() == label)
    }
}

/// One division as the file states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Division {
    /// The name, trimmed.
    pub name: String,
    /// The kind, for estates whose row states it.
    pub estate_type: Option<EstateType>,
    /// The line it stands on.
    pub line: u64,
}

/// A change made while reading that an officer may want to know of: blanks around a field were cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note {
    /// The line.
    pub line: u64,
    /// The column whose field had blanks around it.
    pub column: Column,
}

/// A file without fault.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DivisionFile {
    pub(super) divisions: BTreeMap<AreaCode, Division>,
    pub(super) notes: Vec<Note>,
}

impl DivisionFile {
    /// Returns every division by code, each before what lies in it.
    pub fn divisions(&self) -> &BTreeMap<AreaCode, Division> {
        &self.divisions
    }

    /// Returns what was changed while reading, at most a thousand notes.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Returns the rows whose parent lies outside the file.
    pub fn roots(&self) -> impl Iterator<Item = &AreaCode> {
        self.divisions
            .keys()
            .filter(|code| code.parent().is_none_or(|parent| !self.divisions.contains_key(&parent)))
    }

    /// Counts the divisions of one level.
    pub fn count(&self, level: Level) -> usize {
        self.divisions.keys().filter(|code| code.level() == level).count()
    }
}

/// How far reading has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read.
    pub bytes: u64,
    /// Lines read, the header included.
    pub lines: u64,
}

/// Why a file yields nothing.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The bytes stopped coming.
    #[error("the file could not be read to its end")]
    Source(#[from] io::Error),
    /// Lines are wrong; each is named.
    #[error("{0}")]
    Wrong(Complaints),
}

/// Reads a whole file; tells `on_progress` every thousand lines and at the end.
pub fn read(source: impl Read, mut on_progress: impl FnMut(Progress)) -> Result<DivisionFile, Unreadable> {
    let mut lines = Lines::new(BufReader::with_capacity(64 * 1024, source));
    let mut reader = Reader::default();
    while let Some(line) = lines.next_line()? {
        reader.take(lines.lines, line);
        if reader.stopped {
            break;
        }
        if lines.lines.is_multiple_of(PROGRESS_EVERY) {
            on_progress(Progress { bytes: lines.bytes, lines: lines.lines });
        }
    }
    on_progress(Progress { bytes: lines.bytes, lines: lines.lines });
    reader.finish().map_err(|complaints| Unreadable::Wrong(Complaints::from_all(complaints)))
}

/// What has been gathered while lines come in.
#[derive(Default)]
struct Reader {
    header: Option<Vec<Column>>,
    rows: Vec<Row>,
    unplaced: HashSet<String>,
    data_lines: u64,
    readable_chinese: bool,
    gbk_lines: Vec<u64>,
    complaints: Vec<Complaint>,
    notes: Vec<Note>,
    stopped: bool,
}

impl Reader {
    fn complain(&mut self, line: u64, column: Option<Column>, problem: Problem) {
        self.complaints.push(Complaint { line, column, problem });
    }

    fn take(&mut self, number: u64, line: Line) {
        let mut bytes = match line {
            Line::TooLong => return self.complain(number, None, Problem::LineTooLong),
            Line::Bytes(bytes) => bytes,
        };
        if number == 1 {
            if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
                self.stopped = true;
                return self.complain(1, None, Problem::FileUtf16);
            }
            if bytes.starts_with("\u{feff}".as_bytes()) {
                bytes.drain(.."\u{feff}".len());
            }
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                self.data_lines += 1;
                if looks_like_gbk(error.as_bytes()) {
                    self.gbk_lines.push(number);
                } else {
                    self.complain(number, None, Problem::NotUtf8);
                }
                // A header in another encoding leaves nothing to read the rows by; the rows still tell
                // which encoding it is, so reading goes on without looking at fields.
                self.header.get_or_insert_default();
                return;
            }
        };
        if text.trim().is_empty() {
            return;
        }
        self.readable_chinese |= !text.is_ascii();
        match self.header.take() {
            None => self.take_header(number, &text),
            Some(header) => {
                self.data_lines += 1;
                if !header.is_empty() {
                    self.take_row(number, &text, &header);
                }
                self.header = Some(header);
            }
        }
    }

    fn take_header(&mut self, number: u64, text: &str) {
        let found = match fields(text) {
            Ok(found) => found,
            Err(problem) => {
                self.stopped = true;
                return self.complain(number, None, problem);
            }
        };
        let mut header = Vec::with_capacity(found.len());
        for word in &found {
            let word = word.trim();
            match Column::ALL.into_iter().find(|column| word.eq_ignore_ascii_case(column.word())) {
                Some(column) if header.contains(&column) => {
                    self.complain(number, Some(column), Problem::ColumnTwice);
                }
                Some(column) => header.push(column),
                None => self.complain(number, None, Problem::ColumnUnknown(word.chars().take(40).collect())),
            }
        }
        for column in [Column::Code, Column::ParentCode, Column::Name, Column::Level] {
            if !header.contains(&column) {
                self.complain(number, Some(column), Problem::ColumnMissing);
            }
        }
        // Without a sound header every row would be wrong for the same reason.
        self.stopped = !self.complaints.is_empty();
        self.header = Some(header);
    }

    fn take_row(&mut self, number: u64, text: &str, header: &[Column]) {
        let found = match fields(text) {
            Ok(found) => found,
            Err(problem) => return self.complain(number, None, problem),
        };
        if found.len() != header.len() {
            let problem = Problem::FieldCount { expected: header.len(), found: found.len() };
            return self.complain(number, None, problem);
        }
        let mut values: [&str; 5] = [""; 5];
        for (column, field) in header.iter().zip(&found) {
            let value = field.trim();
            if value.len() != field.len() && self.notes.len() < MAX_LISTED {
                self.notes.push(Note { line: number, column: *column });
            }
            values[*column as usize] = value;
        }
        let [code, parent, name, level, estate_type] = values;
        self.check_name(number, name);
        let level = from_word(level).ok_or_else(|| Problem::LevelUnknown(level.to_owned()));
        let estate_type = self.check_estate_type(number, estate_type, level.as_ref().ok().copied());
        let placed = match level {
            Ok(level) => place(code, parent, level).map_err(|problem| (Column::Code, problem)),
            Err(problem) => Err((Column::Level, problem)),
        };
        match placed {
            Ok(code) => self.rows.push(Row {
                code,
                parent: parent.to_owned(),
                division: Division { name: name.to_owned(), estate_type, line: number },
            }),
            Err((column, problem)) => {
                self.unplaced.insert(code.to_owned());
                self.complain(number, Some(column), problem);
            }
        }
    }

    fn check_name(&mut self, number: u64, name: &str) {
        let length = name.chars().count();
        let problem = if name.is_empty() {
            Problem::NameEmpty
        } else if length > MAX_NAME_CHARS {
            Problem::NameTooLong { found: length, limit: MAX_NAME_CHARS }
        } else if let Some(unseen) = name.chars().find(|found| is_unseen(*found)) {
            Problem::NameControl(unseen)
        } else if name.contains('\u{fffd}') {
            Problem::NameGarbled
        } else {
            return;
        };
        self.complain(number, Some(Column::Name), problem);
    }

    fn check_estate_type(&mut self, number: u64, text: &str, level: Option<Level>) -> Option<EstateType> {
        if text.is_empty() {
            return None;
        }
        let known = EstateType::from_label(text);
        if known.is_none() {
            self.complain(number, Some(Column::EstateType), Problem::EstateTypeUnknown(text.to_owned()));
        } else if level.is_some_and(|level| level != Level::Estate) {
            self.complain(number, Some(Column::EstateType), Problem::EstateTypeMisplaced);
        }
        known
    }

    fn finish(mut self) -> Result<DivisionFile, Vec<Complaint>> {
        if let Some(first) = self.gbk_lines.first().copied() {
            if !self.readable_chinese {
                let problem = Problem::FileGbk(self.gbk_lines.len());
                return Err(vec![Complaint { line: first, column: None, problem }]);
            }
            for line in std::mem::take(&mut self.gbk_lines) {
                self.complain(line, None, Problem::NotUtf8);
            }
        }
        if self.header.is_none() && self.complaints.is_empty() {
            self.complain(1, None, Problem::Empty);
        } else if self.data_lines == 0 && !self.stopped {
            self.complain(1, None, Problem::NoRows);
        }
        assemble(self.rows, &self.unplaced, self.notes, self.complaints)
    }
}

/// Trims a full code to its level.
fn place(code: &str, parent: &str, level: Level) -> Result<AreaCode, Problem> {
    let digits = file_digits(level);
    let not_digits = || Problem::CodeNotDigits { found: code.chars().take(40).collect(), digits };
    if code.len() != digits || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(not_digits());
    }
    let (own, below) = code.split_at(level.digits());
    if below.bytes().any(|byte| byte != b'0') {
        return Err(Problem::CodeBelowLevel(level));
    }
    let above = level.above().map_or(0, Level::digits);
    // A city without districts stands again as its own district, with zeros for the district (东莞).
    let city_as_district = level == Level::District && parent == code;
    if own[above..].bytes().all(|byte| byte == b'0') && !city_as_district {
        return Err(Problem::CodeAboveLevel(level));
    }
    AreaCode::parse(own).map_err(|_| not_digits())
}

/// Says whether a character leaves no mark on the page or turns the text around.
fn is_unseen(found: char) -> bool {
    found.is_control()
        || matches!(found, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
