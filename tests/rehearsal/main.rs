//! docs/operations.md rehearsed on PostgreSQL with a process for each face, from the report to the payment: the database's disk is
//! lost, then a trustee's key, then the office's laptop. No report is lost, one opening stands in the log, and nowhere can it be
//! read who reported.
#![cfg(feature = "open")]

#[path = "../operations_support/mod.rs"]
mod operations_support;
#[path = "../story_support/mod.rs"]
mod story_support;

#[path = "../store_support/postgres.rs"]
#[allow(dead_code, reason = "other stories use more of it")]
mod postgres;

/// A production server from nothing.
mod from_nothing;
/// A trustee's key is lost, and the office's.
mod keys;
/// From the release to the payment.
mod money;

use keys::{a_trustee_is_replaced, shares_are_split_again, the_office_has_new_keys};
use money::{its_reporter_reads_of_one_opening, opened_and_paid, released};
use postgres::Server;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};
use story_support::{
    Canaries, Disk, Needles, World,
    matter::{claimed, worked_and_approved},
    release::succeeded,
    reporter::{self, OTHER_TARGET, Reported, TARGET},
    staff::Desks,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_a_trustee_and_the_office_s_laptop_are_lost_and_every_report_is_there() {
    let server = async || tokio::task::spawn_blocking(Server::with_schema).await.unwrap();
    let Some(first) = server().await else { return };
    let canaries = Canaries::new();
    let mut world = World::start_in_three_with_backups(|role| file(&first, role)).await;
    let (mut named, mut nameless) = two_reports(&world, &canaries).await;

    backed_up(&world, "one");
    first.kill_whole();
    world.stop();
    let second = server().await.unwrap();
    restored(&world, &second, "one");
    world.start_again_in_three(|role| file(&second, role)).await;
    for report in [&mut named, &mut nameless] {
        let page = report.sign_in(&world).await;
        assert!(page.text.contains("没有被打开过"), "{}", page.text);
        report.sign_out(&world).await;
    }
    world.stop();

    let holders = a_trustee_is_replaced(&world);
    shares_are_split_again(&world, &holders);
    backed_up(&world, "two");
    the_office_has_new_keys(&world, &holders);

    world.start_again_in_three(|role| file(&second, role)).await;
    {
        let mut desks = Desks::new(&world);
        let number = worked_and_approved(&mut desks).await;
        claimed(&world, &mut named).await;
        released(&mut desks, &number, &holders).await;
        opened_and_paid(&mut desks, &number, &canaries).await;
    }
    its_reporter_reads_of_one_opening(&world, &mut named).await;
    let page = nameless.sign_in(&world).await;
    assert!(page.text.contains("没有被打开过"), "{}", page.text);
    nameless.sign_out(&world).await;
    world.stop();

    let said = run(&world, "check");
    assert!(!said.contains("PROBLEM"), "{said}");
    assert!(!world.log().contains("permission denied"), "a right is missing:\n{}", world.log());
    // What opens a database waits for it, which a runtime's thread must not.
    tokio::task::block_in_place(|| {
        nowhere_can_it_be_read_who_reported(&world, &canaries, [&named, &nameless], [&first, &second]);
    });
}

fn file(server: &Server, role: &str) -> String {
    server.file("mifeng", &format!("mifeng_{role}"))
}

fn run(world: &World, words: &str) -> String {
    succeeded(world.mifeng(&words.split_whitespace().collect::<Vec<_>>(), ""))
}

async fn two_reports(world: &World, canaries: &Canaries) -> (Reported, Reported) {
    let mut browser = world.reporter();
    reporter::write(&mut browser, TARGET, Some(&canaries.form())).await;
    let mut named = reporter::send(browser).await;
    named.check_receipt().await;
    named.attach("a.jpg", "image/jpeg", &story_support::jpeg_with_exif(canaries.exif)).await;
    named.sign_out(world).await;
    let mut browser = world.reporter();
    reporter::write(&mut browser, OTHER_TARGET, None).await;
    let mut nameless = reporter::send(browser).await;
    nameless.check_receipt().await;
    nameless.browser = world.reporter();
    (named, nameless)
}

/// Section 3: data, and the key folder apart from it.
fn backed_up(world: &World, name: &str) {
    run(world, &format!("backup --to exports/{name}.age"));
    let said = run(world, &format!("backup verify --key backup.key exports/{name}.age"));
    assert!(said.contains("Whole"), "{said}");
    copy_folder(&world.path("demo/keys"), &world.path(&format!("keys-{name}")));
}

fn copy_folder(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
}

/// Another machine, with a database from nothing.
fn restored(world: &World, server: &Server, name: &str) {
    fs::write(world.path("whole.toml"), file(server, "whole")).unwrap();
    fs::write(world.path("keys.toml"), file(server, "keys")).unwrap();
    fs::rename(world.path("demo/keys"), world.path("keys-lost")).unwrap();
    copy_folder(&world.path(&format!("keys-{name}")), &world.path("demo/keys"));
    run(world, &format!("restore --key backup.key exports/{name}.age"));
    let said = run(world, "check");
    assert!(!said.contains("PROBLEM"), "{said}");
}

fn nowhere_can_it_be_read_who_reported(
    world: &World,
    canaries: &Canaries,
    reports: [&Reported; 2],
    servers: [&Server; 2],
) {
    let receipts = reports.map(|report| ("receipt", &report.receipt[..24]));
    let all = Needles::new(canaries.strings().into_iter().chain(receipts));
    let content = Needles::new([("target", TARGET)]);
    // Everything in the database, with all keys of the server.
    let engine = postgres::engine(&file(servers[1], "whole")).unwrap();
    let everything = Disk::on(Arc::new(engine), &world.path("demo")).everything();
    assert!(!content.found_in(&everything).is_empty(), "the search itself finds nothing");
    let found = canaries.of_the_person().found_in(&everything);
    assert!(found.is_empty(), "{found:?}");
    let dump = Command::new("pg_dump")
        .args(["-U", "postgres", "-d", "mifeng", "-p", &servers[1].port.to_string(), "-h"])
        .arg(&servers[1].folder)
        .output()
        .unwrap();
    assert!(
        dump.status.success() && dump.stdout.len() > 1_000_000,
        "{}",
        String::from_utf8_lossy(&dump.stderr)
    );
    assert!(all.found_in(&dump.stdout).is_empty(), "{:?}", all.found_in(&dump.stdout));
    assert!(all.found_in(&world.seen.bytes()).is_empty(), "{:?}", all.found_in(&world.seen.bytes()));
    // Both machines' disks as they are left, the log of what was written included; keys, backups, logs and what holders have.
    servers[1].kill_whole();
    let folders: Vec<PathBuf> =
        servers.iter().map(|server| server.folder.clone()).chain([world.path("")]).collect();
    let planted = world.path("tmp/planted");
    fs::write(&planted, canaries.name).unwrap();
    assert!(!all.found_below(&world.path("")).is_empty());
    fs::remove_file(planted).unwrap();
    for folder in folders {
        assert_eq!(all.found_below(&folder), vec![], "{}", folder.display());
    }
}
