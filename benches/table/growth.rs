//! One store, grown tenfold again and again, on both engines: start-up, memory, submissions, looking up, lists, files,
//! disk. What is measured at a size runs in a process of its own, so that its memory is its own.

use super::{
    Outcome, Size, fixture,
    machine::{self, Memory, ms, quantile},
    postgres::server,
    store::SEALED_BYTES,
    table::Table,
};
use mifeng::{
    envelope::SealedReport,
    figures::Figures,
    ids::ReportId,
    receipt::Receipt,
    store::{
        Cases, FileKind, Reports, Rewards, Step, Store,
        engine::Engine,
        moving,
        postgres::{PostgresEngine, PostgresFile, schema::Role},
        sled::SledEngine,
    },
};
use rand::{SeedableRng, rngs::StdRng};
use std::{
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// The word by which this program asks itself for the figures of one store.
pub const MEASURE: &str = "measure-one-store";
/// One report of so many has a file.
const FILE_EVERY: u64 = 10;
/// Bytes of each: two chunks, or as `MIFENG_BENCH_FILE_BYTES` says.
fn file_bytes() -> usize {
    std::env::var("MIFENG_BENCH_FILE_BYTES").ok().map_or(64 * 1024 - 64, |bytes| bytes.parse().unwrap())
}
const ROUNDS: usize = 50;
const LOOKUPS: u64 = 2_000;

pub fn run(folder: &Path, size: &Size, table: &mut Table) -> Outcome {
    let mut csv = format!("{}\n", Figure::HEAD);
    match std::env::var("MIFENG_BENCH_ENGINE").ok().as_deref() {
        None => sled(folder, size, true, table, &mut csv)?,
        Some("sled") => sled(folder, size, false, table, &mut csv)?,
        Some("postgres") => postgres(folder, size, table, &mut csv)?,
        Some(other) => return Err(format!("MIFENG_BENCH_ENGINE: sled or postgres, not {other}").into()),
    }
    println!("\n{csv}");
    Ok(())
}

fn sled(folder: &Path, size: &Size, moves: bool, table: &mut Table, csv: &mut String) -> Outcome {
    let (here, mut filled) = (tempfile::tempdir_in(folder)?, 0);
    for &n in &size.marks {
        let begun = Instant::now();
        fill(&fixture::open_store(here.path())?, filled, n)?;
        filling("sled", filled, n, begun, table);
        filled = n;
        // Both engines get the very same store, as it is before anything is measured on it.
        let moved = if moves { moved(here.path(), folder, n, table)? } else { None };
        let disk = disk_bytes(&here.path().join("data"))?;
        let one = match Figure::of("sled", n, disk, here.path(), "", size) {
            Ok(one) => one,
            // It may have taken an hour to fill.
            Err(why) => {
                return Err(
                    format!("{why}; by hand: {MEASURE} {} {n} 5000 \"\"", here.keep().display()).into()
                );
            }
        };
        *csv += &one.line();
        one.tell(table);
        if let Some(moved) = moved {
            let (retention, file) = (moved.retention.path(), moved.file.path().join("postgres.toml"));
            let one = Figure::of("PostgreSQL", n, moved.disk, retention, file.to_str().unwrap_or(""), size)?;
            *csv += &one.line();
            one.tell(table);
            moved.server.sql("postgres", &format!("DROP DATABASE {} WITH (FORCE)", moved.name));
        }
    }
    Ok(())
}

/// Filled by submissions, where the disk does not hold both.
fn postgres(folder: &Path, size: &Size, table: &mut Table, csv: &mut String) -> Outcome {
    let server = server::server().ok_or("PostgreSQL is not there (scripts/postgres.sh install)")?;
    let (here, file, database) =
        (tempfile::tempdir_in(folder)?, tempfile::tempdir_in(folder)?, server.database());
    let (file, mut filled) = (file.path().join("postgres.toml"), 0);
    std::fs::write(&file, server.file(&database.name, Role::Whole.name()))?;
    for &n in &size.marks {
        let begun = Instant::now();
        fill(&fixture::open_on(Arc::new(database.engine_as(Role::Whole)), here.path())?, filled, n)?;
        filling("PostgreSQL", filled, n, begun, table);
        filled = n;
        database.sql("VACUUM ANALYZE");
        let disk = database.sql("SELECT pg_database_size(current_database())").trim().parse()?;
        let one =
            Figure::of("PostgreSQL", n, disk, here.path(), file.to_str().ok_or("a path of UTF-8")?, size)?;
        *csv += &one.line();
        one.tell(table);
    }
    Ok(())
}

fn filling(engine: &str, filled: u64, n: u64, begun: Instant, table: &mut Table) {
    let rate = (n - filled) as f64 / begun.elapsed().as_secs_f64();
    table.add(&format!("{engine}, from {filled} to {n} cases, 64 at once"), format!("{rate:.0}/s"), "", "");
}

/// A store that `mifeng migrate` would have made of the folder.
struct Moved {
    server: &'static server::Server,
    name: String,
    /// The retention keys, and the file that names the database.
    retention: tempfile::TempDir,
    file: tempfile::TempDir,
    disk: u64,
}

fn moved(
    from: &Path,
    folder: &Path,
    n: u64,
    table: &mut Table,
) -> Result<Option<Moved>, Box<dyn std::error::Error>> {
    let Some(server) = server::server() else { return Ok(None) };
    let (retention, file, copy) =
        (tempfile::tempdir_in(folder)?, tempfile::tempdir_in(folder)?, tempfile::tempdir_in(folder)?);
    for (what, to) in [("retention", retention.path()), ("retention", copy.path()), ("data", copy.path())] {
        let done =
            Command::new("cp").arg("-a").arg("--sparse=always").arg(from.join(what)).arg(to).status()?;
        if !done.success() {
            return Err("cp".into());
        }
    }
    let database = server.database();
    let store = fixture::open_store(copy.path())?;
    let engine = database.engine_as(Role::Whole);
    let begun = Instant::now();
    moving::move_store(&store, &engine, "the bench", &mut |_| ())?;
    let took = begun.elapsed().as_secs_f64();
    table.add(
        &format!("moving {n} cases and {} files to PostgreSQL, compared", n / FILE_EVERY),
        format!("{took:.1} s, {:.0} cases/s", n as f64 / took),
        "",
        "",
    );
    drop((store, engine));
    database.sql("VACUUM ANALYZE");
    let disk = database.sql("SELECT pg_database_size(current_database())").trim().parse()?;
    std::fs::write(file.path().join("postgres.toml"), server.file(&database.name, Role::Whole.name()))?;
    Ok(Some(Moved { server, name: database.name, retention, file, disk }))
}

fn report(n: u64) -> (ReportId, Receipt) {
    // Drawn again by whoever looks it up.
    let mut rng = StdRng::seed_from_u64(n);
    (ReportId::random(&mut rng), Receipt::draw(&mut rng))
}

/// One envelope serves for all: the store looks at its size alone.
fn sealed() -> SealedReport {
    let receipt = Receipt::draw(&mut rand::rng());
    fixture::seal(&fixture::recipient_set(), ReportId::random(&mut rand::rng()), &receipt)
}

fn submit(store: &Store, n: u64, sealed: &SealedReport) {
    let (report, receipt) = report(n);
    store.submit(fixture::submission(n, sealed.clone(), report, &receipt)).wait().unwrap();
}

fn fill(store: &Store, from: u64, to: u64) -> Outcome {
    // As in a server: each that arrives is compared with those before it.
    store.compare_matters(fixture::repeats())?;
    let (sealed, next, bytes) = (sealed(), AtomicU64::new(from), vec![0x5a; file_bytes()]);
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= to {
                        break;
                    }
                    submit(store, n, &sealed);
                    if n.is_multiple_of(FILE_EVERY) {
                        attach(store, report(n).0, &bytes);
                    }
                }
            });
        }
    });
    Ok(())
}

