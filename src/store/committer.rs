//! One writer: a thread takes queued changes, runs each against what came before it, applies the group
//! atomically, syncs once, and only then answers all of them.
//!
//! Sled's own `flush()` does not survive a power cut (docs/decisions/sled-and-syncfs.md), so nothing is acknowledged
//! before [`Engine::sync`] has returned. After a failed write or sync nothing is acknowledged any more. Where
//! several processes write ([`Engine::begin`]), a group has its turn among theirs.

use super::{
    Refused,
    doubt::Doubt,
    engine::{Engine, Group, NotWritten, Tree, Writes},
};
use std::{
    collections::BTreeSet,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    task::{Context, Poll, Wake, Waker},
    thread::{JoinHandle, Thread},
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// Changes waiting; one more is refused as [`Refused::Busy`]. A report weighs at most about 100 KB, so that all of them
/// together stay near 100 MB.
pub const QUEUE: usize = 1024;
/// A group is closed at this size, so that no transaction grows without bound.
const GROUP_BYTES: usize = 4 << 20;
/// And after this time, that nobody's turn waits on how many are queued here.
const GROUP_WITHIN: Duration = Duration::from_secs(1);
/// Below this much free space writes are refused while the store is still whole.
pub(super) const RESERVE_BYTES: u64 = 64 << 20;

/// What a change sees and does. Dropped unapplied if the change is refused.
pub struct Txn<'a> {
    engine: &'a dyn Engine,
    from: &'a dyn Group,
    group: &'a Writes,
    own: Writes,
    once_durable: Vec<Effect>,
}

impl Txn<'_> {
    /// The value as this change and those before it in the group leave it.
    pub fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, Refused> {
        for writes in [&self.own, self.group] {
            if let Some(value) = writes.find(tree, key) {
                return Ok(value.map(<[u8]>::to_vec));
            }
        }
        self.from.get(tree, key)
    }

    /// The keys of a tree that begin with `prefix`, as this change and those before it in the group leave them.
    pub fn keys(&self, tree: Tree, prefix: &[u8]) -> Result<BTreeSet<Vec<u8>>, Refused> {
        let stored = self.from.scan(tree, prefix, &[]).map(|entry| entry.map(|(key, _)| key));
        let mut keys = stored.collect::<Result<BTreeSet<_>, _>>()?;
        for writes in [self.group, &self.own] {
            for (_, key, value) in writes.iter().filter(|(of, key, _)| *of == tree && key.starts_with(prefix))
            {
                match value {
                    Some(_) => keys.insert(key.to_vec()),
                    None => keys.remove(key),
                };
            }
        }
        Ok(keys)
    }

    pub fn put(&mut self, tree: Tree, key: impl Into<Vec<u8>>, value: Vec<u8>) {
        self.own.set(tree, key.into(), Some(value));
    }

    /// In the place of a value that is there and is otherwise never written over: shares that were split again, and
    /// everything under a new root key. Of a database's roles one alone may (`postgres::rekey`).
    pub fn put_over(&mut self, tree: Tree, key: impl Into<Vec<u8>>, value: Vec<u8>) {
        self.own.set_over(tree, key.into(), value);
    }

    pub fn remove(&mut self, tree: Tree, key: impl Into<Vec<u8>>) {
        self.own.set(tree, key.into(), None);
    }

    /// Makes every slot filled so far durable, so that no record ever names one that is not.
    pub fn sync_slots(&self) -> Result<(), Refused> {
        self.engine.sync_slots()
    }

    /// Runs on the committer's thread after the sync and before anybody is answered: what readers
    /// may be shown from now on. Must be short.
    pub fn once_durable(&mut self, effect: impl FnOnce() + Send + 'static) {
        self.once_durable.push(Box::new(effect));
    }
}

/// A write under way. Resolves once its result is durable. Dropping it does not undo the write.
#[must_use = "the write is not known to be durable until this has resolved"]
pub struct Commit<R>(State<R>);

enum State<R> {
    Ready(Option<Result<R, Refused>>),
    Waiting(oneshot::Receiver<Result<R, Refused>>),
}

impl<R> Commit<R> {
    /// One that needs no waiting, such as a refusal made before anything was queued.
    pub fn ready(result: Result<R, Refused>) -> Self {
        Self(State::Ready(Some(result)))
    }
}

