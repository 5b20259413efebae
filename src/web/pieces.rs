//! A stored file on its way out, a piece at a time, however large.

use crate::store::FileBytes;
use axum::body::{Body, Bytes};
use hyper::body::Frame;
use std::{
    io::{self, ErrorKind, Read},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::sync::mpsc;

/// Bytes of a piece on its way out: with one more waiting, what a download holds in memory.
const PIECE: usize = 64 * 1024;
/// A reader who takes nothing for this long is given up.
const SILENCE: Duration = Duration::from_secs(60);

/// Reads in blocking tasks, a piece at a time, as fast as the reporter takes them.
pub(crate) fn pieces(mut from: impl Read + Send + 'static, length: u64) -> Body {
    let (out, waiting) = mpsc::channel(1);
    tokio::spawn(async move {
        let mut left = length;
        loop {
            let read = tokio::task::spawn_blocking(move || {
                let mut piece = vec![0; PIECE];
                let read = from.read(&mut piece);
                (
                    from,
                    read.map(|count| {
                        Bytes::from({
                            piece.truncate(count);
                            piece
                        })
                    }),
                )
            });
            let Ok((back, read)) = read.await else { return };
            from = back;
            let piece = match read {
                // The end, or what was changed: a length that does not fit is no whole file.
                Ok(piece) if piece.is_empty() && left == 0 => return,
                Ok(piece) if !piece.is_empty() && piece.len() as u64 <= left => Ok(piece),
                Ok(_) => Err(io::Error::from(ErrorKind::InvalidData)),
                Err(cause) => Err(cause),
            };
            let over = piece.is_err();
            left -= piece.as_ref().map_or(0, |piece| piece.len() as u64);
            let sent = tokio::time::timeout(SILENCE, out.send(piece)).await;
            if over || !matches!(sent, Ok(Ok(()))) {
                return;
            }
        }
    });
    Body::new(Pieces(waiting))
}

/// A body whose last piece is not lost, whenever its sender ends.
struct Pieces(mpsc::Receiver<io::Result<Bytes>>);

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.0.poll_recv(cx).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

/// A stored file, read.
pub(crate) struct Stored {
    bytes: FileBytes,
    chunk: Vec<u8>,
    at: usize,
    /// Bytes of the next chunk that are not wanted.
    before: usize,
}

impl Stored {
    pub fn new(bytes: FileBytes) -> Self {
        Self::beginning_at(bytes, 0)
    }

    /// From this byte on; what lies before its chunk is not read.
    pub fn beginning_at(bytes: FileBytes, at: u64) -> Self {
        let (bytes, before) = bytes.beginning_at(at);
        Self { bytes, chunk: Vec::new(), at: 0, before }
    }
}

impl Read for Stored {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.chunk.len() {
            let Some(chunk) = self.bytes.next() else { return Ok(0) };
            let chunk = chunk.map_err(|refused| {
                tracing::error!(cause = %refused, "a stored file could not be read");
                io::Error::from(ErrorKind::InvalidData)
            })?;
            let before = std::mem::take(&mut self.before).min(chunk.len());
            (self.chunk, self.at) = (chunk, before);
        }
        let count = into.len().min(self.chunk.len() - self.at);
        into[..count].copy_from_slice(&self.chunk[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}
