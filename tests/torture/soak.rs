//! For as long as one likes, by a seed: writers that are killed, on a folder and on PostgreSQL, harmed in every way the short
//! stories know; a table at the end. `TORTURE_SECONDS=3600 TORTURE_SEED=7 make torture`.

use crate::{
    database::Crowd,
    writing::{Writer, losses},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::time::{Duration, Instant};

/// One line of the table.
struct Line {
    engine: &'static str,
    kills: u64,
    acknowledged: usize,
    faults: Vec<String>,
    took: Duration,
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
#[ignore = "takes TORTURE_SECONDS; `make torture` runs it"]
fn for_as_long_as_it_is_told() {
    let Some(seconds) = number("TORTURE_SECONDS") else { return };
    let seed = number("TORTURE_SEED").unwrap_or(1);
    let mut rng = StdRng::seed_from_u64(seed);
    let half = Duration::from_secs(seconds / 2);
    let lines: Vec<Line> = [folder(&mut rng, half)].into_iter().chain(database(&mut rng, half)).collect();
    println!("\nsoak, seed {seed}");
    println!("{:<12} {:>7} {:>14} {:>8} {:>8}", "engine", "kills", "acknowledged", "faults", "seconds");
    for Line { engine, kills, acknowledged, faults, took } in &lines {
        println!("{engine:<12} {kills:>7} {acknowledged:>14} {:>8} {:>8}", faults.len(), took.as_secs());
    }
    let faults: Vec<&String> = lines.iter().flat_map(|line| &line.faults).collect();
    assert!(faults.is_empty(), "seed {seed}: {faults:#?}");
}

/// Reports after which a fresh store is begun: reading all of it again is what takes time.
const ENOUGH: usize = 20_000;

fn folder(rng: &mut StdRng, time: Duration) -> Line {
    let begun = Instant::now();
    let mut line = Line { engine: "sled", kills: 0, acknowledged: 0, faults: Vec::new(), took: time };
    while begun.elapsed() < time {
        let place = tempfile::tempdir().unwrap();
        let mut acknowledged = Vec::new();
        while begun.elapsed() < time && acknowledged.len() < ENOUGH {
            let mut writer = Writer::start(place.path(), line.kills * 1_000_000 + 1, false);
            writer.run(rng.random_range(0..200), rng.random_range(1..1_000));
            acknowledged.extend(writer.kill());
            line.kills += 1;
            // Not after each: what a second kill does to an opening that mends is worth knowing, too.
            if rng.random_ratio(1, 4) {
                line.faults.extend(losses(place.path(), &acknowledged));
            }
        }
        line.faults.extend(losses(place.path(), &acknowledged));
        line.acknowledged += acknowledged.len();
    }
    line.took = begun.elapsed();
    line
}

fn database(rng: &mut StdRng, time: Duration) -> Option<Line> {
    let begun = Instant::now();
    let mut line = Line { engine: "PostgreSQL", kills: 0, acknowledged: 0, faults: Vec::new(), took: time };
    while begun.elapsed() < time {
        let mut crowd = Crowd::start()?;
        crowd.hear(1);
        while begun.elapsed() < time && crowd.told() < ENOUGH {
            crowd.harm(rng.random_range(0..600));
            line.kills += 1;
            crowd.hear(rng.random_range(1..60));
        }
        let (acknowledged, lost) = crowd.end();
        line.acknowledged += acknowledged;
        line.faults.extend(lost);
    }
    line.took = begun.elapsed();
    Some(line)
}
