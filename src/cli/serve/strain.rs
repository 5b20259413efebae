//! How near the bounds are, once a second.

use super::{
    faces::{Faces, PORTAL},
    listen::{Face, Room},
};
use crate::{
    pressure::{Load, Measure, Pressure},
    store::Store,
};
use std::{
    fs::File,
    os::unix::fs::FileExt,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::interval;

/// What a portal that fills up may still take while it does: 64 KiB for each of 4,096 connections, and some pictures.
const NEEDED_BYTES: usize = 384 << 20;

/// Where it is measured. A process without the portal lets nobody in who waits, and measures for its watchers all the same.
pub struct Gauges {
    store: Arc<Store>,
    room: Option<Room>,
    memory: Available,
}

impl Gauges {
    pub fn new(store: Arc<Store>, listening: &[Face], memory: Available) -> Self {
        let portal = listening.iter().find(|face| face.name == PORTAL);
        Self { store, room: portal.map(|face| face.room.clone()), memory }
    }

    /// Measures for as long as the process runs.
    pub async fn keep_looking(self, faces: &Faces, pressure: Pressure) {
        let (mut look, begun) = (interval(Duration::from_secs(1)), Instant::now());
        loop {
            look.tick().await;
            match pressure.measured(self.load(faces), begun.elapsed()) {
                Some(true) => tracing::warn!("under pressure: newcomers wait in line"),
                Some(false) => tracing::info!("no pressure any more"),
                None => {}
            }
        }
    }

    fn load(&self, faces: &Faces) -> Load {
        let (waiting, may_wait) = self.store.waiting();
        let mut load = Load::default().with(Measure::Writes, waiting, may_wait);
        if let Some(room) = &self.room {
            let (open, of) = room.taken();
            load = load.with(Measure::Connections, open, of);
        }
        if let Some((taken, of)) = faces.drafts() {
            load = load.with(Measure::Drafts, taken, of);
        }
        if let Some(left) = self.memory.left() {
            load = load.with(Measure::Memory, NEEDED_BYTES, left);
        }
        load
    }
}

/// What the machine could still give. Opened before the process gives up the rest of it.
pub struct Available(Option<File>);

impl Available {
    pub fn open() -> Self {
        Self(File::open("/proc/meminfo").ok())
    }

    /// Bytes; `None` where the kernel does not tell.
    fn left(&self) -> Option<usize> {
        let mut text = [0; 1024];
        let read = self.0.as_ref()?.read_at(&mut text, 0).ok()?;
        left(std::str::from_utf8(&text[..read]).ok()?)
    }
}

fn left(meminfo: &str) -> Option<usize> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix(" kB")?.parse::<usize>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_read_as_the_kernel_writes_it() {
        let text = "MemTotal:       24683520 kB\nMemFree:        18000000 kB\nMemAvailable:   20971520 kB\n";
        assert_eq!(left(text), Some(20 << 30));
        assert_eq!(left("MemFree: 1 kB\n"), None);
        assert!(Available::open().left().is_some_and(|bytes| bytes > 1 << 20), "and so does this one");
        assert_eq!(Available(None).left(), None);
    }
}
