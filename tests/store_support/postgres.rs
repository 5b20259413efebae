//! A real PostgreSQL server for stories: one for the whole test program, started by `scripts/postgres.sh` and gone
//! with it; a database of its own for every story.

use mifeng::store::postgres::{PostgresEngine, PostgresFile, schema};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    io::{BufRead, BufReader, Read},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

pub struct Server {
    pub folder: PathBuf,
    pub port: u16,
    /// Its standard input stays open for as long as this program runs.
    _script: Child,
}

/// The server, or `None` with a line that says so where PostgreSQL is not installed.
pub fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(Server::with_schema).as_ref()
}

impl Server {
    /// One more, for a story that kills it. Empty.
    pub fn start() -> Option<Self> {
        let folder = std::env::temp_dir().join(format!("mifeng-pg-{:016x}", rand::random::<u64>()));
        let mut script = Command::new("scripts/postgres.sh")
            .arg("run")
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(script.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mut words = line.split_whitespace().skip(1);
        let Some(port) = words.next().and_then(|port| port.parse().ok()) else {
            assert_eq!(script.wait().unwrap().code(), Some(3), "the script broke off");
            assert!(std::env::var_os("MIFENG_NEEDS_POSTGRES").is_none(), "there is no PostgreSQL here");
            eprintln!("SKIPPED: no PostgreSQL here (scripts/postgres.sh install)");
            return None;
        };
        Some(Self { folder, port, _script: script })
    }

    /// One more with the schema in the database `mifeng`.
    pub fn with_schema() -> Option<Self> {
        let server = Self::start()?;
        server.sql("postgres", &schema::roles_sql());
        server.sql("postgres", "CREATE DATABASE mifeng OWNER mifeng_owner");
        server.sql_as("mifeng_owner", "mifeng", &schema::schema_sql());
        Some(server)
    }

    /// The server and every process it has started: alone, those it has started would go on answering for a while.
    pub fn kill_whole(&self) {
        let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", self.pid())).unwrap();
        let all =
            std::iter::once(self.pid()).chain(children.split_whitespace().map(|pid| pid.parse().unwrap()));
        for pid in all {
            // One may have ended by itself.
            let _ = signal(pid, Signal::KILL);
        }
    }

    /// Of the process that listens.
    pub fn pid(&self) -> i32 {
        let file = std::fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap();
        file.lines().next().unwrap().trim().parse().unwrap()
    }

    /// After it was killed, on the same port.
    pub fn start_again(&self) {
        let mut script = Command::new("scripts/postgres.sh");
        script.arg("again").arg(&self.folder).arg(self.port.to_string()).stdin(Stdio::null());
        assert!(script.status().unwrap().success());
    }

    /// As the superuser.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        self.sql_as("postgres", database, sql)
    }

    pub fn sql_as(&self, user: &str, database: &str, sql: &str) -> String {
        self.try_sql(user, database, sql).unwrap_or_else(|why| panic!("{user}: {sql}: {why}"))
    }

    /// What the server answers, one line a row, or its refusal.
    pub fn try_sql(&self, user: &str, database: &str, sql: &str) -> Result<String, String> {
        let mut psql = Command::new("psql")
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", user, "-d", database, "-p"])
            .arg(self.port.to_string())
            .arg("-h")
            .arg(&self.folder)
            .args(["-f", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut psql.stdin.take().unwrap(), sql.as_bytes()).unwrap();
        let mut told = String::new();
        psql.stdout.take().unwrap().read_to_string(&mut told).unwrap();
        let mut refused = String::new();
        psql.stderr.take().unwrap().read_to_string(&mut refused).unwrap();
        if psql.wait().unwrap().success() { Ok(told) } else { Err(refused) }
    }

    /// A database with the schema and nothing in it.
    pub fn database(&'static self) -> Database {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("story_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name} TEMPLATE mifeng OWNER mifeng_owner"));
        Database { server: self, name }
    }

    /// The file that names a database, as an operator writes it.
    pub fn file(&self, name: &str, role: &str) -> String {
        let (host, port) = (self.folder.display(), self.port);
        format!("host = \"{host}\"\nport = {port}\ndatabase = \"{name}\"\nuser = \"{role}\"\n")
    }
}

/// To a process of the server's.
pub fn signal(pid: i32, signal: Signal) -> Result<(), rustix::io::Errno> {
    kill_process(Pid::from_raw(pid).unwrap(), signal)
}

pub struct Database {
    pub server: &'static Server,
    pub name: String,
}

impl Database {
    pub fn engine(&self) -> PostgresEngine {
        self.engine_as(schema::Role::Whole)
    }

    pub fn engine_as(&self, role: schema::Role) -> PostgresEngine {
        engine(&self.server.file(&self.name, role.name())).unwrap()
    }

    pub fn sql(&self, sql: &str) -> String {
        self.server.sql(&self.name, sql)
    }
}

pub fn engine(file: &str) -> Result<PostgresEngine, mifeng::store::OpenRefused> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("postgres.toml");
    std::fs::write(&path, file).unwrap();
    PostgresEngine::open(PostgresFile::load(&path).unwrap().resolve().unwrap())
}