fn attach(store: &Store, report: ReportId, bytes: &[u8]) {
    let mut file = Reports::begin_file(store, report, FileKind::Original { sequence: 0 }).unwrap();
    store.append(&mut file, bytes).wait().unwrap();
    let step = Step { expected_version: None, sealed: None, change: Box::new(|_, _| Ok(None)) };
    store.attach(vec![file], step).wait().unwrap();
}

/// What lies on the disk, holes not counted.
fn disk_bytes(folder: &Path) -> std::io::Result<u64> {
    use std::os::unix::fs::MetadataExt;
    std::fs::read_dir(folder)?.try_fold(0, |sum, entry| {
        let (entry, meta) = entry.and_then(|entry| Ok((entry.path(), entry.metadata()?)))?;
        Ok(sum + if meta.is_dir() { disk_bytes(&entry)? } else { meta.blocks() * 512 })
    })
}

/// p50, p95 and p99, in milliseconds.
type Three = [f64; 3];

#[derive(serde::Serialize, serde::Deserialize)]
struct Times {
    open_s: f64,
    resident_mib: f64,
    /// Above that, while everything below was done.
    more_mib: f64,
    /// Eight at once, each answered when it is durable.
    submit: Three,
    submissions_s: f64,
    find: Three,
    newest: Three,
    by_deadline: Three,
    search: Three,
    figures: Three,
    file: Three,
}

