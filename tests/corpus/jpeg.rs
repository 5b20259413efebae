//! JPEG: in its segments, and after its end.

use super::{SIZE, canary, corners, exif::exif, trailing_zip, xmp};
use image::{ExtendedColorType, ImageEncoder, codecs};

pub fn plain_jpeg() -> Vec<u8> {
    let mut out = Vec::new();
    codecs::jpeg::JpegEncoder::new_with_quality(&mut out, 95)
        .write_image(&corners(), SIZE.0, SIZE.1, ExtendedColorType::Rgb8)
        .unwrap();
    out
}

/// Segments put straight after the start marker, and bytes after the end.
pub fn jpeg_with(segments: &[(u8, Vec<u8>)], after_end: &[u8]) -> Vec<u8> {
    let plain = plain_jpeg();
    let mut out = plain[..2].to_vec();
    for (marker, payload) in segments {
        out.extend([0xFF, *marker]);
        out.extend((payload.len() as u16 + 2).to_be_bytes());
        out.extend(payload);
    }
    [out, plain[2..].to_vec(), after_end.to_vec()].concat()
}

pub fn jpeg_turned(orientation: u16) -> Vec<u8> {
    jpeg_with(&[(0xE1, [b"Exif\0\0".to_vec(), exif(orientation)].concat())], b"")
}

pub fn nasty_jpeg() -> Vec<u8> {
    let iptc_text = canary("iptc caption");
    let iptc_record = [&[0x1C, 2, 120, 0, iptc_text.len() as u8][..], &iptc_text].concat();
    let iptc = [
        b"Photoshop 3.0\x008BIM\x04\x04\0\0".to_vec(),
        (iptc_record.len() as u32).to_be_bytes().to_vec(),
        iptc_record,
    ]
    .concat();
    jpeg_with(
        &[
            (0xE1, [b"Exif\0\0".to_vec(), exif(1)].concat()),
            (0xE1, [b"http://ns.adobe.com/xap/1.0/\0".to_vec(), xmp()].concat()),
            (0xE2, [b"ICC_PROFILE\0\x01\x01".to_vec(), canary("icc profile")].concat()),
            (0xE2, [b"MPF\0".to_vec(), canary("second picture index")].concat()),
            (0xED, iptc),
            (0xEF, canary("unknown application segment")),
            (0xFE, canary("comment")),
            // A PDF that begins inside the picture.
            (0xFE, b"%PDF-1.7 CANARY polyglot".to_vec()),
        ],
        &[plain_jpeg(), canary("second picture"), trailing_zip()].concat(),
    )
}
