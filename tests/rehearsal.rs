//! docs/operations.md rehearsed on PostgreSQL with a process for each face, from the report to the payment: the database's disk is
//! lost, then a trustee's key, then the office's laptop. No report is lost, one opening stands in the log, and nowhere can it be
//! read who reported.
#![cfg(feature = "open")]

mod operations_support;
mod story_support;

#[path = "store_support/postgres.rs"]
#[allow(dead_code, reason = "other stories use more of it")]
mod postgres;

use operations_support::{MIFENG, SOURCE, ceremony, free, get};
use postgres::Server;
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};
use story_support::{
    Canaries, Disk, Needles, World,
    matter::{claimed, worked_and_approved},
    release::{self, Trustee, refused, succeeded},
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

/// Sections 1, 2 and 7 from nothing: the ceremony, a cluster without anything of ours, and a production server's three processes.
#[test]
fn from_nothing_three_processes_of_a_production_server_are_started_each_with_a_role_of_its_own() {
    let Some(server) = Server::start() else { return };
    let (temp, status) = (tempfile::tempdir().unwrap(), free());
    let at = temp.path();
    ceremony(at, "jubao.example.gov.cn");
    let command = |role: &str, words: &str| {
        let mut command = Command::new(MIFENG);
        command.args(words.split(' ')).current_dir(at).env("MIFENG_POLICY", format!("{SOURCE}/policy"));
        command.env("MIFENG_POSTGRES", format!("{role}.toml"));
        command
    };
    let said = |role: &str, words: &str| succeeded(command(role, words).output().unwrap());
    server.sql("postgres", &said("none", "postgres roles"));
    server.sql(
        "postgres",
        "CREATE DATABASE mifeng OWNER mifeng_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'",
    );
    let roles = "mifeng_whole, mifeng_portal, mifeng_console, mifeng_office, mifeng_keys";
    server.sql("postgres", "REVOKE ALL ON DATABASE mifeng FROM PUBLIC");
    server.sql("postgres", &format!("GRANT CONNECT ON DATABASE mifeng TO {roles}"));
    let schema = format!("BEGIN;\nSET ROLE mifeng_owner;\n{}COMMIT;\n", said("none", "postgres schema"));
    // The second time is an upgrade's.
    (0..2).for_each(|_| drop(server.sql("mifeng", &schema)));
    for role in ["whole", "portal", "console", "office", "keys"] {
        fs::write(at.join(format!("{role}.toml")), file(&server, role)).unwrap();
    }
    said("whole", "staff administrator root.one --name First");

    let addresses = [free(), free(), free()];
    let faces = ["portal", "console", "office"];
    let serve = |face: &str, role: &str| {
        let mut serve = command(role, &format!("serve --face {face}"));
        serve.envs(["MIFENG_PORTAL", "MIFENG_CONSOLE", "MIFENG_OFFICE"].iter().zip(&addresses));
        serve.stdout(Stdio::piped()).stderr(Stdio::piped());
        serve
    };
    let why = refused(serve("portal", "console").output().unwrap());
    assert!(why.contains("name mifeng_portal in the file of MIFENG_POSTGRES"), "{why}");
    // The database's clock is behind, and it takes no day: each process serves, and is in doubt of its own.
    let day = server.sql("mifeng", "SELECT pg_get_functiondef('mifeng.day()'::regprocedure)");
    server.sql("mifeng", &day.replace("8 hours", "8 hours - 3 days"));
    let mut portal = serve("portal", "portal");
    portal.env("MIFENG_STATUS", &status);
    let running = [portal, serve("console", "console"), serve("office", "office")]
        .map(|mut serve| serve.spawn().unwrap());
    for (address, page) in addresses.iter().zip(["/zh/start", "/zh/sign-in", "/zh/sign-in"]) {
        let answers = || std::net::TcpStream::connect(address).is_ok();
        assert!(
            (0..600).any(|_| answers() || {
                std::thread::sleep(Duration::from_millis(100));
                false
            }),
            "{page}"
        );
        assert!(get(address, page).starts_with("HTTP/1.1 200"), "{page}");
    }
    let ready = get(&status, "/ready");
    assert!(
        ready.starts_with("HTTP/1.1 200") && ready.contains("WARNING the store does not take"),
        "{ready}"
    );
    server.sql("mifeng", &day);
    for (process, face) in running.into_iter().zip(faces) {
        let pid = rustix::process::Pid::from_child(&process);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let output = process.wait_with_output().unwrap();
        let log = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && log.contains("contained"), "{face}: {log}");
        assert!(!log.contains("permission denied"), "{face}: {log}");
        assert!(log.contains("ERROR the store does not take"), "{face}: {log}");
    }
    assert!(!said("whole", "check").contains("PROBLEM"));
    assert_eq!(said("keys", "keys reshare status"), "", "no report yet");
}

fn file(server: &Server, role: &str) -> String {
    server.file("mifeng", &format!("mifeng_{role}"))
}

fn run(world: &World, words: &str) -> String {
    succeeded(world.mifeng(&words.split_whitespace().collect::<Vec<_>>(), ""))
}

