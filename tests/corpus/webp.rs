//! WebP: in its chunks, still and animated.

use super::{SIZE, canary, corners, exif::exif, trailing_zip, xmp};
use image::{ExtendedColorType, ImageEncoder, codecs};

/// The picture of [`corners`] through `cwebp -q 90`: no encoder in Rust writes lossy WebP.
pub const LOSSY_WEBP: &[u8] = include_bytes!("corners-lossy.webp");

pub fn riff_chunk(kind: &[u8; 4], payload: &[u8]) -> Vec<u8> {
    let mut out = [kind.as_slice(), &(payload.len() as u32).to_le_bytes(), payload].concat();
    out.resize(out.len() + payload.len() % 2, 0);
    out
}

pub fn webp_file(chunks: &[Vec<u8>], after_end: &[u8]) -> Vec<u8> {
    let body = chunks.concat();
    [b"RIFF", &(body.len() as u32 + 4).to_le_bytes(), b"WEBP".as_slice(), &body, after_end].concat()
}

fn u24(n: u32) -> [u8; 3] {
    [n as u8, (n >> 8) as u8, (n >> 16) as u8]
}

/// Flags: 0x02 animation, 0x04 XMP, 0x08 EXIF, 0x10 alpha, 0x20 ICC.
pub fn vp8x(flags: u8, width: u32, height: u32) -> Vec<u8> {
    riff_chunk(b"VP8X", &[&[flags, 0, 0, 0][..], &u24(width - 1), &u24(height - 1)].concat())
}

/// The one image chunk of a still file.
fn image_chunk(still: &[u8]) -> Vec<u8> {
    still[12..].to_vec()
}

pub fn plain_lossless_webp() -> Vec<u8> {
    let mut out = Vec::new();
    codecs::webp::WebPEncoder::new_lossless(&mut out)
        .write_image(&corners(), SIZE.0, SIZE.1, ExtendedColorType::Rgb8)
        .unwrap();
    out
}

pub fn webp_turned(still: &[u8], orientation: u16) -> Vec<u8> {
    webp_file(&[vp8x(0x08, SIZE.0, SIZE.1), image_chunk(still), riff_chunk(b"EXIF", &exif(orientation))], b"")
}

pub fn nasty_webp(still: &[u8]) -> Vec<u8> {
    webp_file(
        &[
            vp8x(0x2C, SIZE.0, SIZE.1),
            riff_chunk(b"ICCP", &canary("icc profile")),
            image_chunk(still),
            riff_chunk(b"EXIF", &exif(1)),
            riff_chunk(b"XMP ", &xmp()),
            riff_chunk(b"JUNK", &canary("unknown chunk")),
        ],
        &trailing_zip(),
    )
}

/// An animation of `frames` frames, the canvas as claimed.
pub fn animated_webp(frames: u32, width: u32, height: u32) -> Vec<u8> {
    let frame_header = [&[0; 6][..], &u24(SIZE.0 - 1), &u24(SIZE.1 - 1), &u24(100), &[0]].concat();
    let frame = riff_chunk(b"ANMF", &[frame_header, image_chunk(&plain_lossless_webp())].concat());
    let mut chunks = vec![vp8x(0x0A, width, height), riff_chunk(b"ANIM", &[0; 6])];
    chunks.extend((0..frames).map(|_| frame.clone()));
    chunks.push(riff_chunk(b"EXIF", &exif(1)));
    webp_file(&chunks, &trailing_zip())
}