struct Figure {
    engine: &'static str,
    n: u64,
    disk: u64,
    times: Times,
}

impl Figure {
    const HEAD: &str = "engine,cases,files,open_s,resident_mib,more_mib,submissions_s,submit_p50,submit_p95,submit_p99,\
                        find_p50,find_p95,find_p99,newest_p50,newest_p95,newest_p99,deadline_p50,deadline_p95,\
                        deadline_p99,search_p50,search_p95,search_p99,figures_p50,figures_p95,figures_p99,\
                        file_p50,file_p95,file_p99,disk_bytes,disk_per_byte";

    fn of(
        engine: &'static str,
        n: u64,
        disk: u64,
        folder: &Path,
        postgres: &str,
        size: &Size,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let mut itself = Command::new(std::env::current_exe()?);
        itself
            .arg(MEASURE)
            .arg(folder)
            .arg(n.to_string())
            .arg(size.time.as_millis().to_string())
            .arg(postgres);
        let told = itself.stderr(std::process::Stdio::inherit()).output()?;
        if !told.status.success() {
            return Err(format!("measuring {n} cases on {engine}: {}", told.status).into());
        }
        Ok(Self { engine, n, disk, times: serde_json::from_slice(&told.stdout)? })
    }

    /// Bytes on the disk for each byte that was handed in: content, envelope, share files, files.
    fn disk_per_byte(&self) -> f64 {
        let content = serde_json::to_vec(&fixture::content(1)).map_or(0, |json| json.len());
        let handed = self.n * (SEALED_BYTES + content) as u64 + self.n / FILE_EVERY * file_bytes() as u64;
        self.disk as f64 / handed as f64
    }

    fn line(&self) -> String {
        let Self { engine, n, disk, times: t } = self;
        let all = [t.submit, t.find, t.newest, t.by_deadline, t.search, t.figures, t.file];
        let all: Vec<String> = all.iter().flatten().map(|ms| format!("{ms:.3}")).collect();
        format!(
            "{engine},{n},{},{:.2},{:.0},{:.0},{:.0},{},{disk},{:.2}\n",
            n / FILE_EVERY,
            t.open_s,
            t.resident_mib,
            t.more_mib,
            t.submissions_s,
            all.join(","),
            self.disk_per_byte()
        )
    }

    fn tell(&self, table: &mut Table) {
        let (Self { engine, n, times: t, .. }, ratio) = (self, self.disk_per_byte());
        let three = |[half, most, nearly]: Three| format!("p50 {half:.2}, p95 {most:.2}, p99 {nearly:.2} ms");
        let reading = format!("reading a file of {} bytes", file_bytes());
        let rows = [
            ("start-up", format!("{:.2} s, {:.0} MiB resident", t.open_s, t.resident_mib)),
            ("submissions, 8 at once", format!("{:.0}/s, {}", t.submissions_s, three(t.submit))),
            ("looking up a receipt", three(t.find)),
            ("list, newest 50", three(t.newest)),
            ("list, 50 by deadline", three(t.by_deadline)),
            ("search in targets' names", three(t.search)),
            ("figures counted anew", three(t.figures)),
            (&reading, three(t.file)),
            ("memory above start-up", format!("{:.0} MiB", t.more_mib)),
            (
                "disk",
                format!(
                    "{:.2} GiB, {ratio:.2} bytes a byte handed in",
                    self.disk as f64 / (1u64 << 30) as f64
                ),
            ),
        ];
        for (what, figure) in rows {
            table.add(&format!("{engine}, {n} cases: {what}"), figure, "", "");
        }
    }
}

