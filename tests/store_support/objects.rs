//! A real S3-speaking server for stories: one for the whole test program, started by `scripts/objects.sh` and gone with it; a
//! prefix of its own for every story. Its objects are files, so a story can look at them, and spoil them, from behind.

use mifeng::store::objects::{Objects, ObjectsAddress, ObjectsFile};
use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

pub struct Server {
    pub folder: PathBuf,
    pub port: u16,
    pid: Mutex<i32>,
    /// Its standard input stays open for as long as this program runs.
    _script: Child,
}

/// The server, or `None` with a line that says so where it is not installed.
pub fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(Server::start).as_ref()
}

impl Server {
    /// One more, for a story that kills it. Empty.
    pub fn start() -> Option<Self> {
        let folder = std::env::temp_dir().join(format!("mifeng-s3-{:016x}", rand::random::<u64>()));
        let mut script = Command::new("scripts/objects.sh");
        script.arg("run").arg(&folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut script = script.spawn().unwrap();
        let Some((port, pid)) = ready(&mut script) else {
            assert_eq!(script.wait().unwrap().code(), Some(3), "the script broke off");
            assert!(std::env::var_os("MIFENG_NEEDS_OBJECTS").is_none(), "there is no S3 server here");
            eprintln!("SKIPPED: no S3 server here (scripts/objects.sh install)");
            return None;
        };
        Some(Self { folder, port, pid: Mutex::new(pid), _script: script })
    }

    /// At once, with whatever was under way.
    pub fn kill(&self) {
        let pid = rustix::process::Pid::from_raw(*self.pid.lock().unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    }

    /// After it was killed, on the same port, with what it has kept.
    pub fn start_again(&self) {
        let mut script = Command::new("scripts/objects.sh");
        script.arg("again").arg(&self.folder).arg(self.port.to_string());
        let mut script = script.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let (_, pid) = ready(&mut script).expect("it starts again");
        *self.pid.lock().unwrap() = pid;
    }

    /// A prefix with nothing in it.
    pub fn bucket(&self) -> Bucket<'_> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let prefix = format!("story-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        Bucket { server: self, prefix, port: self.port }
    }
}

fn ready(script: &mut Child) -> Option<(u16, i32)> {
    let mut line = String::new();
    BufReader::new(script.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let mut words = line.split_whitespace().skip(1);
    Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
}

pub struct Bucket<'a> {
    pub server: &'a Server,
    pub prefix: String,
    /// Of the server, or of something in between.
    pub port: u16,
}

impl Bucket<'_> {
    /// The file that names it, as an operator writes it, with its secret key beside it.
    pub fn write_file(&self, path: &Path, secret: &str) {
        let (port, prefix) = (self.port, &self.prefix);
        let beside = path.with_extension("secret");
        fs::write(&beside, format!("{secret}\n")).unwrap();
        fs::set_permissions(&beside, fs::Permissions::from_mode(0o600)).unwrap();
        let name = beside.file_name().unwrap().to_str().unwrap();
        let file = format!(
            "endpoint = \"http://127.0.0.1:{port}\"\nbucket = \"files\"\nprefix = \"{prefix}\"\nkey_id = \"mifeng\"\nsecret_file = \"{name}\"\n"
        );
        fs::write(path, file).unwrap();
    }

    pub fn address(&self, secret: &str) -> ObjectsAddress {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("objects.toml");
        self.write_file(&path, secret);
        ObjectsFile::load(&path).unwrap().resolve().unwrap()
    }

    pub fn open(&self) -> Arc<Objects> {
        self.open_with("not-a-secret")
    }

    pub fn open_with(&self, secret: &str) -> Arc<Objects> {
        Arc::new(Objects::open(&self.address(secret)).unwrap())
    }

    pub fn folder(&self) -> PathBuf {
        self.server.folder.join("root/files").join(&self.prefix)
    }

    /// What the server keeps, without the word that says whose it is.
    pub fn kept(&self) -> Vec<PathBuf> {
        let Ok(held) = fs::read_dir(self.folder()) else { return Vec::new() };
        let paths = held.map(|entry| entry.unwrap().path());
        let mut kept: Vec<PathBuf> = paths.filter(|path| path.file_name().unwrap() != "store").collect();
        kept.sort();
        kept
    }

    /// As whoever holds the bucket's key can.
    pub fn empty(&self) {
        fs::read_dir(self.folder())
            .unwrap()
            .for_each(|entry| fs::remove_file(entry.unwrap().path()).unwrap());
    }

    /// Until it keeps so many: what is not waited for takes a moment.
    pub fn wait_until_kept(&self, count: usize) {
        for _ in 0..400 {
            if self.kept().len() == count {
                return;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("{} objects are kept, not {count}", self.kept().len());
    }

    /// As if they had come three days before.
    pub fn age(&self) {
        for path in self.kept() {
            let file = fs::File::options().write(true).open(path).unwrap();
            let came = file.metadata().unwrap().modified().unwrap();
            file.set_modified(came - Duration::from_secs(3 * 24 * 60 * 60)).unwrap();
        }
    }
}
