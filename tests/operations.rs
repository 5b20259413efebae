//! docs/operations.md, followed to the letter: the key ceremony with the program's own commands, a production
//! server on those keys, and what it refuses to start with.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

const MIFENG: &str = env!("CARGO_BIN_EXE_mifeng");
const SOURCE: &str = env!("CARGO_MANIFEST_DIR");

fn run(folder: &Path, words: &str) -> Output {
    let output = Command::new(MIFENG).args(words.split(' ')).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "mifeng {words}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Every step of the table "Keys ceremony"; gives the fingerprint as the holders read it out.
fn ceremony(at: &Path, instance: &str) -> String {
    run(at, "keys init --keys keys");
    run(at, "keys office --out office");
    for i in 1..=3 {
        run(at, &format!("keys trustee --name Trustee-{i} --out t{i}"));
    }
    let trustees: String = (1..=3).map(|i| format!(" --trustee t{i}/trustee.public.json")).collect();
    run(
        at,
        &format!(
            "keys set draft --instance {instance} --threshold 2 --office office/office.public.json{trustees} --out set.json"
        ),
    );
    for key in ["office/office.key", "t1/trustee.key", "t2/trustee.key", "t3/trustee.key"] {
        run(at, &format!("keys set sign --key {key} set.json"));
    }
    let shown = String::from_utf8(run(at, "keys set show set.json").stdout).unwrap();
    assert!(!shown.contains("NOT SIGNED"), "{shown}");
    let fingerprint = shown.lines().find_map(|line| line.strip_prefix("fingerprint  ")).unwrap().to_owned();
    run(at, &format!("keys set pin --fingerprint {fingerprint} --keys keys set.json"));
    fs::write(at.join("list.json"), "[]").unwrap();
    run(
        at,
        "keys roster --key office/office.key --set set.json --approvers list.json --out keys/approvers.json",
    );
    fingerprint
}

struct Server {
    child: Child,
    portal: String,
}

fn serve(at: &Path) -> Command {
    let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let mut command = Command::new(MIFENG);
    command
        .arg("serve")
        .current_dir(at)
        .env("MIFENG_POLICY", format!("{SOURCE}/policy"))
        .envs([("MIFENG_PORTAL", free()), ("MIFENG_CONSOLE", free()), ("MIFENG_OFFICE", free())])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

impl Server {
    fn start(at: &Path) -> Self {
        let mut command = serve(at);
        let portal = command.get_envs().find(|(name, _)| *name == "MIFENG_PORTAL").unwrap().1.unwrap();
        let portal = portal.to_str().unwrap().to_owned();
        let child = command.spawn().unwrap();
        let begun = Instant::now();
        while TcpStream::connect(&portal).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(60), "the server does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { child, portal }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.portal).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// SIGTERM, as a service manager sends it.
    fn stop(self) -> Output {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.child.wait_with_output().unwrap()
    }
}

/// Why a server with this folder does not start.
fn refused(at: &Path) -> String {
    let output = serve(at).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn the_ceremony_gives_a_server_that_starts_answers_keeps_quiet_and_stops() {
    let temp = tempfile::tempdir().unwrap();
    let at = temp.path();
    ceremony(at, "jubao.example.gov.cn");
    run_with_policy(at, "staff administrator root.one --name First");

    let server = Server::start(at);
    let answer = server.get("/zh/start?canary=13800138000");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(server.get("/nowhere/13800138000").starts_with("HTTP/1.1 404"));
    // Before it listened, it put what it hands out into the log.
    let list = server.get("/scripts.json");
    assert!(list.starts_with("HTTP/1.1 200") && list.contains(r#"{"number":1,"day":"#), "{list}");
    let limits = fs::read_to_string(format!("/proc/{}/limits", server.child.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");

    let status = fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap();

    let output = server.stop();
    assert!(output.status.success(), "{output:?}");
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(log.contains("serving") && log.contains("stopping"), "{log}");
    assert!(log.contains("contained"), "{log}");
    if log.contains("system_calls=yes") {
        assert!(status.contains("NoNewPrivs:\t1") && status.contains("Seccomp:\t2"), "{status}");
    }
    assert!(!log.contains("canary") && !log.contains("13800138000"), "{log}");
    assert!(!log.contains("/zh/start"), "the portal's requests are not logged one by one: {log}");
    assert_eq!(fs::metadata(at.join("data")).unwrap().mode() & 0o077, 0, "others can list the data");
    assert!(fs::read_to_string(at.join("keys/log.vkey")).unwrap().starts_with("jubao.example.gov.cn/log+"));
}

fn run_with_policy(at: &Path, words: &str) {
    let mut command = Command::new(MIFENG);
    command.args(words.split(' ')).current_dir(at).env("MIFENG_POLICY", format!("{SOURCE}/policy"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "mifeng {words}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_server_says_what_is_wrong_with_its_keys_and_does_not_start() {
    let temp = tempfile::tempdir().unwrap();
    let at = temp.path();
    assert!(refused(at).contains("mifeng keys init"), "nothing there yet");

    ceremony(at, "jubao.example.gov.cn");
    let root = at.join("keys/root.key");
    let good = fs::read(&root).unwrap();
    fs::set_permissions(&root, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(refused(at).contains("chmod 600"));
    fs::set_permissions(&root, fs::Permissions::from_mode(0o600)).unwrap();

    fs::write(&root, fs::read(format!("{SOURCE}/keys-example/root.key")).unwrap()).unwrap();
    assert!(refused(at).contains("example key"));
    fs::write(&root, good).unwrap();

    let set = at.join("keys/recipient-set.json");
    let changed = fs::read_to_string(&set).unwrap().replacen("Trustee-1", "Trustee-9", 1);
    fs::write(&set, changed).unwrap();
    assert!(refused(at).contains("is pinned"), "a changed recipient set");
}

#[test]
fn a_demo_s_keys_serve_no_production() {
    let temp = tempfile::tempdir().unwrap();
    ceremony(temp.path(), "demo");
    assert!(refused(temp.path()).contains("recipient set is one of a demo"));
}

#[test]
fn a_set_is_pinned_by_what_was_read_out_and_followed_by_what_its_holders_sign() {
    let temp = tempfile::tempdir().unwrap();
    let at = temp.path();
    let fingerprint = ceremony(at, "jubao.example.gov.cn");
    let wrong = fingerprint.replace(['0', '1', '2', '3'], "4");
    let pin = |fingerprint: &str, set: &str| {
        let words = format!("keys set pin --fingerprint {fingerprint} --keys keys {set}");
        let output = Command::new(MIFENG).args(words.split(' ')).current_dir(at).output().unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    let (taken, why) = pin(&wrong, "set.json");
    assert!(!taken && why.contains("is pinned"), "{why}");

    // A second set of the same number, signed by everybody in it, is still no successor.
    run(at, "keys office --out office2");
    let trustees: String = (1..=3).map(|i| format!(" --trustee t{i}/trustee.public.json")).collect();
    let draft = format!("--threshold 2 --office office2/office.public.json{trustees} --out set2.json");
    run(at, &format!("keys set draft --instance jubao.example.gov.cn --number 2 {draft}"));
    for key in ["office2/office.key", "t1/trustee.key", "t2/trustee.key", "t3/trustee.key"] {
        run(at, &format!("keys set sign --key {key} set2.json"));
    }
    let shown = String::from_utf8(run(at, "keys set show set2.json").stdout).unwrap();
    let second = shown.lines().find_map(|line| line.strip_prefix("fingerprint  ")).unwrap();
    let (taken, why) = pin(second, "set2.json");
    assert!(!taken && why.contains("the signature of office is missing"), "{why}");
    run(at, "keys set sign --key office/office.key set2.json");
    let (taken, why) = pin(second, "set2.json");
    assert!(taken, "signed by the old office, the new one and the trustees of both: {why}");
}
