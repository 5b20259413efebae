//! One picture: its pixels, the right way up, into a new file.

use super::{CleanCopy, CleanLimits, CleanRefused, animation, not_written, refused, wiping::WipingBuffer};
use image::{
    DynamicImage, ImageDecoder,
    codecs::{jpeg, png},
    metadata::Orientation,
};
use std::io::Cursor;
use zeroize::Zeroize;

/// Hard to tell from the original by eye, at about a third of the size of quality 100.
const JPEG_QUALITY: u8 = 88;

pub fn jpeg(bytes: &[u8], limits: &CleanLimits) -> Result<CleanCopy, CleanRefused> {
    let decoder = jpeg::JpegDecoder::new(Cursor::new(bytes)).map_err(refused)?;
    read(decoder, limits)?.into_jpeg(limits)
}

pub fn png(bytes: &[u8], limits: &CleanLimits) -> Result<CleanCopy, CleanRefused> {
    let decoder = png::PngDecoder::with_limits(Cursor::new(bytes), limits.for_decoder()).map_err(refused)?;
    if decoder.is_apng().map_err(refused)? {
        let (width, height) = decoder.dimensions();
        limits.admit(width, height)?;
        return animation::clean(decoder.apng().map_err(refused)?, width, height, limits);
    }
    read(decoder, limits)?.into_png(limits)
}

/// Decodes, once the size the decoder reports is found to be within the limits.
pub fn read(mut decoder: impl ImageDecoder, limits: &CleanLimits) -> Result<Pixels, CleanRefused> {
    let (width, height) = decoder.dimensions();
    limits.admit(width, height)?;
    if decoder.total_bytes() > limits.decoder_bytes() {
        return Err(CleanRefused::TooLarge);
    }
    decoder.set_limits(limits.for_decoder()).map_err(refused)?;
    // Broken EXIF is no reason to withhold the picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut pixels = Pixels(DynamicImage::from_decoder(decoder).map_err(refused)?);
    pixels.0.apply_orientation(orientation);
    pixels.narrow_to_8_bits();
    pixels.blank_the_transparent();
    Ok(pixels)
}

/// A decoded picture, wiped when dropped.
pub struct Pixels(DynamicImage);

impl Pixels {
    pub fn is_opaque(&self) -> bool {
        match &self.0 {
            DynamicImage::ImageRgba8(image) => image.pixels().all(|p| p[3] == 255),
            DynamicImage::ImageLumaA8(image) => image.pixels().all(|p| p[1] == 255),
            _ => true,
        }
    }

    pub fn into_jpeg(mut self, limits: &CleanLimits) -> Result<CleanCopy, CleanRefused> {
        if !matches!(self.0, DynamicImage::ImageLuma8(_) | DynamicImage::ImageRgb8(_)) {
            let opaque = DynamicImage::ImageRgb8(self.0.to_rgb8());
            self = Pixels(opaque);
        }
        let mut out = WipingBuffer::new(limits.max_copy_bytes);
        let encoder = jpeg::JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY);
        self.0.write_with_encoder(encoder).map_err(not_written)?;
        Ok(self.copy("image/jpeg", out))
    }

    pub fn into_png(self, limits: &CleanLimits) -> Result<CleanCopy, CleanRefused> {
        let mut out = WipingBuffer::new(limits.max_copy_bytes);
        self.0.write_with_encoder(png::PngEncoder::new(&mut out)).map_err(not_written)?;
        Ok(self.copy("image/png", out))
    }

    fn copy(&self, media_type: &'static str, out: WipingBuffer) -> CleanCopy {
        CleanCopy { media_type, bytes: out.into_bytes(), width: self.0.width(), height: self.0.height() }
    }

    /// No screen here shows more, and the low halves of 16-bit samples are a place to hide bytes.
    fn narrow_to_8_bits(&mut self) {
        let narrow = match &self.0 {
            DynamicImage::ImageLuma16(_) => DynamicImage::ImageLuma8(self.0.to_luma8()),
            DynamicImage::ImageLumaA16(_) => DynamicImage::ImageLumaA8(self.0.to_luma_alpha8()),
            DynamicImage::ImageRgb16(_) | DynamicImage::ImageRgb32F(_) => {
                DynamicImage::ImageRgb8(self.0.to_rgb8())
            }
            DynamicImage::ImageRgba16(_) | DynamicImage::ImageRgba32F(_) => {
                DynamicImage::ImageRgba8(self.0.to_rgba8())
            }
            _ => return,
        };
        *self = Pixels(narrow);
    }

    /// An eraser that only sets alpha to zero leaves what it "erased" in the file.
    fn blank_the_transparent(&mut self) {
        match &mut self.0 {
            DynamicImage::ImageRgba8(image) => {
                image.pixels_mut().filter(|p| p[3] == 0).for_each(|p| p.0 = [0; 4])
            }
            DynamicImage::ImageLumaA8(image) => {
                image.pixels_mut().filter(|p| p[1] == 0).for_each(|p| p.0 = [0; 2])
            }
            _ => {}
        }
    }
}

impl Drop for Pixels {
    fn drop(&mut self) {
        std::mem::take(&mut self.0).into_bytes().zeroize();
    }
}
