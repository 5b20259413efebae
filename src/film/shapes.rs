//! How long each part is and where nothing may stand (ISO/IEC 14496-12, -14 and -15): what is left are numbers that a player
//! needs.

use super::FilmRefused;

/// Parameter sets of x264 take some 30 bytes each.
const MOST_PARAMETERS: usize = 64;
/// What an AAC decoder is told takes two to five bytes.
const MOST_AAC: usize = 8;
/// One for where the track begins and, where it begins late, one for the time before.
const MOST_EDITS: usize = 2;

type Checked = Result<(), FilmRefused>;

fn says(part: &'static str, is_right: bool) -> Checked {
    if is_right { Ok(()) } else { Err(FilmRefused::Says(part)) }
}

fn is_zero(bytes: Option<&[u8]>) -> bool {
    bytes.is_some_and(|bytes| bytes.iter().all(|byte| *byte == 0))
}

fn number(body: &[u8], at: usize) -> Option<usize> {
    let bytes = body.get(at..at + 4)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?) as usize)
}

/// Neither made nor changed on any day, of its one length, and empty where its version of 0 has `empty`: after version and
/// flags, both times are zero. `short` bytes in version 0, where times and durations have four bytes instead of eight.
fn header(part: &'static str, body: &[u8], short: usize, empty: &[(usize, usize)]) -> Checked {
    let (times, longer) = match body.first() {
        Some(0) => (4..12, 0),
        Some(1) => (4..20, 12),
        _ => return Err(FilmRefused::Says(part)),
    };
    let empty = empty.iter().all(|(from, to)| is_zero(body.get(from + longer..to + longer)));
    says(part, body.len() == short + longer && is_zero(body.get(times)) && empty)
}

pub(super) fn mvhd(body: &[u8]) -> Checked {
    header("mvhd", body, 100, &[(26, 36), (72, 96)])
}

pub(super) fn tkhd(body: &[u8]) -> Checked {
    // In version 1 what is reserved before the duration lies four bytes less far away.
    let before = if body.first() == Some(&1) { 24..28 } else { 16..20 };
    header("tkhd", body, 84, &[(24, 32), (38, 40)])?;
    says("tkhd", is_zero(body.get(before)))
}

/// Its language is undetermined.
pub(super) fn mdhd(body: &[u8]) -> Checked {
    header("mdhd", body, 24, &[(22, 24)])?;
    says("mdhd", body.get(body.len() - 4..body.len() - 2) == Some(&[0x55, 0xc4]))
}

/// How pictures and sound are laid over others: not at all.
pub(super) fn media_header(name: &[u8], body: &[u8]) -> Checked {
    match name {
        b"vmhd" => says("vmhd", body == b"\0\0\0\x01\0\0\0\0\0\0\0\0"),
        _ => says("smhd", body == [0; 8]),
    }
}

pub(super) fn elst(body: &[u8]) -> Checked {
    let entry = if body.first() == Some(&1) { 20 } else { 12 };
    let count = number(body, 4).filter(|count| *count <= MOST_EDITS);
    says("elst", count.is_some_and(|count| body.len() == 8 + entry * count))
}

/// Numbers of the samples, as many as it says. `None`: it is no such table.
pub(super) fn table(name: &[u8], body: &[u8]) -> Option<Checked> {
    let (part, head, entry): (&'static str, usize, usize) = match name {
        b"stts" => ("stts", 8, 8),
        b"ctts" => ("ctts", 8, 8),
        b"stss" => ("stss", 8, 4),
        b"stsc" => ("stsc", 8, 12),
        b"stco" => ("stco", 8, 4),
        b"co64" => ("co64", 8, 8),
        // All of one size, or a table of sizes.
        b"stsz" => ("stsz", 12, if number(body, 4) == Some(0) { 4 } else { 0 }),
        // How many sounds before one it needs to be heard right.
        b"sbgp" => ("sbgp", 12, 8),
        b"sgpd" => {
            let one = body.len() == 18 && body.starts_with(b"\x01\0\0\0roll\0\0\0\x02\0\0\0\x01");
            return Some(says("sgpd", one));
        }
        _ => return None,
    };
    if part == "sbgp" && body.get(4..8) != Some(b"roll") {
        return Some(Err(FilmRefused::Says(part)));
    }
    let fits =
        |count: usize| entry.checked_mul(count).and_then(|all| all.checked_add(head)) == Some(body.len());
    Some(says(part, number(body, head - 4).is_some_and(fits)))
}

