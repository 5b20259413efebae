//! The group under way: one transaction of the one connection that writes.

use super::{
    address::PostgresAddress,
    pages,
    readers::Patience,
    rekey, schema,
    session::{self, ANSWER_WITHIN, Call, Session, SessionRefused},
};
use crate::store::{
    Refused,
    days::{CONFIRMED, NEWEST},
    engine::{Entries, Group, NotWritten, Tree, Writes},
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap},
    future::Future,
    sync::MutexGuard,
    time::{Duration, Instant},
};
use tokio::{
    runtime::{Builder, Runtime},
    time::timeout,
};
use tokio_postgres::Error;

/// Nobody has the turn for longer: what is not asked by then is refused, and the others go on.
const TURN_WITHIN: Duration = Duration::from_secs(15);

/// A transaction that is not taken back in this time is ended with its connection.
const GOES_BACK_WITHIN: Duration = Duration::from_secs(2);

/// What is read again and again, and is small: counters, the log's head and right edge.
const KEPT: [Tree; 2] = [Tree::Meta, Tree::LogNodes];
/// Values kept at most.
const MOST_KEPT: usize = 4096;

/// The connection that writes, used by the committer's thread: its runtime is that thread's own, so that an answer
/// wakes nobody else.
pub struct Writer {
    runtime: Option<Runtime>,
    address: PostgresAddress,
    session: Option<Session>,
    patience: Patience,
    kept: RefCell<Kept>,
}

/// Values as the last group has left them. Good while nobody else has written.
#[derive(Default)]
struct Kept {
    position: Option<u64>,
    values: HashMap<(Tree, Vec<u8>), Option<Vec<u8>>>,
}

impl Writer {
    pub fn open(address: PostgresAddress) -> Result<Self, SessionRefused> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let session = runtime.block_on(Session::open(&address))?;
        Ok(Self {
            runtime: Some(runtime),
            address,
            session: Some(session),
            patience: Patience::default(),
            kept: RefCell::default(),
        })
    }

    /// Runs a question to its end. `None`: there was no answer in time.
    fn wait<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.wait_for(ANSWER_WITHIN, work)
    }

    fn wait_for<T>(&self, time: Duration, work: impl Future<Output = T>) -> Option<T> {
        // Unwrap safety: taken by `drop` alone.
        self.runtime.as_ref().unwrap().block_on(async { timeout(time, work).await.ok() })
    }

    /// A transaction in which it is this process's turn.
    fn begin(&mut self) -> Result<u64, Refused> {
        if let Some(session) = self.session.take() {
            match self.wait(session.take_turn()) {
                Some(Ok(position)) => {
                    self.session = Some(session);
                    return Ok(position);
                }
                failed => {
                    self.close(session);
                    match failed {
                        // Lost since the last group, as by a restart: nothing was under way, another will do.
                        Some(Err(cause)) if !session::was_refused(&cause) => {}
                        Some(Err(cause)) => return Err(session::refused(&cause)),
                        _ => return Err(Refused::Unavailable(SessionRefused::Silent.to_string())),
                    }
                }
            }
        }
        self.patience.may_try()?;
        let opened = self.runtime.as_ref().ok_or(Refused::Closed)?.block_on(Session::open(&self.address));
        let session = opened.map_err(|cause| self.patience.failed(&cause))?;
        self.patience.worked();
        // Another server may answer now, behind the last one by some groups.
        *self.kept.get_mut() = Kept::default();
        match self.wait(session.take_turn()) {
            Some(Ok(position)) => {
                self.session = Some(session);
                Ok(position)
            }
            failed => {
                self.close(session);
                Err(match failed {
                    Some(Err(cause)) => session::refused(&cause),
                    _ => Refused::Unavailable(SessionRefused::Silent.to_string()),
                })
            }
        }
    }

    /// At once: a transaction left open would keep everybody else from writing.
    fn close(&self, session: Session) {
        let _ = self.wait(session.close());
    }

    fn session(&self) -> Result<&Session, Refused> {
        self.session.as_ref().ok_or_else(|| Refused::Unavailable("the connection was lost".into()))
    }
}

