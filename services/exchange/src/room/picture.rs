//! Takes out of a picture what a camera or a program wrote beside it: place, device, owner, instants, comments, smaller pictures. Which way is up
//! stays, and so do its colours. Pure.
//!
//! JPEG, PNG and WebP; a GIF has no such things but comments, which stay. What a document says of itself is not taken out.

use bytes::Bytes;
use img_parts::ImageEXIF;
use img_parts::png::{Png, PngChunk};
use img_parts::riff::{RiffChunk, RiffContent};
use img_parts::webp::WebP;

/// A picture that is not what its first bytes promise.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Damaged;

/// The picture and nothing beside it; any other file as it is.
pub(super) fn bare(media_type: &str, content: &[u8]) -> Result<Vec<u8>, Damaged> {
    let given = Bytes::copy_from_slice(content);
    match media_type {
        "image/jpeg" => jpeg(content),
        "image/png" => png(given),
        "image/webp" => webp(given),
        _ => Ok(content.to_vec()),
    }
}

/// Kinds of PNG chunks that are the picture, and not something about it; those with a capital first letter always are.
const SHOWN: [&[u8; 4]; 15] = [
    b"cICP", b"mDCV", b"cLLI", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs",
    b"hIST", b"acTL", b"fcTL", b"fdAT",
];

fn png(content: Bytes) -> Result<Vec<u8>, Damaged> {
    let length = |rest: &[u8]| {
        let [a, b, c, d] = *rest.get(..4)? else { return None };
        Some(usize::try_from(u32::from_be_bytes([a, b, c, d])).ok()?.saturating_add(12))
    };
    if !has_few_pieces(&content, 8, length) {
        return Err(Damaged);
    }
    let mut picture = Png::from_bytes(content).map_err(|_| Damaged)?;
    let turned = picture.exif().and_then(|exif| orientation(&exif));
    let shows = |chunk: &PngChunk| chunk.kind()[0].is_ascii_uppercase() || SHOWN.contains(&&chunk.kind());
    picture.chunks_mut().retain(shows);
    picture.set_exif(turned.map(only_orientation));
    Ok(picture.encoder().bytes().to_vec())
}

/// Bit of the WebP's header that promises a description in XMP.
const PROMISES_XMP: u8 = 0b100;

