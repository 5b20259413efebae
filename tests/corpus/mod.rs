//! Pictures with something hidden in every place a format has for it, built here byte by byte.
//! Every hidden thing begins with [`CANARY`].

use image::{ExtendedColorType, ImageEncoder, codecs};

pub const CANARY: &str = "CANARY";
/// Left and right, top and bottom: red, green, blue, white. Wider than high, to see a quarter turn.
pub const SIZE: (u32, u32) = (48, 32);
/// The same picture through `cwebp -q 90`: no encoder in Rust writes lossy WebP.
pub const LOSSY_WEBP: &[u8] = include_bytes!("corners-lossy.webp");

pub fn canary(place: &str) -> Vec<u8> {
    format!("{CANARY} {place} 31.2304N 121.4737E 13800138000").into_bytes()
}

pub fn corners() -> Vec<u8> {
    (0..SIZE.1).flat_map(|y| (0..SIZE.0).map(move |x| (x, y))).flat_map(|(x, y)| colour_at(x, y)).collect()
}

fn colour_at(x: u32, y: u32) -> [u8; 3] {
    match (x < SIZE.0 / 2, y < SIZE.1 / 2) {
        (true, true) => [255, 0, 0],
        (false, true) => [0, 255, 0],
        (true, false) => [0, 0, 255],
        (false, false) => [255, 255, 255],
    }
}

/// A zip file, as far as its reader cares, to hang on the end of a picture.
fn trailing_zip() -> Vec<u8> {
    [b"PK\x03\x04".to_vec(), vec![0; 26], canary("trailing zip"), b"PK\x05\x06".to_vec(), vec![0; 18]]
        .concat()
}

// -- EXIF: a TIFF of four directories --

/// IFD0 (description, orientation, camera) → GPS, Exif (maker note, user comment); IFD1 (thumbnail).
pub fn exif(orientation: u16) -> Vec<u8> {
    let thumbnail = jpeg_with(&[(0xFE, canary("comment in the thumbnail"))], b"");
    let description = canary("exif description");
    let maker_note = canary("exif maker note");
    let place = canary("exif gps area");
    // (tag, type, count, value or bytes)
    enum V<'a> {
        Short(u16),
        Bytes(u16, &'a [u8]),
        Directory(usize),
    }
    let directories: [&[(u16, V)]; 4] = [
        &[
            (0x010E, V::Bytes(2, &description)),
            (0x010F, V::Bytes(2, b"CANARY camera maker\0")),
            (0x0112, V::Short(orientation)),
            (0x8769, V::Directory(2)),
            (0x8825, V::Directory(3)),
        ],
        &[
            (0x0103, V::Short(6)),
            (0x0201, V::Bytes(0, &thumbnail)),
            (0x0202, V::Short(thumbnail.len() as u16)),
        ],
        &[(0x927C, V::Bytes(7, &maker_note)), (0xA431, V::Bytes(2, b"CANARY body serial number\0"))],
        &[(0x0001, V::Bytes(2, b"N\0\0\0\0")), (0x001C, V::Bytes(7, &place))],
    ];
    let starts: Vec<usize> = directories
        .iter()
        .scan(8, |at, d| {
            let start = *at;
            *at += 2 + d.len() * 12 + 4;
            Some(start)
        })
        .collect();
    let mut heap_at = starts[3] + 2 + directories[3].len() * 12 + 4;
    let (mut out, mut heap) = (b"II*\0\x08\0\0\0".to_vec(), Vec::new());
    for (index, directory) in directories.iter().enumerate() {
        out.extend((directory.len() as u16).to_le_bytes());
        for (tag, value) in *directory {
            let (kind, count, word) = match value {
                V::Short(n) => (3, 1, u32::from(*n)),
                V::Directory(n) => (4, 1, starts[*n] as u32),
                // A thumbnail is an offset (LONG) to bytes that no entry holds.
                V::Bytes(0, bytes) | V::Bytes(_, bytes) => {
                    let at = heap_at as u32;
                    heap.extend_from_slice(bytes);
                    heap_at += bytes.len();
                    match value {
                        V::Bytes(0, _) => (4, 1, at),
                        V::Bytes(kind, _) => (*kind, bytes.len() as u32, at),
                        _ => unreachable!(),
                    }
                }
            };
            out.extend(tag.to_le_bytes());
            out.extend(u16::to_le_bytes(kind));
            out.extend(count.to_le_bytes());
            out.extend(word.to_le_bytes());
        }
        let next = if index == 0 { starts[1] as u32 } else { 0 };
        out.extend(next.to_le_bytes());
    }
    out.extend(heap);
    out
}

