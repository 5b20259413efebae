//! The real program in a process of its own, so that its processor time and memory are its own: `mifeng demo`.

use super::http::Connection;
use mifeng::{
    cli::serve,
    config::{Config, Mode, ServerKeys},
    store::Store,
};
use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A demo takes some seconds to make; a hundred thousand cases some more to read.
const PATIENCE: Duration = Duration::from_secs(180);

/// A running server; ends when dropped.
pub struct Server {
    process: Child,
    /// The demo's folder.
    folder: PathBuf,
    /// Of the reporters' face.
    pub address: SocketAddr,
    pub console: SocketAddr,
    /// From the start of the process to its first page.
    pub ready_after: Duration,
}

impl Server {
    /// Over the world in `folder`, which is made if there is none; `policy` holds the rules.
    pub fn start(folder: &Path, policy: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        let folder = folder.join("demo");
        let [address, console, office] = [free_address()?, free_address()?, free_address()?];
        let mut command = Command::new(env!("CARGO_BIN_EXE_mifeng"));
        command
            .arg("demo")
            .env("MIFENG_DEMO_DIR", &folder)
            .env("MIFENG_POLICY", policy)
            .env("MIFENG_PORTAL", address.to_string())
            .env("MIFENG_CONSOLE", console.to_string())
            .env("MIFENG_OFFICE", office.to_string());
        let begun = Instant::now();
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let mut server = Self { process, folder, address, console, ready_after: Duration::ZERO };
        while !server.answers() {
            if let Some(status) = server.process.try_wait()? {
                return Err(format!("mifeng demo ended: {status}").into());
            }
            if begun.elapsed() > PATIENCE {
                return Err("mifeng demo does not answer".into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        server.ready_after = begun.elapsed();
        Ok(server)
    }

    fn answers(&self) -> bool {
        let page = Connection::open(self.address).and_then(|mut connection| connection.get("/zh/start", ""));
        page.is_ok_and(|page| page.status == 200)
    }

    /// Signs in to the console as a member of the demo's staff; gives the cookie.
    pub fn sign_in(&self, login: &str) -> Result<String, Box<dyn std::error::Error>> {
        let demo: serde_json::Value = serde_json::from_slice(&std::fs::read(self.folder.join("demo.json"))?)?;
        let accounts = demo["accounts"].as_array().ok_or("no accounts")?;
        let account = accounts.iter().find(|account| account["login"] == login).ok_or("no such account")?;
        let password = account["password"].as_str().ok_or("no password")?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_mifeng"));
        let code = command.args(["demo", "code", login]).env("MIFENG_DEMO_DIR", &self.folder).output()?;
        let code = String::from_utf8(code.stdout)?;
        let fields = [("name", login), ("password", password), ("code", code.trim())];
        let answer = Connection::open(self.console)?.post("/zh/sign-in", "", &fields)?;
        if answer.status == 303 { Ok(answer.cookie) } else { Err(answer.body.into()) }
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.process);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.process.wait();
    }
}

fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")?.local_addr()
}

/// The store of the world in `folder`, while no server runs on it.
pub fn open_store(folder: &Path) -> Result<Store, Box<dyn std::error::Error>> {
    let folder = folder.join("demo");
    let config = Config::read(Mode::Demo, |name| match name {
        "MIFENG_DATA" => folder.join("data").to_str().map(Into::into),
        "MIFENG_KEYS" => folder.join("keys").to_str().map(Into::into),
        _ => None,
    })?;
    let keys = ServerKeys::load(&config.keys, Mode::Demo)?;
    serve::open_store(&config, &keys, None, None)
}

/// The shipped rules, except that a film may have 2 GiB: a copy in `folder`.
pub fn policy_for_large_files(folder: &Path) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let to = folder.join("policy");
    copy(&shipped_policy(), &to)?;
    let intake = to.join("intake.toml");
    let text = std::fs::read_to_string(&intake)?;
    let larger = text.replace("209_715_200", "2_147_483_648");
    if larger == text {
        return Err("policy/intake.toml no longer says 209_715_200".into());
    }
    std::fs::write(intake, larger)?;
    Ok(to)
}

pub fn shipped_policy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("policy")
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
