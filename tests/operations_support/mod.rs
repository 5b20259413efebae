//! A production server as docs/operations.md says: the key ceremony by the program's own commands, and a process.
#![allow(dead_code, unused_imports, reason = "every story uses its own part")]

#[allow(clippy::duplicate_mod, reason = "a story of both kinds has it twice")]
#[path = "../common/ports.rs"]
mod ports;

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

pub const MIFENG: &str = env!("CARGO_BIN_EXE_mifeng");
pub const SOURCE: &str = env!("CARGO_MANIFEST_DIR");

pub fn run(folder: &Path, words: &str) -> Output {
    let output = Command::new(MIFENG).args(words.split(' ')).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "mifeng {words}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Every step of the table "Keys ceremony"; gives the fingerprint as the holders read it out.
pub fn ceremony(at: &Path, instance: &str) -> String {
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
        "keys roster --number 1 --key office/office.key --set set.json --approvers list.json --out keys/approvers.json",
    );
    fingerprint
}

/// Ends with the story, however that ends.
pub struct Server {
    /// Until it is stopped.
    child: Option<Child>,
    pub portal: String,
    pub console: String,
    pub office: String,
}

pub fn free() -> String {
    let [port] = ports::free();
    format!("127.0.0.1:{port}")
}

pub fn serve(at: &Path) -> Command {
    serve_with(at, &[])
}

/// With these variables on top.
pub fn serve_with(at: &Path, more: &[(&str, &str)]) -> Command {
    let faces = ports::free::<3>().map(|port| format!("127.0.0.1:{port}"));
    let mut command = Command::new(MIFENG);
    command
        .arg("serve")
        .current_dir(at)
        .env("MIFENG_POLICY", format!("{SOURCE}/policy"))
        .envs(["MIFENG_PORTAL", "MIFENG_CONSOLE", "MIFENG_OFFICE"].into_iter().zip(faces))
        .envs(more.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The status address listens a moment after the faces.
pub fn connect(address: &str) -> TcpStream {
    let begun = Instant::now();
    loop {
        match TcpStream::connect(address) {
            Ok(stream) => return stream,
            Err(why) => assert!(begun.elapsed() < Duration::from_secs(60), "{address}: {why}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What a face, or the status address, answers.
pub fn get(address: &str, path: &str) -> String {
    let mut stream = connect(address);
    write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

impl Server {
    pub fn start(at: &Path) -> Self {
        Self::start_from(serve(at))
    }

    pub fn start_from(mut command: Command) -> Self {
        let at = |name: &str| {
            let value = command.get_envs().find(|(n, _)| *n == name).unwrap().1.unwrap();
            value.to_str().unwrap().to_owned()
        };
        let (portal, console, office) = (at("MIFENG_PORTAL"), at("MIFENG_CONSOLE"), at("MIFENG_OFFICE"));
        let child = command.spawn().unwrap();
        let begun = Instant::now();
        while TcpStream::connect(&office).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(60), "the server does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { child: Some(child), portal, console, office }
    }

    pub fn get(&self, path: &str) -> String {
        get(&self.portal, path)
    }

    pub fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// SIGTERM, as a service manager sends it.
    pub fn stop(mut self) -> Output {
        let child = self.child.take().unwrap();
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        child.wait_with_output().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Why a server with this folder does not start.
pub fn refused(at: &Path) -> String {
    let output = serve(at).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap()
}

pub fn run_with_policy(at: &Path, words: &str) {
    let mut command = Command::new(MIFENG);
    command.args(words.split(' ')).current_dir(at).env("MIFENG_POLICY", format!("{SOURCE}/policy"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "mifeng {words}: {}", String::from_utf8_lossy(&output.stderr));
}
