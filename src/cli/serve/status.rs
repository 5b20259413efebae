//! For whoever watches over the server: does it live, does it take writes, what failed. On an address of its own; the faces
//! are for people.
//!
//! Of the reporters' face there is nothing but failures of our own and visitors turned away: a count of its requests, read
//! every few seconds, would give the second of a report.

use super::faces;
use crate::{
    pressure::{Measure, Pressure},
    store::Store,
    web::harden,
};
use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};
use std::{
    fs::File,
    os::unix::fs::FileExt,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

/// Free room is told in steps of this: a report is far smaller, so that none shows.
const STEP: u64 = 64 << 20;

/// So are the loads.
const EIGHTHS: i64 = 8;

type Label = (&'static str, &'static str);

/// What the faces count. A clone counts into the same.
#[derive(Clone, Default)]
pub struct Counts {
    answers: Family<[Label; 2], Counter>,
    turned_away: Family<[Label; 1], Counter>,
}

impl Counts {
    /// `face` answered with `status`.
    pub fn answered(&self, face: &'static str, status: StatusCode) {
        let class = match status.as_u16() {
            500.. => "5xx",
            _ if [faces::PORTAL, faces::STATUS].contains(&face) => return,
            400.. => "4xx",
            300.. => "3xx",
            _ => "2xx",
        };
        self.answers.get_or_create(&[("face", face), ("answer", class)]).inc();
    }

    /// `face` was full.
    pub fn turned_away(&self, face: &'static str) {
        self.turned_away.get_or_create(&[("face", face)]).inc();
    }
}

#[derive(Clone)]
struct Watched {
    store: Arc<Store>,
    pressure: Pressure,
    shown: Arc<Shown>,
}

struct Shown {
    /// Gauges are set and written out in one turn.
    registry: Mutex<Registry>,
    takes_writes: Gauge,
    free: Gauge,
    memory: Gauge,
    up: Gauge,
    under_pressure: Gauge,
    load: Family<[Label; 1], Gauge>,
    peak: Memory,
    since: Instant,
}

/// `/live`, `/ready` and `/metrics` (OpenMetrics 1.0).
pub fn router(store: Arc<Store>, counts: &Counts, peak: Memory, pressure: Pressure) -> Router {
    let mut registry = Registry::with_prefix("mifeng");
    registry.register("answers", "Answers by face and class; of the portal only 5xx", counts.answers.clone());
    registry.register("turned_away", "Visitors told that a face was full", counts.turned_away.clone());
    let load = Family::<[Label; 1], Gauge>::default();
    registry.register("load", "Eighths used of each bound that makes pressure", load.clone());
    let mut gauge = |name: &str, help: &str, unit: Option<Unit>| {
        let gauge = Gauge::default();
        match unit {
            Some(unit) => registry.register_with_unit(name, help, unit, gauge.clone()),
            None => registry.register(name, help, gauge.clone()),
        }
        gauge
    };
    let shown = Shown {
        takes_writes: gauge("store_takes_writes", "1 while the store takes writes", None),
        free: gauge("data_free", "Free on the data volume, in steps of 64 MiB", Some(Unit::Bytes)),
        memory: gauge("memory_peak", "Most memory this process ever held", Some(Unit::Bytes)),
        up: gauge("up", "Since the process began", Some(Unit::Seconds)),
        under_pressure: gauge("under_pressure", "1 while newcomers to the portal wait in line", None),
        load,
        registry: Mutex::new(registry),
        peak,
        since: Instant::now(),
    };
    let routes = Router::new()
        .route("/live", get(async || "live\n"))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics));
    harden(routes.with_state(Watched { store, pressure, shown: Arc::new(shown) }), false)
}

/// 503 with the reason that `docs/operations.md` 5 lists. A server under pressure is ready: taken out of service, it would help
/// nobody.
async fn ready(State(watched): State<Watched>) -> Response {
    match watched.store.takes_writes().await {
        Ok(()) if watched.pressure.is_on() => {
            "ready, under pressure: newcomers wait in line\n".into_response()
        }
        Ok(()) => "ready\n".into_response(),
        Err(cause) => (StatusCode::SERVICE_UNAVAILABLE, format!("{cause}\n")).into_response(),
    }
}

async fn metrics(State(watched): State<Watched>) -> Response {
    let takes_writes = watched.store.takes_writes().await.is_ok();
    let free = watched.store.free_bytes();
    let shown = &watched.shown;
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let mut text = String::new();
    let registry = shown.registry.lock().unwrap_or_else(PoisonError::into_inner);
    shown.takes_writes.set(takes_writes.into());
    shown.free.set(free.map_or(-1, |free| number(free / STEP * STEP)));
    shown.memory.set(shown.peak.peak());
    shown.under_pressure.set(watched.pressure.is_on().into());
    let load = watched.pressure.load();
    for measure in Measure::ALL {
        // Coarse: one visitor more or less does not show.
        let eighths = i64::from(load.of(measure)) * EIGHTHS / 100;
        shown.load.get_or_create(&[("of", measure.name())]).set(eighths);
    }
    shown.up.set(number(shown.since.elapsed().as_secs()));
    match encode(&mut text, &registry) {
        Ok(()) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// What the kernel tells of this process. Opened before the process gives up the rest of the machine.
pub struct Memory(Option<File>);

impl Memory {
    pub fn open() -> Self {
        Self(File::open("/proc/self/status").ok())
    }

    /// Most bytes ever held; -1 where the kernel does not tell.
    fn peak(&self) -> i64 {
        let mut text = vec![0; 4096];
        let read = self.0.as_ref().and_then(|file| file.read_at(&mut text, 0).ok()).unwrap_or(0);
        let kib = std::str::from_utf8(&text[..read]).ok().and_then(|text| {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
            line.trim().strip_suffix(" kB")?.parse::<i64>().ok()
        });
        kib.map_or(-1, |kib| kib.saturating_mul(1024))
    }
}
