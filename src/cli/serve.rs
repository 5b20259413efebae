//! `mifeng serve`: the three faces over one store, until told to stop.

/// What this process may have of memory.
mod available;
/// Where a backup is asked for.
mod backup;
/// What each face is handed, and what must happen now and then.
mod faces;
/// What a month's end brings about.
mod forget;
/// What is said to whoever is turned away.
mod full;
/// Connections, time limits, the stop.
mod listen;
/// How store, disk and memory are.
mod look;
/// Whether the recipient set is as the rules ask.
pub(super) mod quorum;
/// For whoever watches over the server.
mod status;
/// How near the bounds are.
mod strain;

use super::Outcome;
use crate::{
    clock::{CheckedClock, Clock, Day, SystemClock, checked::doubt_at_start},
    config::{Config, FaceName, Mode, ServerKeys, file},
    contain::{Needs, contain},
    documents::Press,
    policy::Policy,
    portal::{MOST_SEALED_HERE, Room},
    pressure::Pressure,
    staff::Sso,
    store::{
        Month, OpenRefused, Refused, Sight, Store, due,
        engine::{Engine, Tree},
        objects::{Objects, ObjectsAddress, ObjectsFile},
        postgres::{MAY_NOT, PostgresAddress, PostgresEngine, PostgresFile, schema::Role},
        retention::RetentionKeys,
        sled::SledEngine,
    },
};
use available::Available;
use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use rustix::{
    mm::{MlockAllFlags, mlockall},
    process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit},
};
use status::Counts;
use std::{io::Write, path::Path, pin::Pin, sync::Arc, time::Instant};
use tokio::{
    runtime::{Builder, Runtime},
    signal::unix::{SignalKind, signal},
};

/// Reads the environment, then serves.
pub fn run(face: Option<FaceName>) -> Outcome {
    let config = Config::read(Mode::Production, |name| std::env::var(name).ok())?.of_face(face)?;
    start(&config)
}

/// Checks keys and policy, opens the store, listens.
pub fn start(config: &Config) -> Outcome {
    harden(config.mode)?;
    log_to_stderr();
    match keep_out_of_swap() {
        true => tracing::info!("this process's memory is never swapped out"),
        false => tracing::warn!(
            "memory may be swapped out: lift the limit (LimitMEMLOCK=infinity), or encrypt swap"
        ),
    }
    let keys = ServerKeys::load(&config.keys, config.mode)?;
    let policy = Arc::new(Policy::load(&config.policy)?);
    quorum::check(&keys.set, policy.quorum.trustees, config.mode)?;
    let press = Press::load(&config.policy, policy.intake.service.rewards)?;
    let ways = faces::ways(config)?;
    let (database, objects) = (database(config)?, objects(config)?);
    let status = config.status.map(|at| (at, look::Memory::open()));
    let available = Available::open();
    let room = available.memory().map_or_else(Room::default, |memory| Room::of_memory(memory.whole));
    let desk = backup::Desk::open(config)?;
    give_up_the_rest(config, ways.sso.as_deref(), database.as_ref(), objects.as_ref())?;
    let store = Arc::new(open_store(config, &keys, database, objects)?);
    let (retention, entries) = (policy.retention.clone(), policy.retention.staff_record);
    store.keep_until(move |dossier| due(dossier, &retention));
    store.keep_entries_until(move |day| Month::of(entries.after(day)));
    store.compare_matters(policy.repeats.clone())?;
    if config.mode == Mode::Demo && config.face.is_none() {
        // Nothing of it counts, and it is looked at again after months. A face's role of the database may not.
        store.confirm_day(SystemClock.today()).wait()?;
    }
    let clock = Arc::new(match store.newest_day() {
        Err(Refused::Damaged { .. }) => CheckedClock::unread(Arc::new(SystemClock)),
        newest => CheckedClock::new(Arc::new(SystemClock), newest?),
    });
    store.serve_by(clock.clone());
    if let Some(desk) = desk {
        desk.answer(&store, clock.clone())?;
    }
    runtime()?.block_on(async {
        let counts = status::Counts::default();
        let pressure = Pressure::new(config.pressure);
        let faces = faces::build(
            config,
            keys,
            policy,
            press,
            store.clone(),
            ways,
            (clock.clone(), pressure.clone(), room),
        )?;
        if let Err(cause) = faces.keep_date().await {
            // As where the database's own clock is behind, and it takes no day that has not come.
            tracing::warn!(%cause, "the day was not recorded");
        }
        let forgetting = forget::Forgetting::of(store.clone());
        forgetting.round().await;
        faces.announce().await?;
        let mut listening = faces.listen(config.addresses).await?;
        if let Some((at, memory)) = status {
            let last = look::begin(store.clone(), memory).await;
            let router = status::router(last, &counts, clock, pressure.clone());
            listening.push(faces::face(faces::STATUS, at, router).await?);
        }
        for face in &listening {
            tracing::info!(face = face.name, address = %face.listener.local_addr()?, "serving");
        }
        tracing::info!(drafts = room.drafts, reports = room.reports, "places for visitors");
        let gauges = strain::Gauges::new(store, &listening, available);
        let mode = config.mode;
        let upkeep = tokio::spawn(async move {
            tokio::join!(faces.keep_up(mode), gauges.keep_looking(&faces, pressure), forgetting.keep_up());
        });
        listen::serve(listening, &counts, stop_signal()?).await;
        upkeep.abort();
        Ok(())
    })
}

