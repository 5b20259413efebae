//! The office's machine: a copy is made or compared there, and signed; films and pages by ffmpeg and pdftoppm.
#![cfg(feature = "open")]

use crate::common::Ceremony;
use image::{Rgb, RgbImage};
use mifeng::{
    cli::pins::State,
    evidence::{Change, Edited, Edits},
    film::{FilmCheck, FilmKind},
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

#[test]
fn a_picture_is_covered_and_cropped_and_the_office_signs_what_was_done() {
    let machine = Machine::new();
    photo().save(machine.at(&format!("{NAME}.png"))).unwrap();
    let original = format!("{NAME}.png");
    machine.makes(&["edit", &original, "--cover", "0,0,100,100"]);
    let said = machine.statement(&format!("{NAME}-copy.edits.json"));
    assert!(matches!(said[0].changes[..], [Change::Covered { share: 8..=12 }]), "{said:?}");
    let copy = image::open(machine.at(&format!("{NAME}-copy.png"))).unwrap().into_rgb8();
    assert!((0..100).all(|i| *copy.get_pixel(i, 99 - i) == Rgb([0; 3])));

    machine.makes(&["edit", &original, "--crop", "200,150,200,150"]);
    let said = machine.statement(&format!("{NAME}-copy2.edits.json"));
    assert_eq!(said[0].changes, [Change::Cropped { shows: 25 }]);

    // Beside the picture, nothing would be covered: nobody is to sign that it was.
    let beside = machine.refuses(&["edit", &original, "--cover", "400,10,50,50"]);
    assert!(beside.contains("outside the picture, which is 400 wide and 300 high"), "{beside}");

    // Nothing wished, nothing done: it says so.
    machine.makes(&["edit", &original]);
    assert_eq!(machine.statement(&format!("{NAME}-copy3.edits.json"))[0].changes, [Change::AsItWas]);

    // Made by another program: only compared.
    let mut theirs = photo();
    (0..60).flat_map(|y| (0..60).map(move |x| (x, y))).for_each(|(x, y)| theirs.put_pixel(x, y, Rgb([9; 3])));
    theirs.save(machine.at("mine.png")).unwrap();
    machine.makes(&["compare", &original, "mine.png"]);
    assert!(matches!(
        machine.statement("mine.edits.json")[0].changes[..],
        [Change::Covered { share: 1..=6 }]
    ));
    // Nobody but the office signs.
    machine.key("other.key", &mifeng::signing::SigningKey::from_seed([77; 32]));
    let out = machine.run(&["edit", &original], "other.key");
    assert!(!out.status.success() && String::from_utf8_lossy(&out.stderr).contains("not the office's key"));
}

#[test]
fn a_film_keeps_nothing_but_what_is_seen_and_heard() {
    let machine = Machine::new();
    film(machine.folder.path());
    let original = format!("{NAME}.mp4");
    let before = fs::read(machine.at(&original)).unwrap();
    let finds = |bytes: &[u8]| bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
    assert!(finds(&before), "the search looks at something");
    machine.makes(&["edit", &original, "--cover", "10,10,50,50@1-2", "--cut", "3-3"]);
    let copy = fs::read(machine.at(&format!("{NAME}-copy.mp4"))).unwrap();
    assert!(!finds(&copy));
    let mut check = FilmCheck::default();
    check.push(&copy).unwrap();
    assert_eq!(check.finish(), Ok(FilmKind::Film { has_sound: true }));
    let said = machine.statement(&format!("{NAME}-copy.edits.json"));
    let cut = Change::CutOut { from: 3, to: 3 };
    assert_eq!(said[0].changes, [Change::CoveredFor { from: 1, to: 2 }, cut, Change::VoicesChanged]);
    // What exiftool and ffprobe find: numbers of the container.
    for (program, line) in [
        ("ffprobe", &["-v", "error", "-show_format", "-show_streams", "-show_chapters"][..]),
        ("exiftool", &["-a", "-u", "-ee"][..]),
    ] {
        let out =
            Command::new(program).args(line).arg(machine.at(&format!("{NAME}-copy.mp4"))).output().unwrap();
        let text = String::from_utf8_lossy(&out.stdout).to_lowercase();
        assert!(text.contains("duration"), "{text}");
        for word in [
            "canary",
            "tag:title",
            "tag:location",
            "gps",
            "[chapter]",
            "x264",
            "lavc",
            "codec_type=subtitle",
            "codec_type=data",
        ] {
            assert!(!text.contains(word), "{program}: {word}: {text}");
        }
    }
    // The place is black at the first second, and not before.
    outside(
        "ffmpeg",
        &["-v", "error", "-ss", "1.5", "-i", &format!("{NAME}-copy.mp4"), "-frames:v", "1", "at.png"],
        machine.folder.path(),
    );
    outside(
        "ffmpeg",
        &["-v", "error", "-ss", "0.2", "-i", &format!("{NAME}-copy.mp4"), "-frames:v", "1", "before.png"],
        machine.folder.path(),
    );
    let shade = |name: &str| {
        image::open(machine.at(name))
            .unwrap()
            .into_rgb8()
            .get_pixel(35, 35)
            .0
            .iter()
            .map(|c| u32::from(*c))
            .sum::<u32>()
    };
    assert!(shade("at.png") < 40 && shade("before.png") > 100, "{} {}", shade("at.png"), shade("before.png"));

    machine.makes(&["edit", &original, "--sound", "none"]);
    let said = machine.statement(&format!("{NAME}-copy2.edits.json"));
    assert_eq!(said[0].changes, [Change::PicturesKept, Change::SoundRemoved], "of both");
    let mut check = FilmCheck::default();
    check.push(&fs::read(machine.at(&format!("{NAME}-copy2.mp4"))).unwrap()).unwrap();
    assert_eq!(check.finish(), Ok(FilmKind::Film { has_sound: false }));
    let left: Vec<_> = fs::read_dir(machine.folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".part")), "{left:?}");
}

