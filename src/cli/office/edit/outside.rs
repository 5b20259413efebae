//! Films and recordings by ffmpeg, pages by poppler's pdftoppm: well-kept programs of their own, run without a shell, an
//! environment or standard input, on named files alone. What comes out is looked at before it is offered.

use super::{
    Failed, Made, Place,
    wishes::{Cut, Sound, Wishes},
};
use crate::{
    evidence::{Change, MOST_EDITED},
    film::FilmCheck,
};
use serde::Deserialize;
use std::{
    ffi::OsString,
    fs,
    io::Read,
    path::Path,
    process::{Command, Stdio},
};

/// Frames a second of what is written.
const FRAMES: u32 = 25;
/// Dots an inch of a page's picture: small print can be read.
const DOTS: &str = "150";

/// A film or recording written anew: nothing of the old file but what is seen and heard.
pub(super) fn film(original: &Path, wishes: &Wishes, place: &Place) -> Result<Made, Failed> {
    if wishes.crop.is_some() {
        return Err("a film is covered or cut, not cropped".into());
    }
    let streams = probe(original)?;
    let has = |kind: &str| streams.streams.iter().any(|stream| stream.codec_type == kind);
    let (is_film, has_sound) = (has("video"), has("audio"));
    let keeps_sound = has_sound && wishes.sound != Sound::None;
    if !is_film && !wishes.covers.is_empty() {
        return Err("a recording has nothing to cover".into());
    }
    if !is_film && !keeps_sound {
        return Err("nothing would be left".into());
    }
    let length = streams.seconds();
    let (first, second) = (place.unfinished("written"), place.unfinished("checked"));
    let made = write_film(original, wishes, (is_film, keeps_sound), (&first, &second)).and_then(|()| {
        look_at(&second)?;
        let path = place.free(if is_film { "mp4" } else { "m4a" })?;
        // Never over something that is there.
        fs::hard_link(&second, &path)?;
        Ok(Made { path, changes: changes(wishes, has_sound, length) })
    });
    for part in [&first, &second] {
        if part.exists() {
            fs::remove_file(part)?;
        }
    }
    made
}

fn write_film(
    original: &Path,
    wishes: &Wishes,
    (is_film, keeps_sound): (bool, bool),
    (first, second): (&Path, &Path),
) -> Result<(), Failed> {
    let mut encode = Args::new(original);
    if is_film {
        encode.add(&["-map", "0:v:0", "-vf", &picture_filter(wishes)]);
        encode.add(&["-c:v", "libx264", "-preset", "medium", "-crf", "23", "-pix_fmt", "yuv420p"]);
        // No captions carried along, no notes of the encoder between the pictures.
        encode.add(&["-a53cc", "0", "-bsf:v", "filter_units=remove_types=6"]);
    }
    if keeps_sound {
        encode.add(&["-map", "0:a:0", "-af", &sound_filter(wishes), "-c:a", "aac", "-b:a", "96k"]);
    }
    encode.write_to(first);
    run("ffmpeg", encode.0)?;
    // A second time, without the name of the encoder that the first writes beside its track.
    let mut copy = Args::new(first);
    copy.add(&["-map", "0", "-c", "copy"]);
    copy.write_to(second);
    run("ffmpeg", copy.0)
}

struct Args(Vec<OsString>);

