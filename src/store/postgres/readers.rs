//! Short reads from any thread, over a few connections that are kept. Each question is one round trip; several
//! travel on one connection side by side.

use super::{
    address::PostgresAddress,
    session::{self, ANSWER_WITHIN, Session, SessionRefused},
};
use crate::store::{Refused, bridge::Bridge};
use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    sync::{Mutex, Semaphore},
    time::timeout,
};
use tokio_postgres::Error;

/// Connections. More would only queue at the server's disk and processors.
const CONNECTIONS: usize = 4;
/// Questions under way at once; more wait, but not for long: whoever waits holds a thread.
const QUESTIONS: usize = 64;
/// A question that has not been put in this time is refused.
const PUT_WITHIN: Duration = Duration::from_secs(5);
/// After a failed try nobody tries again for this long, doubled with each failure up to [`MOST_PATIENCE`].
const PATIENCE: Duration = Duration::from_millis(100);
const MOST_PATIENCE: Duration = Duration::from_secs(5);

pub struct Readers {
    bridge: Bridge,
    shared: Arc<Shared>,
}

struct Shared {
    address: PostgresAddress,
    sessions: [Mutex<Line>; CONNECTIONS],
    turn: AtomicUsize,
    room: Semaphore,
}

struct Line {
    session: Option<Arc<Session>>,
    patience: Patience,
}

/// When a server that did not answer is asked again.
#[derive(Default)]
pub struct Patience {
    failures: u32,
    until: Option<(Instant, String)>,
}

impl Patience {
    /// Refused while it is too early to try again.
    pub fn may_try(&self) -> Result<(), Refused> {
        match &self.until {
            Some((until, cause)) if Instant::now() < *until => Err(Refused::Unavailable(cause.clone())),
            _ => Ok(()),
        }
    }

    pub fn failed(&mut self, cause: &SessionRefused) -> Refused {
        let wait = PATIENCE.saturating_mul(1 << self.failures.min(10)).min(MOST_PATIENCE);
        self.failures += 1;
        self.until = Some((Instant::now() + wait, cause.to_string()));
        Refused::Unavailable(cause.to_string())
    }

    pub fn worked(&mut self) {
        *self = Self::default();
    }
}

impl Readers {
    /// Opens the first connection, so that what is wrong shows at once.
    pub fn open(address: PostgresAddress) -> Result<Self, SessionRefused> {
        let bridge = Bridge::open("database", CONNECTIONS)?;
        let to = address.clone();
        let opened = bridge.run(async move { Session::open(&to).await });
        let mut first = Some(Arc::new(opened.ok_or(SessionRefused::Silent)??));
        let line = |_| Mutex::new(Line { session: first.take(), patience: Patience::default() });
        let (sessions, turn) = (std::array::from_fn(line), AtomicUsize::new(0));
        let shared = Shared { address, sessions, turn, room: Semaphore::new(QUESTIONS) };
        Ok(Self { bridge, shared: Arc::new(shared) })
    }

    /// Asks, and waits for the answer. A question lost with its connection is put once more, on another one.
    pub fn ask<T, W>(
        &self,
        question: impl Fn(Arc<Session>) -> W + Send + Sync + 'static,
    ) -> Result<T, Refused>
    where
        T: Send + 'static,
        W: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let shared = self.shared.clone();
        self.run(async move { shared.ask(question).await })
    }
}

impl Readers {
    /// A connection of the caller's own, that nobody else asks on.
    pub fn apart(&self) -> Result<Arc<Session>, Refused> {
        let address = self.shared.address.clone();
        self.run(async move {
            let opened = Session::open(&address).await.map_err(|e| Refused::Unavailable(e.to_string()))?;
            opened.freeze().await.map_err(|e| session::refused(&e))?;
            Ok(Arc::new(opened))
        })
    }

    /// Asks on a connection of one's own. A lost one is not found again.
    pub fn ask_apart<T, W>(&self, question: W) -> Result<T, Refused>
    where
        T: Send + 'static,
        W: Future<Output = Result<T, Error>> + Send + 'static,
    {
        self.run(async move {
            match timeout(ANSWER_WITHIN, question).await {
                Ok(answer) => answer.map_err(|cause| session::refused(&cause)),
                Err(_) => Err(Refused::Unavailable(SessionRefused::Silent.to_string())),
            }
        })
    }

    fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Refused>> + Send + 'static,
    ) -> Result<T, Refused> {
        self.bridge.run(work).unwrap_or(Err(Refused::Closed))
    }
}

impl Shared {
    async fn ask<T, W>(&self, question: impl Fn(Arc<Session>) -> W) -> Result<T, Refused>
    where
        W: Future<Output = Result<T, Error>>,
    {
        let Ok(Ok(_room)) = timeout(PUT_WITHIN, self.room.acquire()).await else { return Err(Refused::Busy) };
        let mut again = true;
        loop {
            let session = self.session().await?;
            match timeout(ANSWER_WITHIN, question(session.clone())).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(cause)) if again && !session::was_refused(&cause) => again = false,
                Ok(Err(cause)) => return Err(session::refused(&cause)),
                // The server itself ends a question before this: whoever has said nothing is not there, whatever the
                // connection looks like. Others that wait on it are told at once, and ask on another.
                Err(_) => {
                    session.end();
                    return Err(Refused::Unavailable(SessionRefused::Silent.to_string()));
                }
            }
        }
    }

    async fn session(&self) -> Result<Arc<Session>, Refused> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % CONNECTIONS;
        let mut line = self.sessions[turn].lock().await;
        if let Some(session) = line.session.as_ref().filter(|session| !session.is_lost()) {
            return Ok(session.clone());
        }
        line.session = None;
        line.patience.may_try()?;
        match Session::open(&self.address).await {
            Ok(session) => {
                line.patience.worked();
                Ok(line.session.insert(Arc::new(session)).clone())
            }
            Err(cause) => Err(line.patience.failed(&cause)),
        }
    }
}
