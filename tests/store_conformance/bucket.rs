//! Files in an object store: what only that can do wrong. A real server on this machine checks signatures and keeps files.

use super::*;
use mifeng::{
    clock::FixedClock,
    store::{
        Upload, backup,
        objects::{OBJECT, Objects, ObjectsFile},
    },
};
use objects::{Bucket, Server};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

/// Of a file that makes three objects, with something left over.
const LEN: usize = 900_001;

pub fn bytes(seed: usize) -> Vec<u8> {
    (0..LEN).map(|i| ((i * 31 + seed) % 251) as u8).collect()
}

fn sled(data: &Path, bucket: &Bucket) -> Arc<dyn Engine> {
    Arc::new(patience::sled(data).beside(Some(bucket.open())))
}

fn begun(store: &Store, n: u64, bytes: &[u8]) -> Result<Upload, Refused> {
    let mut upload = store.begin_file(report(n), FileKind::Original { sequence: 0 })?;
    bytes.chunks(100_000).try_for_each(|part| store.append(&mut upload, part).wait())?;
    Ok(upload)
}

/// An original of report `n`, kept.
pub fn attached(store: &Store, n: u64, bytes: &[u8]) -> Result<BlobId, Refused> {
    let upload = begun(store, n, bytes)?;
    let (blob, size) = (upload.blob(), SizeClass::UpTo1M);
    let file = CaseFile { original: blob, copy: Copy::SealedOnly, size, day: day() };
    let names = step(move |dossier| {
        dossier.case.files.push(file);
        Ok(None)
    });
    store.attach(vec![upload], names).wait().map(|_| blob)
}

fn read(store: &Store, n: u32, blob: BlobId) -> Result<Vec<u8>, Refused> {
    Ok(store.original(number(n), blob)?.collect::<Result<Vec<_>, _>>()?.concat())
}

fn problems(store: &Store) -> Vec<String> {
    store.check().unwrap().problems
}

#[test]
fn objects_are_of_one_length_under_names_that_say_nothing_and_the_rest_lies_in_slots() {
    let Some(server) = objects::server() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (data, keys, bucket) = (folder.path().join("data"), folder.path().join("keys"), server.bucket());
    let store = open(sled(&data, &bucket), &keys).unwrap();
    store.submit(submission(1)).wait().unwrap();
    let blob = attached(&store, 1, &bytes(1)).unwrap();
    let small = attached(&store, 1, &[7; 200_000]).unwrap();
    let kept = bucket.kept();
    assert_eq!(kept.len(), 3, "whole objects alone");
    for path in &kept {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(name.len() == 32 && name.chars().all(|c| c.is_ascii_hexdigit()), "{name}");
        assert_eq!(fs::metadata(path).unwrap().len(), OBJECT as u64);
        for known in [blob.to_string(), small.to_string(), report(1).to_string()] {
            assert!(!name.contains(&known[..8]));
        }
    }
    let checked = store.check().unwrap();
    assert_eq!((checked.problems.clone(), checked.count("objects")), (Vec::new(), 3));
    let file = store.original(number(1), blob).unwrap();
    assert_eq!(file.last_chunk().unwrap(), bytes(1)[LEN - LEN % 32_768..]);
    let whole = attached(&store, 1, &bytes(2)[..2 * 262_144]).unwrap();
    let mut file = store.original(number(1), whole).unwrap();
    let last = bytes(2)[2 * 262_144 - 32_768..2 * 262_144].to_vec();
    assert_eq!(file.last_chunk().unwrap(), last, "of an object that was not read yet");
    file.by_ref().take(9).for_each(|chunk| drop(chunk.unwrap()));
    assert_eq!(file.last_chunk().unwrap(), last, "of the object in hand");
    assert_eq!(read(&store, 1, small).unwrap(), [7; 200_000]);
}

