//! Waiting for what comes or goes a moment later, on however slow a machine; and never for ever.

use mifeng::store::{OpenRefused, sled::SledEngine};
use std::{
    path::Path,
    time::{Duration, Instant},
};

const PATIENCE: Duration = Duration::from_secs(60);

/// Asks again and again. `what`: what is waited for, to be read where it never comes.
pub fn until(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// sled lets its folder go a moment after the store was dropped.
pub fn once_free<T>(open: impl Fn() -> Result<T, OpenRefused>) -> Result<T, OpenRefused> {
    let begun = Instant::now();
    loop {
        match open() {
            Err(OpenRefused::InUse(_)) if begun.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(25));
            }
            opened => return opened,
        }
    }
}

pub fn sled(data: &Path) -> SledEngine {
    once_free(|| SledEngine::open(data)).unwrap()
}