impl Drop for Writer {
    /// Not waited for: the last of a store may be dropped where nothing may block.
    fn drop(&mut self) {
        self.runtime.take().into_iter().for_each(Runtime::shutdown_background);
    }
}

/// This process's turn to write.
pub struct Turn<'a> {
    writer: MutexGuard<'a, Writer>,
    position: u64,
    until: Instant,
    /// Cases and awards of the changes staged so far.
    reports: BTreeSet<Vec<u8>>,
    ended: bool,
}

impl<'a> Turn<'a> {
    pub fn take(mut writer: MutexGuard<'a, Writer>) -> Result<Self, Refused> {
        let position = writer.begin()?;
        let kept = writer.kept.get_mut();
        if kept.position != Some(position) || kept.values.len() > MOST_KEPT {
            *kept = Kept { position: Some(position), values: HashMap::new() };
        }
        let until = Instant::now() + TURN_WITHIN;
        Ok(Self { writer, position, until, reports: BTreeSet::new(), ended: false })
    }

    fn ask<T>(&self, question: impl Future<Output = Result<T, Error>>) -> Result<T, Refused> {
        match self.writer.wait_for(self.until.saturating_duration_since(Instant::now()), question) {
            Some(answer) => answer.map_err(|cause| session::refused(&cause)),
            None => Err(Refused::Unavailable("one group of changes took too long".into())),
        }
    }

    /// As [`Self::ask`], for a change that has written nothing yet: refused, it is refused alone.
    fn read<T>(&self, question: impl Future<Output = Result<T, Error>>) -> Result<T, Refused> {
        let session = self.writer.session()?;
        self.ask(async {
            let answer = question.await;
            if answer.as_ref().is_err_and(session::was_refused) {
                session.go_back().await?;
            }
            answer
        })
    }

    fn write(&self, writes: &Writes) -> Result<(), Refused> {
        let mut puts: BTreeMap<Tree, Pairs> = BTreeMap::new();
        let mut overs: BTreeMap<Tree, Pairs> = BTreeMap::new();
        let mut removals: BTreeMap<Tree, Vec<&[u8]>> = BTreeMap::new();
        for (tree, key, value) in writes.iter() {
            match value {
                Some(value) => {
                    let by = if writes.is_over(tree, key) { &mut overs } else { &mut puts };
                    let pairs = by.entry(tree).or_default();
                    pairs.keys.push(key);
                    pairs.values.push(value);
                }
                None => removals.entry(tree).or_default().push(key),
            }
        }
        // An operator's word goes with the day it is about, past the bounds of whoever has none.
        let mut word = None;
        if let Some(pairs) = puts.get_mut(&Tree::Meta)
            && let Some(confirmed) = pairs.take(CONFIRMED)
        {
            word = Some((pairs.take(NEWEST), confirmed));
        }
        let mut calls: Vec<Call> = Vec::new();
        for (tree, pairs) in &overs {
            calls.push((rekey::over(*tree), vec![&pairs.keys, &pairs.values]));
        }
        if let Some((newest, confirmed)) = &word {
            calls.push(("day_confirm".into(), vec![newest, confirmed]));
        }
        // The log's head stands in `meta`, and says how many entries there are then.
        let (meta, others): (Vec<_>, Vec<_>) = puts.iter().partition(|(tree, _)| **tree == Tree::Meta);
        for (tree, pairs) in others.into_iter().chain(meta).filter(|(_, pairs)| !pairs.keys.is_empty()) {
            calls.push((format!("{}_put", schema::table(*tree)), vec![&pairs.keys, &pairs.values]));
        }
        for (tree, keys) in &removals {
            let function = match tree {
                Tree::Shares => rekey::DROP.to_owned(),
                _ => format!("{}_remove", schema::table(*tree)),
            };
            calls.push((function, vec![keys]));
        }
        if calls.is_empty() { Ok(()) } else { self.ask(self.writer.session()?.call_apart(&calls)) }
    }

