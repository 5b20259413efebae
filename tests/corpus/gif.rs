//! GIF: in its extensions, and in the colours no pixel has.

use super::{CANARY, canary, trailing_zip};

/// A GIF built from blocks: the canvas, a palette of four whose last two entries spell the canary.
pub fn gif_of(width: u16, height: u16, blocks: &[Vec<u8>], after_end: &[u8]) -> Vec<u8> {
    let [w, h] = [width, height].map(u16::to_le_bytes);
    [
        b"GIF89a",
        &w[..],
        &h,
        &[0x81, 0, 0, 255, 0, 0, 0, 0, 255],
        CANARY.as_bytes(),
        &blocks.concat(),
        b";",
        after_end,
    ]
    .concat()
}

pub fn gif_extension(label: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut out = vec![0x21, label];
    for part in parts {
        out.push(part.len() as u8);
        out.extend_from_slice(part);
    }
    out.push(0);
    out
}

/// A frame that claims a size and holds few pixels: `colours` is at most four pixels of 0 or 1.
pub fn gif_frame(width: u16, height: u16, colours: [u8; 4]) -> Vec<u8> {
    // Codes of 3 bits, as 4 is "clear" and 5 "end": 4, the pixels, 5. The width never grows.
    let codes = [4, colours[0], colours[1], 4, colours[2], colours[3], 5];
    let bits = codes.iter().enumerate().fold(0u32, |bits, (n, code)| bits | u32::from(*code) << (3 * n));
    let [w, h] = [width, height].map(u16::to_le_bytes);
    [&[0x2C, 0, 0, 0, 0][..], &w, &h, &[0, 2, 3], &bits.to_le_bytes()[..3], &[0]].concat()
}

pub fn nasty_gif() -> Vec<u8> {
    gif_of(
        2,
        2,
        &[
            gif_extension(0xFE, &[&canary("comment")]),
            gif_extension(0xFF, &[b"NETSCAPE2.0", &[1, 0, 0]]),
            gif_extension(0xFF, &[b"XMP DataXMP", &canary("xmp application extension")]),
            gif_extension(0x01, &[&[0; 12], &canary("plain text extension")]),
            gif_extension(0xF9, &[&[0x04, 10, 0, 0]]),
            gif_frame(2, 2, [0, 1, 1, 0]),
            gif_extension(0xFE, &[&canary("comment between frames")]),
            gif_extension(0xF9, &[&[0x04, 20, 0, 0]]),
            gif_frame(2, 2, [1, 0, 0, 1]),
        ],
        &trailing_zip(),
    )
}