#[test]
fn an_object_that_is_altered_or_gone_is_told_and_nothing_wrong_is_served() {
    let Some(server) = objects::server() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (data, keys, bucket) = (folder.path().join("data"), folder.path().join("keys"), server.bucket());
    let store = open(sled(&data, &bucket), &keys).unwrap();
    store.submit(submission(1)).wait().unwrap();
    let (blob, kept) = (attached(&store, 1, &bytes(1)).unwrap(), bucket.kept());
    let was: Vec<Vec<u8>> = kept.iter().map(|path| fs::read(path).unwrap()).collect();
    let spoil = |which: usize, bytes: &[u8]| fs::write(&kept[which], bytes).unwrap();

    let mut altered = was[1].clone();
    altered[100_000] ^= 1;
    spoil(1, &altered);
    assert!(matches!(read(&store, 1, blob), Err(Refused::Damaged { .. })));
    assert_eq!(problems(&store).len(), 2, "the chunk, and that bytes are missing: {:?}", problems(&store));
    // Each is whole, and stands in the other's place.
    spoil(1, &was[2]);
    spoil(2, &was[1]);
    assert!(matches!(read(&store, 1, blob), Err(Refused::Damaged { .. })));
    spoil(2, &was[2]);
    spoil(1, &was[1][..OBJECT - 1]);
    assert!(matches!(read(&store, 1, blob), Err(Refused::Damaged { .. })), "cut short");
    fs::remove_file(&kept[1]).unwrap();
    let gone = read(&store, 1, blob);
    assert!(matches!(gone, Err(Refused::ObjectGone)), "{gone:?}");
    assert!(problems(&store)[0].contains("not in the object store any more"), "{:?}", problems(&store));
    spoil(1, &was[1]);
    assert_eq!(read(&store, 1, blob).unwrap(), bytes(1));
    assert_eq!(problems(&store), Vec::<String>::new());
}

#[test]
fn a_server_that_is_killed_during_an_upload_costs_that_upload_and_nothing_else() {
    let Some(server) = Server::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (data, keys, bucket) = (folder.path().join("data"), folder.path().join("keys"), server.bucket());
    let store = open(sled(&data, &bucket), &keys).unwrap();
    store.submit(submission(1)).wait().unwrap();
    let blob = attached(&store, 1, &bytes(1)).unwrap();
    let mut under_way = begun(&store, 1, &bytes(2)[..300_000]).unwrap();
    assert_eq!(bucket.kept().len(), 4);

    server.kill();
    let refused = store.append(&mut under_way, &bytes(2)[300_000..]).wait();
    assert!(matches!(refused, Err(Refused::Objects(_))), "{refused:?}");
    let attach = store.attach(vec![under_way], add("a file")).wait();
    assert!(matches!(attach, Err(Refused::UploadBroken)), "no file with a hole: {attach:?}");
    assert!(matches!(read(&store, 1, blob), Err(Refused::Objects(_))));
    store.submit(submission(2)).wait().unwrap();
    let small = attached(&store, 2, &[7; 200_000]).unwrap();
    drop(store);
    let store = open(sled(&data, &bucket), &keys).unwrap();
    assert_eq!(
        read(&store, 2, small).unwrap(),
        [7; 200_000],
        "reports come in without it, a restart included"
    );
    assert!(problems(&store).iter().any(|problem| problem.contains("127.0.0.1")), "and the check says so");

    server.start_again();
    assert_eq!(read(&store, 1, blob).unwrap(), bytes(1));
    let again = attached(&store, 1, &bytes(2)).unwrap();
    assert_eq!(read(&store, 1, again).unwrap(), bytes(2));
    assert_eq!(problems(&store), Vec::<String>::new());
}

#[test]
fn a_bucket_is_one_store_s_and_a_store_with_files_in_one_does_not_open_without_it() {
    let Some(server) = objects::server() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (data, keys, bucket) = (folder.path().join("data"), folder.path().join("keys"), server.bucket());
    drop(open(sled(&data, &bucket), &keys).unwrap());
    let without = open(Arc::new(patience::sled(&data)), &keys).err();
    assert!(matches!(without, Some(OpenRefused::NoObjects)), "{without:?}");
    let empty = open(sled(&data, &server.bucket()), &keys).err();
    assert!(matches!(empty, Some(OpenRefused::OtherObjects(_))), "{empty:?}");
    let (other, others) = (folder.path().join("other"), folder.path().join("others"));
    let taken = open(sled(&other, &bucket), &others).err();
    assert!(matches!(taken, Some(OpenRefused::OtherObjects(_))), "{taken:?}");
    assert!(open(sled(&data, &bucket), &keys).is_ok());
}

#[test]
fn a_wrong_key_is_said_at_the_start_and_stands_in_no_message() {
    let Some(server) = objects::server() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (data, keys, bucket) = (folder.path().join("data"), folder.path().join("keys"), server.bucket());
    let wrong = || Arc::new(patience::sled(&data).beside(Some(bucket.open_with("hunter2-hunter2"))));
    let refused = open(wrong(), &keys).err().unwrap();
    let why = refused.to_string();
    assert!(matches!(refused, OpenRefused::Objects { .. }) && why.contains("SignatureDoesNotMatch"), "{why}");
    assert!(!why.contains("hunter2"), "{why}");
    drop(open(sled(&data, &bucket), &keys).unwrap());
    // Once it is this store's: as when it cannot be reached.
    let store = open(wrong(), &keys).unwrap();
    store.submit(submission(1)).wait().unwrap();
    let refused = attached(&store, 1, &bytes(1)).unwrap_err();
    assert!(matches!(refused, Refused::Objects(_)) && !refused.to_string().contains("hunter2"), "{refused}");
}

