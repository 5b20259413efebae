//! Cleaned copies of pictures: nothing of the file survives but its pixels, and no file can hurt.

use crate::corpus::*;
use image::{AnimationDecoder, ImageFormat, RgbImage, codecs::gif::GifDecoder};
use mifeng::cleartext::clean::{
    CleanCopy, CleanLimits, CleanRefused, Collected, Collector, FileKind, clean, sniff,
};
use proptest::prelude::*;
use std::io::Cursor;

pub fn cleaned(bytes: &[u8]) -> CleanCopy {
    clean(bytes, &CleanLimits::default()).unwrap()
}

// -- nothing survives --

#[test]
fn no_canary_survives_in_any_format() {
    for (name, dirty) in all() {
        assert!(
            contains(&dirty, CANARY.as_bytes()) || name.starts_with("png, "),
            "{name}: nothing was hidden"
        );
        let copy = cleaned(&dirty);
        assert!(!contains(&copy.bytes, CANARY.as_bytes()), "{name}: a canary came through");
        assert!(!contains(&copy.bytes, b"13800138000"), "{name}: a number came through");
        let pixels = decoded(&copy).into_raw();
        for stride in [1, 2, 3, 4] {
            let every: Vec<u8> = pixels.iter().copied().step_by(stride).collect();
            assert!(!contains(&every, CANARY.as_bytes()), "{name}: a canary is in the pixels");
        }
    }
}

#[test]
fn a_copy_of_a_copy_is_as_clean_and_as_large() {
    for (name, dirty) in all() {
        let once = cleaned(&dirty);
        let twice = cleaned(&once.bytes);
        assert_eq!((once.width, once.height), (twice.width, twice.height), "{name}");
        assert_eq!(once.media_type, twice.media_type, "{name}");
    }
}

#[test]
fn the_copy_has_the_format_that_suits_the_picture() {
    for (dirty, media_type) in [
        (nasty_jpeg(), "image/jpeg"),
        (nasty_png(), "image/png"),
        (nasty_webp(LOSSY_WEBP), "image/jpeg"),
        (nasty_webp(&plain_lossless_webp()), "image/png"),
        (nasty_gif(), "image/gif"),
        (animated_png(2), "image/gif"),
        (animated_webp(2, SIZE.0, SIZE.1), "image/gif"),
    ] {
        assert_eq!(cleaned(&dirty).media_type, media_type);
    }
}

// -- the picture itself is kept --

#[test]
fn every_orientation_is_applied() {
    const R: [u8; 3] = [255, 0, 0];
    const G: [u8; 3] = [0, 255, 0];
    const B: [u8; 3] = [0, 0, 255];
    const W: [u8; 3] = [255, 255, 255];
    // EXIF orientation → top left, top right, bottom left, bottom right, as a viewer shows them.
    let shown = [
        (1, [R, G, B, W]),
        (2, [G, R, W, B]),
        (3, [W, B, G, R]),
        (4, [B, W, R, G]),
        (5, [R, B, G, W]),
        (6, [B, R, W, G]),
        (7, [W, G, B, R]),
        (8, [G, W, R, B]),
    ];
    for (orientation, expected) in shown {
        let files = [
            jpeg_turned(orientation),
            png_turned(orientation),
            webp_turned(LOSSY_WEBP, orientation),
            webp_turned(&plain_lossless_webp(), orientation),
        ];
        for file in files {
            let copy = cleaned(&file);
            let (w, h) = if orientation < 5 { SIZE } else { (SIZE.1, SIZE.0) };
            assert_eq!((copy.width, copy.height), (w, h), "orientation {orientation}");
            let image = decoded(&copy);
            let seen = [(3, 3), (w - 4, 3), (3, h - 4), (w - 4, h - 4)].map(|(x, y)| image.get_pixel(x, y).0);
            for (seen, expected) in seen.into_iter().zip(expected) {
                let close = seen.iter().zip(expected).all(|(a, b)| a.abs_diff(b) < 40);
                assert!(close, "orientation {orientation} of {:?}: {seen:?} {expected:?}", sniff(&file));
            }
        }
    }
}

#[test]
fn an_unknown_orientation_leaves_the_picture_as_it_is() {
    for odd in [0, 9, 0xFFFF] {
        let copy = cleaned(&jpeg_turned(odd));
        assert_eq!((copy.width, copy.height), SIZE);
    }
}

#[test]
fn an_animation_keeps_its_frames_and_their_times() {
    let copy = cleaned(&nasty_gif());
    let frames = GifDecoder::new(Cursor::new(&*copy.bytes)).unwrap().into_frames().collect_frames().unwrap();
    let times: Vec<u32> = frames.iter().map(|f| f.delay().numer_denom_ms().0).collect();
    assert_eq!(times, [100, 200]);
    assert_eq!(frames[0].buffer().get_pixel(0, 0).0, [255, 0, 0, 255]);
    assert_eq!(frames[1].buffer().get_pixel(0, 0).0, [0, 0, 255, 255]);
    for dirty in [animated_png(3), animated_webp(3, SIZE.0, SIZE.1)] {
        let copy = cleaned(&dirty);
        let frames = GifDecoder::new(Cursor::new(&*copy.bytes)).unwrap().into_frames();
        assert_eq!(frames.collect_frames().unwrap().len(), 3);
    }
}

