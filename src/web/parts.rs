//! A form whose parts are read as they come (`multipart/form-data`): no part is ever held whole, however large.

use axum::{
    body::{Body, Bytes},
    extract::{Multipart, multipart::Field as Part},
};
use http_body_util::BodyExt;
use std::time::Duration;
use tokio::sync::mpsc;

/// Without a byte for this long an upload is given up.
const SILENCE: Duration = Duration::from_secs(60);
/// Of a body too large, this much is read and thrown away, so that our page arrives and not "connection reset".
const DRAIN: u64 = 64 << 20;
/// Pieces of a file waiting to be sealed; with the store's one chunk, what an upload holds in memory.
pub(crate) const PIECES_WAITING: usize = 4;

/// Why a form did not come whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotWhole {
    #[error("the connection broke, or it is no form")]
    Broken,
    #[error("nothing came for {} seconds", SILENCE.as_secs())]
    Slow,
}

/// The next part; `None` after the last.
pub(crate) async fn next_part(form: &mut Multipart) -> Result<Option<Part<'_>>, NotWhole> {
    match tokio::time::timeout(SILENCE, form.next_field()).await {
        Ok(Ok(part)) => Ok(part),
        Ok(Err(_)) => Err(NotWhole::Broken),
        Err(_) => Err(NotWhole::Slow),
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
pub(crate) async fn text_of(mut part: Part<'_>, most: usize) -> Option<String> {
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
/// nobody takes the pieces any more, whoever took them knows why; the rest is read and thrown away.
pub(crate) async fn hand_over(part: &mut Part<'_>, to: mpsc::Sender<Bytes>) -> Result<(), NotWhole> {
    loop {
        match tokio::time::timeout(SILENCE, part.chunk()).await {
            Ok(Ok(Some(bytes))) => {
                if to.send(bytes).await.is_err() {
                    discard(part).await;
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

/// Reads what is left of a form, so that our page arrives.
pub(crate) async fn read_the_rest(form: &mut Multipart) {
    for _ in 0..4 {
        match next_part(form).await {
            Ok(Some(mut rest)) => while let Ok(Some(_)) = rest.chunk().await {},
            _ => break,
        }
    }
}

async fn discard(part: &mut Part<'_>) {
    let mut seen = 0;
    while let Ok(Ok(Some(bytes))) = tokio::time::timeout(SILENCE, part.chunk()).await {
        seen += bytes.len() as u64;
        if seen > DRAIN {
            break;
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
