//! How a copy differs from its original, by its pixels: block by block, so that what a second encoding does to them does not
//! count, and a covered number plate does.

use crate::evidence::Change;
use image::{RgbImage, imageops::FilterType};

/// Pixels of a block's side.
const BLOCK: u32 = 16;
/// Mean difference of a block's channels that no encoder of ours makes; of 255.
const DIFFERS: u64 = 12;
/// Of this share differing, it is not the same picture at that place.
const FOREIGN: u8 = 70;
/// Longest side of the small pictures in which a piece is looked for.
const SMALL: u32 = 96;

pub fn changes_between(original: &RgbImage, copy: &RgbImage) -> Vec<Change> {
    let (ours, theirs) = (original.dimensions(), copy.dimensions());
    if ours == theirs {
        return match share(original, copy, (0, 0)) {
            0 => vec![Change::AsItWas],
            share => vec![Change::Covered { share }],
        };
    }
    let (wide, high) = (u64::from(ours.0) * u64::from(theirs.1), u64::from(ours.1) * u64::from(theirs.0));
    if wide.abs_diff(high) * 50 <= wide.max(high) {
        let resized = image::imageops::resize(original, theirs.0, theirs.1, FilterType::Triangle);
        match share(&resized, copy, (0, 0)) {
            0 => return vec![Change::Resized],
            share if share < FOREIGN => return vec![Change::Resized, Change::Covered { share }],
            _ => {}
        }
    }
    if theirs.0 > ours.0 || theirs.1 > ours.1 {
        return vec![Change::Redrawn];
    }
    let at = found_at(original, copy);
    let shows = percent(u64::from(theirs.0) * u64::from(theirs.1), u64::from(ours.0) * u64::from(ours.1));
    match share(original, copy, at) {
        0 => vec![Change::Cropped { shows }],
        share if share < FOREIGN => vec![Change::Cropped { shows }, Change::Covered { share }],
        _ => vec![Change::Redrawn],
    }
}

/// Adds what no eye would find: a dark face painted over in black, of which the blocks hardly differ. `hidden` of `all` pixels
/// are known to be painted over.
pub(super) fn with_hidden(mut found: Vec<Change>, hidden: u64, all: u64) -> Vec<Change> {
    let says_so = |change: &Change| matches!(change, Change::Covered { .. } | Change::Redrawn);
    if hidden > 0 && !found.iter().any(says_so) {
        found.retain(|change| *change != Change::AsItWas);
        found.push(Change::Covered { share: percent(hidden, all) });
    }
    found
}

/// Of 100, never 0 for something.
fn percent(part: u64, whole: u64) -> u8 {
    u8::try_from((part * 100).div_ceil(whole.max(1))).unwrap_or(100).min(100)
}

/// The share of the copy's blocks that differ from the original's at this place.
fn share(original: &RgbImage, copy: &RgbImage, at: (u32, u32)) -> u8 {
    let (mut all, mut differing) = (0, 0);
    for y in (0..copy.height()).step_by(BLOCK as usize) {
        for x in (0..copy.width()).step_by(BLOCK as usize) {
            all += 1;
            differing += u64::from(block_differs(original, copy, at, (x, y)));
        }
    }
    percent(differing, all)
}

fn block_differs(original: &RgbImage, copy: &RgbImage, at: (u32, u32), (x, y): (u32, u32)) -> bool {
    let (mut sum, mut count) = (0, 0);
    for y in y..(y + BLOCK).min(copy.height()) {
        for x in x..(x + BLOCK).min(copy.width()) {
            let (ours, theirs) = (original.get_pixel(x + at.0, y + at.1), copy.get_pixel(x, y));
            sum += ours.0.iter().zip(theirs.0).map(|(a, b)| u64::from(a.abs_diff(b))).sum::<u64>();
            count += 3;
        }
    }
    sum > DIFFERS * count
}

/// Where the copy fits best: first in small pictures, then around that place in the large ones.
fn found_at(original: &RgbImage, copy: &RgbImage) -> (u32, u32) {
    let room = (original.width() - copy.width(), original.height() - copy.height());
    let step = (original.width().max(original.height()) / SMALL).max(1);
    let rough = best(
        (0..=room.0).step_by(step as usize),
        &(0..=room.1).step_by(step as usize).collect::<Vec<_>>(),
        |at| difference(original, copy, at, copy.width().max(copy.height()).div_ceil(SMALL).max(1)),
    );
    let around = |centre: u32, most: u32| centre.saturating_sub(step)..=(centre + step).min(most);
    best(around(rough.0, room.0), &around(rough.1, room.1).collect::<Vec<_>>(), |at| {
        difference(original, copy, at, (copy.width().max(copy.height()) / SMALL).max(1))
    })
}

