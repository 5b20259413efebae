//! For whoever watches over the server: does it live, does it take writes, what failed. On an address of its own; the faces
//! are for people.
//!
//! Of the reporters' face there is nothing but failures of our own and visitors turned away: a count of its requests, read
//! every few seconds, would give the second of a report.

use super::{faces, look::Look};
use crate::{
    clock::Clock,
    pressure::{Measure, Pressure},
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
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};
use tokio::sync::watch;

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
    last: watch::Receiver<Look>,
    clock: Arc<dyn Clock>,
    pressure: Pressure,
    shown: Arc<Shown>,
}

struct Shown {
    /// Gauges are set and written out in one turn.
    registry: Mutex<Registry>,
    takes_writes: Gauge,
    asked: Gauge,
    believed: Gauge,
    free: Gauge,
    memory: Gauge,
    overdue: Gauge,
    up: Gauge,
    under_pressure: Gauge,
    load: Family<[Label; 1], Gauge>,
    since: Instant,
}

/// `/live`, `/ready` and `/metrics` (OpenMetrics 1.0). What they say of store, disk and memory is the last look's.
pub fn router(
    last: watch::Receiver<Look>,
    counts: &Counts,
    clock: Arc<dyn Clock>,
    pressure: Pressure,
) -> Router {
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
        asked: gauge("store_asked", "Since store, disk and memory were looked at", Some(Unit::Seconds)),
        believed: gauge("clock_believed", "1 while days are taken from the machine's clock", None),
        free: gauge("data_free", "Free on the data volume, in steps of 64 MiB", Some(Unit::Bytes)),
        memory: gauge("memory_peak", "Most this process ever held, in steps of 64 MiB", Some(Unit::Bytes)),
        overdue: gauge("keys_overdue", "Months that are over and whose keys are not destroyed", None),
        up: gauge("up", "Since the process began", Some(Unit::Seconds)),
        under_pressure: gauge("under_pressure", "1 while newcomers to the portal wait in line", None),
        load,
        registry: Mutex::new(registry),
        since: Instant::now(),
    };
    let routes = Router::new()
        .route("/live", get(async || "live\n"))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics));
    harden(routes.with_state(Watched { last, clock, pressure, shown: Arc::new(shown) }), false)
}

/// 503 with the reason that `docs/operations.md` 5 lists. A clock that is not believed stops no report, nor do keys that wait to
/// be destroyed: both are told beside. A server under pressure is ready: taken out of service, it would help nobody.
async fn ready(State(watched): State<Watched>) -> Response {
    let look = watched.last.borrow().clone();
    if let Err(cause) = look.takes_writes() {
        return (StatusCode::SERVICE_UNAVAILABLE, format!("{cause}\n")).into_response();
    }
    let pressure = if watched.pressure.is_on() { ", under pressure: newcomers wait in line" } else { "" };
    let doubt = watched.clock.doubt().map(|doubt| format!("WARNING {doubt}\n")).unwrap_or_default();
    let overdue = look.overdue.as_ref().map(|overdue| format!("WARNING {overdue}\n")).unwrap_or_default();
    format!("ready{pressure}, asked {} s ago\n{doubt}{overdue}", look.age()).into_response()
}

async fn metrics(State(watched): State<Watched>) -> Response {
    let look = watched.last.borrow().clone();
    let shown = &watched.shown;
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    // -1: not known.
    let known = |n: Option<u64>| n.map_or(-1, number);
    let mut text = String::new();
    let registry = shown.registry.lock().unwrap_or_else(PoisonError::into_inner);
    shown.takes_writes.set(look.takes_writes().is_ok().into());
    shown.asked.set(number(look.age()));
    shown.free.set(known(look.free));
    shown.memory.set(known(look.memory));
    shown.believed.set(watched.clock.doubt().is_none().into());
    shown.overdue.set(number(look.overdue.as_ref().map_or(0, |overdue| overdue.months().len() as u64)));
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