impl<R: Unpin> Commit<R> {
    /// Blocks the thread: for commands, start-up and tests. A request awaits instead.
    pub fn wait(mut self) -> Result<R, Refused> {
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        let mut cx = Context::from_waker(&waker);
        loop {
            match Pin::new(&mut self).poll(&mut cx) {
                Poll::Ready(answer) => return answer,
                Poll::Pending => std::thread::park(),
            }
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl<R: Unpin> Future for Commit<R> {
    type Output = Result<R, Refused>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Ready(result) => Poll::Ready(result.take().unwrap_or(Err(Refused::Closed))),
            State::Waiting(receiver) => {
                Pin::new(receiver).poll(cx).map(|answer| answer.unwrap_or(Err(Refused::Closed)))
            }
        }
    }
}

/// Who is told, on the committer's thread, how far the trees have come.
pub trait Follower: Send + Sync + 'static {
    /// A group begins after so many: what others have written must be taken in before any change runs.
    fn before(&self, position: u64) -> Result<(), Refused>;
    /// The group that began at `position` is durable: runs what its changes wanted done then.
    fn after(&self, position: Option<u64>, effects: Vec<Effect>);
}

/// What a change wants done once it is durable.
pub type Effect = Box<dyn FnOnce() + Send>;

/// The one writer of an engine in this process.
pub struct Committer {
    queue: Option<SyncSender<Job>>,
    waiting: Arc<AtomicUsize>,
    pub(super) doubt: Arc<Doubt>,
    thread: Option<JoinHandle<()>>,
}

impl Committer {
    pub fn start(engine: Arc<dyn Engine>, follower: Arc<dyn Follower>) -> std::io::Result<Self> {
        let (queue, jobs) = sync_channel(QUEUE);
        let doubt = Arc::<Doubt>::default();
        let worker = Worker { engine, follower, doubt: doubt.clone(), stopped: None };
        let thread = std::thread::Builder::new().name("committer".into()).spawn(move || worker.run(&jobs))?;
        Ok(Self { queue: Some(queue), waiting: Arc::default(), doubt, thread: Some(thread) })
    }

    /// Changes that wait for their turn, of [`QUEUE`].
    pub fn waiting(&self) -> usize {
        self.waiting.load(Relaxed)
    }

    /// Queues a change; answered once durable.
    pub fn commit<R: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Txn) -> Result<R, Refused> + Send + 'static,
    ) -> Commit<R> {
        self.enqueue(true, change)
    }

    /// Runs among the changes, when none is half applied, and writes nothing: a full disk does not stand in its way.
    pub fn among_changes<R: Send + 'static>(
        &self,
        look: impl FnOnce() -> Result<R, Refused> + Send + 'static,
    ) -> Commit<R> {
        self.enqueue(false, move |_| look())
    }

    fn enqueue<R: Send + 'static>(
        &self,
        needs_room: bool,
        change: impl FnOnce(&mut Txn) -> Result<R, Refused> + Send + 'static,
    ) -> Commit<R> {
        let (sender, receiver) = oneshot::channel();
        let waits = Some(Waits::one(&self.waiting));
        let change = Box::new(Pending { change: Some(change), needs_room, waits, result: None, sender });
        let sent = match &self.queue {
            Some(queue) => queue.try_send(change),
            None => return Commit::ready(Err(Refused::Closed)),
        };
        match sent {
            Ok(()) => Commit(State::Waiting(receiver)),
            Err(TrySendError::Full(_)) => Commit::ready(Err(Refused::Busy)),
            Err(TrySendError::Disconnected(_)) => Commit::ready(Err(Refused::Closed)),
        }
    }
}

impl Drop for Committer {
    /// Lets what is queued finish.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

type Job = Box<dyn Change>;

/// A queued change with its way back to whoever waits.
trait Change: Send {
    /// Whether it may write.
    fn needs_room(&self) -> bool;
    /// Whether its writes are to be kept.
    fn run(&mut self, txn: &mut Txn) -> bool;
    /// Hands over the result, or why there is none.
    fn answer(self: Box<Self>, failure: Option<&Refused>);
}

struct Pending<F, R> {
    change: Option<F>,
    needs_room: bool,
    waits: Option<Waits>,
    result: Option<Result<R, Refused>>,
    sender: oneshot::Sender<Result<R, Refused>>,
}

impl<R: Send, F: FnOnce(&mut Txn) -> Result<R, Refused> + Send> Change for Pending<F, R> {
    fn needs_room(&self) -> bool {
        self.needs_room
    }

    fn run(&mut self, txn: &mut Txn) -> bool {
        self.waits = None;
        let Some(change) = self.change.take() else { return false };
        // One broken change must not take the writer with it; its writes are dropped.
        let result = catch_unwind(AssertUnwindSafe(|| change(txn))).unwrap_or(Err(Refused::Panicked));
        self.result.insert(result).is_ok()
    }