/// On these files are sealed and read, pictures cleaned, passwords checked, the provider of single sign-on asked. What may
/// hold one for long has a bound of its own and leaves as many again for what is short.
const MOST_BLOCKING_THREADS: usize = 2 * MOST_SEALED_HERE;

fn runtime() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().enable_all().max_blocking_threads(MOST_BLOCKING_THREADS).build()
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

/// Where the store lies. Read before the process gives up everything else: the password's file is not for later.
pub fn database(config: &Config) -> Result<Option<PostgresAddress>, Box<dyn std::error::Error>> {
    Ok(config.postgres.as_ref().map(|file| PostgresFile::load(file)?.resolve()).transpose()?)
}

/// Where its objects lie, if anywhere; the secret key's file is not for later either.
pub fn objects(config: &Config) -> Result<Option<ObjectsAddress>, Box<dyn std::error::Error>> {
    Ok(config.objects.as_ref().map(|file| ObjectsFile::load(file)?.resolve()).transpose()?)
}

/// That database, or sled in the data folder, with that object store beside it.
pub fn open_engine(
    config: &Config,
    database: Option<PostgresAddress>,
    objects: Option<ObjectsAddress>,
) -> Result<Arc<dyn Engine>, Box<dyn std::error::Error>> {
    let objects = objects.map(|address| Objects::open(&address)).transpose()?.map(Arc::new);
    Ok(match database {
        Some(address) => Arc::new(PostgresEngine::open(address)?.beside(objects)),
        None => Arc::new(SledEngine::open(&config.data)?.beside(objects)),
    })
}

/// The store, under the server's keys.
pub fn open_store(
    config: &Config,
    keys: &ServerKeys,
    database: Option<PostgresAddress>,
    objects: Option<ObjectsAddress>,
) -> Result<Store, Box<dyn std::error::Error>> {
    let engine = open_engine(config, database, objects)?;
    let sight = match config.face {
        Some(FaceName::Portal) => Sight::One,
        _ => Sight::All,
    };
    // The portal is the face strangers talk to; what it must not read, its database role must not give.
    if sight == Sight::One && !matches!(engine.scan(Tree::Cases, &[], &[]).next(), Some(Err(_))) {
        return Err(
            "the portal's role may list cases: name mifeng_portal in the file of MIFENG_POSTGRES".into()
        );
    }
    if sight == Sight::All
        && let Some(Err(Refused::Failed(why))) = engine.scan(Tree::Cases, &[], &[]).next()
        && why.contains(MAY_NOT)
    {
        let role = match config.face {
            Some(FaceName::Console) => Role::Console,
            Some(FaceName::Office) => Role::Office,
            _ => Role::Whole,
        };
        let role = role.name();
        return Err(format!(
            "this role may not list cases: name {role} in the file of MIFENG_POSTGRES: {why}"
        )
        .into());
    }
    let retention = RetentionKeys::open(&config.keys.join(file::RETENTION), Arc::new(SystemClock))?;
    // A volume that is not mounted, or another database's name: reports would go where nobody looks for them.
    if Store::is_new(&*engine)? && retention.were_used()? {
        return Err(OpenRefused::Emptied(config.keys.join(file::RETENTION)).into());
    }
    Ok(Store::open_with(engine, keys.set.instance(), &keys.root, retention, sight)?)
}

/// For a command that must not make a new one, as in a folder whose name was mistyped.
pub fn holds_a_store(folder: &Path) -> Outcome {
    let at = folder.display();
    match SledEngine::lies_in(folder) {
        Ok(true) => Ok(()),
        Ok(false) => {
            Err(format!("there is no store in {at}: start the server once, or check MIFENG_DATA").into())
        }
        Err(cause) => Err(format!(
            "{at}: {cause}: whether a store is in it cannot be seen. Run this as the server's user, to whom the folder must belong (docs/operations.md, \"As whom\")"
        )
        .into()),
    }
}

/// Keys and store of the server that the environment names, for a command that needs it stopped. Demo keys are taken, too:
/// nobody is served.
pub fn offline() -> Result<(Config, ServerKeys, Store), Box<dyn std::error::Error>> {
    let config = Config::read(Mode::Demo, |name| std::env::var(name).ok())?;
    let keys = ServerKeys::load(&config.keys, config.mode)?;
    if config.postgres.is_none() {
        holds_a_store(&config.data)?;
    }
    let store = open_store(&config, &keys, database(&config)?, objects(&config)?)?;
    Ok((config, keys, store))
}

