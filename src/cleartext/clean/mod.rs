//! Cleaned copies: what investigators see of a reporter's picture.
//!
//! A picture is decoded and a new file is written **from its pixels alone**. Nothing of the old file's
//! structure is copied, so everything that is not a pixel is gone whether or not we know its name: EXIF with
//! place and camera, XMP, IPTC, comments, text chunks, thumbnails, second pictures, unused palette entries,
//! bytes after the end, and a second file hidden around the picture (zip, PDF). What EXIF says about which
//! way is up is applied to the pixels first. Colours hidden under fully transparent pixels are blanked.
//!
//! | in | out | why |
//! |---|---|---|
//! | JPEG | JPEG, quality 88 | |
//! | PNG | PNG, 8 bits a channel | |
//! | WebP | JPEG if it was lossy and opaque, else PNG | the encoder at hand writes lossless WebP only: a photograph would grow some ten times |
//! | GIF, animated WebP, animated PNG | GIF, every frame drawn whole, looping | one way out for every animation |
//!
//! The colour profile is dropped, not applied: a wide-gamut photograph looks slightly duller. Evidence of
//! colour is in the sealed original.
//!
//! **Not promised.** What the picture *shows* may point to its maker: faces, reflections, a desk, the dots a
//! printer leaves, the noise of one camera's sensor, a message hidden in the pixels. The page says so.
//!
//! **Caller's duty.** Decoding is slow and takes memory: run it in a blocking task, few at a time. At the
//! default limits the worst picture needs about 0.5 GB while it is being cleaned, a 12-megapixel photograph
//! about 60 MB. Buffers of our own are wiped; those inside the decoders are wiped when freed only because
//! the programs' allocator does so.

mod animation;
mod collect;
mod gif;
mod still;
mod webp;
mod wiping;

pub use crate::file_kind::{Family, FileKind, SNIFF_BYTES, sniff};
pub use collect::{Collected, Collector};

use image::{ImageError, Limits};
use std::panic::{AssertUnwindSafe, catch_unwind};
use zeroize::Zeroizing;

/// How much work and memory one picture may cost. Checked against the file's own claims before anything of
/// that size is allocated, and again by the decoders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanLimits {
    /// Longest side, in pixels.
    pub max_side: u32,
    /// Width × height of a still picture. A decoder may hold 4 bytes for each: so 16-bit pictures may have
    /// half as many pixels, and the canvas of an animation, held several times over, about a quarter.
    pub max_pixels: u64,
    /// Frames of an animation.
    pub max_frames: u32,
    /// Pixels of all frames of an animation together.
    pub max_frame_pixels: u64,
    /// Size of the cleaned copy, in bytes.
    pub max_copy_bytes: usize,
}

impl Default for CleanLimits {
    fn default() -> Self {
        Self {
            // Beyond this, browsers no longer show a picture; the longest phone panoramas have some 16,000.
            max_side: 32_767,
            // 8192 × 6144: the full 50-megapixel mode of a phone camera.
            max_pixels: 8192 * 6144,
            // 20 seconds at 25 frames a second.
            max_frames: 500,
            // 300 frames of 480 × 480.
            max_frame_pixels: 300 * 480 * 480,
            // A lossless copy may be larger than a well-packed original of 20 MB, but not without end.
            max_copy_bytes: 40_000_000,
        }
    }
}

impl CleanLimits {
    fn admit(&self, width: u32, height: u32) -> Result<(), CleanRefused> {
        let pixels = u64::from(width) * u64::from(height);
        if width.max(height) > self.max_side || pixels > self.max_pixels {
            return Err(CleanRefused::TooLarge);
        }
        if pixels == 0 { Err(CleanRefused::Damaged) } else { Ok(()) }
    }

    fn admit_frames(&self, frames: u32, pixels: u64) -> Result<(), CleanRefused> {
        if frames > self.max_frames || pixels > self.max_frame_pixels {
            return Err(CleanRefused::TooManyFrames);
        }
        Ok(())
    }

    fn decoder_bytes(&self) -> u64 {
        self.max_pixels.saturating_mul(4)
    }

    fn for_decoder(&self) -> Limits {
        let mut limits = Limits::no_limits();
        limits.max_image_width = Some(self.max_side);
        limits.max_image_height = Some(self.max_side);
        limits.max_alloc = Some(self.decoder_bytes());
        limits
    }
}

/// A picture rewritten from its pixels. Case content: encrypt it at rest.
pub struct CleanCopy {
    /// `image/jpeg`, `image/png` or `image/gif`; what `bytes` really are.
    pub media_type: &'static str,
    pub bytes: Zeroizing<Vec<u8>>,
    /// In pixels, the right way up.
    pub width: u32,
    pub height: u32,
}

/// Why there is no cleaned copy. The original stays sealed in every case, nothing is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CleanRefused {
    #[error("not a JPEG, PNG, WebP or GIF picture by its content")]
    NotCleanable,
    #[error("the picture is damaged, or of a kind the decoder does not know")]
    Damaged,
    #[error("the picture has too many pixels")]
    TooLarge,
    #[error("the animation has too many frames")]
    TooManyFrames,
    #[error("the cleaned copy would be too large")]
    CopyTooLarge,
    #[error("the decoder gave up on this picture")]
    DecoderFailed,
}

/// A cleaned copy of a whole JPEG, PNG, WebP or GIF file, decided by content alone: neither a file name nor a
/// declared type is asked. Errors carry nothing of the file. Never panics: a panic inside a decoder is
/// [`CleanRefused::DecoderFailed`].
pub fn clean(bytes: &[u8], limits: &CleanLimits) -> Result<CleanCopy, CleanRefused> {
    let cleaned = catch_unwind(AssertUnwindSafe(|| match sniff(bytes) {
        FileKind::Jpeg => still::jpeg(bytes, limits),
        FileKind::Png => still::png(bytes, limits),
        FileKind::WebP => webp::clean(bytes, limits),
        FileKind::Gif => gif::clean(bytes, limits),
        _ => Err(CleanRefused::NotCleanable),
    }));
    cleaned.unwrap_or(Err(CleanRefused::DecoderFailed))
}

fn refused(error: ImageError) -> CleanRefused {
    match error {
        ImageError::Limits(_) => CleanRefused::TooLarge,
        _ => CleanRefused::Damaged,
    }
}

/// Writing fails for one reason only: [`wiping::WipingBuffer`] is full.
fn not_written(error: ImageError) -> CleanRefused {
    match error {
        ImageError::IoError(_) => CleanRefused::CopyTooLarge,
        other => refused(other),
    }
}