    fn answer(self: Box<Self>, failure: Option<&Refused>) {
        let result = match (failure, self.result) {
            (Some(failure), _) => Err(failure.clone()),
            (None, Some(result)) => result,
            (None, None) => Err(Refused::Closed),
        };
        // Whoever asked may have gone; the write stands all the same.
        let _ = self.sender.send(result);
    }
}

/// Counts one waiting change for as long as it is held.
struct Waits(Arc<AtomicUsize>);

impl Waits {
    fn one(waiting: &Arc<AtomicUsize>) -> Self {
        waiting.fetch_add(1, Relaxed);
        Self(waiting.clone())
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

struct Worker {
    engine: Arc<dyn Engine>,
    follower: Arc<dyn Follower>,
    doubt: Arc<Doubt>,
    stopped: Option<Refused>,
}

impl Worker {
    fn run(mut self, jobs: &Receiver<Job>) {
        while let Ok(first) = jobs.recv() {
            // An engine that dies of a damaged page must not take the thread with it: nobody would know why nothing is taken.
            match catch_unwind(AssertUnwindSafe(|| self.commit_group(first, jobs))) {
                Ok(Ok(())) => {}
                Ok(Err((waiting, refused))) => {
                    waiting.into_iter().for_each(|change| change.answer(Some(&refused)));
                }
                Err(_) => drop(self.not_written(NotWritten::Stop(Refused::Panicked))),
            }
        }
    }

    /// Answers everybody of the group, or gives back who is to be told what.
    fn commit_group(&mut self, first: Job, jobs: &Receiver<Job>) -> Result<(), (Vec<Job>, Refused)> {
        let is_full = self.engine.free_bytes().is_some_and(|free| free < RESERVE_BYTES);
        if is_full && first.needs_room() {
            return Err((vec![first], Refused::DiskFull));
        }
        if let Some(stopped) = &self.stopped {
            return Err((vec![first], stopped.clone()));
        }
        let engine = self.engine.clone();
        let begun = engine.begin().and_then(|group| {
            group.position().map_or(Ok(()), |position| self.follower.before(position))?;
            Ok(group)
        });
        let mut from = match begun {
            Ok(from) => from,
            // Whoever waits already is told the same at once: each would have to find it out anew.
            Err(refused) => return Err((std::iter::once(first).chain(jobs.try_iter()).collect(), refused)),
        };
        let (position, since) = (from.position(), Instant::now());
        let mut group = Writes::default();
        let mut effects = Vec::new();
        let mut answers = Vec::new();
        let mut next = Some(first);
        while let Some(mut change) = next {
            let mut txn = Txn {
                engine: &*engine,
                from: &*from,
                group: &group,
                own: Writes::default(),
                once_durable: Vec::new(),
            };
            let kept = change.run(&mut txn);
            let Txn { own, once_durable, .. } = txn;
            // What the engine refuses of one is that one's alone: whoever comes after it never saw it.
            match if kept && !own.is_empty() { from.stage(&own) } else { Ok(()) } {
                Err(refused) => change.answer(Some(&refused)),
                Ok(()) => {
                    if kept {
                        group.absorb(own);
                        effects.extend(once_durable);
                    }
                    answers.push(change);
                }
            }
            // What follows may write.
            let may_grow = !is_full && group.bytes() < GROUP_BYTES && since.elapsed() < GROUP_WITHIN;
            next = if may_grow { jobs.try_recv().ok() } else { None };
        }
        if group.is_empty() {
            drop(from);
            effects.into_iter().for_each(|effect| effect());
        } else {
            self.doubt.begin(&group);
            if let Err(failed) = from.commit(&group) {
                return Err((answers, self.not_written(failed)));
            }
            self.doubt.end();
            self.follower.after(position, effects);
        }
        answers.into_iter().for_each(|change| change.answer(None));
        Ok(())
    }

    fn not_written(&mut self, failed: NotWritten) -> Refused {
        match failed {
            NotWritten::Stop(cause) => {
                tracing::error!(%cause, "the store takes no more writes; restart it once the disk is sound");
                let stopped = self.stopped.insert(Refused::Stopped(cause.to_string()));
                self.doubt.stop(stopped);
                stopped.clone()
            }
            NotWritten::Nothing(refused) => refused,
            NotWritten::Unknown(refused) => {
                tracing::error!(%refused, "a group of writes may have been kept, or not");
                refused
            }
        }
    }
}

#[cfg(test)]
mod tests;