/// What does nothing is not signed as if it did: beside the picture, after the end, all of it.
#[test]
fn what_would_do_nothing_to_a_film_is_refused() {
    let machine = Machine::new();
    film(machine.folder.path());
    let original = format!("{NAME}.mp4");
    // A telephone held upright: everybody sees it 120 wide and 161 high.
    outside(
        "ffmpeg",
        &[
            "-v",
            "error",
            "-i",
            &original,
            "-map",
            "0:v",
            "-c",
            "copy",
            "-metadata:s:v",
            "rotate=90",
            "turned.mp4",
        ],
        machine.folder.path(),
    );
    for (line, why) in [
        (
            ["edit", &original, "--cover", "161,0,20,20"],
            "outside the picture, which is 161 wide and 120 high",
        ),
        (
            ["edit", "turned.mp4", "--cover", "130,0,20,20"],
            "outside the picture, which is 120 wide and 161 high",
        ),
        (["edit", &original, "--cover", "10,10,50,50@2-9"], "2-9 is beyond the end"),
        (["edit", &original, "--cut", "400-500"], "400-500 is beyond the end"),
        (["edit", &original, "--cut", "0-3"], "nothing would be left"),
    ] {
        let refused = machine.refuses(&[&line[..], &["--request", NAME]].concat());
        assert!(refused.contains(why), "{line:?}: {refused}");
    }
    let left: Vec<_> = fs::read_dir(machine.folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("copy")), "{left:?}");
}