/// `measure-one-store FOLDER CASES MILLISECONDS POSTGRES-FILE`: prints [`Times`]. Without a file, sled's in the folder.
pub fn measure(args: &[String]) -> Outcome {
    let [folder, n, time, postgres] = args else { return Err("four words".into()) };
    let (folder, n, time) = (Path::new(folder), n.parse::<u64>()?, Duration::from_millis(time.parse()?));
    let begun = Instant::now();
    let engine: Arc<dyn Engine> = if postgres.is_empty() {
        Arc::new(SledEngine::open(&folder.join("data"))?)
    } else {
        Arc::new(PostgresEngine::open(PostgresFile::load(Path::new(postgres))?.resolve()?)?)
    };
    let store = fixture::open_on(engine, folder)?;
    store.compare_matters(fixture::repeats())?;
    let open_s = begun.elapsed().as_secs_f64();
    let pid = std::process::id();
    let (resident_mib, memory) = (machine::resident_mib(pid), Memory::watch(pid));

    // Spread over all of them, in no order.
    let some = |k: u64| report(k.wrapping_mul(0x9E37_79B9_7F4A_7C15) % n);
    let receipts: Vec<Receipt> = (0..LOOKUPS).map(|k| some(k).1).collect();
    let mut found = receipts.iter();
    let find = three(receipts.len(), || {
        let receipt = found.next().unwrap();
        assert!(store.find(&receipt.locator(), &receipt.auth()).unwrap().is_some());
    });
    let newest = three(ROUNDS, || drop(store.select(&|_| true, &|a, b| b.number.cmp(&a.number), 0, 50)));
    let by_deadline = three(ROUNDS, || {
        drop(store.select(
            &|_| true,
            &|a, b| (a.next.map(|next| next.by), a.number).cmp(&(b.next.map(|next| next.by), b.number)),
            0,
            50,
        ));
    });
    let search = three(ROUNDS, || {
        drop(store.select(&|row| row.target.contains("99"), &|a, b| b.number.cmp(&a.number), 0, 50));
    });
    let figures = three(ROUNDS, || drop(Figures::count(&store, fixture::policy(), fixture::day())));
    // Found before, so that only the reading counts.
    let numbers: Vec<_> = (0..200)
        .map(|k: u64| {
            let receipt = report(k.wrapping_mul(0x9E37_79B9_7F4A_7C15) % n / FILE_EVERY * FILE_EVERY).1;
            store.find(&receipt.locator(), &receipt.auth()).unwrap().unwrap().dossier.case.number
        })
        .collect();
    let mut numbers = numbers.into_iter();
    let file = three(200, || {
        let number = numbers.next().unwrap();
        let record = store.originals(number).unwrap().remove(0);
        let bytes: usize =
            store.original(number, record.blob).unwrap().map(|chunk| chunk.unwrap().len()).sum();
        assert_eq!(bytes, file_bytes());
    });

    let (sealed, next) = (sealed(), AtomicU64::new(n));
    let begun = Instant::now();
    let mut took: Vec<Duration> = std::thread::scope(|scope| {
        let work = || {
            let mut took = Vec::new();
            while begun.elapsed() < time {
                let asked = Instant::now();
                submit(&store, next.fetch_add(1, Ordering::Relaxed), &sealed);
                took.push(asked.elapsed());
            }
            took
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let submissions_s = took.len() as f64 / begun.elapsed().as_secs_f64();
    let submit = [0.5, 0.95, 0.99].map(|part| ms(quantile(&mut took, part)));
    let more_mib = memory.peak_mib();
    let times = Times {
        open_s,
        resident_mib,
        more_mib,
        submit,
        submissions_s,
        find,
        newest,
        by_deadline,
        search,
        figures,
        file,
    };
    println!("{}", serde_json::to_string(&times)?);
    Ok(())
}

fn three(rounds: usize, mut act: impl FnMut()) -> Three {
    let mut times: Vec<Duration> = (0..rounds)
        .map(|_| {
            let begun = Instant::now();
            act();
            begun.elapsed()
        })
        .collect();
    [0.5, 0.95, 0.99].map(|part| ms(quantile(&mut times, part)))
}
