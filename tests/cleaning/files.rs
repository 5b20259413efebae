//! Originals: sealed as they stream in, of a length that tells little, opened by the officers' tool and by
//! the stock `age` command.
#![cfg(feature = "open")]

use crate::corpus;
use age::{secrecy::ExposeSecret, x25519::Identity as AgeKey};
use mifeng::{
    cleartext::{
        clean::{Collected, Family, FileKind},
        files::{
            CHUNK_BYTES, ChunkSink, FilePlace, FileRefused, FileSealer, OpenRefused, OpenedFile, SealedFile,
            SinkRefused, Upload, UploadRules, padme, stored_bytes, unseal_file,
        },
    },
    ids::{BlobId, ReportId},
};
use proptest::prelude::*;
use std::{io::Cursor, process::Command};
use zeroize::Zeroizing;

const NAME: &str = "CANARY 张三的现场照片.jpg";

/// Keeps what it is given, up to a number of chunks, and minds the rules of the trait.
struct Shelf {
    bytes: Vec<u8>,
    chunks: u32,
    room: u32,
}

impl Shelf {
    fn new() -> Self {
        Self { bytes: Vec::new(), chunks: 0, room: u32::MAX }
    }
}

impl ChunkSink for Shelf {
    fn chunk(&mut self, index: u32, bytes: &[u8]) -> Result<(), SinkRefused> {
        assert_eq!(index, self.chunks, "chunks come in order");
        assert_eq!(self.bytes.len() % CHUNK_BYTES, 0, "only the last chunk is short");
        assert!(!bytes.is_empty() && bytes.len() <= CHUNK_BYTES);
        if self.chunks == self.room {
            return Err(SinkRefused);
        }
        self.chunks += 1;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }
}

fn place() -> FilePlace {
    FilePlace { report: ReportId::from_bytes([1; 16]), blob: BlobId::from_bytes([2; 16]) }
}

fn seal(key: &AgeKey, name: &str, upload: &[u8], part: usize) -> (Vec<u8>, SealedFile) {
    let recipient = key.to_public().to_string();
    let mut sealer =
        FileSealer::begin(place(), &recipient, name, "image/jpeg", u64::MAX, Shelf::new()).unwrap();
    upload.chunks(part).for_each(|bytes| sealer.push(bytes).unwrap());
    let (sealed, shelf) = sealer.finish().unwrap();
    assert_eq!((sealed.bytes, sealed.chunks), (shelf.bytes.len() as u64, shelf.chunks));
    (shelf.bytes, sealed)
}

fn open(sealed: &[u8], key: &AgeKey) -> Result<(OpenedFile, Vec<u8>), OpenRefused> {
    let mut out = Vec::new();
    let opened = unseal_file(Cursor::new(sealed), std::slice::from_ref(key), place(), &mut out)?;
    Ok((opened, out))
}

/// The age file inside, as `docs/format.md` has it.
fn age_part(sealed: &[u8]) -> &[u8] {
    let length = u64::from_be_bytes(sealed[sealed.len() - 8..].try_into().unwrap());
    &sealed[2..2 + length as usize]
}

fn noise(length: usize) -> Vec<u8> {
    (0..length as u64).map(|n| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_upload_of_any_length_comes_back(
        length in prop_oneof![0..300usize, 30_000..140_000usize, Just(65_536 - 200), Just(CHUNK_BYTES)],
        part in 1..100_000usize,
    ) {
        let (key, upload) = (AgeKey::generate(), noise(length));
        let (sealed, _) = seal(&key, NAME, &upload, part);
        let age_bytes = age_part(&sealed).len() as u64;
        prop_assert_eq!(sealed.len() as u64, padme(age_bytes + 10).max(CHUNK_BYTES as u64));
        prop_assert_eq!(sealed.len() as u64, stored_bytes(age_bytes));
        let (opened, out) = open(&sealed, &key).unwrap();
        prop_assert_eq!((opened.bytes, out), (length as u64, upload));
        prop_assert_eq!((opened.name_for_disk(), opened.media_type.as_str()), (NAME.into(), "image/jpeg"));
    }

    #[test]
    fn opening_anything_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = open(&bytes, &AgeKey::generate());
        let mut framed = bytes.clone();
        framed.splice(..0, [1, 1]);
        framed.resize(CHUNK_BYTES - 8, 0);
        framed.extend((bytes.len() as u64).to_be_bytes());
        prop_assert!(open(&framed, &AgeKey::generate()).is_err());
    }
}

#[test]
fn small_files_are_all_of_one_length_and_show_nothing() {
    let key = AgeKey::generate();
    let sealed = [1, 500, 9_000, 30_000].map(|length| seal(&key, NAME, &noise(length), 4096).0);
    assert!(sealed.iter().all(|s| s.len() == CHUNK_BYTES));
    for file in &sealed {
        assert!(!file.windows(6).any(|w| w == b"CANARY"));
        assert!(!file.windows(10).any(|w| w == b"image/jpeg"));
    }
}

