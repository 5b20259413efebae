//! Films and recordings by ffmpeg, pages by poppler's pdftoppm: well-kept programs of their own, on named files alone. What
//! comes out is looked at before it is offered.

use super::{
    Failed, Made, Place,
    probe::{Probed, probe},
    programs::run,
    wishes::{Cut, Sound, Wishes},
};
use crate::{
    evidence::{Change, MOST_EDITED},
    file_kind::FileKind,
    film::FilmCheck,
};
use std::{ffi::OsString, fs, io::Read, path::Path, time::Duration};

/// Frames a second of what is written.
const FRAMES: u32 = 25;
/// Dots an inch of a page's picture: small print can be read.
const DOTS: &str = "150";
/// A night for a film of hours on an old machine; whoever sits before it can stop it at any time.
const FILM_WITHIN: Duration = Duration::from_secs(12 * 3600);
/// Of pages at most [`MOST_EDITED`] are drawn.
const PAGES_WITHIN: Duration = Duration::from_secs(30 * 60);

/// A file, and as what alone it may be read.
pub(super) struct Source<'a> {
    pub path: &'a Path,
    readers: &'static str,
}

impl<'a> Source<'a> {
    pub fn new(path: &'a Path, kind: FileKind) -> Result<Self, Failed> {
        let readers = readers(kind).ok_or("this is no film or recording")?;
        Ok(Self { path, readers })
    }

    /// For ffmpeg and ffprobe, before the file: they would judge for themselves what it is, and some kinds are lists of other
    /// files, which they would open.
    pub fn options(&self) -> [&'static str; 4] {
        ["-protocol_whitelist", "file", "-format_whitelist", self.readers]
    }
}

/// ffmpeg's names for what each kind may turn out to be.
fn readers(kind: FileKind) -> Option<&'static str> {
    use FileKind::*;
    Some(match kind {
        Mp4 | Mov | ThreeGp | M4a => "mov",
        Matroska | WebM => "matroska",
        Avi => "avi",
        Wmv => "asf",
        Flv => "flv",
        Mpeg => "mpeg,mpegvideo",
        // Both may begin with a tag of notes.
        Mp3 | Aac => "mp3,aac",
        Amr => "amr",
        Wav => "wav",
        Ogg => "ogg",
        Flac => "flac",
        _ => return None,
    })
}

/// A film or recording written anew: nothing of the old file but what is seen and heard.
pub(super) fn film(original: &Path, kind: FileKind, wishes: &Wishes, place: &Place) -> Result<Made, Failed> {
    if wishes.crop.is_some() {
        return Err("a film is covered or cut, not cropped".into());
    }
    let source = Source::new(original, kind)?;
    let found = probe(&source)?;
    let is_film = found.pictures.is_some();
    let keeps_sound = found.has_sound && wishes.sound != Sound::None;
    if !is_film && !keeps_sound {
        return Err("nothing would be left".into());
    }
    found.can_be(wishes)?;
    let (first, second) = (place.unfinished("written")?, place.unfinished("checked")?);
    let made = write_film(&source, wishes, (is_film, keeps_sound), (&first, &second)).and_then(|()| {
        look_at(&second)?;
        let path = place.free(if is_film { "mp4" } else { "m4a" })?;
        // Never over something that is there.
        fs::hard_link(&second, &path)?;
        Ok(Made { path, changes: changes(wishes, &found) })
    });
    for part in [&first, &second] {
        if part.exists() {
            fs::remove_file(part)?;
        }
    }
    made
}

fn write_film(
    source: &Source,
    wishes: &Wishes,
    (is_film, keeps_sound): (bool, bool),
    (first, second): (&Path, &Path),
) -> Result<(), Failed> {
    let mut encode = Args::new(source);
    if is_film {
        encode.add(&["-map", "0:V:0", "-vf", &picture_filter(wishes)]);
        encode.add(&["-c:v", "libx264", "-preset", "medium", "-crf", "23", "-pix_fmt", "yuv420p"]);
        // No captions carried along, no notes of the encoder between the pictures.
        encode.add(&["-a53cc", "0", "-bsf:v", "filter_units=remove_types=6"]);
    }
    if keeps_sound {
        encode.add(&["-map", "0:a:0", "-af", &sound_filter(wishes), "-c:a", "aac", "-b:a", "96k"]);
    }
    encode.write_to(first);
    run("ffmpeg", encode.0, FILM_WITHIN)?;
    // A second time, without the name of the encoder that the first writes beside its track.
    let mut copy = Args::new(&Source::new(first, FileKind::Mp4)?);
    copy.add(&["-map", "0", "-c", "copy"]);
    copy.write_to(second);
    run("ffmpeg", copy.0, FILM_WITHIN).map(drop)
}

struct Args(Vec<OsString>);

impl Args {
    fn new(from: &Source) -> Self {
        let mut args = Self(Vec::new());
        args.add(&["-nostdin", "-hide_banner", "-loglevel", "error"]);
        args.add(&from.options());
        args.add(&["-i"]);
        args.0.push(named(from.path));
        args.add(&["-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"]);
        args
    }
    fn add(&mut self, more: &[&str]) {
        self.0.extend(more.iter().map(OsString::from));
    }
    fn write_to(&mut self, to: &Path) {
        self.add(&["-fflags", "+bitexact", "-flags", "+bitexact", "-movflags", "+faststart", "-f", "mp4"]);
        self.0.push(named(to));
    }
}

