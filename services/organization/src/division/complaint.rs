//! What can be wrong in a file of divisions, and what to do about each.
//!
//! Owns the words an officer reads. It does not know how the problems are found.

use std::fmt;

use super::file::Column;
use super::level::label;
use gongzhi_proto::ids::Level;

/// How many complaints are listed one by one; the rest is counted.
pub const MAX_LISTED: usize = 1_000;

/// One thing wrong on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The line in the file, the header being line 1.
    pub line: u64,
    /// The column, where the problem lies in one.
    pub column: Option<Column>,
    /// What is wrong.
    pub problem: Problem,
}

impl fmt::Display for Complaint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "第 {} 行", self.line)?;
        if let Some(column) = self.column {
            write!(out, " {} 列", column.word())?;
        }
        write!(out, "：{}。{}。", self.problem.wrong(), self.problem.remedy())
    }
}

/// Everything wrong in a file, by line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Complaints {
    listed: Vec<Complaint>,
    total: usize,
}

impl Complaints {
    pub(super) fn from_all(mut all: Vec<Complaint>) -> Complaints {
        all.sort_by_key(|complaint| (complaint.line, complaint.column));
        let total = all.len();
        all.truncate(MAX_LISTED);
        Complaints { listed: all, total }
    }

    /// Returns the first thousand, by line.
    pub fn listed(&self) -> &[Complaint] {
        &self.listed
    }

    /// Says how many there are beyond those listed.
    pub fn unlisted(&self) -> usize {
        self.total - self.listed.len()
    }

    /// Says how many there are in all.
    pub fn total(&self) -> usize {
        self.total
    }
}

impl fmt::Display for Complaints {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "文件有 {} 处问题，未导入任何一行", self.total)?;
        for complaint in &self.listed {
            write!(out, "\n{complaint}")?;
        }
        match self.unlisted() {
            0 => Ok(()),
            more => write!(out, "\n另有 {more} 处未列出"),
        }
    }
}

/// A kind of problem with what the officer needs to see of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The whole file is in another encoding; the count is that of the lines it shows on.
    FileGbk(usize),
    /// The whole file is UTF-16, as a spreadsheet's "Unicode text" is.
    FileUtf16,
    /// The line is not UTF-8.
    NotUtf8,
    /// The line is longer than any real one.
    LineTooLong,
    /// A quote is never closed on this line.
    OpenQuote,
    /// Something follows a closing quote.
    StrayQuote,
    /// The file has no line at all.
    Empty,
    /// The file has a header and no row.
    NoRows,
    /// The header lacks a column.
    ColumnMissing,
    /// The header names a column that is not known.
    ColumnUnknown(String),
    /// The header names a column twice.
    ColumnTwice,
    /// The row has another number of fields than the header.
    FieldCount {
        /// Fields in the header.
        expected: usize,
        /// Fields in the row.
        found: usize,
    },
    /// The level is none of ours.
    LevelUnknown(String),
    /// The code is not all digits, or not as many as its level needs.
    CodeNotDigits {
        /// What stands there.
        found: String,
        /// How many digits are needed.
        digits: usize,
    },
    /// Digits below the row's level are not zero.
    CodeBelowLevel(Level),
    /// The digits of the row's own level are all zero.
    CodeAboveLevel(Level),
    /// The same level and code stand on an earlier line.
    Duplicate {
        /// The earlier line.
        first_line: u64,
    },
    /// A row below the province names no parent.
    ParentMissing,
    /// A province names a parent.
    ParentOfProvince,
    /// The row names itself as parent and no city has the same code.
    ParentSelf,
    /// The parent's code is not the beginning of the row's own.
    ParentNotPrefix {
        /// What it must be.
        expected: String,
    },
    /// The parent is an ancestor, yet not of the level right above.
    ParentNotLevelAbove {
        /// The level right above.
        level: Level,
        /// The code it must be.
        expected: String,
    },
    /// The parent is not in the file although the file holds higher levels.
    Orphan {
        /// The parent's level.
        level: Level,
        /// The parent's code.
        parent: String,
    },
    /// The name is empty.
    NameEmpty,
    /// The name is longer than the limit.
    NameTooLong {
        /// Characters found.
        found: usize,
        /// Characters allowed.
        limit: usize,
    },
    /// The name holds a character that cannot be seen.
    NameControl(char),
    /// The name was damaged by an earlier change of encoding.
    NameGarbled,
    /// The estate type is none of ours.
    EstateTypeUnknown(String),
    /// A row that is no estate has an estate type.
    EstateTypeMisplaced,
}