/// A telephone writes a new picture when something moves: one may be seen for seconds.
#[test]
fn every_picture_of_the_seconds_that_were_typed_is_covered_or_cut() {
    let machine = Machine::new();
    let original = format!("{NAME}.mp4");
    let white = "color=white:size=160x120:rate=10:duration=10,select='eq(n,0)+gte(n,95)'";
    outside(
        "ffmpeg",
        &[
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            white,
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=440:duration=10",
            "-fps_mode",
            "vfr",
            "-c:v",
            "libx264",
            "-pix_fmt",
            "yuv420p",
            "-c:a",
            "aac",
            &original,
        ],
        machine.folder.path(),
    );
    machine.makes(&["edit", &original, "--cover", "0,0,160,120@3-8"]);
    let shade = |at: &str| {
        let picture = format!("at-{at}.png");
        let copy = format!("{NAME}-copy.mp4");
        outside(
            "ffmpeg",
            &["-v", "error", "-ss", at, "-i", &copy, "-frames:v", "1", &picture],
            machine.folder.path(),
        );
        u32::from(image::open(machine.at(&picture)).unwrap().into_luma8().get_pixel(80, 60).0[0])
    };
    let seen = ["1", "2.9", "3.0", "5", "8.0", "8.5", "8.9", "9.1"].map(|at| (at, shade(at) > 128));
    let bare: Vec<_> = seen.iter().filter(|(_, is_white)| *is_white).map(|(at, _)| *at).collect();
    assert_eq!(bare, ["1", "2.9", "9.1"], "{seen:?}");

    // Six seconds are gone, of what is seen and of what is heard.
    machine.makes(&["edit", &original, "--cut", "3-8"]);
    let out = Command::new("ffprobe")
        .args(["-v", "error", "-show_entries", "stream=duration", "-of", "csv=p=0"])
        .arg(machine.at(&format!("{NAME}-copy2.mp4")))
        .output()
        .unwrap();
    let long: Vec<f64> =
        String::from_utf8(out.stdout).unwrap().lines().map(|line| line.parse().unwrap()).collect();
    assert!(long.len() == 2 && long.iter().all(|seconds| (3.9..4.1).contains(seconds)), "{long:?}");
}

/// Some kinds of file are lists of other files: a reporter's own must not have the tool open the neighbours.
#[test]
fn a_recording_that_names_another_file_opens_nothing_but_itself() {
    let machine = Machine::new();
    film(machine.folder.path());
    let other = "2026-000002-F1.mp4";
    fs::rename(machine.at(&format!("{NAME}.mp4")), machine.at(other)).unwrap();
    let tag = b"ID3\x04\0\0\0\0\0\x0a\0\0\0\0\0\0\0\0\0\0";
    let list = format!("ffconcat version 1.0\nfile {other}\n");
    fs::write(machine.at(&format!("{NAME}.mp3")), [tag, list.as_bytes()].concat()).unwrap();
    for sound in ["voice", "keep", "none"] {
        let refused = machine.refuses(&["edit", &format!("{NAME}.mp3"), "--sound", sound]);
        assert!(refused.contains("ffprobe"), "{refused}");
    }
    let made: Vec<_> = fs::read_dir(machine.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.contains("copy") || name.ends_with(".part"))
        .collect();
    assert!(made.is_empty(), "{made:?}");
}

/// A face in the dark differs from black by less than an encoder does.
#[test]
fn a_dark_place_that_was_covered_is_said_to_be() {
    let machine = Machine::new();
    let mut night = photo();
    (0..60)
        .flat_map(|y| (0..60).map(move |x| (x, y)))
        .for_each(|(x, y)| night.put_pixel(x, y, Rgb([6, 5, 4])));
    night.save(machine.at(&format!("{NAME}.png"))).unwrap();
    let original = format!("{NAME}.png");
    machine.makes(&["edit", &original, "--cover", "10,10,40,40"]);
    let said = machine.statement(&format!("{NAME}-copy.edits.json"));
    assert_eq!(said[0].changes, [Change::Covered { share: 2 }]);
    machine.makes(&["edit", &original, "--cover", "10,10,40,40", "--crop", "0,0,200,150"]);
    let said = machine.statement(&format!("{NAME}-copy2.edits.json"));
    assert_eq!(said[0].changes, [Change::Cropped { shows: 25 }, Change::Covered { share: 6 }]);
    // What the crop leaves out hides nothing of what is left.
    machine.makes(&["edit", &original, "--cover", "10,10,40,40", "--crop", "200,150,200,150"]);
    assert_eq!(
        machine.statement(&format!("{NAME}-copy3.edits.json"))[0].changes,
        [Change::Cropped { shows: 25 }]
    );
}

