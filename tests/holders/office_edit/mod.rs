//! The office's machine: a copy is made or compared there, and signed; films and pages by ffmpeg and pdftoppm.
#![cfg(feature = "open")]

mod films;
mod pictures;

use crate::common::Ceremony;
use image::{Rgb, RgbImage};
use mifeng::{
    cli::pins::State,
    evidence::{Edited, Edits},
    recipients::RecipientSet,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

const NAME: &str = "2026-000001-F1";
const SECRET: &str = "CANARY-place-30.27N-120.15E";

struct Machine {
    folder: tempfile::TempDir,
    ceremony: Ceremony,
}

impl Machine {
    fn new() -> Self {
        let (folder, ceremony) = (tempfile::tempdir().unwrap(), Ceremony::new());
        let machine = Self { folder, ceremony };
        let set = machine.at("set.json");
        fs::write(&set, serde_json::to_string(&machine.ceremony.untrusted_set).unwrap()).unwrap();
        State::pin(&machine.at("state"), &set, &machine.ceremony.untrusted_set.fingerprint(), None).unwrap();
        machine.key("office.key", &machine.ceremony.office_sign);
        machine
    }

    fn key(&self, name: &str, signing: &mifeng::signing::SigningKey) {
        use age::secrecy::ExposeSecret;
        let age = age::x25519::Identity::generate().to_string();
        let text = format!("{}\n{}\n", age.expose_secret(), *signing.to_text());
        fs::write(self.at(name), text).unwrap();
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(self.at(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn set(&self) -> RecipientSet {
        State::open(&self.at("state")).unwrap().set
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, line: &[&str], key: &str) -> Output {
        let folder = self.folder.path();
        Command::new(env!("CARGO_BIN_EXE_mifeng-office"))
            .args(line)
            .args(["--key", key, "--state", "state", "--into", "."])
            .current_dir(folder)
            .output()
            .unwrap()
    }

    fn makes(&self, line: &[&str]) {
        let out = self.run(line, "office.key");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }

    fn refuses(&self, line: &[&str]) -> String {
        let out = self.run(line, "office.key");
        assert!(!out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
        String::from_utf8_lossy(&out.stderr).into_owned()
    }

    fn statement(&self, name: &str) -> Vec<Edited> {
        Edits::read(&fs::read_to_string(self.at(name)).unwrap(), &self.set(), NAME).unwrap()
    }
}

fn photo() -> RgbImage {
    RgbImage::from_fn(400, 300, |x, y| {
        Rgb([(x / 2) as u8, (y / 2) as u8, ((x / 40 + y / 30) % 2 * 90) as u8])
    })
}

fn outside(program: &str, line: &[&str], at: &Path) {
    let out = Command::new(program).args(line).current_dir(at).output().unwrap();
    assert!(out.status.success(), "{program}: {}", String::from_utf8_lossy(&out.stderr));
}

/// A camera's film: place and title in it, captions and chapters beside picture and voice.
fn film(at: &Path) {
    let notes =
        format!(";FFMETADATA1\ntitle={SECRET}\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=2\ntitle={SECRET}\n");
    fs::write(at.join("notes.txt"), notes).unwrap();
    fs::write(at.join("said.srt"), format!("1\n00:00:00,000 --> 00:00:02,000\n{SECRET}\n")).unwrap();
    let location = format!("location={SECRET}");
    outside(
        "ffmpeg",
        &[
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            "testsrc=size=161x120:rate=10:duration=4",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=440:duration=4",
            "-i",
            "said.srt",
            "-i",
            "notes.txt",
            "-map",
            "0",
            "-map",
            "1",
            "-map",
            "2",
            "-map_metadata",
            "3",
            "-map_chapters",
            "3",
            "-metadata",
            &location,
            "-metadata:s:v",
            &location,
            "-c:v",
            "libx264",
            "-pix_fmt",
            "yuv444p",
            "-c:a",
            "aac",
            "-c:s",
            "mov_text",
            &format!("{NAME}.mp4"),
        ],
        at,
    );
}

/// Other users of the machine read nothing, also of what poppler and ffmpeg write; a run that was broken off is cleared away.
#[test]
fn what_is_written_is_for_the_officer_alone_and_leftovers_block_nobody() {
    use std::os::unix::fs::PermissionsExt;
    let machine = Machine::new();
    film(machine.folder.path());
    fs::write(machine.at(&format!("{NAME}.pdf")), include_str!("../../vectors/edits/two-pages.pdf")).unwrap();
    fs::create_dir(machine.at(&format!(".{NAME}-pages.part"))).unwrap();
    fs::write(machine.at(&format!(".{NAME}-pages.part/page-9.png")), "left over").unwrap();
    fs::write(machine.at(&format!(".{NAME}-written.part")), "left over").unwrap();
    fs::write(machine.at(&format!(".{NAME}-checked.part")), "left over").unwrap();
    // Says how the folder is seen by others while pages are drawn into it.
    let watcher = machine.at("bin");
    fs::create_dir(&watcher).unwrap();
    let real = String::from_utf8(Command::new("which").arg("pdftoppm").output().unwrap().stdout).unwrap();
    let script = format!(
        "#!/bin/sh\nfor last; do :; done\nstat -c %a \"$(dirname \"$last\")\" > {}\nexec {} \"$@\"\n",
        machine.at("seen").display(),
        real.trim()
    );
    fs::write(watcher.join("pdftoppm"), script).unwrap();
    fs::set_permissions(watcher.join("pdftoppm"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", watcher.display(), std::env::var("PATH").unwrap());
    for original in [format!("{NAME}.pdf"), format!("{NAME}.mp4")] {
        let out = Command::new("sh")
            .args([
                "-c",
                "umask 022; exec \"$@\"",
                "sh",
                env!("CARGO_BIN_EXE_mifeng-office"),
                "edit",
                &original,
            ])
            .args(["--key", "office.key", "--state", "state", "--into", "."])
            .current_dir(machine.folder.path())
            .env("PATH", &path)
            .output()
            .unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }
    assert_eq!(fs::read_to_string(machine.at("seen")).unwrap(), "700\n");
    for name in ["-page-1.png", "-page-2.png", "-page-1.edits.json", "-copy.mp4", "-copy.edits.json"] {
        let mode = fs::metadata(machine.at(&format!("{NAME}{name}"))).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert!(!machine.at(&format!("{NAME}-page-3.png")).exists(), "nothing of the run before");
    let left: Vec<_> = fs::read_dir(machine.folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".part")), "{left:?}");
}
