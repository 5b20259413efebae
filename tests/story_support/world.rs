//! A demo of its own: the server as a process, its folders, its logs, and everybody's log-ins and keys.

use super::{Browser, Seen, ports};
use serde_json::Value;
use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

/// One of the demo's accounts.
#[derive(Clone, Debug)]
pub struct Account {
    pub login: String,
    pub password: String,
    pub face: String,
}

pub struct World {
    folder: tempfile::TempDir,
    server: Child,
    /// The other faces, where each is a process of its own.
    others: Vec<Child>,
    ports: [u16; 3],
    pub demo: Value,
    /// Everything the two staff faces ever answered.
    pub seen: Seen,
}

const FACES: [&str; 3] = ["MIFENG_PORTAL", "MIFENG_CONSOLE", "MIFENG_OFFICE"];

impl World {
    /// Makes a demo in a folder of its own and waits until the server answers.
    pub async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    /// The same on PostgreSQL. `file` gives what names the database, for the role of that name; the demo is made as one
    /// process, then each face runs as a process and a role of its own.
    pub async fn start_in_three(file: impl Fn(&str) -> String) -> Self {
        let mut world = Self::start_with(|folder| name_database(folder, &file)).await;
        world.stop();
        world.start_again_in_three(file).await;
        world
    }

    /// The same, with a recipient for backups.
    pub async fn start_in_three_with_backups(file: impl Fn(&str) -> String) -> Self {
        let prepare = |folder: &Path| {
            name_database(folder, &file);
            draw_backup_key(folder);
        };
        let mut world = Self::start_with(prepare).await;
        world.stop();
        world.start_again_in_three(file).await;
        world
    }

    /// The same, with a recipient for backups; the key that opens them is `backup.key` in this world's folder.
    pub async fn start_with_backups() -> Self {
        Self::start_with(draw_backup_key).await
    }

    /// The same, with an object store beside it. `write` writes the file that names the bucket.
    pub async fn start_beside(write: impl Fn(&Path)) -> Self {
        Self::start_with(|folder| write(&folder.join("objects.toml"))).await
    }

    /// Each face of this stopped world as a process and a database role of its own.
    pub async fn start_again_in_three(&mut self, file: impl Fn(&str) -> String) {
        name_database(self.folder.path(), &file);
        let [office, console, portal] =
            ["office", "console", "portal"].map(|face| spawn(self.folder.path(), self.ports, Some(face)));
        (self.server, self.others) = (portal, vec![console, office]);
        self.wait_until_it_answers().await;
        for port in [self.ports[1], self.ports[2]] {
            wait_for(&format!("http://127.0.0.1:{port}/en/sign-in")).await;
        }
    }

