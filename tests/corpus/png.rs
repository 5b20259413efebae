//! PNG: in its chunks, its palette, its low bits, and beneath what is transparent.

use super::{CANARY, SIZE, canary, corners, exif::exif, trailing_zip, xmp};

pub fn png_chunk(kind: &[u8; 4], payload: &[u8]) -> Vec<u8> {
    let body = [kind.as_slice(), payload].concat();
    let crc = body.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { 0xEDB8_8320 ^ (c >> 1) } else { c >> 1 })
    });
    [&(payload.len() as u32).to_be_bytes(), body.as_slice(), &(!crc).to_be_bytes()].concat()
}

/// zlib without compression.
pub fn stored_zlib(bytes: &[u8]) -> Vec<u8> {
    let (a, b) = bytes.iter().fold((1u32, 0u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65521;
        (a, (b + a) % 65521)
    });
    let mut out = vec![0x78, 0x01];
    let blocks = bytes.chunks(65535).count();
    for (index, block) in bytes.chunks(65535).enumerate() {
        out.push(u8::from(index + 1 == blocks));
        out.extend((block.len() as u16).to_le_bytes());
        out.extend((!(block.len() as u16)).to_le_bytes());
        out.extend(block);
    }
    out.extend(((b << 16) | a).to_be_bytes());
    out
}

pub fn png_of(
    ihdr: [u8; 13],
    before: &[Vec<u8>],
    rows: &[u8],
    after: &[Vec<u8>],
    after_end: &[u8],
) -> Vec<u8> {
    [
        b"\x89PNG\r\n\x1A\n".to_vec(),
        png_chunk(b"IHDR", &ihdr),
        before.concat(),
        png_chunk(b"IDAT", &stored_zlib(rows)),
        after.concat(),
        png_chunk(b"IEND", b""),
        after_end.to_vec(),
    ]
    .concat()
}

pub fn ihdr(width: u32, height: u32, bits: u8, colour: u8) -> [u8; 13] {
    let mut out = [0; 13];
    out[..4].copy_from_slice(&width.to_be_bytes());
    out[4..8].copy_from_slice(&height.to_be_bytes());
    out[8..10].copy_from_slice(&[bits, colour]);
    out
}

fn rgb_rows() -> Vec<u8> {
    corners().chunks(SIZE.0 as usize * 3).flat_map(|row| [&[0], row].concat()).collect()
}

pub fn png_turned(orientation: u16) -> Vec<u8> {
    png_of(ihdr(SIZE.0, SIZE.1, 8, 2), &[png_chunk(b"eXIf", &exif(orientation))], &rgb_rows(), &[], b"")
}

pub fn nasty_png() -> Vec<u8> {
    let texts = |when: &str| {
        vec![
            png_chunk(b"tEXt", &[b"Author\0".to_vec(), canary(when)].concat()),
            png_chunk(b"zTXt", &[b"Comment\0\0".to_vec(), stored_zlib(&canary(when))].concat()),
            png_chunk(b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0".to_vec(), xmp()].concat()),
            png_chunk(b"tIME", &[7, 0xEA, 11, 23, 12, 0, 0]),
            png_chunk(b"prVt", &canary("private chunk")),
        ]
    };
    let mut before = texts("before the pixels");
    before.push(png_chunk(b"iCCP", &[b"CANARY profile\0\0".to_vec(), stored_zlib(&canary("icc"))].concat()));
    before.push(png_chunk(b"eXIf", &exif(1)));
    png_of(
        ihdr(SIZE.0, SIZE.1, 8, 2),
        &before,
        // Rows after the last row are a hiding place too.
        &[rgb_rows(), canary("behind the last row")].concat(),
        &texts("after the pixels"),
        &trailing_zip(),
    )
}

/// Two colours used, two more entries in the palette spell the canary; transparency given for one.
pub fn palette_png() -> Vec<u8> {
    let palette = [&[255, 0, 0, 0, 0, 255], b"CANARYcanary".as_slice()].concat();
    let rows: Vec<u8> = (0..8).flat_map(|y| [0u8, if y < 4 { 0 } else { 1 }, 0, 1, 0, 1, 0, 1, 0]).collect();
    png_of(ihdr(8, 8, 8, 3), &[png_chunk(b"PLTE", &palette)], &rows, &[], b"")
}

/// RGBA, wholly transparent but for one pixel; the colours beneath spell the canary.
pub fn erased_png() -> Vec<u8> {
    let mut row = vec![0];
    CANARY.bytes().for_each(|b| row.extend([b; 3].iter().chain(&[0])));
    row.extend([10, 20, 30, 255]);
    png_of(ihdr(7, 1, 8, 6), &[], &row, &[], b"")
}

/// 16 bits a channel; the low bytes spell the canary.
pub fn deep_png() -> Vec<u8> {
    let row: Vec<u8> = [0].into_iter().chain(CANARY.bytes().flat_map(|b| [0x80, b])).collect();
    png_of(ihdr(2, 1, 16, 2), &[], &row, &[], b"")
}

/// An animated PNG of `frames` frames, each the whole picture.
pub fn animated_png(frames: u32) -> Vec<u8> {
    let control = |sequence: u32| {
        let mut fctl = [0; 26];
        fctl[..4].copy_from_slice(&sequence.to_be_bytes());
        fctl[4..8].copy_from_slice(&SIZE.0.to_be_bytes());
        fctl[8..12].copy_from_slice(&SIZE.1.to_be_bytes());
        fctl[20..24].copy_from_slice(&[0, 1, 0, 10]);
        png_chunk(b"fcTL", &fctl)
    };
    let later = (1..frames).map(|n| {
        let data = [(2 * n).to_be_bytes().to_vec(), stored_zlib(&rgb_rows())].concat();
        [control(2 * n - 1), png_chunk(b"fdAT", &data)].concat()
    });
    let actl = [frames.to_be_bytes(), [0; 4]].concat();
    png_of(
        ihdr(SIZE.0, SIZE.1, 8, 2),
        &[
            png_chunk(b"acTL", &actl),
            png_chunk(b"tEXt", &[b"Author\0".to_vec(), canary("apng")].concat()),
            control(0),
        ],
        &rgb_rows(),
        &later.collect::<Vec<_>>(),
        b"",
    )
}
