//! Cleaned copies of pictures: nothing of the file survives but its pixels, and no file can hurt.

use crate::corpus::*;
use image::{AnimationDecoder, ImageFormat, RgbImage, codecs::gif::GifDecoder};
use mifeng::cleartext::clean::{
    CleanCopy, CleanLimits, CleanRefused, Collected, Collector, FileKind, clean, sniff,
};
use proptest::prelude::*;
use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    io::Cursor,
};

fn cleaned(bytes: &[u8]) -> CleanCopy {
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

// -- bombs --

#[test]
fn bombs_are_refused_before_their_size_is_allocated() {
    let pixel_rows = [0; 64];
    let one_byte_frames = |n: usize| gif_of(1, 1, &vec![gif_frame(1, 1, [0; 4]); n], b"");
    let text_bomb = |n: usize| {
        let texts = vec![png_chunk(b"tEXt", &[b"a\0".to_vec(), vec![b'a'; 1000]].concat()); n];
        png_of(ihdr(50_000, 50_000, 8, 6), &texts, &pixel_rows, &[], b"")
    };
    let mut huge_jpeg = plain_jpeg();
    let size_at = huge_jpeg.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap() + 5;
    huge_jpeg[size_at..size_at + 4].fill(0xFF);
    // The canvas is small; the picture in it claims 16383 × 16383.
    let mut huge_within = riff_chunk(b"VP8 ", &LOSSY_WEBP[20..]);
    huge_within[8 + 6..8 + 10].copy_from_slice(&[0xFF, 0x3F, 0xFF, 0x3F]);
    // Frames in frames in frames: the stack must not follow.
    let nested = (0..20_000).fold(Vec::new(), |inner, _| {
        let mut frame = riff_chunk(b"ANMF", &[]);
        frame[4..8].copy_from_slice(&(16 + inner.len() as u32).to_le_bytes());
        frame.extend([0; 16]);
        frame.extend(inner);
        frame
    });
    let bombs = [
        ("png, 50000 × 50000", text_bomb(0), CleanRefused::TooLarge),
        ("png, the same with texts", text_bomb(200), CleanRefused::TooLarge),
        (
            "png, 2³¹ wide",
            png_of(ihdr(0x7FFF_FFFF, 1, 8, 2), &[], &pixel_rows, &[], b""),
            CleanRefused::TooLarge,
        ),
        ("png, 16 bits", png_of(ihdr(8192, 6144, 16, 6), &[], &pixel_rows, &[], b""), CleanRefused::TooLarge),
        ("jpeg, 65535 × 65535", huge_jpeg, CleanRefused::TooLarge),
        ("gif, 65535 × 65535", gif_of(65535, 65535, &[gif_frame(1, 1, [0; 4])], b""), CleanRefused::TooLarge),
        ("gif, 20000 frames", one_byte_frames(20_000), CleanRefused::TooManyFrames),
        (
            "gif, large frames",
            gif_of(1, 1, &vec![gif_frame(65535, 65535, [0; 4]); 3], b""),
            CleanRefused::TooManyFrames,
        ),
        (
            "gif, large canvas",
            gif_of(6000, 6000, &vec![gif_frame(1, 1, [0; 4]); 300], b""),
            CleanRefused::TooManyFrames,
        ),
        ("webp, large canvas", animated_webp(2, 1 << 14, 1 << 14), CleanRefused::TooLarge),
        ("webp, many frames", animated_webp(600, SIZE.0, SIZE.1), CleanRefused::TooManyFrames),
        ("webp, large within", webp_file(&[vp8x(0, 16, 16), huge_within], b""), CleanRefused::TooLarge),
        (
            "webp, nested",
            webp_file(&[vp8x(2, 16, 16), riff_chunk(b"ANIM", &[0; 6]), nested], b""),
            CleanRefused::Damaged,
        ),
        (
            "webp, exif of 4 GB",
            {
                let mut exif = riff_chunk(b"EXIF", b"abcd");
                exif[4..8].copy_from_slice(&0xFFFF_FFF0u32.to_le_bytes());
                webp_file(&[vp8x(8, SIZE.0, SIZE.1), LOSSY_WEBP[12..].to_vec(), exif], b"")
            },
            CleanRefused::Damaged,
        ),
    ];
    for (name, bomb, reason) in bombs {
        let (result, largest) = largest_allocation(|| clean(&bomb, &CleanLimits::default()).map(|_| ()));
        assert_eq!(result, Err(reason), "{name}");
        // A decoder may keep the file itself, doubling as it grows, and small tables.
        let allowed = 2 * bomb.len() + 300_000;
        assert!(largest < allowed, "{name}: allocated {largest} at once for {} bytes", bomb.len());
    }
}

#[test]
fn a_copy_that_would_be_too_large_is_refused() {
    let limits = CleanLimits { max_copy_bytes: 200, ..CleanLimits::default() };
    for (name, dirty) in [("jpeg", nasty_jpeg()), ("gif", animated_png(3))] {
        assert_eq!(clean(&dirty, &limits).map(|_| ()), Err(CleanRefused::CopyTooLarge), "{name}");
    }
}

#[test]
fn limits_are_inclusive() {
    let exactly =
        CleanLimits { max_side: SIZE.0, max_pixels: u64::from(SIZE.0 * SIZE.1), ..CleanLimits::default() };
    assert!(clean(&nasty_jpeg(), &exactly).is_ok());
    for less in [
        CleanLimits { max_side: SIZE.0 - 1, ..exactly.clone() },
        CleanLimits { max_pixels: exactly.max_pixels - 1, ..exactly.clone() },
    ] {
        for dirty in [nasty_jpeg(), nasty_png(), nasty_webp(LOSSY_WEBP), animated_png(2)] {
            assert_eq!(clean(&dirty, &less).map(|_| ()), Err(CleanRefused::TooLarge));
        }
    }
    let frames = CleanLimits { max_frames: 2, ..CleanLimits::default() };
    assert!(clean(&nasty_gif(), &frames).is_ok());
    for dirty in [animated_png(3), animated_webp(3, SIZE.0, SIZE.1)] {
        assert_eq!(clean(&dirty, &frames).map(|_| ()), Err(CleanRefused::TooManyFrames));
    }
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

#[test]
fn a_collector_holds_little_of_what_cannot_be_cleaned() {
    let film = [b"\0\0\0\x20ftypisom".as_slice(), &[0; 100_000]].concat();
    let (kind, largest) = largest_allocation(|| {
        let mut collector = Collector::new(20_000_000);
        for _ in 0..300 {
            film.chunks(8192).for_each(|chunk| collector.push(chunk));
        }
        collector.finish().kind()
    });
    assert_eq!(kind, FileKind::Mp4);
    assert!(largest <= 8192, "held {largest} bytes");
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

/// The largest single allocation this thread asked for while `work` ran.
fn largest_allocation<T>(work: impl FnOnce() -> T) -> (T, usize) {
    LARGEST.set(0);
    let result = work();
    (result, LARGEST.get())
}

thread_local! {
    static LARGEST: Cell<usize> = const { Cell::new(0) };
}

struct Watched;

// SAFETY: every call is handed to the system's allocator unchanged.
unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = LARGEST.try_with(|largest| largest.set(largest.get().max(layout.size())));
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Watched = Watched;
