//! GIF: its blocks are counted before any frame is decoded, because a few bytes of them can stand for
//! hundreds of millions of pixels.

use super::{CleanCopy, CleanLimits, CleanRefused, animation, refused};
use image::{ImageDecoder, codecs::gif::GifDecoder};
use std::io::Cursor;

pub fn clean(bytes: &[u8], limits: &CleanLimits) -> Result<CleanCopy, CleanRefused> {
    let size = survey(bytes).ok_or(CleanRefused::Damaged)?;
    limits.admit(size.width, size.height)?;
    limits.admit_frames(size.frames, size.pixels)?;
    let mut decoder = GifDecoder::new(Cursor::new(bytes)).map_err(refused)?;
    decoder.set_limits(limits.for_decoder()).map_err(refused)?;
    animation::clean(decoder, size.width, size.height, limits)
}

struct Survey {
    width: u32,
    height: u32,
    frames: u32,
    /// Of all frames together, each counted as the larger of its own size and the canvas it is drawn on.
    pixels: u64,
}

/// ```text
/// "GIF89a" width:u16le height:u16le flags ratio background [palette]
/// { 0x21 label sub-blocks | 0x2C x:u16 y:u16 w:u16 h:u16 flags [palette] code-size sub-blocks }* 0x3B
/// ```
/// `None` when the file ends early or is not built like this.
fn survey(bytes: &[u8]) -> Option<Survey> {
    let mut reader = Reader(bytes.get(6..)?);
    let (width, height) = (reader.u16()?, reader.u16()?);
    let canvas = u64::from(width) * u64::from(height);
    let flags = reader.skip(3)?[0];
    reader.skip(palette_bytes(flags))?;
    let mut size = Survey { width, height, frames: 0, pixels: 0 };
    loop {
        match reader.skip(1)?[0] {
            0x21 => {
                reader.skip(1)?;
                reader.sub_blocks()?;
            }
            0x2C => {
                reader.skip(4)?;
                let frame = u64::from(reader.u16()?) * u64::from(reader.u16()?);
                let flags = reader.skip(1)?[0];
                reader.skip(palette_bytes(flags) + 1)?;
                reader.sub_blocks()?;
                size.frames = size.frames.saturating_add(1);
                size.pixels = size.pixels.saturating_add(frame.max(canvas));
            }
            0x3B => return Some(size),
            _ => return None,
        }
    }
}

fn palette_bytes(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn skip(&mut self, count: usize) -> Option<&'a [u8]> {
        let (skipped, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(skipped)
    }

    fn u16(&mut self) -> Option<u32> {
        let [low, high] = *self.skip(2)? else { return None };
        Some(u32::from(u16::from_le_bytes([low, high])))
    }

    fn sub_blocks(&mut self) -> Option<()> {
        loop {
            match self.skip(1)?[0] {
                0 => return Some(()),
                length => self.skip(usize::from(length))?,
            };
        }
    }
}
