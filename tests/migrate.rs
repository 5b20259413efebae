//! Where the data lies, with the real program: `mifeng migrate` killed wherever it hurts, run again, and the deployment served by
//! three faces; and files in an object store that is killed under an upload.
#![cfg(feature = "open")]

mod story_support;

#[path = "store_support/objects.rs"]
#[allow(dead_code, reason = "other stories use more of it")]
mod objects;
#[path = "store_support/postgres.rs"]
#[allow(dead_code, reason = "other stories use more of it")]
mod postgres;

use postgres::Database;
use std::{
    io::{Read, Write},
    process::{Child, Command, Stdio},
    time::Duration,
};
use story_support::{
    Attached, Canaries, Needles, World,
    release::succeeded,
    reporter::{self, TARGET},
    staff,
};

/// Keeps everybody from writing to a table, not from reading it.
struct Hold(Child);

impl Hold {
    fn of(database: &Database, table: &str) -> Self {
        let mut psql = Command::new("psql")
            .args(["-X", "-q", "-U", "postgres", "-d", &database.name, "-p"])
            .arg(database.server.port.to_string())
            .arg("-h")
            .arg(&database.server.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let lock = format!("BEGIN; LOCK TABLE mifeng.{table} IN SHARE ROW EXCLUSIVE MODE;\n");
        psql.stdin.as_mut().unwrap().write_all(lock.as_bytes()).unwrap();
        wait_for_lock(database, table, true);
        Self(psql)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

fn wait_for_lock(database: &Database, table: &str, granted: bool) {
    let sql = format!(
        "SELECT count(*) > 0 FROM pg_locks WHERE relation = 'mifeng.{table}'::regclass AND {} granted \
         AND mode IN ('ShareRowExclusiveLock', 'RowExclusiveLock')",
        if granted { "" } else { "NOT" }
    );
    for _ in 0..1200 {
        if database.sql(&sql).trim() == "t" {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("nobody comes to {table}");
}

/// Until it writes to this table; then SIGKILL.
fn killed_at(world: &World, database: &Database, table: &str) -> String {
    let hold = Hold::of(database, table);
    let mut migrate = world.spawn_mifeng(&["migrate"]);
    wait_for_lock(database, table, false);
    migrate.kill().unwrap();
    migrate.wait().unwrap();
    // What it had asked last is not answered either, as when the machine of the database goes down with it.
    let its = format!("datname = '{}' AND usename = 'mifeng_whole'", database.name);
    database.sql(&format!("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {its}"));
    for _ in 0..400 {
        if database.sql(&format!("SELECT count(*) FROM pg_stat_activity WHERE {its}")).trim() == "0" {
            break;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    drop(hold);
    let mut told = String::new();
    migrate.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    told
}

fn refused(world: &World, arguments: &[&str]) -> String {
    let output = world.mifeng(arguments, "");
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_killed_at_its_worst_moments_goes_on_and_three_faces_serve_what_was_moved() {
    let Some(database) = tokio::task::spawn_blocking(|| Some(postgres::server()?.database())).await.unwrap()
    else {
        return;
    };
    let file = |face: &str| database.server.file(&database.name, &format!("mifeng_{face}"));
    let mut world = World::start().await;
    let canaries = Canaries::new();
    let mut browser = world.reporter();
    reporter::write(&mut browser, TARGET, Some(&canaries.form())).await;
    let mut named = reporter::send(browser).await;
    named.check_receipt().await;
    named.attach("a.jpg", "image/jpeg", &story_support::jpeg_with_exif(canaries.exif)).await;
    named.sign_out(&world).await;
    world.stop();
    let before = succeeded(world.mifeng(&["check"], ""));
    std::fs::write(world.path("whole.toml"), file("whole")).unwrap();

    // In the middle of the log, of the chunks of files, and after the folder was marked.
    let told = killed_at(&world, &database, "log_leaves");
    assert!(told.contains("cases ") && !told.contains("comparing"), "{told}");
    let why = refused(&world, &["check"]);
    assert!(why.contains("run mifeng migrate again"), "half a move is served by nobody: {why}");
    killed_at(&world, &database, "slots");
    assert!(!world.path("demo/data/NOT-IN-USE").exists());
    let told = killed_at(&world, &database, "notices");
    assert!(told.contains("comparing"), "{told}");
    assert!(world.path("demo/data/NOT-IN-USE").exists());
    assert!(refused(&world, &["check"]).contains("run mifeng migrate again"), "neither serves now");
    std::fs::rename(world.path("whole.toml"), world.path("aside.toml")).unwrap();
    let why = refused(&world, &["check"]);
    assert!(why.contains("this store was moved to PostgreSQL") && why.contains("MIFENG_POSTGRES"), "{why}");
    std::fs::rename(world.path("aside.toml"), world.path("whole.toml")).unwrap();

    assert!(succeeded(world.mifeng(&["migrate"], "")).contains("moved before"));
    assert!(succeeded(world.mifeng(&["migrate"], "")).contains("moved before"), "and once more, for nothing");
    let after = succeeded(world.mifeng(&["check"], ""));
    assert!(!after.contains("PROBLEM"), "{after}");
    assert_eq!(after, before, "as many of everything");
    world.start_again_in_three(file).await;
    let page = named.sign_in(&world).await;
    assert!(page.text.contains("没有被打开过"), "{}", page.text);
    named.sign_out(&world).await;
    let mut clerk = world.staff("clerk").await;
    let number = staff::find_case(&mut clerk, TARGET).await;
    let accept = [("told", "已受理，正在安排核查。"), ("reason", "对象和事实明确，属于受理范围。")];
    staff::make_move(&mut clerk, &number, "accept", &accept).await;
    let mut officer = world.staff("officer").await;
    assert_eq!(officer.get("/en/").await.status, 200);
    let mut browser = world.reporter();
    reporter::write(&mut browser, TARGET, None).await;
    reporter::send(browser).await.check_receipt().await;
    world.stop();
    let said = succeeded(world.mifeng(&["check"], ""));
    assert!(!said.contains("PROBLEM"), "{said}");
    assert!(!world.log().contains("permission denied"), "a right is missing:\n{}", world.log());
}

/// What a reporter reads, and the operator.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_lie_in_an_object_store_and_when_it_is_away_a_file_is_refused_and_a_report_is_not() {
    let Some(server) = tokio::task::spawn_blocking(objects::Server::start).await.unwrap() else { return };
    let bucket = server.bucket();
    let mut world = World::start_beside(|path| bucket.write_file(path, "not-a-secret")).await;
    let before = bucket.kept().len();
    let canaries = Canaries::new();
    let mut browser = world.reporter();
    reporter::write(&mut browser, TARGET, Some(&canaries.form())).await;
    let mut named = reporter::send(browser).await;
    named.check_receipt().await;
    let document = [story_support::pdf(canaries.in_file), vec![b'%'; 700_000]].concat();
    named.attach("a.pdf", "application/pdf", &document).await;
    assert!(bucket.kept().len() >= before + 2, "whole objects of it lie in the bucket");

    server.kill();
    named.browser.get("/zh/files").await;
    let file = Attached { field: "file", name: "b.pdf", media: "application/pdf", bytes: &document };
    let refused = named.browser.upload("/zh/files", &[("copy", "yes")], &file).await;
    assert!(refused.text.contains("暂时存不下，这个文件没有保存"), "{} {}", refused.status, refused.text);
    let mut other = world.reporter();
    reporter::write(&mut other, reporter::OTHER_TARGET, None).await;
    reporter::send(other).await.check_receipt().await;
    server.start_again();
    named.attach("b.pdf", "application/pdf", &document).await;
    named.sign_out(&world).await;
    world.stop();

    let said = succeeded(world.mifeng(&["check"], ""));
    assert!(!said.contains("PROBLEM") && said.contains("objects "), "{said}");
    let needles = Needles::new(canaries.strings().into_iter().chain([("receipt", &named.receipt[..24])]));
    assert_eq!(needles.found_below(&server.folder), [], "nothing of it can be read there");
    assert!(!world.log().contains("not-a-secret") && !said.contains("not-a-secret"));

    bucket.write_file(&world.path("objects.toml"), "another-secret");
    let output = world.mifeng(&["check"], "");
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(said.contains("PROBLEM") && said.contains("SignatureDoesNotMatch"), "{said}");
    assert!(!said.contains("another-secret"), "{said}");
    std::fs::remove_file(world.path("objects.toml")).unwrap();
    let why = self::refused(&world, &["check"]);
    assert!(why.contains("set MIFENG_OBJECTS"), "{why}");
}
