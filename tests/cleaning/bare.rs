//! What a copy is made of: of each format the parts that a picture needs, and nothing after its end.

use crate::{clean::cleaned, corpus::all};
use mifeng::cleartext::clean::sniff;

#[test]
fn a_copy_holds_no_part_but_those_a_picture_needs() {
    for (name, dirty) in all() {
        let copy = cleaned(&dirty);
        match copy.media_type {
            "image/jpeg" => assert_jpeg_is_bare(&copy.bytes),
            "image/png" => assert_png_is_bare(&copy.bytes),
            "image/gif" => assert_gif_is_bare(&copy.bytes),
            other => panic!("{name}: {other}"),
        }
        assert_eq!(sniff(&copy.bytes).media_type(), copy.media_type, "{name}");
    }
}

fn assert_jpeg_is_bare(mut rest: &[u8]) {
    assert_eq!(rest[..2], [0xFF, 0xD8]);
    rest = &rest[2..];
    while rest[1] != 0xDA {
        let length = usize::from(u16::from_be_bytes([rest[2], rest[3]]));
        // JFIF header without thumbnail, quantisation, Huffman tables, frame.
        match rest[1] {
            0xE0 => assert_eq!((length, &rest[4..9]), (16, b"JFIF\0".as_slice())),
            marker => assert!(matches!(marker, 0xDB | 0xC4 | 0xC0), "segment {marker:#x}"),
        }
        rest = &rest[2 + length..];
    }
    let end = rest.windows(2).position(|w| w == [0xFF, 0xD9]).unwrap();
    assert_eq!(end + 2, rest.len(), "bytes after the end");
}

fn assert_png_is_bare(bytes: &[u8]) {
    assert_eq!(bytes[24], 8, "bits a channel: what is finer hides bytes");
    let mut rest = &bytes[8..];
    while !rest.is_empty() {
        let length = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
        assert!(matches!(&rest[4..8], b"IHDR" | b"IDAT" | b"IEND"), "chunk {:?}", &rest[4..8]);
        rest = &rest[12 + length..];
    }
    assert_eq!(bytes[bytes.len() - 8..bytes.len() - 4], *b"IEND");
}

fn assert_gif_is_bare(bytes: &[u8]) {
    let palette = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let mut at = 13 + palette(bytes[10]);
    let skip_parts = |mut at: usize| {
        while bytes[at] != 0 {
            at += 1 + usize::from(bytes[at]);
        }
        at + 1
    };
    loop {
        match bytes[at..at + 2] {
            [0x21, 0xF9] => at = skip_parts(at + 2),
            [0x21, 0xFF] => {
                assert_eq!(bytes[at + 2..at + 19], *b"\x0BNETSCAPE2.0\x03\x01\0\0\0");
                at += 19;
            }
            [0x2C, _] => at = skip_parts(at + 11 + palette(bytes[at + 9])),
            ref other => panic!("block {other:?}"),
        }
        if bytes[at] == 0x3B {
            break;
        }
    }
    assert_eq!(at + 1, bytes.len(), "bytes after the end");
}
