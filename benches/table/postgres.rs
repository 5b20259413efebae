//! Submissions into the store on PostgreSQL, beside what the same server takes at most: one `INSERT` and its commit.

use super::{
    Outcome, Size, fixture,
    machine::{self, ms},
    store::{CONCURRENCY, SEALED_BYTES, submit_one},
    table::Table,
};
use mifeng::{ids::ReportId, receipt::Receipt, store::postgres::schema::Role};
use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio_postgres::NoTls;

#[path = "../../tests/store_support/postgres.rs"]
#[allow(dead_code, reason = "tests use more of it")]
pub mod server;

pub fn run(folder: &Path, size: &Size, table: &mut Table) -> Outcome {
    let Some(server) = server::server() else { return Ok(()) };
    for at_once in CONCURRENCY {
        let floor = Latencies::of(raw_inserts(server, at_once, size.time / 2));
        let here = tempfile::tempdir_in(folder)?;
        let database = server.database();
        let store = Arc::new(fixture::open_on(Arc::new(database.engine_as(Role::Whole)), here.path())?);
        let set = fixture::recipient_set();
        let sealed =
            fixture::seal(&set, ReportId::random(&mut rand::rng()), &Receipt::draw(&mut rand::rng()));
        let next = Arc::new(AtomicU64::new(0));
        let cpu = machine::cpu(std::process::id());
        let took = on_threads(at_once, size.time, || {
            let (store, next, sealed) = (store.clone(), next.clone(), sealed.clone());
            move || drop(submit_one(&store, next.fetch_add(1, Ordering::Relaxed), sealed.clone()))
        });
        let cpu = ms(machine::cpu(std::process::id()) - cpu) / took.len() as f64;
        let ours = Latencies::of(took);
        table.add(
            &format!("submissions into the store on PostgreSQL (sealed before), {at_once} at once"),
            format!("{ours}, {cpu:.2} CPU-ms each here"),
            format!("{floor}: INSERT of as many bytes + COMMIT, {at_once} connections"),
            format!("{:.2}", ours.rate / floor.rate),
        );
    }
    Ok(())
}

struct Latencies {
    rate: f64,
    p50: Duration,
    p95: Duration,
}

impl Latencies {
    fn of(mut took: Vec<(Duration, Duration)>) -> Self {
        let end = took.iter().map(|(end, _)| *end).max().unwrap_or_default();
        took.sort_unstable_by_key(|(_, took)| *took);
        let at = |part: usize| took.get(took.len() * part / 100).map_or(Duration::ZERO, |(_, took)| *took);
        Self { rate: took.len() as f64 / end.as_secs_f64(), p50: at(50), p95: at(95) }
    }
}

impl std::fmt::Display for Latencies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.0}/s, p50 {:.1} ms, p95 {:.1} ms", self.rate, ms(self.p50), ms(self.p95))
    }
}

/// When each ended, from the start, and how long it took.
fn on_threads<W: FnMut() + Send + 'static>(
    at_once: usize,
    time: Duration,
    worker: impl Fn() -> W,
) -> Vec<(Duration, Duration)> {
    let (begun, took) = (Instant::now(), Arc::new(Mutex::new(Vec::new())));
    let threads: Vec<_> = (0..at_once)
        .map(|_| {
            let (mut work, took) = (worker(), took.clone());
            std::thread::spawn(move || {
                while begun.elapsed() < time {
                    let asked = Instant::now();
                    work();
                    took.lock().unwrap().push((begun.elapsed(), asked.elapsed()));
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    std::mem::take(&mut took.lock().unwrap())
}

fn raw_inserts(server: &'static server::Server, at_once: usize, time: Duration) -> Vec<(Duration, Duration)> {
    let database = server.database();
    database.sql("CREATE TABLE raw (key bigint PRIMARY KEY, value bytea NOT NULL)");
    let next = Arc::new(AtomicU64::new(0));
    let bytes: Arc<Vec<u8>> = Arc::new((0..SEALED_BYTES).map(|_| rand::random()).collect());
    on_threads(at_once, time, || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(async {
            let mut config = tokio_postgres::Config::new();
            config.host_path(&server.folder).port(server.port).user("postgres").dbname(&database.name);
            let (client, connection) = config.connect(NoTls).await.unwrap();
            tokio::spawn(connection);
            client
        });
        let insert = runtime.block_on(client.prepare("INSERT INTO raw VALUES ($1, $2)")).unwrap();
        let (next, bytes) = (next.clone(), bytes.clone());
        move || {
            let key = next.fetch_add(1, Ordering::Relaxed) as i64;
            runtime.block_on(client.execute(&insert, &[&key, &bytes.as_slice()])).unwrap();
        }
    })
}
