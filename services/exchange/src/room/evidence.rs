//! What a file is: by its first bytes, never by its name. Only kinds that people look at are taken. Pure.

use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;

/// Most bytes of a file.
pub(super) const MOST_BYTES: usize = 20 << 20;

/// Most bytes of all files of a room together.
const MOST_OF_A_ROOM: u64 = 500 << 20;

/// Refuses a file for which a room has no place left beside what lies there.
pub(super) fn has_room(there: u64, bytes: u64) -> Result<(), Failure> {
    if there.saturating_add(bytes) <= MOST_OF_A_ROOM {
        return Ok(());
    }
    let message = format!(
        "the files of this room have {there} bytes of at most {MOST_OF_A_ROOM}; withdraw what is not needed, or open another room"
    );
    Err(Failure::Refused { reason: "TOO_MUCH_EVIDENCE", message })
}

/// A kind of file that is taken.
struct Kind {
    media_type: &'static str,
    endings: &'static [&'static str],
}

const KINDS: [Kind; 8] = [
    Kind { media_type: "image/jpeg", endings: &["jpg", "jpeg"] },
    Kind { media_type: "image/png", endings: &["png"] },
    Kind { media_type: "image/webp", endings: &["webp"] },
    Kind { media_type: "image/gif", endings: &["gif"] },
    Kind { media_type: "application/pdf", endings: &["pdf"] },
    Kind {
        media_type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        endings: &["docx"],
    },
    Kind {
        media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        endings: &["xlsx"],
    },
    Kind {
        media_type: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        endings: &["pptx"],
    },
];

/// Finds what a file is, and adds what is wrong with it.
pub(super) fn media_type(
    violations: &mut Violations,
    file_name: &str,
    content: &[u8],
) -> Option<&'static str> {
    if content.is_empty() {
        violations.add("content", "is empty");
        return None;
    }
    if content.len() > MOST_BYTES {
        violations.add("content", format!("has {} bytes; at most {MOST_BYTES} are taken", content.len()));
        return None;
    }
    let found = infer::get(content).map(|found| found.mime_type());
    let Some(kind) = KINDS.iter().find(|kind| Some(kind.media_type) == found) else {
        let is = found
            .map_or_else(|| "of no known kind".to_owned(), |found| format!("by its first bytes {found}"));
        let taken: Vec<_> = KINDS.iter().flat_map(|kind| kind.endings).copied().collect();
        violations.add("content", format!("is {is}; taken are {}", taken.join(", ")));
        return None;
    };
    let ending = file_name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    if !ending.is_some_and(|ending| kind.endings.contains(&ending.as_str())) {
        violations.add(
            "file_name",
            format!("must end in .{}: the file is {}", kind.endings.join(" or ."), kind.media_type),
        );
        return None;
    }
    Some(kind.media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_takes_so_many_bytes_and_no_more() {
        assert!(has_room(MOST_OF_A_ROOM - 7, 7).is_ok());
        assert!(matches!(has_room(MOST_OF_A_ROOM - 7, 8), Err(Failure::Refused { .. })));
        assert!(has_room(u64::MAX, 1).is_err());
    }
}
