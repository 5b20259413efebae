//! One look a minute at the store, its disk and this process's memory; whoever watches over the server is told the last one.
//! Asked at every reading, the store's one writer would keep them waiting while a report is written, which gives its moment.

use crate::store::{Overdue, Store};
use std::{fs::File, os::unix::fs::FileExt, sync::Arc};
use tokio::{
    sync::watch,
    time::{Duration, Instant, MissedTickBehavior, interval, sleep_until, timeout_at},
};

const EVERY: Duration = Duration::from_secs(60);
/// The store's answer is put up this long after it was asked for, however fast it came: how fast would tell, too.
const WITHIN: Duration = Duration::from_secs(5);
/// An older look tells nothing any more.
const STALE: Duration = Duration::from_secs(180);
/// Free room and memory are told in steps of this: a report is far smaller, so that none shows.
const STEP: u64 = 64 << 20;

#[derive(Clone)]
pub struct Look {
    asked: Instant,
    takes_writes: Result<(), String>,
    /// Bytes free on the data volume, in steps of 64 MiB; `None` where a database keeps the data.
    pub free: Option<u64>,
    /// Most bytes this process ever held, in steps of 64 MiB; `None` where the kernel does not tell.
    pub memory: Option<u64>,
    /// Keys that wait to be destroyed.
    pub overdue: Option<Overdue>,
}

impl Look {
    async fn take(store: &Store, memory: &Memory) -> Self {
        let asked = Instant::now();
        let takes_writes = match timeout_at(asked + WITHIN, store.takes_writes()).await {
            Ok(answer) => answer.map_err(|cause| cause.to_string()),
            Err(_) => Err(format!("the store has not answered within {} s", WITHIN.as_secs())),
        };
        let free = store.free_bytes().map(|free| free / STEP * STEP);
        let memory = memory.peak().map(|peak| peak.div_ceil(STEP) * STEP);
        let overdue = store.overdue().unwrap_or_else(|cause| {
            tracing::warn!(%cause, "whether keys wait to be destroyed is not known");
            None
        });
        Self { asked, takes_writes, free, memory, overdue }
    }

    /// Whole seconds since.
    pub fn age(&self) -> u64 {
        self.asked.elapsed().as_secs()
    }

    /// As far as is known, or why not.
    pub fn takes_writes(&self) -> Result<(), String> {
        match self.age() > STALE.as_secs() {
            true => Err(format!("nobody has asked the store for {} s", self.age())),
            false => self.takes_writes.clone(),
        }
    }
}

/// Takes the first look at once, and goes on for as long as somebody holds what it gives.
pub async fn begin(store: Arc<Store>, memory: Memory) -> watch::Receiver<Look> {
    let (put_up, seen) = watch::channel(Look::take(&store, &memory).await);
    tokio::spawn(async move {
        let mut minutes = interval(EVERY);
        minutes.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // That one was the first look's.
        minutes.tick().await;
        while !put_up.is_closed() {
            let begun = minutes.tick().await;
            let look = Look::take(&store, &memory).await;
            sleep_until(begun + WITHIN).await;
            put_up.send_replace(look);
        }
    });
    seen
}

/// What the kernel tells of this process. Opened before the process gives up the rest of the machine.
pub struct Memory(Option<File>);

impl Memory {
    pub fn open() -> Self {
        Self(File::open("/proc/self/status").ok())
    }

    fn peak(&self) -> Option<u64> {
        let mut text = vec![0; 4096];
        let read = self.0.as_ref()?.read_at(&mut text, 0).ok()?;
        let text = std::str::from_utf8(&text[..read]).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kib.saturating_mul(1024))
    }
}
