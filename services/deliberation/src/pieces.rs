//! Public records, which may be long, in pieces that fit into messages.

/// Bytes of a piece.
const PIECE: usize = 64 * 1024;

/// The bytes of a text, piece by piece.
pub(crate) fn pieces(text: String) -> impl Iterator<Item = Vec<u8>> + Send {
    let bytes = text.into_bytes();
    let count = bytes.len().div_ceil(PIECE);
    (0..count).map(move |nth| bytes[nth * PIECE..bytes.len().min((nth + 1) * PIECE)].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_are_the_text() {
        for length in [0, 1, PIECE, PIECE + 1, 3 * PIECE] {
            let text = "字".repeat(length);
            assert_eq!(pieces(text.clone()).flatten().collect::<Vec<_>>(), text.into_bytes());
        }
    }
}
