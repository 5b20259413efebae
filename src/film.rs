//! The one container in which an edited film or recording is taken: MP4 with boxes of a short list and nothing in them that
//! describes, names, places or dates. What does not fit is refused, never stripped: whoever made it is to make it anew.
//!
//! ```text
//! ftyp  moov  [free of 8 bytes]  mdat          in this order, nothing before, between or after
//! moov: mvhd  one picture track at most, one sound track at most  [the empty udta that ffmpeg always writes]
//! ```
//! **Not promised.** What is inside the samples (`mdat`): a decoder reads it, this does not. What can be seen and heard: a
//! second person looks.

mod boxes;
mod shapes;

use boxes::Tracks;

/// More than the index of some ten hours needs.
const MOST_INDEX: usize = 16 << 20;
const HEAD: usize = 8;

/// Why a film or recording is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilmRefused {
    #[error("this is no MP4 whose index stands first")]
    Shape,
    #[error("it ends in the middle, or something follows the end")]
    Length,
    #[error("its index is larger than {MOST_INDEX} bytes")]
    Index,
    #[error("it has a part that may say more than the film: {0}")]
    Part(String),
    #[error("the part {0} says something")]
    Says(&'static str),
    #[error("it has {0}, and not one picture track and one sound track at most")]
    Tracks(&'static str),
}

/// What the file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilmKind {
    Film { has_sound: bool },
    Sound,
}

impl FilmKind {
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Film { .. } => "video/mp4",
            Self::Sound => "audio/mp4",
        }
    }
}

/// Whether a file says of itself, in its first bytes, that it is of this family.
pub fn looks_like(start: &[u8]) -> bool {
    start.get(4..8) == Some(b"ftyp")
}

/// Looks at a file as it comes, piece by piece; holds its index and none of its samples.
#[derive(Default)]
pub struct FilmCheck {
    held: Vec<u8>,
    kind: Option<FilmKind>,
    /// Bytes of `mdat` that are still to come, once its head was read.
    left: Option<u64>,
}

impl FilmCheck {
    /// What it is, as soon as the index has been seen.
    pub fn kind(&self) -> Option<FilmKind> {
        self.kind
    }

    pub fn push(&mut self, mut bytes: &[u8]) -> Result<(), FilmRefused> {
        while !bytes.is_empty() {
            if let Some(left) = &mut self.left {
                *left = left.checked_sub(bytes.len() as u64).ok_or(FilmRefused::Length)?;
                return Ok(());
            }
            // The index by itself, never the samples after it.
            let (more, rest) = bytes.split_at(bytes.len().min(self.wants()?));
            self.held.extend_from_slice(more);
            bytes = rest;
            self.advance()?;
        }
        Ok(())
    }

    /// After the last piece.
    pub fn finish(self) -> Result<FilmKind, FilmRefused> {
        match (self.left, self.kind) {
            (Some(0), Some(kind)) => Ok(kind),
            (None, None) if self.held.is_empty() => Err(FilmRefused::Shape),
            _ => Err(FilmRefused::Length),
        }
    }

    /// Bytes until more can be said.
    fn wants(&self) -> Result<usize, FilmRefused> {
        let whole = match self.held.len() {
            0..HEAD => HEAD,
            _ => box_len(&self.held)?,
        };
        // A large mdat has its length after its head.
        let whole = if is_long_mdat(&self.held) { 16 } else { whole };
        Ok((whole - self.held.len().min(whole)).max(1))
    }

    fn advance(&mut self) -> Result<(), FilmRefused> {
        let Some(name) = self.held.get(4..HEAD) else { return Ok(()) };
        match (name, self.kind) {
            (b"mdat", Some(_)) => {
                let (head, length) = match (is_long_mdat(&self.held), self.held.get(HEAD..16)) {
                    (false, _) => (HEAD as u64, box_len(&self.held)? as u64),
                    // Unwrap safety: eight bytes.
                    (true, Some(long)) => (16, u64::from_be_bytes(long.try_into().unwrap())),
                    (true, None) => return Ok(()),
                };
                self.left = Some(length.checked_sub(head).ok_or(FilmRefused::Length)?);
                self.held.clear();
            }
            (b"ftyp" | b"moov", None) | (b"free", Some(_)) => {
                let length = box_len(&self.held)?;
                if length > MOST_INDEX {
                    return Err(FilmRefused::Index);
                }
                if self.held.len() < length {
                    return Ok(());
                }
                let body = &self.held[HEAD..];
                match name {
                    b"moov" => self.kind = Some(Tracks::read(body)?.kind()?),
                    b"ftyp" => boxes::brands(body)?,
                    _ if body.is_empty() => {}
                    _ => return Err(FilmRefused::Says("free")),
                }
                self.held.clear();
            }
            (b"mdat", None) => return Err(FilmRefused::Shape),
            _ => return Err(FilmRefused::Part(boxes::printable(name))),
        }
        Ok(())
    }
}

