//! Files that claim to be larger than they are, and large ones: refused before their size is allocated.

use crate::corpus::*;
use mifeng::cleartext::clean::{CleanLimits, CleanRefused, Collector, FileKind, clean};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

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
