//! EXIF: a TIFF of four directories.

use super::{canary, jpeg::jpeg_with};

/// IFD0 (description, orientation, camera) → GPS, Exif (maker note, user comment); IFD1 (thumbnail).
pub fn exif(orientation: u16) -> Vec<u8> {
    let thumbnail = jpeg_with(&[(0xFE, canary("comment in the thumbnail"))], b"");
    let description = canary("exif description");
    let maker_note = canary("exif maker note");
    let place = canary("exif gps area");
    // (tag, type, count, value or bytes)
    enum V<'a> {
        Short(u16),
        Bytes(u16, &'a [u8]),
        Directory(usize),
    }
    let directories: [&[(u16, V)]; 4] = [
        &[
            (0x010E, V::Bytes(2, &description)),
            (0x010F, V::Bytes(2, b"CANARY camera maker\0")),
            (0x0112, V::Short(orientation)),
            (0x8769, V::Directory(2)),
            (0x8825, V::Directory(3)),
        ],
        &[
            (0x0103, V::Short(6)),
            (0x0201, V::Bytes(0, &thumbnail)),
            (0x0202, V::Short(thumbnail.len() as u16)),
        ],
        &[(0x927C, V::Bytes(7, &maker_note)), (0xA431, V::Bytes(2, b"CANARY body serial number\0"))],
        &[(0x0001, V::Bytes(2, b"N\0\0\0\0")), (0x001C, V::Bytes(7, &place))],
    ];
    let starts: Vec<usize> = directories
        .iter()
        .scan(8, |at, d| {
            let start = *at;
            *at += 2 + d.len() * 12 + 4;
            Some(start)
        })
        .collect();
    let mut heap_at = starts[3] + 2 + directories[3].len() * 12 + 4;
    let (mut out, mut heap) = (b"II*\0\x08\0\0\0".to_vec(), Vec::new());
    for (index, directory) in directories.iter().enumerate() {
        out.extend((directory.len() as u16).to_le_bytes());
        for (tag, value) in *directory {
            let (kind, count, word) = match value {
                V::Short(n) => (3, 1, u32::from(*n)),
                V::Directory(n) => (4, 1, starts[*n] as u32),
                // A thumbnail is an offset (LONG) to bytes that no entry holds.
                V::Bytes(0, bytes) | V::Bytes(_, bytes) => {
                    let at = heap_at as u32;
                    heap.extend_from_slice(bytes);
                    heap_at += bytes.len();
                    match value {
                        V::Bytes(0, _) => (4, 1, at),
                        V::Bytes(kind, _) => (*kind, bytes.len() as u32, at),
                        _ => unreachable!(),
                    }
                }
            };
            out.extend(tag.to_le_bytes());
            out.extend(u16::to_le_bytes(kind));
            out.extend(count.to_le_bytes());
            out.extend(word.to_le_bytes());
        }
        let next = if index == 0 { starts[1] as u32 } else { 0 };
        out.extend(next.to_le_bytes());
    }
    out.extend(heap);
    out
}