fn xmp() -> Vec<u8> {
    format!(
        "<?xpacket begin=''?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
         <rdf:Description xmlns:dc='http://purl.org/dc/elements/1.1/' dc:creator='{CANARY} xmp 13800138000'/></rdf:RDF></x:xmpmeta>"
    )
    .into_bytes()
}

// -- JPEG --

pub fn plain_jpeg() -> Vec<u8> {
    let mut out = Vec::new();
    codecs::jpeg::JpegEncoder::new_with_quality(&mut out, 95)
        .write_image(&corners(), SIZE.0, SIZE.1, ExtendedColorType::Rgb8)
        .unwrap();
    out
}

/// Segments put straight after the start marker, and bytes after the end.
pub fn jpeg_with(segments: &[(u8, Vec<u8>)], after_end: &[u8]) -> Vec<u8> {
    let plain = plain_jpeg();
    let mut out = plain[..2].to_vec();
    for (marker, payload) in segments {
        out.extend([0xFF, *marker]);
        out.extend((payload.len() as u16 + 2).to_be_bytes());
        out.extend(payload);
    }
    [out, plain[2..].to_vec(), after_end.to_vec()].concat()
}

pub fn jpeg_turned(orientation: u16) -> Vec<u8> {
    jpeg_with(&[(0xE1, [b"Exif\0\0".to_vec(), exif(orientation)].concat())], b"")
}

pub fn nasty_jpeg() -> Vec<u8> {
    let iptc_text = canary("iptc caption");
    let iptc_record = [&[0x1C, 2, 120, 0, iptc_text.len() as u8][..], &iptc_text].concat();
    let iptc = [
        b"Photoshop 3.0\x008BIM\x04\x04\0\0".to_vec(),
        (iptc_record.len() as u32).to_be_bytes().to_vec(),
        iptc_record,
    ]
    .concat();
    jpeg_with(
        &[
            (0xE1, [b"Exif\0\0".to_vec(), exif(1)].concat()),
            (0xE1, [b"http://ns.adobe.com/xap/1.0/\0".to_vec(), xmp()].concat()),
            (0xE2, [b"ICC_PROFILE\0\x01\x01".to_vec(), canary("icc profile")].concat()),
            (0xE2, [b"MPF\0".to_vec(), canary("second picture index")].concat()),
            (0xED, iptc),
            (0xEF, canary("unknown application segment")),
            (0xFE, canary("comment")),
            // A PDF that begins inside the picture.
            (0xFE, b"%PDF-1.7 CANARY polyglot".to_vec()),
        ],
        &[plain_jpeg(), canary("second picture"), trailing_zip()].concat(),
    )
}

// -- PNG --

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

// -- WebP --

pub fn riff_chunk(kind: &[u8; 4], payload: &[u8]) -> Vec<u8> {
    let mut out = [kind.as_slice(), &(payload.len() as u32).to_le_bytes(), payload].concat();
    out.resize(out.len() + payload.len() % 2, 0);
    out
}

pub fn webp_file(chunks: &[Vec<u8>], after_end: &[u8]) -> Vec<u8> {
    let body = chunks.concat();
    [b"RIFF", &(body.len() as u32 + 4).to_le_bytes(), b"WEBP".as_slice(), &body, after_end].concat()
}

fn u24(n: u32) -> [u8; 3] {
    [n as u8, (n >> 8) as u8, (n >> 16) as u8]
}

/// Flags: 0x02 animation, 0x04 XMP, 0x08 EXIF, 0x10 alpha, 0x20 ICC.
pub fn vp8x(flags: u8, width: u32, height: u32) -> Vec<u8> {
    riff_chunk(b"VP8X", &[&[flags, 0, 0, 0][..], &u24(width - 1), &u24(height - 1)].concat())
}

/// The one image chunk of a still file.
fn image_chunk(still: &[u8]) -> Vec<u8> {
    still[12..].to_vec()
}

pub fn plain_lossless_webp() -> Vec<u8> {
    let mut out = Vec::new();
    codecs::webp::WebPEncoder::new_lossless(&mut out)
        .write_image(&corners(), SIZE.0, SIZE.1, ExtendedColorType::Rgb8)
        .unwrap();
    out
}

