//! `make bench`: one table, each figure beside a floor measured in the same run. `docs/performance.md` holds one.
//!
//! ```text
//! cargo bench --features open                     everything
//! cargo bench --features open -- growth            only when asked for: both engines to 1,000,000 cases, an hour or more
//! MIFENG_BENCH_ENGINE                             one engine alone, where the disk does not hold both: sled, postgres
//! MIFENG_BENCH_FILE_BYTES                         of each file in growth (65472)
//! MIFENG_BENCH_MARKS                              at which numbers of cases it measures: 1000,100000
//! cargo bench --features open -- sealing cases    these parts only: store, postgres, objects, portal, incident, sealing, cases
//! MIFENG_BENCH_INCIDENT_SECONDS=3600              how long the hour of a mass incident takes; 240
//! MIFENG_BENCH_QUICK=1                            short runs and few cases: does it work at all?
//! MIFENG_BENCH_DIR                                where data goes (default target/bench-data): a real disk, not tmpfs
//! ```

mod cases;
mod fixture;
mod growth;
mod http;
mod incident;
mod machine;
mod objects;
mod person;
mod portal;
mod postgres;
mod sealing;
mod server;
mod store;
mod table;

use std::{path::PathBuf, time::Duration};
use table::Table;

/// As the server has it: freed memory is wiped, which costs something.
#[global_allocator]
static WIPING: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// How much to do.
struct Size {
    /// For one figure.
    time: Duration,
    submissions: usize,
    upload_bytes: u64,
    cases: u64,
    /// Numbers of cases at which growth is measured.
    marks: Vec<u64>,
    /// Reports of a mass incident, and how long its hour takes here.
    incident: usize,
    incident_within: Duration,
}

fn main() -> Outcome {
    let args: Vec<String> = std::env::args().collect();
    if args.get(1).is_some_and(|word| word == growth::MEASURE) {
        return growth::measure(&args[2..]);
    }
    let quick = std::env::var("MIFENG_BENCH_QUICK").is_ok_and(|value| value != "0");
    let marks = match std::env::var("MIFENG_BENCH_MARKS") {
        Ok(marks) => marks.split(',').map(str::parse).collect::<Result<_, _>>()?,
        Err(_) if quick => vec![100, 1_000],
        Err(_) => vec![1_000, 10_000, 100_000, 1_000_000],
    };
    let incident_within = match std::env::var("MIFENG_BENCH_INCIDENT_SECONDS") {
        Ok(seconds) => Duration::from_secs(seconds.parse()?),
        Err(_) => Duration::from_secs(if quick { 6 } else { 240 }),
    };
    let size = if quick {
        Size {
            time: Duration::from_millis(500),
            submissions: 200,
            upload_bytes: 32 << 20,
            cases: 1_000,
            marks,
            incident: 150,
            incident_within,
        }
    } else {
        Size {
            time: Duration::from_secs(5),
            submissions: 4_000,
            upload_bytes: 1 << 30,
            cases: 100_000,
            marks,
            incident: 10_000,
            incident_within,
        }
    };
    let chosen: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let wanted = |part: &str| chosen.is_empty() || chosen.iter().any(|name| name == part);

    let root = std::env::var("MIFENG_BENCH_DIR")
        .map_or_else(|_| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench"), PathBuf::from);
    std::fs::create_dir_all(&root)?;
    let folder = tempfile::tempdir_in(&root)?;
    println!("{}", machine::describe(folder.path()));

    let mut table = Table::default();
    if wanted("store") {
        store::run(folder.path(), &size, &mut table)?;
    }
    if wanted("postgres") {
        postgres::run(folder.path(), &size, &mut table)?;
    }
    if wanted("objects") {
        objects::run(folder.path(), &size, &mut table)?;
    }
    if wanted("portal") {
        portal::run(folder.path(), &size, &mut table)?;
    }
    if wanted("incident") {
        incident::run(folder.path(), &size, &mut table)?;
    }
    if wanted("sealing") {
        sealing::run(folder.path(), &size, &mut table)?;
    }
    if wanted("cases") {
        cases::run(folder.path(), &size, &mut table)?;
    }
    if chosen.iter().any(|name| name == "growth") {
        growth::run(folder.path(), &size, &mut table)?;
    }
    println!("\n{table}");
    Ok(())
}