impl Problem {
    /// Says what is wrong.
    pub fn wrong(&self) -> String {
        match self {
            Problem::FileGbk(lines) => {
                format!("文件不是 UTF-8 编码，看起来是 GBK（{lines} 行含无法识别的字节）")
            }
            Problem::FileUtf16 => "文件是 UTF-16 编码，不是 UTF-8".into(),
            Problem::NotUtf8 => "本行不是 UTF-8 编码".into(),
            Problem::LineTooLong => "本行过长".into(),
            Problem::OpenQuote => "引号没有在本行结束".into(),
            Problem::StrayQuote => "引号结束后还有文字".into(),
            Problem::Empty => "文件是空的".into(),
            Problem::NoRows => "只有表头，没有数据行".into(),
            Problem::ColumnMissing => "表头缺少这一列".into(),
            Problem::ColumnUnknown(found) => format!("表头有不认识的列“{found}”"),
            Problem::ColumnTwice => "表头中这一列出现两次".into(),
            Problem::FieldCount { expected, found } => format!("应有 {expected} 列，实有 {found} 列"),
            Problem::LevelUnknown(found) => format!("层级“{found}”不认识"),
            Problem::CodeNotDigits { found, digits } => format!("代码“{found}”不是 {digits} 位数字"),
            Problem::CodeBelowLevel(level) => format!("{}代码在本级以下的数位不是 0", label(*level)),
            Problem::CodeAboveLevel(level) => format!("{}代码在本级的数位全是 0", label(*level)),
            Problem::Duplicate { first_line } => format!("与第 {first_line} 行的层级和代码重复"),
            Problem::ParentMissing => "没有上级代码".into(),
            Problem::ParentOfProvince => "省级不应有上级代码".into(),
            Problem::ParentSelf => "上级代码是自己，且文件中没有同代码的地级行".into(),
            Problem::ParentNotPrefix { .. } => "上级代码不是本行代码的前段".into(),
            Problem::ParentNotLevelAbove { level, .. } => format!("上级不是上一级（{}）", label(*level)),
            Problem::Orphan { level, parent } => format!("文件中没有上级 {parent}（{}）", label(*level)),
            Problem::NameEmpty => "名称为空".into(),
            Problem::NameTooLong { found, limit } => format!("名称有 {found} 个字，最多 {limit} 个"),
            Problem::NameControl(found) => format!("名称含看不见的字符 U+{:04X}", u32::from(*found)),
            Problem::NameGarbled => "名称含乱码".into(),
            Problem::EstateTypeUnknown(found) => format!("小区类型“{found}”不认识"),
            Problem::EstateTypeMisplaced => "只有小区行可以填小区类型".into(),
        }
    }

    /// Says what to do.
    pub fn remedy(&self) -> String {
        match self {
            Problem::FileGbk(_) | Problem::FileUtf16 => "请另存为“CSV UTF-8”后重新上传".into(),
            Problem::NotUtf8 => "请重新输入本行的名称，并另存为“CSV UTF-8”".into(),
            Problem::LineTooLong | Problem::OpenQuote => "请检查引号是否成对，一行只写一个区划".into(),
            Problem::StrayQuote => "请把整个字段放进引号，字段内的引号写两次".into(),
            Problem::Empty | Problem::NoRows => "请检查是否选错文件，或导出时没有选中数据".into(),
            Problem::ColumnMissing => "请补上：表头须有 code,parent_code,name,level（顺序不限）".into(),
            Problem::ColumnUnknown(_) => {
                "请删除该列：只认 code,parent_code,name,level 和可选的 estate_type".into()
            }
            Problem::ColumnTwice => "请删除其中一列".into(),
            Problem::FieldCount { .. } => "请补齐或删除多余的逗号；含逗号的名称须加引号".into(),
            Problem::LevelUnknown(_) => {
                "请填 province、city、district、subdistrict、community、estate 或 building".into()
            }
            Problem::CodeNotDigits { digits, .. } => {
                format!("请按 {digits} 位文本填写；表格软件须把该列设为“文本”，以免变成科学计数")
            }
            Problem::CodeBelowLevel(_) | Problem::CodeAboveLevel(_) => "请核对代码与层级哪一个填错".into(),
            Problem::Duplicate { .. } => "请保留其中一行".into(),
            Problem::ParentMissing => "请填上级的代码".into(),
            Problem::ParentOfProvince => "请把上级代码留空".into(),
            Problem::ParentSelf => "请改为上级的代码，或补上同代码的地级行".into(),
            Problem::ParentNotPrefix { expected } | Problem::ParentNotLevelAbove { expected, .. } => {
                format!("按本行代码，上级应为 {expected}；请核对两者")
            }
            Problem::Orphan { .. } => "请补上上级那一行，或更正代码".into(),
            Problem::NameEmpty => "请填写名称".into(),
            Problem::NameTooLong { .. } => "请只填区划的名称".into(),
            Problem::NameControl(_) => "请删除该字符后重新输入名称".into(),
            Problem::NameGarbled => "请从原始文件重新导出，或重新输入名称".into(),
            Problem::EstateTypeUnknown(_) => "请填“老旧小区”或“商品房小区”，或留空".into(),
            Problem::EstateTypeMisplaced => "请留空".into(),
        }
    }
}
