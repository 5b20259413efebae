//! Pictures stripped on a device: the script's stripper and the server's cleaner, one after the other, give what the
//! server's cleaner alone gives, and nothing but pixels leaves the device.

use crate::corpus::*;
use mifeng::cleartext::clean::{CleanLimits, CleanRefused, clean, sniff};
use std::{collections::BTreeMap, path::Path, process::Command};

/// What the canaries of the corpus say that are in the coded pixels themselves: a palette entry no pixel uses, a row
/// behind the last one. They leave the device and go when the server writes the copy from the pixels.
const IN_THE_PIXELS: [(&str, &[u8]); 9] = [
    ("png", b"CANARY behind the last row 31.2304N 121.4737E 13800138000"),
    ("png with a palette", b"CANARYcanary"),
    ("png, cut", b"CANARY behind the last row 31.2304N 121.4737E 13800138000"),
    ("png, turned and nasty", b"CANARY behind the last row 31.2304N 121.4737E 13800138000"),
    ("gif", b"\0\0\xffCANARY"),
    ("gif, cut", b"\0\0\xffCANARY"),
    ("gif, no block", b"\0\0\xffCANARY"),
    ("gif, many frames", b"\0\0\xffCANARY"),
    ("gif, large", b"\0\0\xffCANARY"),
];

/// Gives each picture's stripped copy, or none for what is no picture, and the kind the script tells.
fn on_a_device(pictures: &[(String, Vec<u8>)]) -> Vec<(Option<Vec<u8>>, String)> {
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
    assert!(
        web.join("node_modules/esbuild").exists(),
        "web/node_modules is missing: run `npm ci` in web/ (`make test` does)"
    );
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (n, (_, bytes)) in pictures.iter().enumerate() {
        std::fs::write(from.path().join(n.to_string()), bytes).unwrap();
    }
    let out = Command::new("node").arg(web.join("test/strip.mjs")).args([from.path(), to.path()]).output();
    let out = out.unwrap_or_else(|e| {
        panic!("node (20 or later) is needed: run scripts/tools.sh (`make test` does): {e}")
    });
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let read = |n: usize| {
        let kind = std::fs::read_to_string(to.path().join(format!("{n}.kind"))).unwrap();
        (std::fs::read(to.path().join(n.to_string())).ok(), kind)
    };
    (0..pictures.len()).map(read).collect()
}

