//! The edited copy of an opened original, made on the office's machine or compared there with what another program made, and
//! a signed statement of how it differs. Reads and writes one folder; no network.

/// How a picture differs from another.
mod compare;
/// Films by ffmpeg, pages by pdftoppm.
mod outside;
/// What a film or recording consists of.
mod probe;
/// Running a program of others.
mod programs;
/// What to do, as it is typed.
mod wishes;

pub use compare::changes_between;
pub use wishes::{Cover, Cut, Sound, Wishes};

use super::files::ours_alone;
use crate::{
    cleartext::clean::{CleanLimits, Family, clean, sniff},
    cli::{Outcome, keyfile::HolderKey, pins::State},
    evidence::{Change, Edited, Edits, MOST_EDITED},
    transcript::sha256,
    web::Lang,
};
use image::{DynamicImage, ImageFormat, codecs::jpeg::JpegEncoder};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

type Failed = Box<dyn std::error::Error>;

/// Where things lie.
pub struct Desk {
    pub key: PathBuf,
    pub state: PathBuf,
    pub into: PathBuf,
    /// `2026-000417-F1`; by default as the original's file is called.
    pub request: Option<String>,
}

/// A copy as it was written, and how it differs.
struct Made {
    path: PathBuf,
    changes: Vec<Change>,
}

/// Makes a copy as wished and signs how it differs.
pub fn edit(original: &Path, wishes: &Wishes, desk: &Desk) -> Outcome {
    let request = request_of(original, desk)?;
    let mut start = Vec::new();
    std::io::Read::read_to_end(
        &mut std::io::Read::take(open(original)?, crate::file_kind::SNIFF_BYTES as u64),
        &mut start,
    )?;
    let kind = sniff(&start);
    let made = match kind.family() {
        Family::Image => vec![picture(original, wishes, &free(desk, &request))?],
        Family::Video | Family::Audio => vec![outside::film(original, kind, wishes, &free(desk, &request))?],
        _ if start.starts_with(b"%PDF-") => {
            if *wishes != Wishes::default() {
                return Err("turn the pages into pictures first, then edit the pictures".into());
            }
            outside::pages(original, &free(desk, &request))?
        }
        _ => {
            return Err(
                "neither a picture, a film, a recording nor a PDF: print it to PDF on this machine first"
                    .into(),
            );
        }
    };
    sign(made, &request, desk)
}

/// Compares a copy that another program made, and signs how it differs. Pictures alone can be compared.
pub fn compare(original: &Path, copy: &Path, desk: &Desk) -> Outcome {
    let request = request_of(original, desk)?;
    let (first, second) = (decoded(original)?, decoded(copy)?);
    let changes = changes_between(&first.into_rgb8(), &second.into_rgb8());
    sign(vec![Made { path: copy.to_owned(), changes }], &request, desk)
}

fn sign(made: Vec<Made>, request: &str, desk: &Desk) -> Outcome {
    let (state, key) = (State::open(&desk.state)?, HolderKey::load(&desk.key)?);
    if state.set.office().verify != key.signing.verify_key() {
        return Err("this is not the office's key".into());
    }
    let mut edited = Vec::new();
    for copy in &made {
        edited.push(Edited { sha256: sha256(&fs::read(&copy.path)?), changes: copy.changes.clone() });
        println!("{}", copy.path.display());
        for change in &copy.changes {
            println!("  {}", said(change));
        }
    }
    let first = made.first().ok_or("nothing was made")?;
    let statement = first.path.with_extension("edits.json");
    let edits = Edits::sign(&state.set, request, edited, &key.signing);
    let mut out = ours_alone(&statement).map_err(|e| format!("{}: {e}", statement.display()))?;
    out.write_all(&serde_json::to_vec_pretty(&edits)?)?;
    println!(
        "{}\n请从头到尾看一遍副本，再和说明文件一起放入 / Look at the copy from beginning to end, then put it in with its statement",
        statement.display()
    );
    Ok(())
}

/// As the office's page says it to the second person.
fn said(change: &Change) -> String {
    let words = |lang: Lang| {
        let numbers: Vec<_> =
            change.numbers().into_iter().map(|(name, number)| (name, number.into())).collect();
        lang.t_with(&format!("change-{}", change.code()), &numbers)
    };
    format!("{} / {}", words(Lang::Zh), words(Lang::En))
}