#[test]
fn removed_files_leave_the_bucket_and_what_nobody_names_is_swept_when_it_is_old() {
    let Some(server) = objects::server() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (data, keys, bucket) = (folder.path().join("data"), folder.path().join("keys"), server.bucket());
    let store = open(sled(&data, &bucket), &keys).unwrap();
    store.submit(submission(1)).wait().unwrap();
    let (gone, stays) = (attached(&store, 1, &bytes(1)).unwrap(), attached(&store, 1, &bytes(2)).unwrap());
    let removes = step(move |dossier| {
        dossier.case.files.retain(|file| file.original != gone);
        Ok(None)
    });
    store.act(report(1), removes).wait().unwrap();
    assert_eq!(bucket.kept().len(), 6, "until it is taken out");
    Reports::overwrite_removed(&store).unwrap();
    assert_eq!(bucket.kept().len(), 3);

    drop(begun(&store, 1, &bytes(3)).unwrap());
    bucket.wait_until_kept(3);
    // As a crash leaves it: the objects are there and no record names them.
    std::mem::forget(begun(&store, 1, &bytes(3)).unwrap());
    assert_eq!(bucket.kept().len(), 6);
    let today = mifeng::clock::day_of(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() as i64);
    assert_eq!(store.sweep(&FixedClock::at(today)).unwrap(), 0, "it might be under way elsewhere");
    bucket.age();
    assert_eq!(store.sweep(&InDoubt(today)).unwrap(), 0, "not while there is doubt about the day");
    assert_eq!(store.sweep(&FixedClock::at(today)).unwrap(), 3);
    assert_eq!(bucket.kept().len(), 3);
    assert_eq!(read(&store, 1, stays).unwrap(), bytes(2));
    assert_eq!(problems(&store), Vec::<String>::new());
    // Its month is over, and its key is not destroyed: it is shown to nobody, and it is not nobody's.
    store.serve_by(Arc::new(FixedClock::at(jiff::civil::date(2031, 12, 1))));
    assert!(matches!(read(&store, 1, stays), Err(Refused::Forgotten(_))));
    assert_eq!(store.sweep(&FixedClock::at(today)).unwrap(), 0);
    assert_eq!(bucket.kept().len(), 3);
}

/// Not a test of its own: the child process of the next one. It says what was acknowledged.
#[test]
#[ignore = "started by the story below"]
fn uploader() {
    let Ok(at) = std::env::var("MIFENG_UPLOADER") else { return };
    let at = Path::new(&at);
    let file = ObjectsFile::load(&at.join("objects.toml")).unwrap();
    let objects = Objects::open(&file.resolve().unwrap()).unwrap();
    let engine = patience::sled(&at.join("data")).beside(Some(Arc::new(objects)));
    let store = open(Arc::new(engine), &at.join("keys")).unwrap();
    for n in std::env::var("MIFENG_UPLOADER_FROM").unwrap().parse::<u64>().unwrap().. {
        store.submit(submission(n)).wait().unwrap();
        let blob = attached(&store, n, &bytes(n as usize)).unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "ACK {n} {blob}").and_then(|()| out.flush()).unwrap();
    }
}

#[test]
fn killed_between_the_object_and_the_record_nothing_acknowledged_is_lost_and_the_rest_is_swept() {
    let Some(server) = objects::server() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (at, bucket) = (folder.path(), server.bucket());
    bucket.write_file(&at.join("objects.toml"), "not-a-secret");
    let mut acknowledged: Vec<(u64, BlobId)> = Vec::new();
    for round in 0..8 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "bucket::uploader", "--ignored", "--nocapture"])
            .env("MIFENG_UPLOADER", at)
            .env("MIFENG_UPLOADER_FROM", (1 + 100 * round).to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let before = bucket.kept().len();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let ack = |line: String| {
            let (n, blob) = line.split_once("ACK ")?.1.split_once(' ')?;
            Some((n.parse().unwrap(), blob.parse().unwrap()))
        };
        // After one whole file, in the midst of the next one.
        acknowledged.extend(lines.by_ref().find_map(ack));
        patience::until("the child puts objects", || bucket.kept().len() >= before + 4 + round % 3);
        child.kill().unwrap();
        acknowledged.extend(lines.filter_map(ack));
        child.wait().unwrap();
    }
    let store = open(sled(&at.join("data"), &bucket), &at.join("keys")).unwrap();
    for (n, blob) in &acknowledged {
        let case = store.find(&locator(*n), &auth(*n)).unwrap().unwrap().dossier.case.number;
        let file = store.original(case, *blob).unwrap();
        let read = file.collect::<Result<Vec<_>, _>>().unwrap().concat();
        assert_eq!(read, bytes(*n as usize), "file of report {n}");
    }
    bucket.age();
    let swept = store.sweep(&*clock()).unwrap();
    assert!(swept > 0, "no round was killed in between");
    let kept = bucket.kept().len();
    assert!(kept >= 3 * acknowledged.len() && kept.is_multiple_of(3), "{kept}: whole files alone");
    assert_eq!(problems(&store), Vec::<String>::new(), "whatever a record names is still there");
}

