//! WebP: its chunks are walked before the decoder sees them, because that decoder believes every size it
//! reads, inside frames too.

use super::{CleanCopy, CleanLimits, CleanRefused, animation, refused, still};
use image::{ImageDecoder, codecs::webp::WebPDecoder};
use std::io::Cursor;

pub fn clean(bytes: &[u8], limits: &CleanLimits) -> Result<CleanCopy, CleanRefused> {
    let file = riff(bytes).ok_or(CleanRefused::Damaged)?;
    let mut survey = Survey::default();
    survey.walk(&file[12..], Depth::File, limits)?;
    let decoder = WebPDecoder::new(Cursor::new(file)).map_err(refused)?;
    let (width, height) = decoder.dimensions();
    limits.admit(width, height)?;
    if decoder.has_animation() {
        // The decoder holds the canvas and a frame, each as RGBA, twice.
        let canvas = u64::from(width) * u64::from(height);
        if canvas * 16 > limits.decoder_bytes() {
            return Err(CleanRefused::TooLarge);
        }
        limits.admit_frames(survey.frames, canvas.saturating_mul(survey.frames.into()))?;
        return animation::clean(decoder, width, height, limits);
    }
    let pixels = still::read(decoder, limits)?;
    if survey.lossless || !pixels.is_opaque() { pixels.into_png(limits) } else { pixels.into_jpeg(limits) }
}

/// The file as long as it says it is, without what comes after: `"RIFF" length:u32le "WEBP" chunks…`.
fn riff(bytes: &[u8]) -> Option<&[u8]> {
    let length = usize::try_from(u32_at(bytes, 4)?).ok()?;
    bytes.get(..length.checked_add(8)?).filter(|file| file.len() > 12)
}

/// Frames do not hold frames: no file decides how deep this goes.
#[derive(Clone, Copy, PartialEq)]
enum Depth {
    File,
    Frame,
}

#[derive(Default)]
struct Survey {
    frames: u32,
    lossless: bool,
}

impl Survey {
    /// Chunks are `fourcc length:u32le bytes [0 if odd]`; an `ANMF` holds 16 bytes and then chunks again.
    fn walk(&mut self, mut chunks: &[u8], depth: Depth, limits: &CleanLimits) -> Result<(), CleanRefused> {
        while chunks.len() >= 8 {
            let length = u32_at(chunks, 4).and_then(|n| usize::try_from(n).ok());
            let body = length.and_then(|n| chunks.get(8..n.checked_add(8)?)).ok_or(CleanRefused::Damaged)?;
            match &chunks[..4] {
                b"VP8 " if body.len() >= 10 => {
                    let sizes = u32_at(body, 6).unwrap_or(0);
                    limits.admit(sizes & 0x3FFF, (sizes >> 16) & 0x3FFF)?;
                }
                b"VP8L" if body.len() >= 5 => {
                    let sizes = u32_at(body, 1).unwrap_or(0);
                    limits.admit((sizes & 0x3FFF) + 1, ((sizes >> 14) & 0x3FFF) + 1)?;
                    self.lossless = true;
                }
                b"ANMF" if depth == Depth::File => {
                    self.frames = self.frames.saturating_add(1);
                    self.walk(body.get(16..).ok_or(CleanRefused::Damaged)?, Depth::Frame, limits)?;
                }
                _ => {}
            }
            chunks = chunks.get(8 + body.len() + body.len() % 2..).unwrap_or(&[]);
        }
        Ok(())
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}