/// As the role that changes keys, once the processes that were stopped are no longer connected.
fn run_keys(world: &World, words: &str) -> String {
    for _ in 0..200 {
        let output = world.mifeng_keys(&words.split_whitespace().collect::<Vec<_>>());
        if !String::from_utf8_lossy(&output.stderr).contains("stop every process of the server first") {
            return succeeded(output);
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("somebody stays connected: mifeng {words}")
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

/// A trustee's machine.
struct Holder {
    key: String,
    state: String,
}

fn holders() -> [Holder; 3] {
    let holder = |key: &str, state: &str| Holder { key: key.into(), state: state.into() };
    [
        holder("demo/holders/trustee-1.key", "demo/holders/trustee-1-state"),
        holder("demo/holders/trustee-2.key", "demo/holders/trustee-2-state"),
        // Who came.
        holder("exports/t4/trustee.key", "exports/t4-state"),
    ]
}

/// Section 9, "A new recipient set", from the draft to every trustee's machine.
fn succeeded_by(world: &World, old: u32, change: &[&str], office: [&str; 2], holders: &[Holder; 3]) {
    let (before, after) = (format!("exports/set{old}.json"), format!("exports/set{}.json", old + 1));
    fs::copy(world.path("demo/keys/recipient-set.json"), world.path(&before)).unwrap();
    let draft = [&["keys", "set", "succeed", &before][..], change, &["--out", &after]].concat();
    succeeded(world.mifeng(&draft, ""));
    for key in office.into_iter().chain(holders.iter().map(|holder| holder.key.as_str())) {
        run(world, &format!("keys set sign --key {key} {after}"));
    }
    let shown = run(world, &format!("keys set show {after} --after {before}"));
    assert!(shown.contains(&format!("follows set {old}")), "{shown}");
    let fingerprint = shown.lines().find_map(|line| line.strip_prefix("fingerprint  ")).unwrap();
    run(world, &format!("keys set pin --fingerprint {fingerprint} {after}"));
    let log = world.said("log_key");
    for Holder { state, .. } in holders {
        run(
            world,
            &format!(
                "trustee init --set {after} --fingerprint {fingerprint} --log-vkey {log} --state {state}"
            ),
        );
    }
}

/// "A trustee is revoked, or their key is lost": the third one's is, and nobody has it any more.
fn a_trustee_is_replaced(world: &World) -> [Holder; 3] {
    let set: Value =
        serde_json::from_str(&fs::read_to_string(world.path("demo/keys/recipient-set.json")).unwrap())
            .unwrap();
    let body: Value = serde_json::from_str(set["body"].as_str().unwrap()).unwrap();
    let gone = body["trustees"][2]["name"].as_str().unwrap().to_owned();
    fs::remove_file(world.trustee_key(3)).unwrap();
    run(world, "keys trustee --name T4 --out exports/t4");
    let (office, holders) = ("demo/holders/office.key", holders());
    let change = ["--without", &gone, "--trustee", "exports/t4/trustee.public.json"];
    succeeded_by(world, 1, &change, [office, office], &holders);
    let said = run(world, "check");
    assert!(
        said.contains("WARNING") && said.contains("recipient set 1 need 2 trustees, and 2 are left"),
        "{said}"
    );
    holders
}

/// "Splitting shares again": no more than t of the old trustees are left.
fn shares_are_split_again(world: &World, holders: &[Holder; 3]) {
    let (old, new) = (&holders[..2], &holders[..]);
    let why = refused(
        world.mifeng(&["keys", "reshare", "begin", "--dealer", "1", "--dealer", "2", "--out", "no"], ""),
    );
    assert!(why.contains("mifeng_keys"), "the server's own role writes over nothing: {why}");
    run_keys(world, "keys reshare begin --dealer 1 --dealer 2 --unchecked --out exports/b");
    let mut dealings = String::new();
    for (n, Holder { key, state }) in (1..).zip(old) {
        run(
            world,
            &format!(
                "trustee reshare deal exports/b/deal-{n}.json --key {key} --state {state} --yes --out exports/b/dealt-{n}"
            ),
        );
        dealings += &format!(" --dealing exports/b/dealt-{n}");
    }
    let (mut takings, mut joined) = (String::new(), String::new());
    for (n, Holder { key, state }) in (1..).zip(new) {
        run(
            world,
            &format!("trustee reshare take{dealings} --key {key} --state {state} --out exports/b/taken-{n}"),
        );
        takings += &format!(" --taking exports/b/taken-{n}");
    }
    for (n, Holder { key, state }) in (1..).zip(new) {
        run(
            world,
            &format!(
                "trustee reshare join{dealings}{takings} --key {key} --state {state} --out exports/b/joined-{n}"
            ),
        );
        joined += &format!(" --joined exports/b/joined-{n}");
    }
    let said = run_keys(world, &format!("keys reshare finish{joined}"));
    assert!(
        said.contains("batch 1 is finished") && said.contains("Nothing is left of an earlier set"),
        "{said}"
    );
    let said = run(world, "check");
    assert!(!said.contains("PROBLEM") && !said.contains("recipient set 1"), "{said}");
}

const OFFICE: &str = "exports/office2/office.key";
const RECOVERY: &str = "demo/holders/office-recovery.key";

/// "Drill: the office's laptop is gone", steps 1 and 2.
fn the_office_has_new_keys(world: &World, holders: &[Holder; 3]) {
    fs::remove_file(world.path("demo/holders/office.key")).unwrap();
    run(world, "keys office --out exports/office2");
    let change = ["--office", "exports/office2/office.public.json"];
    succeeded_by(world, 2, &change, [RECOVERY, OFFICE], holders);
    let roster = world.path("demo/keys/approvers.json");
    let list: Value = serde_json::from_str(&fs::read_to_string(&roster).unwrap()).unwrap();
    fs::write(world.path("exports/list.json"), list["approvers"].to_string()).unwrap();
    run(
        world,
        &format!(
            "keys roster --number 2 --key {OFFICE} --set exports/set3.json --approvers exports/list.json --out exports/approvers.json"
        ),
    );
    fs::copy(world.path("exports/approvers.json"), roster).unwrap();
}

/// The first trustee, and the one who came after the reports, with shares that were split for them.
async fn released(desks: &mut Desks<'_>, number: &str, holders: &[Holder; 3]) {
    let world = desks.world;
    let reason = [("reason", "举报人已申领，按规定发放奖励。")];
    let released = release::act(desks, "officer", number, "release", &reason).await;
    assert!(released.location.ends_with("done=release"), "{} {}", released.status, released.text);
    for place in [1, 3] {
        let (trustee, browser) =
            (Trustee { world, number: place }, desks.of(&format!("trustee{place}")).await);
        let Holder { key, state } = &holders[place - 1];
        let request = trustee.download(browser, number).await;
        let (asked, answer) = (trustee.file("request.json"), trustee.file("answer.json"));
        fs::write(&asked, serde_json::to_string(&request).unwrap()).unwrap();
        let (asked, out) = (asked.display(), answer.display());
        run(world, &format!("trustee release {asked} --key {key} --state {state} --yes --out {out}"));
        let given = trustee.upload(browser, number, "answer.json").await;
        assert!(given.location.ends_with("done=1"), "{} {}", given.status, given.text);
    }
}

/// The drill's step 3: what lies inside the envelope was sealed to the keys of the laptop that is gone.
async fn opened_and_paid(desks: &mut Desks<'_>, number: &str, canaries: &Canaries) {
    let world = desks.world;
    let sealed = desks.of("officer").await.get(&format!("/en/awards/{number}/package")).await.bytes;
    fs::write(world.path("exports/package.json"), sealed).unwrap();
    let set = run(world, "keys set show exports/set3.json");
    let fingerprint = set.lines().find_map(|line| line.strip_prefix("fingerprint  ")).unwrap();
    let init = [
        "init",
        "--set",
        "exports/set3.json",
        "--fingerprint",
        fingerprint,
        "--state",
        "exports/office-state",
    ];
    succeeded(world.mifeng_office(&init, ""));
    let open = |keys: &[&str]| {
        let package = ["open", "exports/package.json"];
        let rest = [
            "--state",
            "exports/office-state",
            "--voucher",
            "exports/voucher.txt",
            "--number",
            "V-2026-1",
            "--rehearsal",
        ];
        world.mifeng_office(&[&package[..], keys, &rest].concat(), "y\nn\nn\ny\n")
    };
    let why = refused(open(&["--key", OFFICE]));
    assert!(why.contains("sealed to other keys of the office"), "{why}");
    let shown = succeeded(open(&["--key", OFFICE, "--key", RECOVERY]));
    assert!(shown.contains(canaries.name) && shown.contains("verified, then paid"), "{shown}");
    for (act, more) in [("outcome", ("outcome", "verified")), ("pay", ("voucher", "V-2026-1"))] {
        let done = release::act(desks, "officer", number, act, &[more]).await;
        assert!(done.location.ends_with(&format!("done={act}")), "{act}: {}", done.text);
    }
    let confirmed = release::act(desks, "officer2", number, "confirm", &[]).await;
    assert!(confirmed.location.ends_with("done=confirm"), "{}", confirmed.text);
}

/// On the page, by anybody's own tool, and among what is told of the shares.
async fn its_reporter_reads_of_one_opening(world: &World, named: &mut Reported) {
    named.reads_that_it_was_paid(world).await;
    named.sign_out(world).await;
    let log = format!("{}/log", world.portal());
    let verify = ["verify", "--log", &log, "--vkey", world.said("log_key"), "--memory", "exports/seen.json"];
    let said = succeeded(world.mifeng(&verify, &named.grouped()));
    assert!(said.contains("announced once") && said.contains("name and account"), "{said}");
    let notes = world.reporter().get("/log/notes").await;
    let notes: Value = serde_json::from_slice(&notes.bytes).unwrap();
    let told: Vec<_> = notes.as_array().unwrap().iter().map(|note| note["kind"].as_str().unwrap()).collect();
    assert_eq!(told, ["reshared"], "{notes}");
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
