//! The restore drill, and what a thief has: a real server asked for a backup while it serves, the disk lost, the backup
//! put back, and everything that can be read of it without and with the server's keys.
#![cfg(feature = "open")]

mod story_support;

use mifeng::store::backup::{Part, read_through};
use std::{fs, path::Path};
use story_support::{
    Canaries, Disk, Needles, World,
    release::succeeded,
    reporter::{self, TARGET},
};

fn told(output: std::process::Output) -> String {
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

/// Everything a backup says to whoever has its key.
fn decrypted(backup: &Path, key: &Path) -> Vec<u8> {
    let text = fs::read_to_string(key).unwrap();
    let key = text.lines().find(|line| line.starts_with("AGE-SECRET-KEY-1")).unwrap().parse().unwrap();
    let mut all = Vec::new();
    let mut each = |part: Part<'_>| {
        match part {
            Part::Record { key, value, .. } => all.extend([key, value].concat()),
            Part::Slot { bytes, .. } | Part::Object { bytes, .. } => all.extend(bytes),
            Part::Head(_) => {}
        }
        Ok(())
    };
    read_through(fs::File::open(backup).unwrap(), &key, &mut each).unwrap();
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_disk_is_lost_and_the_backup_brings_everything_back_and_tells_a_thief_nothing() {
    let mut world = World::start_with_backups().await;
    let canaries = Canaries::new();
    let mut browser = world.reporter();
    reporter::write(&mut browser, TARGET, Some(&canaries.form())).await;
    let mut named = reporter::send(browser).await;
    named.check_receipt().await;
    named.attach("a.jpg", "image/jpeg", &story_support::jpeg_with_exif(canaries.exif)).await;
    named.sign_out(&world).await;

    // Of the running server, which goes on serving.
    let backup = world.path("exports/one.age");
    let path = backup.to_str().unwrap();
    let counts = succeeded(world.mifeng(&["backup", "--to", path], ""));
    assert!(told(world.mifeng(&["backup", "--to", path], "")).contains("already there"));
    assert!(world.log().contains("a backup was made"), "{}", world.log());
    let mut browser = world.reporter();
    reporter::write(&mut browser, TARGET, None).await;
    let mut later = reporter::send(browser).await;
    later.check_receipt().await;

    let key = world.path("backup.key");
    let verified = succeeded(world.mifeng(&["backup", "verify", "--key", key.to_str().unwrap(), path], ""));
    assert!(verified.starts_with(&counts) && verified.contains("Whole"), "{verified}\n{counts}");
    // A thief, first with the file alone, then with the key that opens it.
    let content = Needles::new([("target", TARGET), ("a field of every case", "narrative")]);
    let person = canaries.of_the_person();
    let bytes = fs::read(&backup).unwrap();
    let opened = decrypted(&backup, &key);
    let root = fs::read_to_string(world.path("demo/keys/root.key")).unwrap();
    let root = hex::decode(root.trim().rsplit(' ').next().unwrap()).unwrap();
    for (what, bytes) in [("sealed", &bytes), ("opened", &opened)] {
        assert!(!bytes.windows(32).any(|window| window == root), "{what}: the root key");
        assert!(content.found_in(bytes).is_empty(), "{what}: {:?}", content.found_in(bytes));
        assert!(Needles::new(canaries.strings()).found_in(bytes).is_empty(), "{what}");
        let receipt = Needles::new([("receipt", named.grouped().replace(' ', "").as_str())]);
        assert!(receipt.found_in(bytes).is_empty(), "{what}");
    }

    // A whole backup that finds its name taken in the end stays, and says where.
    let (taken, aside) = (world.path("exports/taken.age"), world.path("exports/taken.age.unfinished"));
    std::os::unix::fs::symlink(world.path("nothing"), &taken).unwrap();
    let why = told(world.mifeng(&["backup", "--to", taken.to_str().unwrap()], ""));
    assert!(why.contains("is whole") && why.contains(aside.to_str().unwrap()), "{why}");
    let verify = ["backup", "verify", "--key", key.to_str().unwrap(), aside.to_str().unwrap()];
    assert!(succeeded(world.mifeng(&verify, "")).contains("Whole"));

    // The disk is lost. The drill.
    world.stop();
    let data = world.path("demo/data");
    fs::rename(&data, world.path("lost")).unwrap();
    // An empty folder, as behind a mistyped name or a volume that is not mounted, is no store, and becomes none.
    fs::create_dir(&data).unwrap();
    let empty = world.path("exports/empty.age");
    for command in [&["backup", "--to", empty.to_str().unwrap()][..], &["check"]] {
        let why = told(world.mifeng(command, ""));
        assert!(why.contains("there is no store in") && why.contains("check MIFENG_DATA"), "{why}");
    }
    assert_eq!(fs::read_dir(&data).unwrap().count(), 0);
    assert!(!empty.exists());
    // Nor does a key that does not fit, or half a backup, leave anything in it.
    let wrong = world.path("wrong.key");
    succeeded(world.mifeng(&["backup", "key", "--out", wrong.to_str().unwrap()], ""));
    let cut = world.path("exports/cut.age");
    fs::write(&cut, &bytes[..bytes.len() - 1]).unwrap();
    for (key, file) in [(&wrong, &backup), (&key, &cut)] {
        let arguments = ["restore", "--key", key.to_str().unwrap(), file.to_str().unwrap()];
        told(world.mifeng(&arguments, ""));
        assert_eq!(fs::read_dir(&data).unwrap().count(), 0, "{}", file.display());
    }
    let restore = ["restore", "--key", key.to_str().unwrap(), path];
    let restored = succeeded(world.mifeng(&restore, ""));
    assert!(restored.starts_with(&counts), "{restored}\n{counts}");
    assert!(told(world.mifeng(&restore, "")).contains("not empty"));
    let checked = succeeded(world.mifeng(&["check"], ""));
    assert!(!checked.contains("PROBLEM"), "{checked}");

    // A thief with the server's key folder, too: case content, and never who.
    {
        let everything = Disk::of(&world).everything();
        assert!(!content.found_in(&everything).is_empty(), "the search itself finds nothing");
        assert!(person.found_in(&everything).is_empty(), "{:?}", person.found_in(&everything));
    }
    world.start_again().await;
    let page = named.sign_in(&world).await;
    assert!(page.text.contains("没有被打开过"), "{}", page.text);
    named.sign_out(&world).await;
    world.stop();

    // With the server stopped the command makes it itself.
    let offline = world.path("exports/two.age");
    succeeded(world.mifeng(&["backup", "--to", offline.to_str().unwrap()], ""));
    let verify = ["backup", "verify", "--key", key.to_str().unwrap(), offline.to_str().unwrap()];
    assert!(succeeded(world.mifeng(&verify, "")).contains("Whole"));
    let half = world.path("exports/half.age");
    fs::write(&half, &fs::read(&offline).unwrap()[..5000]).unwrap();
    let verify = ["backup", "verify", "--key", key.to_str().unwrap(), half.to_str().unwrap()];
    assert!(told(world.mifeng(&verify, "")).contains("cut short"));
}