/// A picture track's description without what stands in it. Gives that.
pub(super) fn avc1(body: &[u8]) -> Result<&[u8], FilmRefused> {
    let (fixed, rest) = body.split_at_checked(78).ok_or(FilmRefused::Says("avc1"))?;
    let is_right = fixed[..8] == *b"\0\0\0\0\0\0\0\x01"
        && is_zero(fixed.get(8..24))
        && fixed[28..42] == *b"\0\x48\0\0\0\x48\0\0\0\0\0\0\0\x01"
        // The name of the program that made it.
        && is_zero(fixed.get(42..74))
        && fixed[74..] == *b"\0\x18\xff\xff";
    says("avc1", is_right).map(|()| rest)
}

/// What stands in a picture track's description. `None`: it is none of these.
pub(super) fn of_pictures(name: &[u8], body: &[u8]) -> Option<Checked> {
    Some(match name {
        b"avcC" => says("avcC", is_avcc(body).is_some()),
        b"pasp" => says("pasp", body.len() == 8),
        b"btrt" => says("btrt", body.len() == 12),
        // Four numbers from a list; a profile of colours would be a file in the file, with names in it.
        b"colr" => {
            let numbers = [body.get(4), body.get(6), body.get(8)];
            let is_listed = body.len() == 11 && body.starts_with(b"nclx") && numbers == [Some(&0); 3];
            says("colr", is_listed && body[10] & 0x7f == 0)
        }
        _ => return None,
    })
}

/// One set of parameters of each kind, and what follows them in the high profiles.
fn is_avcc(body: &[u8]) -> Option<()> {
    let set = |bytes: &[u8]| -> Option<usize> {
        let length = usize::from(u16::from_be_bytes(bytes.get(..2)?.try_into().ok()?));
        (length <= MOST_PARAMETERS && bytes.len() >= 2 + length).then_some(2 + length)
    };
    if body.first() != Some(&1) || body.get(4..6) != Some(&[0xff, 0xe1]) {
        return None;
    }
    let rest = body.get(6..)?;
    let rest = rest.get(set(rest)?..)?.strip_prefix(&[1])?;
    match rest.get(set(rest)?..)? {
        [] => Some(()),
        [0xfc..=0xff, 0xf8..=0xff, 0xf8..=0xff, 0] => Some(()),
        _ => None,
    }
}

/// A sound track's description without what stands in it. Gives that.
pub(super) fn mp4a(body: &[u8]) -> Result<&[u8], FilmRefused> {
    let (fixed, rest) = body.split_at_checked(28).ok_or(FilmRefused::Says("mp4a"))?;
    let is_right =
        fixed[..8] == *b"\0\0\0\0\0\0\0\x01" && is_zero(fixed.get(8..16)) && is_zero(fixed.get(20..24));
    says("mp4a", is_right).map(|()| rest)
}

/// What stands in a sound track's description. `None`: it is none of these.
pub(super) fn of_sound(name: &[u8], body: &[u8]) -> Option<Checked> {
    Some(match name {
        b"esds" => says("esds", is_esds(body).is_some()),
        b"btrt" => says("btrt", body.len() == 12),
        _ => return None,
    })
}

/// One in the other: the stream, its decoder, what the decoder is told; and that it is MP4.
fn is_esds(body: &[u8]) -> Option<()> {
    let stream = whole(body.strip_prefix(&[0; 4])?, 3)?;
    // Its number, no flags: no address, nothing it depends on.
    let (0, stream) = (*stream.get(2)?, stream.get(3..)?) else { return None };
    let (decoder, end) = descriptor(stream, 4)?;
    let told = whole(decoder.get(13..)?, 5)?;
    let is_aac = decoder[0] == 0x40 && told.len() <= MOST_AAC;
    (is_aac && whole(end, 6)? == [2]).then_some(())
}

/// The one descriptor in these bytes.
fn whole(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    descriptor(bytes, tag).filter(|(_, rest)| rest.is_empty()).map(|(body, _)| body)
}

/// A tag, a length of one byte or, as ffmpeg writes it, of four; its body, and what follows.
fn descriptor(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let bytes = bytes.strip_prefix(&[tag])?;
    let (length, rest) = bytes.strip_prefix(&[0x80; 3]).unwrap_or(bytes).split_first()?;
    (*length < 0x80).then(|| rest.split_at_checked(usize::from(*length)))?
}