type Verdict = Result<(&'static str, Vec<u8>), CleanRefused>;

fn verdict(picture: &[u8]) -> Verdict {
    clean(picture, &CleanLimits::default()).map(|copy| (copy.media_type, copy.bytes.to_vec()))
}

/// The corpus of tests/cleaning/clean.rs, every way up, in every format, and what no decoder should take.
fn pictures() -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> =
        all().into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
    for way in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xFFFF] {
        all.push((format!("jpeg, way {way}"), jpeg_turned(way)));
        all.push((format!("png, way {way}"), png_turned(way)));
        all.push((format!("webp, way {way}"), webp_turned(LOSSY_WEBP, way)));
        all.push((format!("webp, lossless, way {way}"), webp_turned(&plain_lossless_webp(), way)));
    }
    let exif = |orientation| (0xE1, [b"Exif\0\0".to_vec(), exif(orientation)].concat());
    let adobe = |transform| (0xEE, [b"Adobe\0\x64CANA".as_slice(), &[transform], &canary("adobe")].concat());
    for (name, segments) in [
        ("two orientations", vec![exif(6), exif(3)]),
        ("big-endian", vec![(0xE1, big_endian_exif(8))]),
        ("exif cut off", vec![(0xE1, big_endian_exif(8)[..20].to_vec())]),
        ("adobe, ycbcr", vec![adobe(1)]),
        ("adobe, cmyk of three", vec![adobe(0)]),
        ("adobe, unknown colours", vec![adobe(7)]),
        ("adobe, short", vec![(0xEE, b"Adobe\0".to_vec())]),
        ("motion jpeg", vec![(0xE0, [b"AVI1\0".to_vec(), canary("avi")].concat())]),
        ("empty segments", vec![(0xE5, vec![]), (0xFE, vec![])]),
    ] {
        all.push((format!("jpeg, {name}"), jpeg_with(&segments, b"")));
    }
    let nasty = nasty_jpeg();
    let scan = nasty.windows(2).rposition(|w| w == [0xFF, 0xDA]).unwrap();
    let first = 4 + usize::from(u16::from_be_bytes([nasty[4], nasty[5]]));
    all.push(("jpeg, noise between segments".into(), [&nasty[..first], b"CANARY", &nasty[first..]].concat()));
    all.push(("jpeg, cut in its exif".into(), nasty[..60].to_vec()));
    all.push(("jpeg, cut before the scan".into(), nasty[..scan].to_vec()));
    all.push(("jpeg, without an end".into(), plain_jpeg()[..plain_jpeg().len() - 2].to_vec()));
    all.push(("png, turned and nasty".into(), {
        let mut png = nasty_png();
        png.splice(33..33, png_chunk(b"eXIf", &exif(6).1[6..]));
        png
    }));
    all.push(("png, an unknown critical chunk".into(), {
        let mut png = png_turned(1);
        png.splice(33..33, png_chunk(b"CgBI", &canary("private critical chunk")));
        png
    }));
    let png = nasty_png();
    all.push(("png, cut".into(), png[..png.len() - 300].to_vec()));
    all.push(("gif, cut".into(), nasty_gif()[..60].to_vec()));
    all.push(("gif, no block".into(), gif_of(2, 2, &[vec![0x33]], b"CANARY")));
    all.push(("webp, longer than it is".into(), nasty_webp(LOSSY_WEBP)[..200].to_vec()));
    all.push(("webp, exif of 4 GB".into(), {
        let mut exif = riff_chunk(b"EXIF", b"abcd");
        exif[4..8].copy_from_slice(&0xFFFF_FFF0u32.to_le_bytes());
        webp_file(&[vp8x(8, SIZE.0, SIZE.1), LOSSY_WEBP[12..].to_vec(), exif], b"")
    }));
    all.push((
        "webp, flag without its chunk".into(),
        webp_file(&[vp8x(8, SIZE.0, SIZE.1), LOSSY_WEBP[12..].to_vec()], b""),
    ));
    all.push(("webp, large canvas".into(), animated_webp(2, 1 << 14, 1 << 14)));
    all.push(("webp, many frames".into(), animated_webp(600, SIZE.0, SIZE.1)));
    all.push(("gif, many frames".into(), gif_of(1, 1, &vec![gif_frame(1, 1, [0; 4]); 20_000], b"")));
    all.push(("gif, large".into(), gif_of(65535, 65535, &[gif_frame(1, 1, [0; 4])], b"")));
    all.push(("png, large".into(), png_of(ihdr(50_000, 50_000, 8, 6), &[], &[0; 64], &[], b"")));
    all.push(("jpeg and then a png".into(), [b"\xFF\xD8\xFF".as_slice(), &nasty_png()].concat()));
    all.push(("gif and then a program".into(), [b"GIF89aMZ\x90\0".as_slice(), &[0; 200]].concat()));
    all
}

/// One picture and nothing after it: phones hang second pictures, of more or other things, on the end of the first.
fn ends_as_it_should(picture: &[u8]) -> bool {
    match sniff(picture).media_type() {
        "image/jpeg" => {
            let starts = picture.windows(3).filter(|w| *w == [0xFF, 0xD8, 0xFF]).count();
            starts == 1 && picture.ends_with(&[0xFF, 0xD9])
        }
        "image/png" => picture.ends_with(b"IEND\xAE\x42\x60\x82"),
        "image/gif" => picture.ends_with(b";"),
        _ => picture[4..8] == (picture.len() as u32 - 8).to_le_bytes(),
    }
}

fn big_endian_exif(orientation: u8) -> Vec<u8> {
    let entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
    [b"Exif\0\0MM\0*\0\0\0\x08\0\x01".as_slice(), &entry, &[0; 4], &canary("behind big-endian exif")].concat()
}

