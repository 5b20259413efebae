//! The list of parts, and what each may say.

use super::{FilmKind, FilmRefused, shapes};

/// `udta` with an empty list of tags: ffmpeg writes it even when there is nothing to say.
const EMPTY_TAGS: &[u8] =
    b"\0\0\0\x35meta\0\0\0\0\0\0\0\x21hdlr\0\0\0\0\0\0\0\0mdirappl\0\0\0\0\0\0\0\0\0\0\0\0\x08ilst";
/// ffmpeg names three beside the first and its version.
const MOST_BRANDS: usize = 8;

#[derive(Default)]
pub(super) struct Tracks {
    pictures: u8,
    sounds: u8,
}

impl Tracks {
    pub fn read(moov: &[u8]) -> Result<Self, FilmRefused> {
        let mut found = Self::default();
        each(moov, &mut |name, body| match name {
            b"mvhd" => shapes::mvhd(body),
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
            b"tkhd" => shapes::tkhd(body),
            b"edts" => each(body, &mut |name, body| match name {
                b"elst" => shapes::elst(body),
                _ => Err(unknown(name)),
            }),
            b"mdia" => self.media(body),
            _ => Err(unknown(name)),
        })
    }

    fn media(&mut self, mdia: &[u8]) -> Result<(), FilmRefused> {
        each(mdia, &mut |name, body| match name {
            b"mdhd" => shapes::mdhd(body),
            b"hdlr" => match body.strip_prefix(&[0; 8]) {
                Some(b"vide\0\0\0\0\0\0\0\0\0\0\0\0VideoHandler\0") => Ok(()),
                Some(b"soun\0\0\0\0\0\0\0\0\0\0\0\0SoundHandler\0") => Ok(()),
                _ => Err(FilmRefused::Says("hdlr")),
            },
            b"minf" => each(body, &mut |name, body| match name {
                b"vmhd" | b"smhd" => shapes::media_header(name, body),
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
            b"stsd" => {
                let one = body.strip_prefix(b"\0\0\0\0\0\0\0\x01").ok_or(FilmRefused::Says("stsd"))?;
                each(one, &mut |name, body| self.described(name, body))
            }
            name => shapes::table(name, body).unwrap_or_else(|| Err(unknown(name))),
        })
    }

    fn described(&mut self, name: &[u8], body: &[u8]) -> Result<(), FilmRefused> {
        let known = |of: fn(&[u8], &[u8]) -> Judged| {
            move |name: &[u8], body: &[u8]| of(name, body).unwrap_or_else(|| Err(unknown(name)))
        };
        match name {
            b"avc1" => {
                self.pictures = self.pictures.saturating_add(1);
                each(shapes::avc1(body)?, &mut known(shapes::of_pictures))
            }
            b"mp4a" => {
                self.sounds = self.sounds.saturating_add(1);
                each(shapes::mp4a(body)?, &mut known(shapes::of_sound))
            }
            _ => Err(unknown(name)),
        }
    }
}

/// Codes of four letters that say what it is for.
pub(super) fn brands(ftyp: &[u8]) -> Result<(), FilmRefused> {
    const KNOWN: [&[u8]; 6] = [b"isom", b"iso2", b"avc1", b"mp41", b"mp42", b"\0\0\x02\0"];
    let all =
        (8..=4 * MOST_BRANDS).contains(&ftyp.len()) && ftyp.chunks(4).all(|brand| KNOWN.contains(&brand));
    if all { Ok(()) } else { Err(FilmRefused::Says("ftyp")) }
}

/// `None`: it is none of those.
type Judged = Option<Result<(), FilmRefused>>;
type Look<'a> = &'a mut dyn FnMut(&[u8], &[u8]) -> Result<(), FilmRefused>;

/// Every part in these bytes, which they fill; none but a track comes twice.
fn each(mut bytes: &[u8], look: Look) -> Result<(), FilmRefused> {
    let mut seen: Vec<&[u8]> = Vec::new();
    while !bytes.is_empty() {
        let (head, _) = bytes.split_first_chunk::<8>().ok_or(FilmRefused::Length)?;
        // Unwrap safety: four bytes.
        let length = u32::from_be_bytes(head[..4].try_into().unwrap()) as usize;
        let body = bytes.get(8..length).ok_or(FilmRefused::Length)?;
        let name = &head[4..];
        if seen.contains(&name) && name != b"trak" {
            return Err(unknown(name));
        }
        seen.push(name);
        look(name, body)?;
        bytes = &bytes[length..];
    }
    Ok(())
}

fn unknown(name: &[u8]) -> FilmRefused {
    FilmRefused::Part(printable(name))
}

/// Four bytes of somebody's, fit to be shown.
pub(super) fn printable(name: &[u8]) -> String {
    name.iter().map(|byte| if byte.is_ascii_graphic() { char::from(*byte) } else { '?' }).collect()
}
