//! Submissions without HTTP: what the crypto costs, what the store costs, what the disk allows.

use super::{
    Outcome, Size, fixture,
    machine::{self, ms},
    table::Table,
};
use mifeng::{
    envelope::{ENVELOPE_LEN, SealedReport},
    ids::ReportId,
    lock::SHARE_FILE_LEN,
    receipt::Receipt,
    store::{Reports, Store},
};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Bytes one submission cannot do without writing: envelope and three share files.
pub const SEALED_BYTES: usize = ENVELOPE_LEN + 3 * SHARE_FILE_LEN;
pub const CONCURRENCY: [usize; 3] = [1, 8, 64];

pub fn run(folder: &Path, size: &Size, table: &mut Table) -> Outcome {
    let seal_ms = seal_alone(size.time);
    table.add("sealing one report, crypto alone", format!("{seal_ms:.3} CPU-ms"), "", "");
    for at_once in CONCURRENCY {
        let floor = machine::sync_floor(folder, SEALED_BYTES, at_once, size.time / 2)?;
        let here = tempfile::tempdir_in(folder)?;
        let store = Arc::new(fixture::open_store(here.path())?);
        let (rate, cpu) = submit(&store, at_once, size.time);
        table.add(
            &format!("submissions into the store alone (sealed before), {at_once} at once"),
            format!("{rate:.0}/s, {cpu:.2} CPU-ms each"),
            format!("{floor:.0}/s raw write + syncfs of {at_once}"),
            format!("{:.2}", rate / floor),
        );
    }
    Ok(())
}

/// CPU-ms of `seal_report` on one thread.
pub fn seal_alone(time: Duration) -> f64 {
    let set = fixture::recipient_set();
    let receipt = Receipt::draw(&mut rand::rng());
    let (cpu, begun, mut done) = (machine::cpu(std::process::id()), Instant::now(), 0);
    while begun.elapsed() < time {
        for _ in 0..50 {
            fixture::seal(&set, ReportId::random(&mut rand::rng()), &receipt);
        }
        done += 50;
    }
    ms(machine::cpu(std::process::id()) - cpu) / f64::from(done)
}

/// Submissions a second and CPU-ms of each, all of them answered well.
fn submit(store: &Arc<Store>, at_once: usize, time: Duration) -> (f64, f64) {
    let set = fixture::recipient_set();
    let receipt = Receipt::draw(&mut rand::rng());
    // One envelope serves for all: the store looks at its size alone.
    let sealed = fixture::seal(&set, ReportId::random(&mut rand::rng()), &receipt);
    let next = Arc::new(AtomicU64::new(0));
    let (cpu, begun) = (machine::cpu(std::process::id()), Instant::now());
    let threads: Vec<_> = (0..at_once)
        .map(|_| {
            let (store, next, sealed) = (store.clone(), next.clone(), sealed.clone());
            std::thread::spawn(move || {
                while begun.elapsed() < time {
                    submit_one(&store, next.fetch_add(1, Ordering::Relaxed), sealed.clone());
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let done = next.load(Ordering::Relaxed) as f64;
    (done / begun.elapsed().as_secs_f64(), ms(machine::cpu(std::process::id()) - cpu) / done)
}

pub fn submit_one(store: &Store, n: u64, sealed: SealedReport) -> Receipt {
    let mut rng = rand::rng();
    let (report, receipt) = (ReportId::random(&mut rng), Receipt::draw(&mut rng));
    store.submit(fixture::submission(n, sealed, report, &receipt)).wait().unwrap();
    receipt
}
