//! The list of parts, and what each may say.

use super::{FilmKind, FilmRefused};

/// `udta` with an empty list of tags: ffmpeg writes it even when there is nothing to say.
const EMPTY_TAGS: &[u8] =
    b"\0\0\0\x35meta\0\0\0\0\0\0\0\x21hdlr\0\0\0\0\0\0\0\0mdirappl\0\0\0\0\0\0\0\0\0\0\0\0\x08ilst";
/// Written in full, these hold numbers of the samples and nothing else.
const TABLES: [&[u8]; 9] = [b"stts", b"ctts", b"stss", b"stsc", b"stsz", b"stco", b"co64", b"sgpd", b"sbgp"];
const UNDETERMINED: [u8; 2] = [0x55, 0xc4];

#[derive(Default)]
pub(super) struct Tracks {
    pictures: u8,
    sounds: u8,
}

impl Tracks {
    pub fn read(moov: &[u8]) -> Result<Self, FilmRefused> {
        let mut found = Self::default();
        each(moov, &mut |name, body| match name {
            b"mvhd" => undated("mvhd", body),
            b"trak" => found.track(body),
            b"udta" if body == EMPTY_TAGS => Ok(()),
            _ => Err(unknown(name)),
        })?;
        Ok(found)
    }

    pub fn kind(&self) -> Result<FilmKind, FilmRefused> {
        match (self.pictures, self.sounds) {
            (1, sounds @ 0..=1) => Ok(FilmKind::Film { has_sound: sounds == 1 }),
            (0, 1) => Ok(FilmKind::Sound),
            (0, 0) => Err(FilmRefused::Tracks("no track")),
            _ => Err(FilmRefused::Tracks("more tracks")),
        }
    }

    fn track(&mut self, trak: &[u8]) -> Result<(), FilmRefused> {
        each(trak, &mut |name, body| match name {
            b"tkhd" => undated("tkhd", body),
            b"edts" => each(body, &mut |name, _| if name == b"elst" { Ok(()) } else { Err(unknown(name)) }),
            b"mdia" => self.media(body),
            _ => Err(unknown(name)),
        })
    }

    fn media(&mut self, mdia: &[u8]) -> Result<(), FilmRefused> {
        each(mdia, &mut |name, body| match name {
            b"mdhd" => {
                undated("mdhd", body)?;
                let language = body.len().checked_sub(4).map(|at| &body[at..at + 2]);
                if language == Some(&UNDETERMINED) { Ok(()) } else { Err(FilmRefused::Says("mdhd")) }
            }
            b"hdlr" => match body.get(8..) {
                Some(b"vide\0\0\0\0\0\0\0\0\0\0\0\0VideoHandler\0") => Ok(()),
                Some(b"soun\0\0\0\0\0\0\0\0\0\0\0\0SoundHandler\0") => Ok(()),
                _ => Err(FilmRefused::Says("hdlr")),
            },
            b"minf" => each(body, &mut |name, body| match name {
                b"vmhd" | b"smhd" => Ok(()),
                b"dinf" => {
                    // The samples are in this file, and nowhere else.
                    let own = b"\0\0\0\x1cdref\0\0\0\0\0\0\0\x01\0\0\0\x0curl \0\0\0\x01";
                    if body == own { Ok(()) } else { Err(FilmRefused::Says("dinf")) }
                }
                b"stbl" => self.samples(body),
                _ => Err(unknown(name)),
            }),
            _ => Err(unknown(name)),
        })
    }

    fn samples(&mut self, stbl: &[u8]) -> Result<(), FilmRefused> {
        each(stbl, &mut |name, body| match name {
            b"stsd" => each(body.get(8..).unwrap_or_default(), &mut |name, body| match name {
                b"avc1" => {
                    self.pictures = self.pictures.saturating_add(1);
                    // The name of the program that made it.
                    if body.get(42..74).is_none_or(|name| name.iter().any(|byte| *byte != 0)) {
                        return Err(FilmRefused::Says("avc1"));
                    }
                    each(&body[78.min(body.len())..], &mut |name, _| match name {
                        b"avcC" | b"pasp" | b"colr" | b"btrt" => Ok(()),
                        _ => Err(unknown(name)),
                    })
                }
                b"mp4a" => {
                    self.sounds = self.sounds.saturating_add(1);
                    each(body.get(28..).unwrap_or_default(), &mut |name, _| match name {
                        b"esds" | b"btrt" => Ok(()),
                        _ => Err(unknown(name)),
                    })
                }
                _ => Err(unknown(name)),
            }),
            name if TABLES.contains(&name) => Ok(()),
            name => Err(unknown(name)),
        })
    }
}

/// Codes of four letters that say what it is for.
pub(super) fn brands(ftyp: &[u8]) -> Result<(), FilmRefused> {
    const KNOWN: [&[u8]; 6] = [b"isom", b"iso2", b"avc1", b"mp41", b"mp42", b"\0\0\x02\0"];
    let all = ftyp.len() >= 8 && ftyp.chunks(4).all(|brand| KNOWN.contains(&brand));
    if all { Ok(()) } else { Err(FilmRefused::Says("ftyp")) }
}

type Look<'a> = &'a mut dyn FnMut(&[u8], &[u8]) -> Result<(), FilmRefused>;

/// Every part in these bytes, which they fill.
fn each(mut bytes: &[u8], look: Look) -> Result<(), FilmRefused> {
    while !bytes.is_empty() {
        let (head, _) = bytes.split_first_chunk::<8>().ok_or(FilmRefused::Length)?;
        // Unwrap safety: four bytes.
        let length = u32::from_be_bytes(head[..4].try_into().unwrap()) as usize;
        let body = bytes.get(8..length).ok_or(FilmRefused::Length)?;
        look(&head[4..], body)?;
        bytes = &bytes[length..];
    }
    Ok(())
}

/// Neither made nor changed on any day: after version and flags, both times are zero.
fn undated(name: &'static str, body: &[u8]) -> Result<(), FilmRefused> {
    let times = match body.first() {
        Some(0) => body.get(4..12),
        Some(1) => body.get(4..20),
        _ => None,
    };
    if times.is_some_and(|times| times.iter().all(|byte| *byte == 0)) {
        Ok(())
    } else {
        Err(FilmRefused::Says(name))
    }
}

fn unknown(name: &[u8]) -> FilmRefused {
    FilmRefused::Part(printable(name))
}

/// Four bytes of somebody's, fit to be shown.
pub(super) fn printable(name: &[u8]) -> String {
    name.iter().map(|byte| if byte.is_ascii_graphic() { char::from(*byte) } else { '?' }).collect()
}