#[test]
fn what_is_transparent_stays_so_and_hides_nothing() {
    let copy = cleaned(&erased_png());
    let image = image::load_from_memory(&copy.bytes).unwrap().into_rgba8();
    assert_eq!(image.get_pixel(0, 0).0, [0; 4]);
    assert_eq!(image.get_pixel(6, 0).0, [10, 20, 30, 255]);
}

// -- what is no picture --

#[test]
fn the_kind_is_decided_by_content() {
    for other in
        [b"%PDF-1.7\n".as_slice(), b"\0\0\0\x18ftypheic\0\0\0\0", b"PK\x03\x04", b"MZ\x90\0", b"", b"GIF"]
    {
        assert_eq!(clean(other, &CleanLimits::default()).map(|_| ()), Err(CleanRefused::NotCleanable));
    }
    // The first bytes say JPEG, the rest is another format: nobody guesses twice.
    let lying = [b"\xFF\xD8\xFF".as_slice(), &nasty_png()].concat();
    assert_eq!(clean(&lying, &CleanLimits::default()).map(|_| ()), Err(CleanRefused::Damaged));
    let gif_then_program = [b"GIF89a".as_slice(), b"MZ\x90\0", &[0; 200]].concat();
    assert_eq!(clean(&gif_then_program, &CleanLimits::default()).map(|_| ()), Err(CleanRefused::Damaged));
}

#[test]
fn a_file_cut_anywhere_never_panics_a_decoder() {
    for (name, dirty) in all() {
        for length in 0..dirty.len() {
            match clean(&dirty[..length], &CleanLimits::default()) {
                Ok(copy) => assert!(!contains(&copy.bytes, CANARY.as_bytes()), "{name} cut at {length}"),
                Err(reason) => assert_ne!(reason, CleanRefused::DecoderFailed, "{name} cut at {length}"),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn damaged_pictures_are_cleaned_or_refused(
        which in 0..10usize,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let (name, mut file) = all().swap_remove(which);
        for (at, byte) in damage {
            let at = at.index(file.len());
            file[at] = byte;
        }
        // Small, so that a flipped size field costs the test no time.
        let limits = CleanLimits { max_pixels: 1 << 20, ..CleanLimits::default() };
        if let Ok(copy) = clean(&file, &limits) {
            prop_assert!(!contains(&copy.bytes, CANARY.as_bytes()), "{}", name);
            prop_assert!(image::load_from_memory(&copy.bytes).is_ok(), "{}", name);
        }
    }

    #[test]
    fn random_bytes_are_refused(
        start in prop::sample::select(vec![
            b"".as_slice(), b"\xFF\xD8\xFF", b"\x89PNG\r\n\x1A\n", b"GIF89a", b"RIFF\x40\x01\0\0WEBPVP8 ", b"RIFF\x40\x01\0\0WEBPVP8X",
        ]),
        noise in prop::collection::vec(any::<u8>(), 0..2000),
    ) {
        let limits = CleanLimits { max_pixels: 1 << 20, ..CleanLimits::default() };
        if let Ok(copy) = clean(&[start, &noise].concat(), &limits) {
            prop_assert!(image::load_from_memory(&copy.bytes).is_ok());
        }
    }

    #[test]
    fn a_collector_gives_back_what_it_was_given(
        sizes in prop::collection::vec(0..5000usize, 0..20),
        limit in 4096..60_000usize,
        is_picture in any::<bool>(),
    ) {
        let start = if is_picture { b"GIF89a".as_slice() } else { b"%PDF-1" };
        let total: usize = sizes.iter().sum();
        let file: Vec<u8> = start.iter().copied().chain((0..total).map(|n| n as u8)).collect();
        let mut collector = Collector::new(limit);
        let mut rest = file.as_slice();
        for size in sizes.into_iter().chain([start.len()]) {
            let (chunk, later) = rest.split_at(size.min(rest.len()));
            collector.push(chunk);
            rest = later;
        }
        match collector.finish() {
            Collected::Picture(kind, bytes) => {
                prop_assert_eq!((kind, bytes.as_slice()), (FileKind::Gif, file.as_slice()));
                prop_assert!(is_picture && file.len() <= limit);
            }
            Collected::TooBig(kind) => prop_assert!(kind == FileKind::Gif && file.len() > limit),
            Collected::StaysSealed(kind) => prop_assert!(kind == FileKind::Pdf && !is_picture),
        }
    }
}

// -- helpers --

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

fn decoded(copy: &CleanCopy) -> RgbImage {
    let format = ImageFormat::from_mime_type(copy.media_type).unwrap();
    let image = image::load_from_memory_with_format(&copy.bytes, format).unwrap().into_rgb8();
    assert_eq!(image.dimensions(), (copy.width, copy.height));
    image
}