/// A name that can be neither an option nor another protocol.
pub(super) fn named(path: &Path) -> OsString {
    let mut name = OsString::from("file:");
    name.push(path);
    name
}

/// First of all so many pictures a second: what is seen during the seconds that were typed is covered or cut, though in the
/// original it may be one picture from before. Then covered by what was typed, in the film's own seconds; then cut.
fn picture_filter(wishes: &Wishes) -> String {
    let mut steps = vec![format!("fps={FRAMES}:round=down")];
    for cover in &wishes.covers {
        let when = cover.time.map_or_else(String::new, |time| format!(":enable='{}'", during(time)));
        steps.push(format!(
            "drawbox=x={}:y={}:w={}:h={}:color=black:t=fill{when}",
            cover.x, cover.y, cover.width, cover.height
        ));
    }
    if !wishes.cuts.is_empty() {
        steps.push(format!("select='{}',setpts=N/{FRAMES}/TB", kept(&wishes.cuts)));
    }
    steps.push("scale=trunc(iw/2)*2:trunc(ih/2)*2".into());
    steps.join(",")
}

fn sound_filter(wishes: &Wishes) -> String {
    // Begins where the pictures begin, with silence where nothing was recorded.
    let mut steps = vec!["aresample=44100:async=1:first_pts=0".to_owned()];
    if !wishes.cuts.is_empty() {
        // In hundredths of a second, of which none lies across the beginning of a second.
        steps.push("asetnsamples=n=441:p=0".into());
        steps.push(format!("aselect='{}',asetpts=N/SR/TB", kept(&wishes.cuts)));
    }
    if wishes.sound == Sound::Voice {
        // A fifth lower, as fast as before.
        steps.push("asetrate=44100*0.8,aresample=44100,atempo=1.25".into());
    }
    steps.join(",")
}

fn kept(cuts: &[Cut]) -> String {
    let cuts: Vec<String> = cuts.iter().map(|cut| during(*cut)).collect();
    format!("not({})", cuts.join("+"))
}

/// From the first second's beginning to the last one's end.
fn during(Cut { from, to }: Cut) -> String {
    format!("gte(t,{from})*lt(t,{})", u64::from(to) + 1)
}

/// Of a film what was done to the pictures, and what to the sound: the one hides nothing of the other.
fn changes(wishes: &Wishes, found: &Probed) -> Vec<Change> {
    let mut changes = Vec::new();
    for cover in &wishes.covers {
        let whole = Cut { from: 0, to: found.last_picture().unwrap_or_default() };
        let Cut { from, to } = cover.time.unwrap_or(whole);
        changes.push(Change::CoveredFor { from, to });
    }
    changes.extend(wishes.cuts.iter().map(|cut| Change::CutOut { from: cut.from, to: cut.to }));
    if found.has_sound {
        // Sound may go on after the last picture.
        let is_of_pictures = |cut: &Cut| found.last_picture().is_none_or(|last| cut.from <= last);
        if found.pictures.is_some() && wishes.covers.is_empty() && !wishes.cuts.iter().any(is_of_pictures) {
            changes.push(Change::PicturesKept);
        }
        changes.push(match wishes.sound {
            Sound::None => Change::SoundRemoved,
            Sound::Voice => Change::VoicesChanged,
            Sound::Keep => Change::VoicesKept,
        });
    }
    if changes.is_empty() { vec![Change::AsItWas] } else { changes }
}

/// What the office's pages will look for, looked for here.
fn look_at(path: &Path) -> Result<(), Failed> {
    let (mut file, mut check, mut piece) = (fs::File::open(path)?, FilmCheck::default(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut piece)? {
            0 => break,
            read => check.push(&piece[..read])?,
        }
    }
    check.finish()?;
    Ok(())
}

/// Every page of a PDF as a picture of it; what the file holds beside its pages is gone.
pub(super) fn pages(original: &Path, place: &Place) -> Result<Vec<Made>, Failed> {
    let folder = place.unfinished("pages")?;
    fs::create_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let drawn = draw_pages(original, &folder, place);
    fs::remove_dir_all(&folder)?;
    drawn
}

fn draw_pages(original: &Path, folder: &Path, place: &Place) -> Result<Vec<Made>, Failed> {
    // One more than is taken, to know whether there are more.
    let last = (MOST_EDITED + 1).to_string();
    let mut args: Vec<OsString> = ["-png", "-r", DOTS, "-l", &last].iter().map(OsString::from).collect();
    // Never an option: an absolute name.
    args.extend([fs::canonicalize(original)?.into(), folder.join("page").into()]);
    run("pdftoppm", args, PAGES_WITHIN)?;
    let mut drawn: Vec<_> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
    drawn.sort();
    if drawn.len() > MOST_EDITED {
        return Err(format!("more than {MOST_EDITED} pages: split the document first").into());
    }
    let of = u16::try_from(drawn.len())?;
    let mut made = Vec::new();
    for (number, page) in (1..).zip(drawn) {
        let path = place.into.join(format!("{}-page-{number}.png", place.request));
        fs::hard_link(&page, &path).map_err(|e| format!("{}: {e}", path.display()))?;
        made.push(Made { path, changes: vec![Change::Page { number, of }] });
    }
    Ok(made)
}