/// Other users of the machine read nothing, also of what poppler and ffmpeg write; a run that was broken off is cleared away.
#[test]
fn what_is_written_is_for_the_officer_alone_and_leftovers_block_nobody() {
    use std::os::unix::fs::PermissionsExt;
    let machine = Machine::new();
    film(machine.folder.path());
    fs::write(machine.at(&format!("{NAME}.pdf")), include_str!("../vectors/edits/two-pages.pdf")).unwrap();
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

#[test]
fn a_recording_comes_back_with_another_voice_and_no_notes() {
    let machine = Machine::new();
    let title = format!("title={SECRET}");
    outside(
        "ffmpeg",
        &[
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=440:duration=2",
            "-metadata",
            &title,
            &format!("{NAME}.wav"),
        ],
        machine.folder.path(),
    );
    machine.makes(&["edit", &format!("{NAME}.wav")]);
    let copy = fs::read(machine.at(&format!("{NAME}-copy.m4a"))).unwrap();
    let mut check = FilmCheck::default();
    check.push(&copy).unwrap();
    assert_eq!(check.finish(), Ok(FilmKind::Sound));
    assert_eq!(machine.statement(&format!("{NAME}-copy.edits.json"))[0].changes, [Change::VoicesChanged]);
    assert!(
        machine
            .refuses(&["edit", &format!("{NAME}.wav"), "--sound", "none"])
            .contains("nothing would be left")
    );
}

/// Two pages, a title and a hidden text: what comes back is what a printer would show.
#[test]
fn a_pdf_becomes_pictures_of_its_pages() {
    let machine = Machine::new();
    let pdf = include_str!("../vectors/edits/two-pages.pdf");
    assert!(pdf.contains("CANARY"), "the search looks at something");
    fs::write(machine.at(&format!("{NAME}.pdf")), pdf).unwrap();
    machine.makes(&["edit", &format!("{NAME}.pdf")]);
    let said = machine.statement(&format!("{NAME}-page-1.edits.json"));
    let pages: Vec<_> = said.iter().map(|edited| edited.changes.clone()).collect();
    assert_eq!(pages, [vec![Change::Page { number: 1, of: 2 }], vec![Change::Page { number: 2, of: 2 }]]);
    for n in [1, 2] {
        let bytes = fs::read(machine.at(&format!("{NAME}-page-{n}.png"))).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"CANARY"));
        let page = image::load_from_memory(&bytes).unwrap().into_rgb8();
        assert!(page.pixels().any(|pixel| pixel.0 == [0; 3]), "something is on page {n}");
    }
    // A page is edited as a picture is.
    machine.makes(&["edit", &format!("{NAME}-page-2.png"), "--cover", "0,0,200,100"]);
    assert!(matches!(
        machine.statement(&format!("{NAME}-copy.edits.json"))[0].changes[..],
        [Change::Covered { .. }]
    ));
}

#[test]
fn what_is_none_of_these_is_refused_with_what_to_do() {
    let machine = Machine::new();
    fs::write(machine.at(&format!("{NAME}.txt")), "text").unwrap();
    assert!(machine.refuses(&["edit", &format!("{NAME}.txt")]).contains("print it to PDF"));
    photo().save(machine.at("holiday.png")).unwrap();
    assert!(machine.refuses(&["edit", "holiday.png"]).contains("--request"));
}
