//! Levels as a file of divisions writes them and as an officer reads them.
//!
//! Codes and levels themselves are shared ids; this knows only their dress in a file.

use gongzhi_proto::ids::Level;

/// Says how many digits a code of this level has in a file: padded with zeros down to the community.
pub(super) fn file_digits(level: Level) -> usize {
    level.digits().max(Level::Community.digits())
}

/// Finds the level a word in a file means; official files write the sub-district as one word.
pub(super) fn from_word(word: &str) -> Option<Level> {
    match word {
        "subdistrict" => Some(Level::SubDistrict),
        other => Level::ALL.into_iter().find(|level| level.as_str() == other),
    }
}

/// Returns the Chinese label.
pub(super) const fn label(level: Level) -> &'static str {
    match level {
        Level::Province => "省级",
        Level::City => "地级",
        Level::District => "县级",
        Level::SubDistrict => "街道",
        Level::Community => "社区",
        Level::Estate => "小区",
        Level::Building => "楼栋",
    }
}