#[test]
fn whatever_is_changed_is_noticed() {
    let key = AgeKey::generate();
    let (sealed, _) = seal(&key, NAME, &noise(70_000), 4096);
    let age_end = 2 + age_part(&sealed).len();
    for (what, at) in [
        ("version", 0),
        ("suite", 1),
        ("age header", 30),
        ("first age chunk", 2_000),
        ("last age chunk", age_end - 1),
        ("first padding byte", age_end),
        ("last padding byte", sealed.len() - 9),
        ("length", sealed.len() - 1),
        ("length, high", sealed.len() - 8),
    ] {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(open(&changed, &key).is_err(), "{what}");
    }
    for cut in [0, 1, 9, 10, CHUNK_BYTES, sealed.len() - 1] {
        assert!(open(&sealed[..cut], &key).is_err(), "cut at {cut}");
    }
    assert_eq!(open(&[sealed.as_slice(), &[0]].concat(), &key).err(), Some(OpenRefused::NotSealedFile));
}

#[test]
fn another_key_or_another_place_opens_nothing() {
    let key = AgeKey::generate();
    let (sealed, _) = seal(&key, NAME, b"original", 4096);
    assert_eq!(open(&sealed, &AgeKey::generate()).err(), Some(OpenRefused::NotOpened));
    for other in [
        FilePlace { blob: BlobId::from_bytes([3; 16]), ..place() },
        FilePlace { report: ReportId::from_bytes([3; 16]), ..place() },
    ] {
        let mut out = Vec::new();
        let result = unseal_file(Cursor::new(&sealed), std::slice::from_ref(&key), other, &mut out);
        assert_eq!((result.err(), out.len()), (Some(OpenRefused::WrongPlace), 0));
    }
    // Later envelopes bring further keys: any of them may be the one.
    let keys = [AgeKey::generate(), key];
    assert!(unseal_file(Cursor::new(&sealed), &keys, place(), &mut Vec::new()).is_ok());
}

#[test]
fn a_full_disk_is_told_from_a_broken_seal() {
    let key = AgeKey::generate();
    let (sealed, _) = seal(&key, NAME, &noise(1000), 4096);
    let full = &mut [0; 10][..];
    let result = unseal_file(Cursor::new(&sealed), std::slice::from_ref(&key), place(), full);
    assert_eq!(result.err(), Some(OpenRefused::NotWritten));
}

#[test]
fn a_long_name_is_cut_between_characters() {
    let key = AgeKey::generate();
    for name in ["文".repeat(200), "\u{1}".repeat(300), "𠮷".repeat(64)] {
        let (sealed, _) = seal(&key, &name, b"x", 1);
        assert!(open(&sealed, &key).unwrap().0.name_for_disk().len() <= 255);
    }
}

#[test]
fn the_sealer_stops_at_its_limit_and_when_the_sink_is_full() {
    let recipient = AgeKey::generate().to_public().to_string();
    let begin = |max, room| {
        let sink = Shelf { room, ..Shelf::new() };
        FileSealer::begin(place(), &recipient, NAME, "image/jpeg", max, sink).unwrap()
    };
    let mut sealer = begin(1000, 9);
    sealer.push(&[0; 1000]).unwrap();
    assert_eq!(sealer.push(&[0]), Err(FileRefused::TooLarge { max_bytes: 1000 }));
    let mut sealer = begin(1 << 30, 1);
    let stopped = (0..100).find_map(|_| sealer.push(&[0; 4096]).err());
    assert_eq!(stopped, Some(FileRefused::NotStored));
    assert_eq!(begin(9, 0).finish().err(), Some(FileRefused::NotStored));
    let bad = FileSealer::begin(place(), "age1nobody", NAME, "image/jpeg", 9, Shelf::new());
    assert_eq!(bad.err(), Some(FileRefused::BadRecipient));
}

// -- a whole upload --

fn take_pictures_and_films(kind: FileKind) -> Option<u64> {
    match kind.family() {
        Family::Image => Some(100_000),
        Family::Video => Some(200_000),
        _ => None,
    }
}

fn upload(key: &AgeKey, file: &[u8], part: usize) -> Result<(Vec<u8>, Collected), FileRefused> {
    let rules = UploadRules { max_bytes: &take_pictures_and_films, max_clean_bytes: 50_000 };
    let name = Zeroizing::new(NAME.to_owned());
    let mut upload = Upload::new(place(), &key.to_public().to_string(), name, rules, Shelf::new());
    for bytes in file.chunks(part) {
        upload.push(bytes)?;
    }
    let finished = upload.finish()?;
    assert_eq!(finished.sealed.bytes, finished.sink.bytes.len() as u64);
    Ok((finished.sink.bytes, finished.collected))
}