fn best(xs: impl Iterator<Item = u32>, ys: &[u32], score: impl Fn((u32, u32)) -> u64) -> (u32, u32) {
    let all = xs.flat_map(|x| ys.iter().map(move |y| (x, *y)));
    all.min_by_key(|at| score(*at)).unwrap_or_default()
}

/// Of some pixels, `step` apart. What differs much counts as covered, and no more than that.
fn difference(original: &RgbImage, copy: &RgbImage, at: (u32, u32), step: u32) -> u64 {
    let mut sum = 0;
    for y in (0..copy.height()).step_by(step as usize) {
        for x in (0..copy.width()).step_by(step as usize) {
            let (ours, theirs) = (original.get_pixel(x + at.0, y + at.1), copy.get_pixel(x, y));
            let of: u64 = ours.0.iter().zip(theirs.0).map(|(a, b)| u64::from(a.abs_diff(b))).sum();
            sum += of.min(90);
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, codecs::jpeg::JpegEncoder, imageops};

    /// Edges, slopes and noise, as a photograph has them.
    fn photo(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            let noise =
                (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).wrapping_mul(2_246_822_519) >> 27;
            let house = if (x / 40 + y / 30) % 3 == 0 { 90 } else { 0 };
            let of = |base: u32| (base + noise + house).min(255) as u8;
            Rgb([of(x * 120 / width), of(y * 120 / height), of((x + y) * 60 / (width + height))])
        })
    }

    fn again(picture: &RgbImage, quality: u8) -> RgbImage {
        let mut bytes = Vec::new();
        picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality)).unwrap();
        image::load_from_memory(&bytes).unwrap().into_rgb8()
    }

    fn covered(picture: &RgbImage, (x, y, width, height): (u32, u32, u32, u32)) -> RgbImage {
        let mut out = picture.clone();
        for (x, y) in (y..y + height).flat_map(|y| (x..x + width).map(move |x| (x, y))) {
            out.put_pixel(x, y, Rgb([0; 3]));
        }
        out
    }

    #[test]
    fn an_unedited_picture_is_as_it_was_however_it_was_saved() {
        let original = photo(640, 480);
        for quality in [95, 88, 75] {
            assert_eq!(
                changes_between(&original, &again(&original, quality)),
                [Change::AsItWas],
                "{quality}"
            );
        }
        let half = imageops::resize(&original, 320, 240, FilterType::Lanczos3);
        assert_eq!(changes_between(&original, &half), [Change::Resized]);
    }

    #[test]
    fn a_covered_plate_a_blurred_face_and_a_crop_are_told_apart() {
        let original = photo(640, 480);
        let plate = again(&covered(&original, (300, 200, 48, 16)), 88);
        assert_eq!(changes_between(&original, &plate), [Change::Covered { share: 1 }]);
        let much = covered(&original, (0, 0, 320, 480));
        assert!(matches!(changes_between(&original, &much)[..], [Change::Covered { share: 45..=55 }]));
        let piece = again(&imageops::crop_imm(&original, 133, 71, 320, 240).to_image(), 88);
        assert_eq!(changes_between(&original, &piece), [Change::Cropped { shows: 25 }]);
        let both = covered(&imageops::crop_imm(&original, 64, 32, 400, 300).to_image(), (0, 0, 100, 300));
        let found = changes_between(&original, &both);
        assert!(
            matches!(found[..], [Change::Cropped { shows: 40 }, Change::Covered { share: 15..=35 }]),
            "{found:?}"
        );
    }

    #[test]
    fn another_picture_is_not_taken_for_a_copy() {
        let other =
            RgbImage::from_fn(
                300,
                300,
                |x, y| if (x / 7 + y / 5) % 2 == 0 { Rgb([255; 3]) } else { Rgb([0; 3]) },
            );
        assert_eq!(changes_between(&photo(640, 480), &other), [Change::Redrawn]);
        assert_eq!(changes_between(&photo(640, 480), &photo(800, 200)), [Change::Redrawn]);
    }
}
