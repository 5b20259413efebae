//! An animation of any kind: every frame drawn whole, into a new looping GIF.

use super::{CleanCopy, CleanLimits, CleanRefused, not_written, refused, wiping::WipingBuffer};
use image::{
    AnimationDecoder,
    codecs::gif::{GifEncoder, Repeat},
};

/// Of 1 (finest palette) to 30 (fastest). 10 is the palette algorithm's own middle.
const PALETTE_SPEED: i32 = 10;

/// `width` and `height` are the canvas, already admitted. One frame is held at a time.
pub fn clean<'a>(
    decoder: impl AnimationDecoder<'a>,
    width: u32,
    height: u32,
    limits: &CleanLimits,
) -> Result<CleanCopy, CleanRefused> {
    let mut out = WipingBuffer::new(limits.max_copy_bytes);
    let mut encoder = GifEncoder::new_with_speed(&mut out, PALETTE_SPEED);
    encoder.set_repeat(Repeat::Infinite).map_err(not_written)?;
    let canvas = u64::from(width) * u64::from(height);
    let mut count = 0;
    for frame in decoder.into_frames() {
        count += 1;
        limits.admit_frames(count, canvas * u64::from(count))?;
        let mut frame = frame.map_err(refused)?;
        // As with a still picture: nothing is left under what cannot be seen.
        frame.buffer_mut().pixels_mut().filter(|p| p[3] == 0).for_each(|p| p.0 = [0; 4]);
        encoder.encode_frame(frame).map_err(not_written)?;
    }
    drop(encoder);
    if count == 0 {
        return Err(CleanRefused::Damaged);
    }
    Ok(CleanCopy { media_type: "image/gif", bytes: out.into_bytes(), width, height })
}