#[test]
fn a_backup_carries_what_lies_in_the_bucket_into_another() {
    let Some(server) = objects::server() else { return };
    let key = age::x25519::Identity::generate();
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    type Place<'a> = &'a dyn Fn(&str, &Bucket) -> Option<Arc<dyn Engine>>;
    let engines: [Place; 2] =
        [&|name, bucket| Some(sled(&folder.path().join(name), bucket)), &|_, bucket| {
            let engine = postgres::server()?.database().engine();
            Some(Arc::new(engine.beside(Some(bucket.open()))))
        }];
    for engine in engines {
        let (bucket, other) = (server.bucket(), server.bucket());
        let Some(first) = engine("one", &bucket) else { continue };
        let store = open(first, &keys).unwrap();
        store.submit(submission(1)).wait().unwrap();
        let blob = attached(&store, 1, &bytes(1)).unwrap();
        let (mut sealed, moment) = (Vec::new(), store.snapshot().unwrap());
        let to = [key.to_public()];
        let sums = backup::seal(moment.engine(), &to, day(), &mut sealed, &mut |_| ()).unwrap();
        assert_eq!(sums["objects"].count, 4, "and whose they are");
        drop(moment);
        assert_eq!(backup::verify(&sealed[..], &key).unwrap().1, sums);

        let put = |engine: &dyn Engine| backup::restore(&sealed[..], &key, engine, &mut |_| ());
        let used = put(&*engine("two", &bucket).unwrap()).unwrap_err();
        assert!(matches!(used, backup::RestoreRefused::ObjectsNotEmpty(_)), "{used}");
        let again = engine("three", &other).unwrap();
        assert_eq!(put(&*again).unwrap().1, sums);
        let store = open(again, &keys).unwrap();
        assert_eq!(read(&store, 1, blob).unwrap(), bytes(1));
        assert_eq!(problems(&store), Vec::<String>::new());
    }
    let bare = patience::sled(&folder.path().join("four"));
    let sealed = {
        let bucket = server.bucket();
        let store = open(sled(&folder.path().join("five"), &bucket), &folder.path().join("k")).unwrap();
        let moment = store.snapshot().unwrap();
        let mut sealed = Vec::new();
        let seal =
            |to: &mut Vec<u8>| backup::seal(moment.engine(), &[key.to_public()], day(), to, &mut |_| ());
        seal(&mut sealed).unwrap();
        // An emptied bucket gives no backup that calls itself whole.
        bucket.empty();
        let refused = seal(&mut Vec::new()).unwrap_err().to_string();
        assert!(refused.contains("was emptied"), "{refused}");
        sealed
    };
    let without = backup::restore(&sealed[..], &key, &bare, &mut |_| ()).unwrap_err();
    assert!(matches!(without, backup::RestoreRefused::NoObjects), "{without}");
    assert!(bare.notice().unwrap().is_none(), "nothing was begun");
}

#[test]
fn a_store_that_is_moved_keeps_its_objects_where_they_are() {
    let (Some(server), Some(postgres)) = (objects::server(), postgres::server()) else { return };
    let folder = tempfile::tempdir().unwrap();
    let (data, keys, bucket) = (folder.path().join("data"), folder.path().join("keys"), server.bucket());
    let store = open(sled(&data, &bucket), &keys).unwrap();
    store.submit(submission(1)).wait().unwrap();
    let blob = attached(&store, 1, &bytes(1)).unwrap();
    let (database, kept) = (postgres.database(), bucket.kept());
    mifeng::store::moving::move_store(&store, &database.engine(), "there", &mut |_| ()).unwrap();
    drop(store);
    let engine = database.engine().beside(Some(bucket.open()));
    let store = open(Arc::new(engine), &keys).unwrap();
    assert_eq!((read(&store, 1, blob).unwrap(), bucket.kept()), (bytes(1), kept));
    assert_eq!(problems(&store), Vec::<String>::new());
}