pub fn webp_turned(still: &[u8], orientation: u16) -> Vec<u8> {
    webp_file(&[vp8x(0x08, SIZE.0, SIZE.1), image_chunk(still), riff_chunk(b"EXIF", &exif(orientation))], b"")
}

pub fn nasty_webp(still: &[u8]) -> Vec<u8> {
    webp_file(
        &[
            vp8x(0x2C, SIZE.0, SIZE.1),
            riff_chunk(b"ICCP", &canary("icc profile")),
            image_chunk(still),
            riff_chunk(b"EXIF", &exif(1)),
            riff_chunk(b"XMP ", &xmp()),
            riff_chunk(b"JUNK", &canary("unknown chunk")),
        ],
        &trailing_zip(),
    )
}

/// An animation of `frames` frames, the canvas as claimed.
pub fn animated_webp(frames: u32, width: u32, height: u32) -> Vec<u8> {
    let frame_header = [&[0; 6][..], &u24(SIZE.0 - 1), &u24(SIZE.1 - 1), &u24(100), &[0]].concat();
    let frame = riff_chunk(b"ANMF", &[frame_header, image_chunk(&plain_lossless_webp())].concat());
    let mut chunks = vec![vp8x(0x0A, width, height), riff_chunk(b"ANIM", &[0; 6])];
    chunks.extend((0..frames).map(|_| frame.clone()));
    chunks.push(riff_chunk(b"EXIF", &exif(1)));
    webp_file(&chunks, &trailing_zip())
}

// -- GIF --

/// A GIF built from blocks: the canvas, a palette of four whose last two entries spell the canary.
pub fn gif_of(width: u16, height: u16, blocks: &[Vec<u8>], after_end: &[u8]) -> Vec<u8> {
    let [w, h] = [width, height].map(u16::to_le_bytes);
    [
        b"GIF89a",
        &w[..],
        &h,
        &[0x81, 0, 0, 255, 0, 0, 0, 0, 255],
        CANARY.as_bytes(),
        &blocks.concat(),
        b";",
        after_end,
    ]
    .concat()
}

pub fn gif_extension(label: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut out = vec![0x21, label];
    for part in parts {
        out.push(part.len() as u8);
        out.extend_from_slice(part);
    }
    out.push(0);
    out
}

/// A frame that claims a size and holds few pixels: `colours` is at most four pixels of 0 or 1.
pub fn gif_frame(width: u16, height: u16, colours: [u8; 4]) -> Vec<u8> {
    // Codes of 3 bits, as 4 is "clear" and 5 "end": 4, the pixels, 5. The width never grows.
    let codes = [4, colours[0], colours[1], 4, colours[2], colours[3], 5];
    let bits = codes.iter().enumerate().fold(0u32, |bits, (n, code)| bits | u32::from(*code) << (3 * n));
    let [w, h] = [width, height].map(u16::to_le_bytes);
    [&[0x2C, 0, 0, 0, 0][..], &w, &h, &[0, 2, 3], &bits.to_le_bytes()[..3], &[0]].concat()
}

pub fn nasty_gif() -> Vec<u8> {
    gif_of(
        2,
        2,
        &[
            gif_extension(0xFE, &[&canary("comment")]),
            gif_extension(0xFF, &[b"NETSCAPE2.0", &[1, 0, 0]]),
            gif_extension(0xFF, &[b"XMP DataXMP", &canary("xmp application extension")]),
            gif_extension(0x01, &[&[0; 12], &canary("plain text extension")]),
            gif_extension(0xF9, &[&[0x04, 10, 0, 0]]),
            gif_frame(2, 2, [0, 1, 1, 0]),
            gif_extension(0xFE, &[&canary("comment between frames")]),
            gif_extension(0xF9, &[&[0x04, 20, 0, 0]]),
            gif_frame(2, 2, [1, 0, 0, 1]),
        ],
        &trailing_zip(),
    )
}

/// Everything of the corpus that has something to hide and is a picture.
pub fn all() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("jpeg", nasty_jpeg()),
        ("png", nasty_png()),
        ("png with a palette", palette_png()),
        ("png, erased", erased_png()),
        ("png, 16 bits", deep_png()),
        ("png, animated", animated_png(3)),
        ("webp, lossy", nasty_webp(LOSSY_WEBP)),
        ("webp, lossless", nasty_webp(&plain_lossless_webp())),
        ("webp, animated", animated_webp(3, SIZE.0, SIZE.1)),
        ("gif", nasty_gif()),
    ]
}