/// Written anew from its pixels, with what was wished painted over or left out.
fn picture(original: &Path, wishes: &Wishes, place: &Place) -> Result<Made, Failed> {
    if !wishes.cuts.is_empty() || wishes.covers.iter().any(|cover| cover.time.is_some()) {
        return Err("a picture has no seconds".into());
    }
    let before = decoded(original)?.into_rgb8();
    let mut after = before.clone();
    let shown = match &wishes.crop {
        Some(crop) => crop.within(before.dimensions()).ok_or("nothing would be left")?,
        None => (0, 0, before.width(), before.height()),
    };
    // Pixels of what is shown that are not what they were.
    let mut hidden = 0;
    for cover in &wishes.covers {
        if cover.within(before.dimensions()).is_none() {
            return Err(cover.is_beside(before.dimensions()).into());
        }
        for (x, y) in cover.pixels(before.dimensions()) {
            let is_shown =
                (shown.0..shown.0 + shown.2).contains(&x) && (shown.1..shown.1 + shown.3).contains(&y);
            hidden += u64::from(is_shown && after.get_pixel(x, y).0 != [0; 3]);
            after.put_pixel(x, y, image::Rgb([0; 3]));
        }
    }
    if wishes.crop.is_some() {
        after = image::imageops::crop_imm(&after, shown.0, shown.1, shown.2, shown.3).to_image();
    }
    let is_jpeg = ImageFormat::from_path(original).is_ok_and(|format| format == ImageFormat::Jpeg);
    let path = place.free(if is_jpeg { "jpg" } else { "png" })?;
    let mut bytes = Vec::new();
    match is_jpeg {
        true => after.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 90))?,
        false => DynamicImage::from(after.clone())
            .write_to(&mut std::io::Cursor::new(&mut bytes), ImageFormat::Png)?,
    }
    ours_alone(&path)?.write_all(&bytes)?;
    // By what was written, not by what was wished.
    let found = changes_between(&before, &image::load_from_memory(&bytes)?.into_rgb8());
    let changes = compare::with_hidden(found, hidden, u64::from(shown.2) * u64::from(shown.3));
    Ok(Made { path, changes })
}

/// The right way up, as everybody will see it.
fn decoded(path: &Path) -> Result<DynamicImage, Failed> {
    let bytes = fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let cleaned = clean(&bytes, &CleanLimits::default()).map_err(|e| format!("{}: {e}", path.display()))?;
    if cleaned.media_type == "image/gif" {
        return Err("a moving picture is not compared: edit it as a film".into());
    }
    Ok(image::load_from_memory(&cleaned.bytes)?)
}

fn open(path: &Path) -> Result<fs::File, Failed> {
    fs::File::open(path).map_err(|e| format!("{}: {e}", path.display()).into())
}

/// `2026-000417-F1` of `2026-000417-F1-page-3.png`.
fn request_of(original: &Path, desk: &Desk) -> Result<String, Failed> {
    if let Some(request) = &desk.request {
        return Ok(request.clone());
    }
    let stem = original.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let parts: Vec<&str> = stem.split('-').take(3).collect();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match parts[..] {
        [year, serial, request]
            if digits(year) && digits(serial) && request.strip_prefix('F').is_some_and(digits) =>
        {
            Ok(parts.join("-"))
        }
        _ => Err("which request it is for is not in the file's name: say it with --request".into()),
    }
}

/// Names for what is written, beside each other in one folder.
struct Place {
    into: PathBuf,
    request: String,
}

fn free(desk: &Desk, request: &str) -> Place {
    Place { into: desk.into.clone(), request: request.to_owned() }
}

impl Place {
    /// `2026-000417-F1-copy.png`, or `-copy2` where that is there already: nothing is written over.
    fn free(&self, ending: &str) -> Result<PathBuf, Failed> {
        let names = (1..=MOST_EDITED).map(|n| match n {
            1 => format!("{}-copy.{ending}", self.request),
            n => format!("{}-copy{n}.{ending}", self.request),
        });
        let mut paths = names.map(|name| self.into.join(name));
        let free = |path: &PathBuf| !path.exists() && !path.with_extension("edits.json").exists();
        Ok(paths.find(free).ok_or("there are too many copies in this folder")?)
    }

    /// Not for anybody to see: removed before the command ends, or by the next one if this one was broken off.
    fn unfinished(&self, name: &str) -> Result<PathBuf, Failed> {
        let path = self.into.join(format!(".{}-{name}.part", self.request));
        let removed = match fs::symlink_metadata(&path) {
            Ok(left) if left.is_dir() => fs::remove_dir_all(&path),
            Ok(_) => fs::remove_file(&path),
            Err(_) => return Ok(path),
        };
        removed.map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(path)
    }
}
