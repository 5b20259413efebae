//! The office's machine: a copy is made or compared there, and signed; films and pages by ffmpeg and pdftoppm.
#![cfg(feature = "open")]

mod common;

use common::Ceremony;
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
    machine.makes(&["edit", &original, "--cover", "10,10,50,50@1-2", "--cut", "3-4"]);
    let copy = fs::read(machine.at(&format!("{NAME}-copy.mp4"))).unwrap();
    assert!(!finds(&copy));
    let mut check = FilmCheck::default();
    check.push(&copy).unwrap();
    assert_eq!(check.finish(), Ok(FilmKind::Film { has_sound: true }));
    let said = machine.statement(&format!("{NAME}-copy.edits.json"));
    let cut = Change::CutOut { from: 3, to: 4 };
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
    assert_eq!(machine.statement(&format!("{NAME}-copy2.edits.json"))[0].changes, [Change::SoundRemoved]);
    let mut check = FilmCheck::default();
    check.push(&fs::read(machine.at(&format!("{NAME}-copy2.mp4"))).unwrap()).unwrap();
    assert_eq!(check.finish(), Ok(FilmKind::Film { has_sound: false }));
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
    let pdf = include_str!("vectors/edits/two-pages.pdf");
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
