//! Beside the sealing of an upload: keep its bytes only while they may still be a picture to clean.

use super::{
    FileKind, SNIFF_BYTES, sniff,
    wiping::{Full, WipingBuffer},
};
use zeroize::Zeroizing;

/// Takes the chunks of one upload as they go by. Holds at most the limit it was given, and no more than
/// [`SNIFF_BYTES`] of a file that cannot be cleaned or is too big to be.
pub struct Collector {
    buffer: WipingBuffer,
    state: State,
}

#[derive(PartialEq)]
enum State {
    Deciding,
    Collecting,
    TooBig,
    HeadOnly,
}

/// What an upload turned out to be.
pub enum Collected {
    /// A whole picture of a kind that [`super::clean`] takes.
    Picture(FileKind, Zeroizing<Vec<u8>>),
    /// A picture larger than the limit: it stays sealed.
    TooBig(FileKind),
    /// Anything else: it stays sealed.
    StaysSealed(FileKind),
}

impl Collected {
    pub fn kind(&self) -> FileKind {
        match self {
            Self::Picture(kind, _) | Self::TooBig(kind) | Self::StaysSealed(kind) => *kind,
        }
    }
}

impl Collector {
    /// `max_bytes`: the largest picture that may be cleaned (from policy).
    pub fn new(max_bytes: usize) -> Self {
        Self { buffer: WipingBuffer::new(max_bytes.max(SNIFF_BYTES)), state: State::Deciding }
    }

    pub fn push(&mut self, chunk: &[u8]) {
        match self.state {
            State::Deciding => {
                let (head, rest) = chunk.split_at(chunk.len().min(SNIFF_BYTES - self.buffer.bytes().len()));
                self.collect(head);
                if self.buffer.bytes().len() == SNIFF_BYTES {
                    let cleanable = sniff(self.buffer.bytes()).is_cleanable();
                    self.state = if cleanable { State::Collecting } else { State::HeadOnly };
                    self.push(rest);
                }
            }
            State::Collecting => self.collect(chunk),
            State::TooBig | State::HeadOnly => {}
        }
    }

    /// What the upload is, by its first bytes; `None` until enough of them have come.
    pub fn kind(&self) -> Option<FileKind> {
        (self.state != State::Deciding).then(|| sniff(self.buffer.bytes()))
    }

    /// Call when the upload has ended well.
    pub fn finish(self) -> Collected {
        let kind = sniff(self.buffer.bytes());
        match self.state {
            State::TooBig => Collected::TooBig(kind),
            State::Deciding | State::Collecting if kind.is_cleanable() => {
                Collected::Picture(kind, self.buffer.into_bytes())
            }
            _ => Collected::StaysSealed(kind),
        }
    }

    fn collect(&mut self, chunk: &[u8]) {
        if let Err(Full) = self.buffer.push(chunk) {
            self.buffer.cut(SNIFF_BYTES);
            self.state = State::TooBig;
        }
    }
}
