//! One original, opened into a folder the officer names. The identity section stays closed: nothing here can read it.

use super::check::NotOpened;
use crate::{
    award::release::{Quorum, Terms},
    cleartext::open::{FileOpenError, OpenedOriginal, open_original},
    cli::{Outcome, keyfile::HolderKey, pins::State},
    clock::Day,
    envelope::Envelope,
    evidence::{FilesPackage, FilesRelease, Use},
    file_name,
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
    pub key: PathBuf,
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
            files.need,
            terms.expires(),
        )
    }

    /// Spends the shares.
    pub fn open(
        self,
        sealed: impl Read + Seek,
        office_key: &age::x25519::Identity,
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
    let key = HolderKey::load(&paths.key)?;
    let sealed = File::open(&paths.sealed).map_err(|e| format!("{}: {e}", paths.sealed.display()))?;
    if !paths.into.is_dir() {
        return Err(format!("{}: is no folder", paths.into.display()).into());
    }
    let ready = check_files(&package, &state, today)?;
    println!("{}", ready.summary());
    // Under a name that says nothing until all of it is there and checked.
    let name = package.terms.files.name();
    let unfinished = paths.into.join(format!("{name}.part"));
    let out = ours_alone(&unfinished)?;
    let opened = ready.open(sealed, &key.opening, &out).map_err(|why| {
        let _ = fs::remove_file(&unfinished);
        why.to_string()
    })?;
    out.sync_all()?;
    // Not the reporter's own name for it: that stays on this screen.
    let original = opened.name_for_disk();
    let place = match file_name::ending(&original).as_str() {
        "" => paths.into.join(&name),
        ending => paths.into.join(format!("{name}.{ending}")),
    };
    if place.exists() {
        fs::remove_file(&unfinished)?;
        return Err(format!("{}: is there already", place.display()).into());
    }
    fs::rename(&unfinished, &place)?;
    println!(
        "{}（{}，{} 字节 bytes；原名 was {original}）",
        place.display(),
        opened.media_type,
        opened.bytes
    );
    println!(
        "请做好遮挡后的副本，再在发奖部门页面上传 / Make the edited copy, and put it in on the office's page"
    );
    Ok(())
}

fn ours_alone(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}