#[test]
fn both_ways_give_the_same_verdict_and_the_same_copy_and_nothing_but_pixels_leaves_the_device() {
    let pictures = pictures();
    let stripped = on_a_device(&pictures);
    let in_the_pixels = BTreeMap::from(IN_THE_PIXELS);
    let mut taken = 0;
    for ((name, picture), (sent, kind)) in pictures.iter().zip(stripped) {
        assert_eq!(kind, sniff(picture).media_type(), "{name}");
        let sent = sent.unwrap_or_else(|| panic!("{name}: not taken for a picture"));
        let (there, here) = (verdict(picture), verdict(&sent));
        let told = |verdict: &Verdict| verdict.as_ref().map(|copy| copy.0).map_err(|refused| *refused);
        assert_eq!(told(&here), told(&there), "{name}");
        assert!(here == there, "{name}: another copy");
        taken += u32::from(here.is_ok());

        let mut seen = sent.clone();
        if let Some(known) = in_the_pixels.get(name.as_str()) {
            let at = seen.windows(known.len()).position(|w| w == *known).expect(name);
            seen.drain(at..at + known.len());
        }
        for secret in
            [CANARY.as_bytes(), b"CANA", b"13800138000", b"31.2304N", b"PK\x03\x04", b"ICC_PROFILE", b"xmp"]
        {
            let found = seen.windows(secret.len()).any(|w| w == secret);
            assert!(!found, "{name}: {} leaves the device", String::from_utf8_lossy(secret));
        }
        assert!(sent.len() <= picture.len() + 64, "{name}: grew");
        if here.is_ok() && !name.ends_with("cut") && !name.ends_with("an end") {
            assert!(ends_as_it_should(&sent), "{name}: something behind the end");
        }
    }
    assert!(taken > 50, "most of them are pictures: {taken}");
}

/// Whatever is broken, nothing private slips through the break.
#[test]
fn a_picture_cut_anywhere_keeps_its_secrets() {
    let cut = |name: &str, whole: Vec<u8>| -> Vec<(String, Vec<u8>)> {
        // A file needs its first bytes to be a picture at all; later only every few bytes is tried.
        (12..whole.len())
            .step_by(3)
            .map(|end| (format!("{name} cut at {end}"), whole[..end].to_vec()))
            .collect()
    };
    let pictures = [
        cut("jpeg", nasty_jpeg()),
        cut("webp", nasty_webp(LOSSY_WEBP)),
        cut(
            "png",
            png_of(
                ihdr(2, 1, 8, 2),
                &[png_chunk(b"tEXt", &canary("text")), png_chunk(b"eXIf", &exif(6))],
                &[0; 7],
                &[png_chunk(b"tEXt", &canary("after"))],
                b"",
            ),
        ),
        cut("animated", animated_webp(2, SIZE.0, SIZE.1)),
    ]
    .concat();
    let stripped = on_a_device(&pictures);
    for ((name, _), (sent, _)) in pictures.iter().zip(stripped) {
        let sent = sent.unwrap_or_default();
        for secret in [CANARY.as_bytes(), b"13800138000", b"31.2304N", b"PK\x03\x04"] {
            assert!(!sent.windows(secret.len()).any(|w| w == secret), "{name}");
        }
    }
}

#[test]
fn what_is_no_picture_is_not_stripped_and_has_the_same_kind() {
    let others: Vec<(String, Vec<u8>)> = [
        b"%PDF-1.7".as_slice(),
        b"MZ\x90\0",
        b"\0\0\0\x18ftypheic",
        b"\0\0\0\x18ftypavif",
        b"\0\0\0\x14ftypqt  ",
        b"\0\0\0\x20ftypisom",
        b"\0\0\0\x20ftyp3gp5",
        b"\0\0\0\x20ftypM4A ",
        b"\0\0\0\x20ftyp",
        b"\0\0\0\x08moov",
        b"RIFF\x10\0\0\0WAVEfmt ",
        b"RIFF\x10\0\0\0AVI LIST",
        b"RIFF\x10\0\0\0ABCD",
        b"\x1A\x45\xDF\xA3....webm",
        b"\x1A\x45\xDF\xA3....matroska",
        b"PK\x03\x04..........................a.txt",
        b"PK\x03\x04..........................[Content_Types].xmlPK\x03\x04..........................word/document.xml",
        b"PK\x03\x04..........................AndroidManifest.xml",
        b"BM\x01\x02\x03\x04\0\0\0\0",
        b"BMW is a car",
        b"\xFF\xFEa\0",
        b"\xCF\xD6\xB3\xA1\xC7\xE9\xBF\xF6",
        "现场情况说明".as_bytes(),
        b"#!/bin/sh",
        b"#!AMR\n",
        b"\0\0\0\0",
        b"",
        b"GIF",
    ]
    .into_iter()
    .map(|bytes| (String::from_utf8_lossy(bytes).into_owned(), bytes.to_vec()))
    .collect();
    let seen = on_a_device(&others);
    for ((name, bytes), (copy, kind)) in others.iter().zip(seen) {
        assert_eq!((copy, kind.as_str()), (None, sniff(bytes).media_type()), "{name}");
    }
}
