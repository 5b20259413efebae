//! `kill -9` of one that writes to a folder of its own, and two that would share one.

use crate::{
    rounds,
    store_support::*,
    writing::{Writer, losses, narrative, open_in},
};
use mifeng::store::{Cases, OpenRefused, Reports};
use std::path::Path;

#[test]
fn whatever_was_acknowledged_before_a_kill_is_there_afterwards() {
    // In memory where there is any: this story needs no disk, and syncs there wait for nobody else's writes.
    let shm = Path::new("/dev/shm");
    let folder = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() }.unwrap();
    let (mut acknowledged, mut total) = (Vec::new(), 0);
    let rounds = rounds(6);
    for round in 0..rounds {
        // A fresh database now and then: creation is where others failed.
        let place = folder.path().join(format!("{}", round / 10));
        if round % 10 == 0 {
            acknowledged.clear();
            std::fs::create_dir_all(&place).unwrap();
        }
        let mut writer = Writer::start(&place, round * 1_000_000, false);
        writer.run(if round % 5 == 4 { 0 } else { 60 }, round + 1);
        let now = writer.kill();
        total += now.len();
        acknowledged.extend(now);
        assert_eq!(losses(&place, &acknowledged), Vec::<String>::new(), "round {round}");
    }
    println!("kill -9: {rounds} rounds, {total} acknowledgements, none lost");
}

/// A check of the checker: it does notice.
#[test]
fn a_loss_would_be_noticed() {
    let folder = tempfile::tempdir().unwrap();
    drop(open_in(folder.path(), true).map(|store| {
        store.submit(submission_of(1, &narrative(1))).wait().unwrap();
        assert_eq!(store.select(&|_| true, &|a, b| a.number.cmp(&b.number), 0, 9).total, 1);
    }));
    assert!(losses(folder.path(), &["report 1 2026-000001".into()]).is_empty());
    assert_eq!(losses(folder.path(), &["report 2 2026-000002".into()]).len(), 1);
    assert_eq!(losses(folder.path(), &["more 1 -".into()]).len(), 1);
    assert_eq!(losses(folder.path(), &[format!("file 1 {}", "0".repeat(32))]).len(), 1);
}

#[test]
fn of_two_servers_on_one_folder_the_second_says_so_and_the_first_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::start(folder.path(), 1, false);
    writer.hear(5);
    let refused = open_in(folder.path(), false).err().unwrap();
    assert!(matches!(refused, OpenRefused::InUse(_)), "{refused}");
    assert!(refused.to_string().ends_with("data is in use by another process"), "{refused}");
    writer.hear(5);
    assert_eq!(losses(folder.path(), &[]).len(), 1, "still in use");
    let acknowledged = writer.kill();
    assert_eq!(losses(folder.path(), &acknowledged), Vec::<String>::new());
}