fn webp(content: Bytes) -> Result<Vec<u8>, Damaged> {
    let length = |rest: &[u8]| {
        let [a, b, c, d] = *rest.get(4..8)? else { return None };
        let data = usize::try_from(u32::from_le_bytes([a, b, c, d])).ok()?;
        Some(data.saturating_add(data % 2).saturating_add(8))
    };
    if !has_few_pieces(&content, 12, length) {
        return Err(Damaged);
    }
    let mut picture = WebP::from_bytes(content).map_err(|_| Damaged)?;
    let turned = picture.exif().and_then(|exif| orientation(&exif));
    let shown = [b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"].map(|kind| kind.to_owned());
    picture.chunks_mut().retain(|chunk| shown.contains(&chunk.id()));
    let header = picture.chunks_mut().iter_mut().find(|chunk| chunk.id() == *b"VP8X");
    if let Some(RiffContent::Data(data)) = header.map(RiffChunk::content_mut) {
        let mut changed = data.to_vec();
        if let Some(flags) = changed.first_mut() {
            *flags &= !PROMISES_XMP;
        }
        *data = changed.into();
    }
    picture.set_exif(turned.map(only_orientation));
    Ok(picture.encoder().bytes().to_vec())
}

/// Pieces of a picture at most: more than any camera makes, and no more than memory holds easily.
const MOST_PIECES: usize = 10_000;

/// Copies a JPEG without what is said beside the picture, wherever it stands: also between its scans. Behind its end cameras hang further pictures and films, with
/// descriptions of their own; they are not copied.
fn jpeg(content: &[u8]) -> Result<Vec<u8>, Damaged> {
    let mut bare = Vec::with_capacity(content.len());
    let (mut at, mut pieces, mut turned) = (2, 0, None);
    if content.get(..2) != Some(&[0xff, 0xd8]) {
        return Err(Damaged);
    }
    loop {
        let [sign, marker] = *content.get(at..at + 2).ok_or(Damaged)? else { return Err(Damaged) };
        match (sign, marker) {
            (0xff, 0xd9) => {
                bare.extend([0xff, 0xd9]);
                break;
            }
            // Between markers lies what the picture is coded in; there 0xff is followed by 0 or a mark without a length.
            (0xff, 0x00 | 0x01 | 0xd0..=0xd7) => {
                bare.extend([sign, marker]);
                at += 2;
            }
            // Said twice it says no more.
            (0xff, 0xff) => at += 1,
            (0xff, _) => {
                pieces += 1;
                let length = content.get(at + 2..at + 4).ok_or(Damaged)?;
                let end = at + 2 + usize::from(u16::from_be_bytes([length[0], length[1]]));
                let segment = content.get(at + 4..end).filter(|_| pieces <= MOST_PIECES).ok_or(Damaged)?;
                match (marker, segment) {
                    // How the picture is to be read: its size on paper, without the smaller picture that may stand there.
                    (0xe0, [b'J', b'F', b'I', b'F', 0, ..]) if segment.len() >= 14 => {
                        bare.extend([0xff, 0xe0, 0, 16]);
                        bare.extend(&segment[..12]);
                        bare.extend([0, 0]);
                    }
                    (0xe2, _) if segment.starts_with(b"ICC_PROFILE\0") => bare.extend(&content[at..end]),
                    (0xee, _) if segment.starts_with(b"Adobe") => bare.extend(&content[at..end]),
                    (0xe1, _) if segment.starts_with(b"Exif\0\0") => {
                        turned = turned.or_else(|| orientation(&segment[6..]));
                    }
                    (0xe0..=0xef | 0xfe, _) => {}
                    _ => bare.extend(&content[at..end]),
                }
                at = end;
            }
            _ => {
                bare.push(sign);
                at += 1;
            }
        }
    }
    let mut start = vec![0xff, 0xd8];
    if let Some(turned) = turned {
        let only = only_orientation(turned);
        start.extend([0xff, 0xe1, 0, 2 + 6 + u8::try_from(only.len()).unwrap_or(0)]);
        start.extend(b"Exif\0\0");
        start.extend(&only);
    }
    start.extend(bare);
    Ok(start)
}

/// True when a PNG (`skip` 8, four bytes of length, kind and digest) or WebP (`skip` 12) has no more pieces than are taken. Looked at before a list of them is made.
fn has_few_pieces(content: &[u8], skip: usize, length: impl Fn(&[u8]) -> Option<usize>) -> bool {
    let (mut at, mut pieces) = (skip, 0);
    while let Some(piece) = content.get(at..).and_then(&length) {
        (at, pieces) = (at.saturating_add(piece), pieces + 1);
        if pieces > MOST_PIECES {
            return false;
        }
    }
    true
}

/// Tag of the way in which a picture is turned (Exif 2.3, 4.6.4 A).
const ORIENTATION: u16 = 0x0112;

/// Which way is up, 2 to 8, where a description says something else than as it lies.
fn orientation(exif: &[u8]) -> Option<u8> {
    let little = match exif.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let read = |at: usize, length: usize| {
        let bytes = exif.get(at..at.checked_add(length)?)?;
        let fold = |number: u32, byte: &u8| number << 8 | u32::from(*byte);
        Some(if little { bytes.iter().rev().fold(0, fold) } else { bytes.iter().fold(0, fold) })
    };
    let directory = usize::try_from(read(4, 4)?).ok()?;
    let entries = usize::try_from(read(directory, 2)?).ok()?;
    (0..entries).find_map(|nth| {
        let entry = directory + 2 + 12 * nth;
        let found = read(entry, 2)? == u32::from(ORIENTATION);
        let turned = read(entry + 8, 2).filter(|turned| found && (2..=8).contains(turned))?;
        u8::try_from(turned).ok()
    })
}

/// A description that says nothing but which way is up.
fn only_orientation(turned: u8) -> Bytes {
    let [high, low] = ORIENTATION.to_be_bytes();
    Bytes::copy_from_slice(&[
        b'M', b'M', 0, b'*', 0, 0, 0, 8, 0, 1, high, low, 0, 3, 0, 0, 0, 1, 0, turned, 0, 0, 0, 0, 0, 0,
    ])
}

#[cfg(test)]
mod tests {
    use img_parts::jpeg::Jpeg;

    use super::*;

    /// A description as a telephone writes it: turned, with the maker's name and a place. Little-endian, as most are.
    fn described() -> Vec<u8> {
        let mut exif = b"II*\0\x08\0\0\0\x02\0".to_vec();
        exif.extend(b"\x0f\x01\x02\0\x08\0\0\0\x26\0\0\0");
        exif.extend(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0");
        exif.extend(b"\0\0\0\0Maker 30.3N 120.1E");
        exif
    }

    fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
        bytes.windows(wanted.len()).any(|window| window == wanted)
    }

    fn segment(marker: u8, contents: &[u8]) -> Vec<u8> {
        let length = u16::try_from(contents.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker][..], &length, contents].concat()
    }

    #[test]
    fn a_jpeg_keeps_its_picture_and_which_way_is_up() {
        let scan = [0xff, 0xda, 0, 4, 1, 2, 7, 0xff, 0, 0xff, 0xd0, 9];
        let second_scan = [&[0xff, 0xda, 0, 4, 1, 2, 8][..], &[0xff, 0xd9]].concat();
        let picture = [segment(0xdb, &[1; 65]), segment(0xc0, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0])].concat();
        let given = [
            &[0xff, 0xd8][..],
            &segment(0xe0, b"JFIF\0\x01\x02\0\0\x01\0\x01\x01\x01thumb"),
            &segment(0xe0, b"JFXX\0smaller picture"),
            &segment(0xe1, &[b"Exif\0\0", &described()[..]].concat()),
            &segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<creator>Li</creator>"),
            &segment(0xe2, b"ICC_PROFILE\0\x01\x01colours"),
            &segment(0xe2, b"MPF\0more pictures"),
            &segment(0xed, b"Photoshop 3.0\0by-line"),
            &segment(0xfe, b"comment"),
            &picture,
            &scan,
            // A picture that comes in several scans may say things between them.
            &segment(0xe1, &[b"Exif\0\0", &b"II*\0GPS between"[..]].concat()),
            &segment(0xfe, b"said between"),
            &second_scan,
            // A film behind the picture, with a description of its own.
            b"\xff\xd8ftyp 30.3N",
        ]
        .concat();
        let bare = bare("image/jpeg", &given).unwrap();
        for gone in [
            &b"Maker"[..],
            b"30.3N",
            b"creator",
            b"more pictures",
            b"by-line",
            b"comment",
            b"ftyp",
            b"between",
            b"thumb",
            b"smaller",
        ] {
            assert!(!contains(&bare, gone), "{gone:?}");
        }
        for kept in [&picture[..], b"colours", b"JFIF"] {
            assert!(contains(&bare, kept), "{kept:?}");
        }
        assert!(bare.ends_with(&[&scan[..], &second_scan].concat()));
        assert_eq!(orientation(&Jpeg::from_bytes(bare.clone().into()).unwrap().exif().unwrap()), Some(6));
        assert_eq!(super::bare("image/jpeg", &bare).unwrap(), bare, "a bare picture stays as it is");
    }

    #[test]
    fn a_png_and_a_webp_keep_their_picture_and_which_way_is_up() {
        let chunk = |kind: &[u8; 4], data: &[u8]| PngChunk::new(*kind, Bytes::copy_from_slice(data));
        let mut png =
            Png::from_bytes(Bytes::from_static(b"\x89PNG\r\n\x1a\n\0\0\0\0IEND\xae\x42\x60\x82")).unwrap();
        let chunks = [
            chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]),
            chunk(b"eXIf", &described()),
            chunk(b"tEXt", b"Author\0Li"),
            chunk(b"iTXt", b"XML:com.adobe.xmp\0creator"),
            chunk(b"tIME", &[0; 7]),
            chunk(b"gAMA", &[0, 0, 0, 1]),
            chunk(b"IDAT", b"pixels"),
        ];
        png.chunks_mut().splice(0..0, chunks);
        let shown = bare("image/png", &png.encoder().bytes()).unwrap();
        let kinds = |png: &Png| png.chunks().iter().map(|chunk| chunk.kind().to_vec()).collect::<Vec<_>>();
        let bared = Png::from_bytes(shown.into()).unwrap();
        assert_eq!(kinds(&bared), [b"IHDR", b"eXIf", b"gAMA", b"IDAT", b"IEND"].map(|kind| kind.to_vec()));
        assert_eq!(bared.exif().unwrap().len(), 26);

        let data =
            |id: &[u8; 4], data: &[u8]| RiffChunk::new(*id, RiffContent::Data(Bytes::copy_from_slice(data)));
        let subchunks = vec![
            data(b"VP8X", &[0b0000_1100, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            data(b"VP8 ", b"pixels"),
            data(b"EXIF", &described()),
            data(b"XMP ", b"creator"),
        ];
        let riff = RiffContent::List { kind: Some(*b"WEBP"), subchunks };
        let given = WebP::new(RiffChunk::new(*b"RIFF", riff)).unwrap().encoder().bytes();
        let shown = bare("image/webp", &given).unwrap();
        assert!(contains(&shown, b"pixels") && !contains(&shown, b"creator") && !contains(&shown, b"Maker"));
        let bared = WebP::from_bytes(shown.into()).unwrap();
        assert_eq!(orientation(&bared.exif().unwrap()), Some(6));
        let header = bared.chunk_by_id(*b"VP8X").and_then(|chunk| chunk.content().data().cloned());
        assert_eq!(header.unwrap()[0], 0b0000_1000);
    }

    #[test]
    fn what_is_no_picture_is_said_to_be_damaged() {
        for (media_type, content) in [
            ("image/jpeg", &b"\xff\xd8\xff\xe0\0\x10JFIF"[..]),
            ("image/jpeg", b"\xff\xd8\xff\xe0\xff\xff"),
            ("image/jpeg", b""),
            ("image/png", b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR"),
            ("image/webp", b"RIFF\xff\xff\xff\xffWEBP"),
        ] {
            assert_eq!(bare(media_type, content), Err(Damaged), "{media_type} {content:?}");
        }
        // Far more pieces than a picture has are not even listed.
        let many =
            |piece: &[u8]| piece.iter().copied().cycle().take(piece.len() * 20_000).collect::<Vec<u8>>();
        let jpeg = [&[0xff, 0xd8][..], &many(b"\xff\xfe\0\x02"), &[0xff, 0xd9]].concat();
        let png = [&b"\x89PNG\r\n\x1a\n"[..], &many(b"\0\0\0\0IDAT\x35\xaf\x06\x1e")].concat();
        let webp = [&b"RIFF\xff\xff\0\0WEBP"[..], &many(b"VP8 \0\0\0\0")].concat();
        for (media_type, content) in [("image/jpeg", jpeg), ("image/png", png), ("image/webp", webp)] {
            assert_eq!(bare(media_type, &content), Err(Damaged), "{media_type}");
        }
        assert_eq!(bare("application/pdf", b"%PDF-").unwrap(), b"%PDF-");
        assert_eq!(orientation(b"II*\0\xff\xff\xff\xff"), None);
    }
}