/// Today, for a command that writes a day; an error where the machine's clock is not to be believed.
pub fn believed_day(store: &Store) -> Result<Day, Box<dyn std::error::Error>> {
    let (says, recorded) = (SystemClock.today(), store.newest_day()?);
    match doubt_at_start(recorded, says) {
        Some(doubt) => Err(doubt.to_string().into()),
        None => Ok(recorded.map_or(says, |recorded| recorded.day.max(says))),
    }
}

/// No core dumps, no reading of this process's memory by others of the same user.
fn harden(mode: Mode) -> Outcome {
    if mode == Mode::Production {
        setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    }
    Ok(())
}

/// Only where there is no limit: locked up to one, the allocation that meets it would fail.
fn keep_out_of_swap() -> bool {
    let flags = MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT;
    getrlimit(Resource::Memlock).current.is_none() && mlockall(flags).is_ok()
}

/// Everything else has been read. Before the store, because its threads are restricted only if they start later.
fn give_up_the_rest(
    config: &Config,
    sso: Option<&Sso>,
    database: Option<&PostgresAddress>,
    objects: Option<&ObjectsAddress>,
) -> Outcome {
    let mut folders = vec![config.keys.join(file::RETENTION)];
    if database.is_none() {
        folders.push(config.data.clone());
    }
    for folder in &folders {
        std::fs::create_dir_all(folder).map_err(|cause| format!("{}: {cause}", folder.display()))?;
    }
    let at = &config.addresses;
    let faces =
        [(FaceName::Portal, at.portal), (FaceName::Console, at.console), (FaceName::Office, at.office)];
    let served = faces.into_iter().filter(|(face, _)| config.face.is_none_or(|one| one == *face));
    let listens = served.map(|(_, address)| address).chain(config.status).map(|at| at.port()).collect();
    let mut calls = sso.map_or_else(Vec::new, Sso::ports);
    calls.extend(database.and_then(PostgresAddress::calls));
    calls.extend(objects.map(ObjectsAddress::calls));
    let local = database.is_some_and(|database| database.calls().is_none());
    let held = contain(&Needs { folders, listens, calls, local })?;
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
fn log_requests(face: &'static str, counts: Counts) -> impl Fn(Request, Next) -> Answer + Clone {
    move |request, next| {
        let counts = counts.clone();
        Box::pin(async move {
            let method = request.method().clone();
            let route = request.extensions().get::<MatchedPath>().cloned();
            let begun = Instant::now();
            let response = next.run(request).await;
            let route = route.as_ref().map_or("(no route)", MatchedPath::as_str);
            counts.answered(face, response.status());
            let (status, ms) = (response.status().as_u16(), begun.elapsed().as_millis());
            if ![faces::PORTAL, faces::STATUS].contains(&face) || status >= 500 {
                tracing::info!(face, %method, route, status, ms);
            }
            response
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        sync::{
            Condvar, Mutex,
            atomic::{AtomicUsize, Ordering::SeqCst},
            mpsc,
        },
        time::Duration,
    };

    #[test]
    fn no_more_threads_block_at_once_than_there_may_be_and_the_rest_have_their_turn() {
        let runtime = runtime().unwrap();
        let (gate, inside, most) =
            (Arc::new((Mutex::new(false), Condvar::new())), AtomicUsize::new(0), AtomicUsize::new(0));
        let counts = Arc::new((inside, most));
        let (tell, told) = mpsc::channel();
        let all: Vec<_> = (0..4 * MOST_BLOCKING_THREADS)
            .map(|_| {
                let (gate, counts, tell) = (gate.clone(), counts.clone(), tell.clone());
                runtime.spawn_blocking(move || {
                    counts.1.fetch_max(counts.0.fetch_add(1, SeqCst) + 1, SeqCst);
                    tell.send(()).unwrap();
                    let open = gate.1.wait_while(gate.0.lock().unwrap(), |open| !*open);
                    drop(open.unwrap());
                    counts.0.fetch_sub(1, SeqCst);
                })
            })
            .collect();
        told.iter().take(MOST_BLOCKING_THREADS).for_each(drop);
        // Time for one more to begin, if it may: a slow machine makes this no stricter.
        let one_more = told.recv_timeout(Duration::from_millis(300));
        *gate.0.lock().unwrap() = true;
        gate.1.notify_all();
        runtime.block_on(async {
            for one in all {
                one.await.unwrap();
            }
        });
        assert!(one_more.is_err(), "one more began");
        assert_eq!(counts.1.load(SeqCst), MOST_BLOCKING_THREADS);
    }
}