    fn advance(&self) -> Result<(), Refused> {
        let reports: Vec<&[u8]> = self.reports.iter().map(Vec::as_slice).collect();
        self.ask(self.writer.session()?.call(&[("advance".into(), vec![&reports])]))
    }

    /// What the group has left, for the next one.
    fn keep(&mut self, writes: &Writes) {
        let kept = self.writer.kept.get_mut();
        for (tree, key, value) in writes.iter().filter(|(tree, ..)| KEPT.contains(tree)) {
            kept.values.insert((tree, key.to_vec()), value.map(<[u8]>::to_vec));
        }
        kept.position = Some(self.position + 1);
    }

    /// Nobody knows in which state the connection is; another is opened for the next group.
    fn give_up(&mut self) {
        self.ended = true;
        self.writer.kept.take();
        if let Some(session) = self.writer.session.take() {
            self.writer.close(session);
        }
    }
}

/// Of one tree, as two arrays of the same length.
#[derive(Default)]
struct Pairs<'a> {
    keys: Vec<&'a [u8]>,
    values: Vec<&'a [u8]>,
}

impl<'a> Pairs<'a> {
    fn take(&mut self, key: &[u8]) -> Option<&'a [u8]> {
        let at = self.keys.iter().position(|held| *held == key)?;
        self.keys.remove(at);
        Some(self.values.remove(at))
    }
}

impl Group for Turn<'_> {
    fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, Refused> {
        let place = (tree, key.to_vec());
        if let Some(value) = self.writer.kept.borrow().values.get(&place) {
            return Ok(value.clone());
        }
        let value = self.read(self.writer.session()?.get(tree, key))?;
        if KEPT.contains(&tree) {
            self.writer.kept.borrow_mut().values.insert(place, value.clone());
        }
        Ok(value)
    }

    fn scan(&self, tree: Tree, prefix: &[u8], from: &[u8]) -> Entries<'_> {
        pages(prefix, from, move |from, below| {
            self.read(self.writer.session()?.page(tree, &from, below.as_deref()))
        })
    }

    fn position(&self) -> Option<u64> {
        Some(self.position)
    }

    fn stage(&mut self, writes: &Writes) -> Result<(), Refused> {
        let written = self.write(writes);
        match &written {
            Ok(()) => {
                let changed = writes.iter().filter(|(tree, ..)| matches!(tree, Tree::Cases | Tree::Awards));
                self.reports.extend(changed.map(|(_, key, _)| key.to_vec()));
            }
            // No answer, or none that says where the transaction stands: the group ends here.
            Err(Refused::Unavailable(_)) => self.give_up(),
            Err(_) => {}
        }
        written
    }

    fn commit(mut self: Box<Self>, writes: &Writes) -> Result<(), NotWritten> {
        if let Err(refused) = self.advance() {
            self.give_up();
            return Err(NotWritten::Nothing(refused));
        }
        let session = self.writer.session().map_err(NotWritten::Nothing)?;
        let failed = match self.writer.wait(session.commit()) {
            Some(Ok(())) => {
                self.ended = true;
                self.keep(writes);
                return Ok(());
            }
            Some(Err(cause)) if session::was_rolled_back(&cause) => {
                NotWritten::Nothing(session::refused(&cause))
            }
            Some(Err(cause)) => NotWritten::Unknown(Refused::OutcomeUnknown(session::plain(&cause))),
            None => NotWritten::Unknown(Refused::OutcomeUnknown(SessionRefused::Silent.to_string())),
        };
        self.give_up();
        Err(failed)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let rolled_back = match self.writer.session() {
            Ok(session) => {
                matches!(self.writer.wait_for(GOES_BACK_WITHIN, session.roll_back()), Some(Ok(())))
            }
            Err(_) => true,
        };
        if !rolled_back {
            self.give_up();
        }
    }
}