impl Args {
    fn new(from: &Path) -> Self {
        let mut args = Self(Vec::new());
        args.add(&["-nostdin", "-hide_banner", "-loglevel", "error", "-protocol_whitelist", "file", "-i"]);
        args.0.push(named(from));
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
fn named(path: &Path) -> OsString {
    let mut name = OsString::from("file:");
    name.push(path);
    name
}

/// Covered by what was typed, in the film's own seconds; then cut.
fn picture_filter(wishes: &Wishes) -> String {
    let mut steps = Vec::new();
    for cover in &wishes.covers {
        let when = match cover.time {
            Some(Cut { from, to }) => format!(":enable='between(t,{from},{to})'"),
            None => String::new(),
        };
        steps.push(format!(
            "drawbox=x={}:y={}:w={}:h={}:color=black:t=fill{when}",
            cover.x, cover.y, cover.width, cover.height
        ));
    }
    steps.push(format!("fps={FRAMES}"));
    if !wishes.cuts.is_empty() {
        steps.push(format!("select='{}',setpts=N/{FRAMES}/TB", kept(&wishes.cuts)));
    }
    steps.push("scale=trunc(iw/2)*2:trunc(ih/2)*2".into());
    steps.join(",")
}

fn sound_filter(wishes: &Wishes) -> String {
    let mut steps = vec!["aresample=44100".to_owned()];
    if !wishes.cuts.is_empty() {
        steps.push(format!("aselect='{}',asetpts=N/SR/TB", kept(&wishes.cuts)));
    }
    if wishes.sound == Sound::Voice {
        // A fifth lower, as fast as before.
        steps.push("asetrate=44100*0.8,aresample=44100,atempo=1.25".into());
    }
    steps.join(",")
}

fn kept(cuts: &[Cut]) -> String {
    let cuts: Vec<String> = cuts.iter().map(|cut| format!("between(t,{},{})", cut.from, cut.to)).collect();
    format!("not({})", cuts.join("+"))
}

fn changes(wishes: &Wishes, has_sound: bool, length: u32) -> Vec<Change> {
    let mut changes = Vec::new();
    for cover in &wishes.covers {
        let Cut { from, to } = cover.time.unwrap_or(Cut { from: 0, to: length });
        changes.push(Change::CoveredFor { from, to });
    }
    changes.extend(wishes.cuts.iter().map(|cut| Change::CutOut { from: cut.from, to: cut.to }));
    changes.extend(has_sound.then_some(match wishes.sound {
        Sound::None => Change::SoundRemoved,
        Sound::Voice => Change::VoicesChanged,
        Sound::Keep => Change::VoicesKept,
    }));
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

#[derive(Deserialize)]
struct Probed {
    streams: Vec<Stream>,
    format: Format,
}
#[derive(Deserialize)]
struct Stream {
    codec_type: String,
}
#[derive(Deserialize)]
struct Format {
    duration: Option<String>,
}

impl Probed {
    /// Begun seconds count.
    fn seconds(&self) -> u32 {
        let seconds: f64 =
            self.format.duration.as_deref().and_then(|text| text.parse().ok()).unwrap_or_default();
        seconds.ceil().clamp(0.0, 1e9) as u32
    }
}

fn probe(original: &Path) -> Result<Probed, Failed> {
    let asks = ["-v", "error", "-protocol_whitelist", "file", "-of", "json"];
    let shows = ["-show_entries", "stream=codec_type:format=duration", "-i"];
    let mut args: Vec<OsString> = asks.iter().chain(&shows).map(OsString::from).collect();
    args.push(named(original));
    Ok(serde_json::from_slice(&output("ffprobe", args)?)?)
}

/// Every page of a PDF as a picture of it; what the file holds beside its pages is gone.
pub(super) fn pages(original: &Path, place: &Place) -> Result<Vec<Made>, Failed> {
    let folder = place.unfinished("pages");
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
    run("pdftoppm", args)?;
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

fn run(program: &str, args: Vec<OsString>) -> Result<(), Failed> {
    output(program, args).map(drop)
}

fn output(program: &str, args: Vec<OsString>) -> Result<Vec<u8>, Failed> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut command = Command::new(program);
    command.args(args).env_clear().env("PATH", path).stdin(Stdio::null());
    let done = command.output().map_err(|e| format!("{program}: {e}; is it installed on this machine?"))?;
    match done.status.success() {
        true => Ok(done.stdout),
        // Its own words may quote what is in the file; this screen shows the original anyhow.
        false => {
            Err(format!("{program}: {}", crate::fit::fit(&String::from_utf8_lossy(&done.stderr))).into())
        }
    }
}