    /// `mifeng …` as a process that a story may kill.
    pub fn spawn_mifeng(&self, arguments: &[&str]) -> Child {
        let mut command = command(env!("CARGO_BIN_EXE_mifeng"), self.folder.path(), self.ports);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    async fn start_with(prepare: impl Fn(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["logs", "tmp", "home", "exports"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        prepare(folder.path());
        let ports = ports::free();
        let server = spawn(folder.path(), ports, None);
        let others = Vec::new();
        let mut world = Self { folder, server, others, ports, demo: Value::Null, seen: Seen::default() };
        world.wait_until_it_answers().await;
        let text = std::fs::read_to_string(world.path("demo/demo.json")).unwrap();
        world.demo = serde_json::from_str(&text).unwrap();
        world
    }

    async fn wait_until_it_answers(&mut self) {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.server.try_wait().unwrap() {
                panic!("the server ended ({status}):\n{}", self.log());
            }
            let at = format!("{}/zh/start", self.portal());
            if self.path("demo/demo.json").exists()
                && reqwest::get(at).await.is_ok_and(|answer| answer.status().is_success())
            {
                return;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(240),
                "the server does not answer:\n{}",
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Asks it to stop, as `systemctl stop` does, and waits.
    pub fn stop(&mut self) {
        for server in std::iter::once(&mut self.server).chain(&mut self.others) {
            let pid = rustix::process::Pid::from_raw(i32::try_from(server.id()).unwrap()).unwrap();
            rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
            assert!(server.wait().unwrap().success());
        }
        self.others.clear();
    }

    pub async fn start_again(&mut self) {
        self.server = spawn(self.folder.path(), self.ports, None);
        self.wait_until_it_answers().await;
    }

    pub fn pid(&self) -> u32 {
        self.server.id()
    }

    /// A path in this world's folder: `demo/…`, `logs/…`, `exports/…`, `tmp/…`.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn log(&self) -> String {
        let read = |name| std::fs::read_to_string(self.path(name)).unwrap_or_default();
        read("logs/stdout") + &read("logs/stderr")
    }

    /// Files the server holds open outside this world's folder, or whose name is gone: nobody would search them.
    pub fn files_open_elsewhere(&self) -> Vec<String> {
        let links = std::fs::read_dir(format!("/proc/{}/fd", self.pid())).unwrap();
        let targets = links.filter_map(|link| std::fs::read_link(link.unwrap().path()).ok());
        let names = targets.map(|target| target.to_string_lossy().into_owned());
        let here = self.folder.path().to_string_lossy().into_owned();
        let expected = |name: &String| {
            let is_device = name.starts_with("/dev/") || !name.starts_with('/');
            // How much memory there is left is asked again and again; the kernel keeps nothing there that a process writes.
            let of_memory =
                ["/sys/fs/cgroup/", "/sys/devices/system/node/"].iter().any(|at| name.starts_with(at))
                    && name.rsplit('/').next().is_some_and(|file| file.starts_with("mem"));
            is_device
                || name == "/proc/meminfo"
                || of_memory
                || (name.starts_with(&here) && !name.ends_with("(deleted)"))
        };
        names.filter(|name| !expected(name)).collect()
    }

    pub fn portal(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports[0])
    }

    pub fn reporter(&self) -> Browser {
        Browser::new(self.portal(), None)
    }

    pub fn account(&self, login: &str) -> Account {
        let accounts = self.demo["accounts"].as_array().unwrap();
        let found = accounts.iter().find(|account| account["login"] == login);
        let found = found.unwrap_or_else(|| panic!("no account {login}"));
        let text = |key: &str| found[key].as_str().unwrap().to_owned();
        Account { login: text("login"), password: text("password"), face: text("face") }
    }

    /// A browser in which somebody of the staff is signed in.
    pub async fn staff(&self, login: &str) -> Browser {
        let account = self.account(login);
        let port = self.ports[if account.face == "office" { 2 } else { 1 }];
        let mut browser = Browser::new(format!("http://127.0.0.1:{port}"), Some(self.seen.clone()));
        let code = self.mifeng(&["demo", "code", login], "");
        let code = String::from_utf8(code.stdout).unwrap();
        let typed = [("name", login), ("password", &account.password), ("code", code.trim())];
        browser.get("/en/sign-in").await;
        let answer = browser.send("/en/sign-in", &typed).await;
        assert_eq!((answer.status, answer.location.as_str()), (303, "/en/"), "{login}: {}", answer.text);
        browser
    }

    pub fn key(&self, name: &str) -> PathBuf {
        self.demo["keys"][name].as_str().unwrap_or_else(|| panic!("no key {name}")).into()
    }

    pub fn trustee_key(&self, number: usize) -> PathBuf {
        self.demo["keys"]["trustees"][number - 1].as_str().unwrap().into()
    }

    pub fn said(&self, name: &str) -> &str {
        self.demo[name].as_str().unwrap_or_else(|| panic!("demo.json says nothing of {name}"))
    }

    /// Runs `mifeng …`; `typed` goes to its standard input.
    pub fn mifeng(&self, arguments: &[&str], typed: &str) -> Output {
        self.run(env!("CARGO_BIN_EXE_mifeng"), arguments, typed)
    }

    /// Runs `mifeng …` as the role of the database that changes keys.
    pub fn mifeng_keys(&self, arguments: &[&str]) -> Output {
        let mut command = command(env!("CARGO_BIN_EXE_mifeng"), self.folder.path(), self.ports);
        command.args(arguments).env("MIFENG_POSTGRES", self.path("keys.toml")).stdin(Stdio::null());
        command.output().unwrap()
    }

    pub fn mifeng_office(&self, arguments: &[&str], typed: &str) -> Output {
        self.run(env!("CARGO_BIN_EXE_mifeng-office"), arguments, typed)
    }

    fn run(&self, program: &str, arguments: &[&str], typed: &str) -> Output {
        let mut child = command(program, self.folder.path(), self.ports)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A tool that asks nothing closes its input before it is written.
        let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
        child.wait_with_output().unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for server in std::iter::once(&mut self.server).chain(&mut self.others) {
            let _ = server.kill();
            let _ = server.wait();
        }
        if std::thread::panicking() {
            eprintln!("the server's log:\n{}", self.log());
        }
    }
}

/// What each process, and the operator's commands, connect to the database with.
fn name_database(folder: &Path, file: &impl Fn(&str) -> String) {
    for role in ["whole", "keys", "portal", "console", "office"] {
        std::fs::write(folder.join(format!("{role}.toml")), file(role)).unwrap();
    }
}

/// As on a machine that is not the server.
fn draw_backup_key(folder: &Path) {
    let mut make = Command::new(env!("CARGO_BIN_EXE_mifeng"));
    let made = make.args(["backup", "key", "--out"]).arg(folder.join("backup.key")).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    std::fs::write(folder.join("backup.recipients"), made.stdout).unwrap();
}

/// A page that answers.
async fn wait_for(page: &str) {
    for _ in 0..600 {
        if reqwest::get(page).await.is_ok_and(|answer| answer.status().is_success()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{page} does not answer");
}

/// `face`: that one alone.
fn spawn(folder: &Path, ports: [u16; 3], face: Option<&str>) -> Child {
    let log = |name| {
        let path = folder.join("logs").join(name);
        Stdio::from(File::options().create(true).append(true).open(path).unwrap())
    };
    let mut command = command(env!("CARGO_BIN_EXE_mifeng"), folder, ports);
    command.arg("demo").args(face.iter().flat_map(|face| ["--face", face]));
    if let Some(face) = face {
        command.env("MIFENG_POSTGRES", folder.join(format!("{face}.toml")));
    }
    command.stdin(Stdio::null()).stdout(log("stdout")).stderr(log("stderr")).spawn().unwrap()
}

fn command(program: &str, folder: &Path, ports: [u16; 3]) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env_clear()
        .env("MIFENG_DEMO_DIR", folder.join("demo"))
        .env("MIFENG_DATA", folder.join("demo/data"))
        .env("MIFENG_KEYS", folder.join("demo/keys"))
        .env("MIFENG_POLICY", concat!(env!("CARGO_MANIFEST_DIR"), "/policy"))
        .env("TMPDIR", folder.join("tmp"))
        .env("HOME", folder.join("home"))
        .env("LANG", "en_GB.UTF-8")
        .envs(FACES.iter().zip(ports).map(|(name, port)| (name, format!("127.0.0.1:{port}"))));
    let backup = folder.join("backup.recipients");
    if backup.exists() {
        command.env("MIFENG_BACKUP", backup);
    }
    let objects = folder.join("objects.toml");
    if objects.exists() {
        command.env("MIFENG_OBJECTS", objects);
    }
    let whole = folder.join("whole.toml");
    if whole.exists() {
        command.env("MIFENG_POSTGRES", whole);
    }
    command
}
