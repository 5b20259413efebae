//! Objects into and out of a bucket on this machine, by their size: what one call costs beside its bytes.

use super::{
    Outcome, Size, fixture,
    machine::{self, ms},
    table::Table,
};
use mifeng::{
    ids::ObjectId,
    store::{
        engine::SLOT,
        objects::{CHUNKS, Objects},
        sled::SledEngine,
    },
};
use std::{path::Path, sync::Arc, time::Instant};

#[path = "../../tests/store_support/objects.rs"]
#[allow(dead_code, reason = "tests use more of it")]
mod server;

/// Chunks of an object, beside those we have.
const OTHERS: [usize; 3] = [1, 32, 256];

pub fn run(folder: &Path, size: &Size, table: &mut Table) -> Outcome {
    let Some(server) = server::server() else { return Ok(()) };
    let (bucket, here) = (server.bucket(), tempfile::tempdir_in(folder)?);
    let objects = bucket.open();
    let engine = SledEngine::open(&here.path().join("data"))?.beside(Some(objects.clone()));
    let _store = fixture::open_on(Arc::new(engine), here.path())?;
    let total = (size.upload_bytes / 8).max(16 << 20) as usize;
    for chunks in [&[CHUNKS], &OTHERS[..]].concat() {
        let (len, count) = (chunks * SLOT, (total / (chunks * SLOT)).max(4));
        let bytes: Vec<u8> = (0..len).map(|_| rand::random()).collect();
        let floor = machine::sync_floor(folder, len, 1, size.time / 4)? * len as f64 / 1e6;
        let (put, put_cpu, names) = timed(count, |_| kept(&objects, &bytes));
        let (get, get_cpu, _) = timed(count, |n| assert_eq!(objects.get(names[n]).unwrap().len(), len));
        objects.remove(&names)?;
        let rate = |seconds: f64| (count * len) as f64 / 1e6 / seconds;
        table.add(
            &format!("objects of {} KiB, one after the other", len >> 10),
            format!(
                "put {:.0} MB/s, {:.1} ms and {put_cpu:.2} CPU-ms each; get {:.0} MB/s, {get_cpu:.2} CPU-ms each",
                rate(put),
                put * 1e3 / count as f64,
                rate(get)
            ),
            format!("{floor:.0} MB/s raw write + syncfs of as many bytes (the server syncs nothing)"),
            format!("{:.2}", rate(put) / floor),
        );
    }
    Ok(())
}

fn kept(objects: &Objects, bytes: &[u8]) -> ObjectId {
    let name = ObjectId::random(&mut rand::rng());
    objects.put(name, bytes.to_vec()).unwrap();
    name
}

/// Seconds of all, CPU-ms of each.
fn timed<T>(count: usize, mut work: impl FnMut(usize) -> T) -> (f64, f64, Vec<T>) {
    let (begun, cpu) = (Instant::now(), machine::cpu(std::process::id()));
    let done: Vec<T> = (0..count).map(&mut work).collect();
    let cpu = ms(machine::cpu(std::process::id()) - cpu) / count as f64;
    (begun.elapsed().as_secs_f64(), cpu, done)
}
