//! A backup asked of the running server, over a socket in its data folder: whoever may enter that folder may ask. The
//! server seals to the recipients it was started with, whoever asks; it needs to write nowhere for that.
//!
//! ```text
//! the server answers as soon as somebody calls: frame…
//! frame = kind (1 B) ‖ length (4 B) ‖ bytes       01 sealed bytes   02 the end: counts and hashes, JSON   03 why not
//! ```
//! One caller is answered after another, and removed files wait to be written over meanwhile: whoever takes too little for too
//! long is given up (`Pace`).

use crate::store::{Store, Sums, backup};
use age::x25519::Recipient;
use std::{
    io::{Error, ErrorKind, Read, Write},
    os::unix::net::UnixStream,
    time::{Duration, Instant},
};

/// In the data folder.
pub const SOCKET: &str = "backup.sock";
const BYTES: u8 = 1;
const DONE: u8 = 2;
const REFUSED: u8 = 3;
/// The server sends no longer frame.
const LONGEST: u32 = 1 << 20;

/// What a caller must take: so many bytes for every so long that the server waits for it. The server's own time does not count.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub portion: usize,
    pub within: Duration,
}

/// The slowest disk and the slowest line a backup is worth making over take more; one that stands still for a moment is waited for.
pub const PACE: Pace = Pace { portion: 16 << 20, within: Duration::from_secs(60) };

/// The server's side of one call.
pub fn answer(store: &Store, to: &[Recipient], made: crate::clock::Day, caller: &UnixStream, pace: Pace) {
    let caller = &mut Paced { caller, pace, taken: 0, waited: Duration::ZERO };
    let sums = store
        .snapshot()
        .map_err(backup::NotMade::from)
        .and_then(|moment| backup::seal(moment.engine(), to, made, Frames(caller), &mut |_| ()));
    let told = match &sums {
        // Unwrap safety: our own plain structs always serialise.
        Ok(sums) => frame(caller, DONE, &serde_json::to_vec(sums).unwrap()),
        Err(refused) => frame(caller, REFUSED, refused.to_string().as_bytes()),
    };
    match (sums, told) {
        (Ok(sums), Ok(())) => {
            let records = sums.values().map(|sum| sum.count).sum::<u64>();
            tracing::info!(records, "a backup was made");
        }
        (Err(cause), _) => tracing::warn!(%cause, "no backup was made"),
        (_, Err(cause)) => tracing::warn!(%cause, "whoever asked for a backup has gone"),
    }
}

/// A caller that is waited for no longer than it may be.
struct Paced<'a> {
    caller: &'a UnixStream,
    pace: Pace,
    /// Of the portion under way, and how long was waited for it.
    taken: usize,
    waited: Duration,
}

impl Write for Paced<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let left = self.pace.within.saturating_sub(self.waited);
        if left.is_zero() {
            return Err(self.too_slow());
        }
        self.caller.set_write_timeout(Some(left))?;
        let since = Instant::now();
        let sent = self.caller.write(bytes);
        self.waited += since.elapsed();
        match sent {
            Ok(sent) => {
                self.taken += sent;
                if self.taken >= self.pace.portion {
                    (self.taken, self.waited) = (0, Duration::ZERO);
                }
                Ok(sent)
            }
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                self.waited = self.pace.within;
                Err(self.too_slow())
            }
            Err(e) => Err(e),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Paced<'_> {
    fn too_slow(&self) -> Error {
        let Pace { portion, within } = self.pace;
        Error::other(format!(
            "whoever asked took less than {} MiB while the server waited for {} s, and was given up",
            portion >> 20,
            within.as_secs()
        ))
    }
}

/// Whatever is written goes out as frames.
struct Frames<'a, W>(&'a mut W);

impl<W: Write> Write for Frames<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let some = &bytes[..bytes.len().min(LONGEST as usize)];
        frame(self.0, BYTES, some).map(|()| some.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

fn frame(out: &mut impl Write, kind: u8, bytes: &[u8]) -> std::io::Result<()> {
    let len = u32::try_from(bytes.len()).map_err(std::io::Error::other)?;
    out.write_all(&[&[kind], len.to_be_bytes().as_slice()].concat())?;
    out.write_all(bytes)
}

/// The caller's side: everything into `out`, or why not.
pub fn receive(
    mut server: impl Read,
    mut out: impl Write,
    told: &mut dyn FnMut(u64),
) -> Result<Sums, Box<dyn std::error::Error>> {
    let broken = |_| {
        format!(
            "the server broke off, and nothing of it is a backup. Its log says why: perhaps this disk or line took less than {} MiB in {} s",
            PACE.portion >> 20,
            PACE.within.as_secs()
        )
    };
    let mut received = 0;
    loop {
        let (mut kind, mut len) = ([0], [0; 4]);
        server.read_exact(&mut kind).and_then(|()| server.read_exact(&mut len)).map_err(broken)?;
        let len = u32::from_be_bytes(len);
        if len > LONGEST {
            return Err("this is not how a server of mifeng answers".into());
        }
        let mut bytes = vec![0; len as usize];
        server.read_exact(&mut bytes).map_err(broken)?;
        match kind[0] {
            BYTES => {
                out.write_all(&bytes)?;
                received += u64::from(len);
                told(received);
            }
            DONE => {
                out.flush()?;
                return Ok(serde_json::from_slice(&bytes)?);
            }
            REFUSED => return Err(String::from_utf8_lossy(&bytes).into_owned().into()),
            _ => return Err("this is not how a server of mifeng answers".into()),
        }
    }
}