/// By its own head; at least the head itself.
fn box_len(held: &[u8]) -> Result<usize, FilmRefused> {
    // Unwrap safety: four bytes, and the caller has eight.
    let length = u32::from_be_bytes(held[..4].try_into().unwrap()) as usize;
    match (length, &held[4..HEAD]) {
        (HEAD.., _) => Ok(length),
        (1, b"mdat") => Ok(16),
        _ => Err(FilmRefused::Length),
    }
}

fn is_long_mdat(held: &[u8]) -> bool {
    held.get(..HEAD).is_some_and(|head| head == b"\0\0\0\x01mdat")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILM: &[u8] = include_bytes!("../tests/vectors/edits/film.mp4");
    const SOUND: &[u8] = include_bytes!("../tests/vectors/edits/sound.m4a");

    fn judge(bytes: &[u8], piece: usize) -> Result<FilmKind, FilmRefused> {
        let mut check = FilmCheck::default();
        bytes.chunks(piece).try_for_each(|piece| check.push(piece))?;
        check.finish()
    }

    /// With one part made longer, and those around it.
    fn with(bytes: &[u8], inside: &[&[u8; 4]], more: &[u8]) -> Vec<u8> {
        let (mut out, mut from) = (bytes.to_vec(), 0);
        for name in inside {
            let at = from + out[from..].windows(4).position(|window| window == *name).unwrap();
            let length = u32::from_be_bytes(out[at - 4..at].try_into().unwrap());
            out[at - 4..at].copy_from_slice(&(length + more.len() as u32).to_be_bytes());
            from = at;
        }
        let length = u32::from_be_bytes(out[from - 4..from].try_into().unwrap()) as usize;
        out.splice(from - 4 + length - more.len()..from - 4 + length - more.len(), more.iter().copied());
        out
    }

    fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
        let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
        [&bytes[..at], to, &bytes[at + from.len()..]].concat()
    }

    #[test]
    fn what_the_tool_writes_is_taken_however_it_comes() {
        for piece in [1, 7, 4096, 1 << 20] {
            assert_eq!(judge(FILM, piece), Ok(FilmKind::Film { has_sound: true }), "{piece}");
            assert_eq!(judge(SOUND, piece), Ok(FilmKind::Sound), "{piece}");
        }
    }

    #[test]
    fn whatever_may_say_more_than_the_film_is_refused_and_nothing_is_stripped() {
        let says = |part| Err(FilmRefused::Says(part));
        let part = |name: &str| Err(FilmRefused::Part(name.into()));
        let uuid = b"\0\0\0\x18uuid0123456789abcdef";
        assert_eq!(judge(&with(FILM, &[b"moov"], uuid), 4096), part("uuid"));
        let place = b"\0\0\0\x10\xa9xyz\0\0\0\0+30+";
        assert_eq!(judge(&with(FILM, &[b"moov", b"udta"], place), 4096), part("udta"));
        assert_eq!(judge(&with(FILM, &[b"moov", b"trak"], uuid), 4096), part("uuid"));
        assert_eq!(
            judge(&with(FILM, &[b"moov", b"trak", b"mdia", b"minf", b"stbl"], uuid), 4096),
            part("uuid")
        );
        assert_eq!(judge(&replaced(FILM, b"VideoHandler", b"VideoByWangW"), 4096), says("hdlr"));
        let dated = replaced(FILM, b"mvhd\0\0\0\0\0\0\0\0", b"mvhd\0\0\0\0\0\0\0\x01");
        assert_eq!(judge(&dated, 4096), says("mvhd"));
        assert_eq!(judge(&replaced(FILM, b"url \0\0\0\x01", b"url \0\0\0\0"), 4096), says("dinf"));
        assert_eq!(judge(&replaced(FILM, b"\x55\xc4", b"\x15\xc7"), 4096), says("mdhd"));
        let tmcd = replaced(FILM, b"mp4a\0\0\0\0", b"tmcd\0\0\0\0");
        assert_eq!(judge(&tmcd, 4096), part("tmcd"));
        assert_eq!(judge(&replaced(FILM, b"isomiso2", b"isomhome"), 4096), says("ftyp"));
    }

    /// Bytes that no player reads would be room for anything.
    #[test]
    fn a_listed_part_has_no_room_for_more_than_it_needs() {
        let says = |part| Err(FilmRefused::Says(part));
        const MEDIA: [&[u8; 4]; 5] = [b"moov", b"trak", b"mdia", b"minf", b"stbl"];
        let below = |more: &[&'static [u8; 4]]| [&MEDIA[..], more].concat();
        for (inside, part) in [
            (vec![b"moov", b"mvhd"], "mvhd"),
            (vec![b"moov", b"trak", b"tkhd"], "tkhd"),
            (vec![b"moov", b"trak", b"edts", b"elst"], "elst"),
            (vec![b"moov", b"trak", b"mdia", b"mdhd"], "mdhd"),
            (vec![b"moov", b"trak", b"mdia", b"minf", b"vmhd"], "vmhd"),
            (below(&[b"stts"]), "stts"),
            (below(&[b"ctts"]), "ctts"),
            (below(&[b"stss"]), "stss"),
            (below(&[b"stsc"]), "stsc"),
            (below(&[b"stsz"]), "stsz"),
            (below(&[b"stco"]), "stco"),
            (below(&[b"stsd", b"avc1", b"avcC"]), "avcC"),
            (below(&[b"stsd", b"avc1", b"pasp"]), "pasp"),
            (below(&[b"stsd", b"avc1", b"btrt"]), "btrt"),
        ] {
            assert_eq!(judge(&with(FILM, &inside, b"+30.27N+"), 4096), says(part), "{part}");
        }
        for (inside, part) in [
            (vec![b"moov", b"trak", b"mdia", b"minf", b"smhd"], "smhd"),
            (below(&[b"sgpd"]), "sgpd"),
            (below(&[b"sbgp"]), "sbgp"),
            (below(&[b"stsd", b"mp4a", b"esds"]), "esds"),
        ] {
            assert_eq!(judge(&with(SOUND, &inside, b"+30.27N+"), 4096), says(part), "{part}");
        }
        // Where nothing stands, nothing may.
        for (from, to, part) in [
            (&b"avc1\0\0\0\0\0\0\0\x01\0\0"[..], &b"avc1\0\0\0\0\0\0\0\x01ab"[..], "avc1"),
            (b"mp4a\0\0\0\0\0\0\0\x01\0\0", b"mp4a\0\0\0\0\0\0\0\x01ab", "mp4a"),
            (b"vmhd\0\0\0\x01\0\0", b"vmhd\0\0\0\x01ab", "vmhd"),
            (b"smhd\0\0\0\0\0\0", b"smhd\0\0\0\0ab", "smhd"),
            (
                b"esds\0\0\0\0\x03\x80\x80\x80\x25\0\x02\0",
                b"esds\0\0\0\0\x03\x80\x80\x80\x25\0\x02\x40",
                "esds",
            ),
            (b"hdlr\0\0\0\0\0\0\0\0vide", b"hdlr\0\0\0\0abcdvide", "hdlr"),
            (b"roll\0\0\0\x02", b"abcd\0\0\0\x02", "sgpd"),
        ] {
            assert_eq!(judge(&replaced(FILM, from, to), 4096), says(part), "{part}");
        }
        let colours = |body: &[u8]| {
            let length = u32::try_from(8 + body.len()).unwrap().to_be_bytes();
            with(FILM, &below(&[b"stsd", b"avc1"]), &[&length, &b"colr"[..], body].concat())
        };
        assert_eq!(
            judge(&colours(b"nclx\0\x01\0\x01\0\x01\x80"), 4096),
            Ok(FilmKind::Film { has_sound: true })
        );
        for bad in [&b"profWho made it, and where"[..], b"nclx\0\x01\0\x01\0\x01\x80more", b"nclxabcdefg"] {
            assert_eq!(judge(&colours(bad), 4096), says("colr"));
        }
        let twice = b"\0\0\0\x14btrt+30.27N+120E";
        assert_eq!(
            judge(&with(FILM, &below(&[b"stsd", b"avc1"]), twice), 4096),
            Err(FilmRefused::Part("btrt".into()))
        );
        let brands = with(FILM, &[b"ftyp"], b"isomisomisom");
        assert_eq!(judge(&brands, 4096), says("ftyp"));
    }

    #[test]
    fn nothing_comes_before_between_or_after() {
        for end in [FILM.len() - 1, FILM.len() / 2, 40, 7] {
            assert_eq!(judge(&FILM[..end], 1000), Err(FilmRefused::Length), "{end}");
        }
        assert_eq!(judge(&[FILM, b"x"].concat(), 1000), Err(FilmRefused::Length));
        assert_eq!(judge(&[FILM, FILM].concat(), 1000), Err(FilmRefused::Length));
        assert_eq!(judge(b"", 1000), Err(FilmRefused::Shape));
        let samples_first = [&FILM[..32], b"\0\0\0\x09mdatx"].concat();
        assert_eq!(judge(&samples_first, 1000), Err(FilmRefused::Shape));
        let zip = [&FILM[..32], b"PK\x03\x04zipzipzip"].concat();
        assert!(judge(&zip, 1000).is_err());
    }

    #[test]
    fn any_bytes_are_judged_without_harm() {
        for at in 0..FILM.len().min(2200) {
            for value in [0, 1, 0x7f, 0xff] {
                let mut bytes = FILM.to_vec();
                bytes[at] = value;
                let _ = judge(&bytes, 512);
            }
        }
    }
}
