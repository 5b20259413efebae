//! A form whose parts are read as they come (`multipart/form-data`): no part is ever held whole, however large.
//!
//! The library behind keeps everything in memory that stands before a part begins, and would go on for as long as
//! somebody sends. So it gets one piece of the body at a time, and not more than [`MOST_AHEAD`] between two parts.

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{FromRequest, Multipart, Request, multipart::Field as Part},
};
use http_body_util::BodyExt;
use hyper::body::Frame;
use std::{
    io::{Error, ErrorKind},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};
use tokio::sync::mpsc;

/// Without a byte for this long an upload is given up.
const SILENCE: Duration = Duration::from_secs(60);
/// Of a body too large, this much is read and thrown away, so that our page arrives and not "connection reset".
const DRAIN: u64 = 64 << 20;
/// Pieces of a file waiting to be sealed; with the store's one chunk, what an upload holds in memory.
pub(crate) const PIECES_WAITING: usize = 4;
/// Bytes before a part begins: its own head, of a few hundred, and what was left of the part before it.
const MOST_AHEAD: usize = 64 * 1024;
/// More than any form of ours has. However short, each costs memory of its own, and may bring two pieces of the body along.
const MOST_PARTS: usize = 16;

/// Why a form did not come whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotWhole {
    #[error("the connection broke, or it is no form")]
    Broken,
    #[error("nothing came for {} seconds", SILENCE.as_secs())]
    Slow,
}

/// A form being read. Whatever is sent, it holds no more than 64 KiB and two pieces of the body for each part.
pub struct Parts {
    form: Multipart,
    source: Source,
    left: usize,
}

impl Parts {
    /// # Errors
    /// [`NotWhole::Broken`]: by its content type it is no such form.
    pub async fn of(request: Request) -> Result<Self, NotWhole> {
        let (head, body) = request.into_parts();
        let source = Source(Arc::new(Mutex::new(Flow { body: Some(body), room: MOST_AHEAD, paused: false })));
        let request = Request::from_parts(head, Body::new(source.clone()));
        let form = Multipart::from_request(request, &()).await.map_err(|_| NotWhole::Broken)?;
        Ok(Self { form, source, left: MOST_PARTS })
    }

    /// The next part; `None` after the last. What was left unread of the one before is thrown away, if it is short.
    ///
    /// # Errors
    /// [`NotWhole`]; [`NotWhole::Broken`] also for more parts, or more between them, than any form of ours has.
    pub async fn next(&mut self) -> Result<Option<Part<'_>>, NotWhole> {
        self.left = self.left.checked_sub(1).ok_or(NotWhole::Broken)?;
        self.source.flow().room = MOST_AHEAD;
        let next = tokio::time::timeout(SILENCE, self.form.next_field()).await;
        self.source.flow().room = usize::MAX;
        match next {
            Ok(Ok(part)) => Ok(part),
            Ok(Err(_)) => Err(NotWhole::Broken),
            Err(_) => Err(NotWhole::Slow),
        }
    }

    /// Reads what is left of the body and throws it away, within limits, so that our page arrives.
    pub(crate) async fn read_the_rest(self) {
        let rest = self.source.flow().body.take();
        if let Some(rest) = rest {
            drain(rest).await;
        }
    }
}

/// A body that is handed on piece by piece and can be taken back.
#[derive(Clone)]
struct Source(Arc<Mutex<Flow>>);

struct Flow {
    /// `None` when it has ended or was taken back.
    body: Option<Body>,
    /// Bytes that may still come before the next part begins.
    room: usize,
    /// One piece was handed on, and is to be looked at before the next.
    paused: bool,
}

impl Source {
    fn flow(&self) -> MutexGuard<'_, Flow> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpBody for Source {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut flow = self.flow();
        if std::mem::take(&mut flow.paused) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if flow.room == 0 {
            return Poll::Ready(Some(Err(axum::Error::new(Error::from(ErrorKind::InvalidData)))));
        }
        let Some(body) = &mut flow.body else { return Poll::Ready(None) };
        let polled = Pin::new(body).poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                flow.paused = true;
                if flow.room != usize::MAX {
                    flow.room = flow.room.saturating_sub(bytes);
                }
            }
            Poll::Ready(_) => flow.body = None,
            Poll::Pending => {}
        }
        polled
    }
}

/// The next piece of a part; `None` after the last.
pub(crate) async fn next_bytes(part: &mut Part<'_>) -> Result<Option<Bytes>, NotWhole> {
    match tokio::time::timeout(SILENCE, part.chunk()).await {
        Ok(Ok(piece)) => Ok(piece),
        Ok(Err(_)) => Err(NotWhole::Broken),
        Err(_) => Err(NotWhole::Slow),
    }
}

/// A part that is no file, of less than `most` bytes. Read piece by piece, so that nobody can make us hold a large one.
pub async fn text_of(mut part: Part<'_>, most: usize) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        match tokio::time::timeout(SILENCE, part.chunk()).await {
            Ok(Ok(Some(more))) if bytes.len() + more.len() < most => bytes.extend_from_slice(&more),
            Ok(Ok(None)) => return String::from_utf8(bytes).ok(),
            _ => return None,
        }
    }
}

/// Hands a file on, piece by piece. An empty piece says that it came whole; without one it is to be forgotten. When
/// nobody takes the pieces any more, whoever took them knows why.
pub(crate) async fn hand_over(part: &mut Part<'_>, to: mpsc::Sender<Bytes>) -> Result<(), NotWhole> {
    loop {
        match tokio::time::timeout(SILENCE, part.chunk()).await {
            Ok(Ok(Some(bytes))) => {
                if to.send(bytes).await.is_err() {
                    return Ok(());
                }
            }
            Ok(Ok(None)) => {
                let _ = to.send(Bytes::new()).await;
                return Ok(());
            }
            Ok(Err(_)) => return Err(NotWhole::Broken),
            Err(_) => return Err(NotWhole::Slow),
        }
    }
}

/// Reads a body and throws it away, within limits.
pub(crate) async fn drain(mut body: Body) {
    let mut seen = 0;
    while let Ok(Some(Ok(frame))) = tokio::time::timeout(SILENCE, body.frame()).await {
        seen += frame.data_ref().map_or(0, |data| data.len() as u64);
        if seen > DRAIN {
            break;
        }
    }
}
