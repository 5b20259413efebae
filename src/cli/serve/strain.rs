//! How near the bounds are, once a second.

use super::{
    available::{Available, Memory},
    faces::{Faces, PORTAL},
    listen::{Face, Room},
};
use crate::{
    pressure::{Load, Measure, Pressure},
    store::Store,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::interval;

/// What a portal that fills up may still take while it does: 64 KiB for each of 4,096 connections, and some pictures.
const NEEDED_BYTES: usize = 384 << 20;
/// On a small machine, or in a small container, this part of all its memory: more than that would never be free, and newcomers
/// would wait for ever.
const NEEDED_PART: usize = 8;

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
        for (measure, (taken, of)) in faces.places() {
            load = load.with(measure, taken, of);
        }
        match self.memory.memory() {
            Some(memory) => of_memory(load, memory),
            None => load,
        }
    }
}

fn of_memory(load: Load, Memory { whole, left }: Memory) -> Load {
    load.with(Measure::Memory, NEEDED_BYTES.min(whole / NEEDED_PART), left)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a machine, or a container, with so many MiB, of which so many are left.
    fn load(whole: usize, left: usize) -> u8 {
        let memory = Memory { whole: whole << 20, left: left << 20 };
        of_memory(Load::default(), memory).of(Measure::Memory)
    }

    #[test]
    fn a_small_machine_is_calm_while_nothing_happens_and_not_when_it_is_nearly_full() {
        for (whole, left) in [(24_000, 20_000), (2_000, 1_400), (1_000, 620), (512, 300), (256, 120)] {
            let pressure = Pressure::default();
            let at = |left, seconds| {
                let load = of_memory(Load::default(), Memory { whole: whole << 20, left: left << 20 });
                pressure.measured(load, Duration::from_secs(seconds));
                pressure.is_on()
            };
            assert!(!at(left, 0), "{whole}");
            assert!(at(whole / 8, 1) || whole > 4_000, "{whole}: nearly full");
            assert!(at(0, 2), "{whole}: full");
            assert!(at(left, 3) && !at(left, 63), "{whole}: and calm again after a minute");
        }
    }

    #[test]
    fn a_large_machine_keeps_what_a_portal_that_fills_up_may_take() {
        assert_eq!((load(24_000, 384), load(24_000, 512), load(24_000, 769)), (100, 75, 49));
        assert_eq!((load(1_024, 128), load(1_024, 170), load(1_024, 257)), (100, 75, 49), "or an eighth");
    }
}