#[test]
fn a_picture_is_sealed_whole_and_collected_for_cleaning() {
    let (key, picture) = (AgeKey::generate(), corpus::nasty_jpeg());
    for part in [1, 100, 4096, 100_000] {
        let (sealed, collected) = upload(&key, &picture, part).unwrap();
        let (opened, original) = open(&sealed, &key).unwrap();
        assert_eq!((original, opened.media_type.as_str()), (picture.clone(), "image/jpeg"));
        let Collected::Picture(FileKind::Jpeg, bytes) = collected else { panic!("part {part}") };
        assert_eq!(*bytes, picture);
    }
}

#[test]
fn the_kind_in_the_seal_is_the_contents_and_decides_the_limit() {
    let key = AgeKey::generate();
    let film = |length| [b"\0\0\0\x20ftypisom".as_slice(), &noise(length)].concat();
    let (sealed, collected) = upload(&key, &film(150_000), 3000).unwrap();
    assert_eq!(open(&sealed, &key).unwrap().0.media_type, "video/mp4");
    assert!(matches!(collected, Collected::StaysSealed(FileKind::Mp4)));
    let big = [corpus::nasty_jpeg(), noise(60_000)].concat();
    assert!(matches!(upload(&key, &big, 3000).unwrap().1, Collected::TooBig(FileKind::Jpeg)));

    let refused = |file: &[u8]| upload(&key, file, 3000).err();
    assert_eq!(refused(b""), Some(FileRefused::Empty));
    assert_eq!(refused(b"MZ\x90\0"), Some(FileRefused::KindNotTaken(FileKind::Program)));
    assert_eq!(refused(&noise(9000)), Some(FileRefused::KindNotTaken(FileKind::Unknown)));
    assert_eq!(refused(&film(200_000)), Some(FileRefused::TooLarge { max_bytes: 200_000 }));
    assert_eq!(refused(&[big, noise(60_000)].concat()), Some(FileRefused::TooLarge { max_bytes: 100_000 }));
}

// -- the stock command --

#[test]
fn the_stock_age_command_opens_the_age_file() {
    let folder = tempfile::tempdir().unwrap();
    let (key, upload) = (AgeKey::generate(), noise(200_000));
    let (sealed, _) = seal(&key, NAME, &upload, 4096);
    let (key_file, age_file) = (folder.path().join("key.txt"), folder.path().join("file.age"));
    std::fs::write(&key_file, key.to_string().expose_secret()).unwrap();
    std::fs::write(&age_file, age_part(&sealed)).unwrap();
    let out = Command::new("age").args(["--decrypt", "-i"]).arg(&key_file).arg(&age_file).output();
    let out = out.unwrap_or_else(|e| panic!("the age command is needed: run scripts/tools.sh: {e}"));
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let header = u32::from_be_bytes(out.stdout[..4].try_into().unwrap()) as usize;
    assert!(std::str::from_utf8(&out.stdout[4..4 + header]).unwrap().contains(NAME));
    assert_eq!(out.stdout[4 + header..], upload);

    // And the reverse: a file made by the command, framed as drawn, opens here.
    let header = format!(
        r#"{{"format":1,"report":"{}","blob":"{}","name":"a.pdf","media_type":"application/pdf"}}"#,
        place().report,
        place().blob
    );
    let plain = [&(header.len() as u32).to_be_bytes()[..], header.as_bytes(), &upload].concat();
    let plain_file = folder.path().join("plain");
    std::fs::write(&plain_file, plain).unwrap();
    let out =
        Command::new("age").args(["-r", &key.to_public().to_string()]).arg(&plain_file).output().unwrap();
    assert!(out.status.success());
    let length = out.stdout.len() as u64;
    let mut framed = [&[1, 1][..], &out.stdout].concat();
    framed.resize(stored_bytes(length) as usize - 8, 0);
    framed.extend(length.to_be_bytes());
    let (opened, original) = open(&framed, &key).unwrap();
    assert_eq!((opened.name_for_disk(), original), ("a.pdf".into(), upload));
}

// -- the frozen vector --

/// A test key, public by definition.
const VECTOR_KEY: &str = "AGE-SECRET-KEY-1MAV9QPVZYT0JA586J6636QKG4V7JFW2LGA9Y69FDMED25SALHSDSGP3F0Y";

#[test]
fn a_file_sealed_by_the_first_version_still_opens() {
    let key: AgeKey = VECTOR_KEY.parse().unwrap();
    let (opened, original) = open(include_bytes!("../vectors/sealed-file-v1.bin"), &key).unwrap();
    assert_eq!((opened.name_for_disk(), opened.media_type.as_str()), (NAME.into(), "image/jpeg"));
    assert_eq!(original, noise(1000));
}
