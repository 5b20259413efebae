//! `mifeng serve`: the three faces over one store, until told to stop.

/// What each face is handed, and what must happen now and then.
mod faces;
/// Connections, time limits, the stop.
mod listen;

use super::Outcome;
use crate::{
    config::{Config, Mode, ServerKeys, file},
    contain::{Needs, contain},
    policy::Policy,
    staff::Sso,
    store::{Store, due, retention::RetentionKeys, sled::SledEngine},
};
use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit, umask};
use std::{io::Write, pin::Pin, sync::Arc, time::Instant};
use tokio::signal::unix::{SignalKind, signal};

/// Reads the environment, then serves.
pub fn run() -> Outcome {
    let config = Config::read(Mode::Production, |name| std::env::var(name).ok())?;
    start(&config)
}

/// Checks keys and policy, opens the store, listens.
pub fn start(config: &Config) -> Outcome {
    harden(config.mode)?;
    log_to_stderr();
    let keys = ServerKeys::load(&config.keys, config.mode)?;
    let policy = Arc::new(Policy::load(&config.policy)?);
    let ways = faces::ways(config)?;
    give_up_the_rest(config, ways.sso.as_deref())?;
    let store = Arc::new(open_store(config, &keys)?);
    let retention = policy.retention.clone();
    store.keep_until(move |dossier| due(dossier, &retention));
    store.compare_matters(policy.repeats.clone())?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let faces = faces::build(config, keys, policy, store, ways)?;
        faces.announce().await?;
        let listening = faces.listen(config.addresses).await?;
        tracing::info!(portal = %config.addresses.portal, console = %config.addresses.console,
            office = %config.addresses.office, "serving");
        let upkeep = tokio::spawn(faces.keep_up(config.mode));
        listen::serve(listening, stop_signal()?).await;
        upkeep.abort();
        Ok(())
    })
}

/// Ready when the process is told to stop (SIGTERM) or somebody presses Ctrl-C.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminated = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminated.recv() => {}
        }
    })
}

/// The store in the data folder, under the server's keys.
pub fn open_store(config: &Config, keys: &ServerKeys) -> Result<Store, Box<dyn std::error::Error>> {
    let engine = Arc::new(SledEngine::open(&config.data)?);
    let retention = RetentionKeys::open(&config.keys.join(file::RETENTION))?;
    Ok(Store::open(engine, keys.set.instance(), &keys.root, retention)?)
}

/// No core dumps, no reading of this process's memory by others of the same user, files for this user only.
fn harden(mode: Mode) -> Outcome {
    umask(rustix::fs::Mode::from_raw_mode(0o077));
    if mode == Mode::Production {
        setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    }
    Ok(())
}

/// Everything else has been read. Before the store, because its threads are restricted only if they start later.
fn give_up_the_rest(config: &Config, sso: Option<&Sso>) -> Outcome {
    let folders = vec![config.data.clone(), config.keys.join(file::RETENTION)];
    for folder in &folders {
        std::fs::create_dir_all(folder).map_err(|cause| format!("{}: {cause}", folder.display()))?;
    }
    let at = &config.addresses;
    let listens = [at.portal, at.console, at.office].map(|address| address.port()).to_vec();
    let calls = sso.map_or_else(Vec::new, Sso::ports);
    let held = contain(&Needs { folders, listens, calls })?;
    if held.is_whole() {
        tracing::info!(files_and_ports = %held.files, system_calls = %held.calls, "contained");
    } else {
        tracing::warn!(files_and_ports = %held.files, system_calls = %held.calls, "contained in part");
    }
    if config.must_contain && !held.is_whole() {
        return Err("MIFENG_CONTAIN is required, and this kernel has no Landlock (5.13 or later; all of it: 6.12) or no seccomp".into());
    }
    Ok(())
}

/// Lines on stderr: the time, what happened, the matched route. A panic says where, never what: its message
/// might quote what somebody typed.
fn log_to_stderr() {
    // Already set when a test starts a server a second time.
    let _ = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_max_level(tracing::Level::INFO)
        .with_ansi(false)
        .try_init();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, ToString::to_string);
        let _ = writeln!(std::io::stderr(), "a request broke off at {place}");
    }));
}

type Answer = Pin<Box<dyn Future<Output = Response> + Send>>;

/// One line a request: method, the route as written in the router, status, milliseconds. Never the address
/// asked for, its query, who asked, or anything of a body. Of the reporters' face only what failed on our side:
/// the second of a submission, beside a telephone company's records, could point to somebody.
fn log_requests(face: &'static str) -> impl Fn(Request, Next) -> Answer + Clone {
    move |request, next| {
        Box::pin(async move {
            let method = request.method().clone();
            let route = request.extensions().get::<MatchedPath>().cloned();
            let begun = Instant::now();
            let response = next.run(request).await;
            let route = route.as_ref().map_or("(no route)", MatchedPath::as_str);
            let (status, ms) = (response.status().as_u16(), begun.elapsed().as_millis());
            if face != faces::PORTAL || status >= 500 {
                tracing::info!(face, %method, route, status, ms);
            }
            response
        })
    }
}
