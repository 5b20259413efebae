//! Films and recordings: nothing is left but what is to be seen and heard.

use super::{Machine, NAME, SECRET, film, outside};
use mifeng::{
    evidence::Change,
    film::{FilmCheck, FilmKind},
};
use std::{fs, process::Command};

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
