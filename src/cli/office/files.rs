//! One original, opened into a folder the officer names. The identity section stays closed: nothing here can read it.

use super::check::NotOpened;
use crate::{
    award::release::{Quorum, Terms},
    cleartext::open::{FileOpenError, OpenedOriginal, open_original},
    cli::{Outcome, keyfile::OfficeKeys, pins::State},
    clock::Day,
    envelope::Envelope,
    evidence::{FilesPackage, FilesRelease, Use},
    fit::fit,
    log::Purpose,
};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

const FORMAT: u16 = 1;

pub struct Paths {
    pub package: PathBuf,
    pub sealed: PathBuf,
    pub keys: Vec<PathBuf>,
    pub state: PathBuf,
    pub into: PathBuf,
}

/// A package whose papers are in order.
pub struct ReadyFiles {
    quorum: Quorum<FilesRelease>,
    envelope: Envelope,
}

/// Checks a package against the pinned set; `today` bounds the release.
pub fn check_files(package: &FilesPackage, state: &State, today: Day) -> Result<ReadyFiles, NotOpened> {
    if package.format != FORMAT {
        return Err(NotOpened::Format(package.format));
    }
    if package.purpose != Purpose::Files {
        return Err(NotOpened::Purpose);
    }
    let set = package.set.pinned(&state.set.fingerprint())?;
    let quorum = Quorum::gather(&package.terms, &set, &package.deposits, today)?;
    Ok(ReadyFiles { quorum, envelope: package.envelope.clone() })
}

impl ReadyFiles {
    /// What is opened, and what that means.
    pub fn summary(&self) -> String {
        let terms = self.quorum.terms();
        let files = &terms.files;
        let needed_for = match files.needed_for {
            Use::Investigation => "核查 investigation",
            Use::Court => "诉讼 court",
        };
        format!(
            "案件 Case        {}\n\
             申请 Request     {}（{}）\n\
             用途 For         {needed_for}\n\
             理由 Why         {}\n\
             有效 Until       {}\n\n\
             原始文件可能暴露举报人：文件名、拍摄时间和地点、相机、面孔、声音、字迹。\n\
             只有发奖部门可以看。不要转发，不要打印，用完即删。身份部分没有打开。\n\
             Originals may identify the reporter: name, time, place and camera in the file, faces, voices, handwriting.\n\
             For the office alone. Do not pass it on or print it; delete it when done. The identity stays closed.\n",
            files.case,
            files.name(),
            files.asked,
            fit(&files.need),
            terms.expires(),
        )
    }

    /// Spends the shares.
    pub fn open(
        self,
        sealed: impl Read + Seek,
        office_key: &dyn age::Identity,
        out: impl Write,
    ) -> Result<OpenedOriginal, FileOpenError> {
        open_original(sealed, &self.envelope, self.quorum, office_key, out)
    }
}

pub(super) fn open(paths: &Paths, today: Day) -> Outcome {
    let state = State::open(&paths.state)?;
    let text = fs::read(&paths.package).map_err(|e| format!("{}: {e}", paths.package.display()))?;
    let package: FilesPackage = serde_json::from_slice(&text)
        .map_err(|e| format!("{}: not a package for an original: {e}", paths.package.display()))?;
    let keys = OfficeKeys::load(&paths.keys)?;
    let sealed = File::open(&paths.sealed).map_err(|e| format!("{}: {e}", paths.sealed.display()))?;
    if !paths.into.is_dir() {
        return Err(format!("{}: is no folder", paths.into.display()).into());
    }
    let ready = check_files(&package, &state, today)?;
    println!("{}", ready.summary());
    // Under a name that says nothing until all of it is there and checked.
    let name = package.terms.files.name();
    let unfinished = paths.into.join(format!("{name}.part"));
    if unfinished.exists() {
        // Of an earlier run that was broken off.
        fs::remove_file(&unfinished).map_err(|e| format!("{}: {e}", unfinished.display()))?;
    }
    let out = ours_alone(&unfinished)?;
    let written = ready.open(sealed, &keys, &out).map_err(Box::<dyn std::error::Error>::from);
    let kept = written.and_then(|opened| {
        out.sync_all()?;
        // Not the reporter's own name for it: that stays on this screen. And no ending that somebody chose.
        let place = paths.into.join(format!("{name}.{}", ending(&opened.media_type)));
        // Never over something that is there.
        fs::hard_link(&unfinished, &place).map_err(|e| format!("{}: {e}", place.display()))?;
        Ok((opened, place))
    });
    fs::remove_file(&unfinished)?;
    let (opened, place): (OpenedOriginal, PathBuf) = kept?;
    println!(
        "{}（{}，{} 字节 bytes；原名 was {}）",
        place.display(),
        fit(&opened.media_type),
        opened.bytes,
        fit(&opened.name_for_disk())
    );
    println!(
        "请用 mifeng-office edit 做好遮挡后的副本，再在发奖部门页面放入 / Make the edited copy with mifeng-office edit, and put it in on the office's page"
    );
    Ok(())
}

/// What a file of this type is called, by a list of ours: the type, too, is only somebody's word.
fn ending(media: &str) -> &'static str {
    match media {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "image/heic" | "image/heif" => "heic",
        "application/pdf" => "pdf",
        "video/mp4" => "mp4",
        "video/quicktime" => "mov",
        "video/webm" => "webm",
        "audio/mpeg" => "mp3",
        "audio/mp4" => "m4a",
        "audio/wav" | "audio/x-wav" => "wav",
        "text/plain" => "txt",
        _ => "original",
    }
}

pub(super) fn ours_alone(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}
