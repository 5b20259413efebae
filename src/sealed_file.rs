//! A sealed file from outside: its length, its frame, and what can be checked without a key.
//!
//! ```text
//! sealed file = version (1) ‖ suite (1) ‖ age file ‖ zeros ‖ length of the age file (8 B, big-endian)
//! ```
//! The zeros bring the whole to the next Padmé length (Nikitin et al., *Reducing Metadata Leakage from
//! Encrypted Files*, 2019, §4): at most 12 % more, and a length tells no more than O(log log n) bits. Nothing
//! is shorter than one chunk, so that all small files look alike. What is inside: an original
//! ([`crate::cleartext::files`]), or a file to a reporter ([`crate::mailbox::file`]).

mod chunks;

pub(crate) use chunks::Chunks;
pub use chunks::{ChunkSink, SealedFile, SinkRefused};

use crate::{
    age_header,
    ids::{BlobId, ReportId},
};
use std::io::Read;

/// Bytes of every chunk but the last: the size the store writes fastest and wastes least with.
pub const CHUNK_BYTES: usize = 32 * 1024;

/// The one place a sealed file belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilePlace {
    pub report: ReportId,
    pub blob: BlobId,
}

pub(crate) const VERSION: u8 = 1;
/// Suite 1: age v1 with one X25519 recipient.
pub(crate) const SUITE: u8 = 1;
pub(crate) const PREFIX: u64 = 2;
pub(crate) const TRAILER: u64 = 8;
/// A header is a name of at most 255 bytes, two ids and a media type; JSON may spell a byte as six.
pub(crate) const MAX_HEADER: usize = 4096;

/// Where the header of our age files has ended for certain: it has two stanzas, the grease one of at most some 250 bytes.
const HEAD: usize = 4096;
/// age's own chunk of plain text, and the tag each of them grows by.
const AGE_CHUNK: u64 = 64 * 1024;
const AGE_TAG: u64 = 16;
const AGE_NONCE: u64 = 16;

/// The next length that Padmé allows.
pub fn padme(length: u64) -> u64 {
    if length < 2 {
        return length;
    }
    let exponent = length.ilog2();
    let free_bits = exponent - (exponent.ilog2() + 1).min(exponent);
    length.next_multiple_of(1 << free_bits)
}

/// Length of a sealed file whose age file has `age_bytes`.
pub fn stored_bytes(age_bytes: u64) -> u64 {
    padme(PREFIX + age_bytes + TRAILER).max(CHUNK_BYTES as u64)
}

/// The longest sealed file that an upload of at most `most_bytes` can give.
pub fn most_stored_bytes(most_bytes: u64) -> u64 {
    let plain = 4 + MAX_HEADER as u64 + most_bytes;
    stored_bytes(HEAD as u64 + AGE_NONCE + plain + AGE_TAG * plain.div_ceil(AGE_CHUNK))
}

/// Why bytes are not a sealed original of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSealed {
    #[error("it is of a version or suite this program does not know")]
    Version,
    #[error("inside: {0}")]
    AgeFile(#[from] age_header::Odd),
    #[error("it is larger than any file we take")]
    TooLarge,
    #[error("its length is not one that padding gives")]
    Length,
    #[error("the length at its end does not fit")]
    Trailer,
    #[error("its padding is not zeros")]
    Padding,
}

/// Length of the age file, from the end of a sealed file of `total` bytes; `last` has at least its last eight.
///
/// # Errors
/// [`NotSealed::Trailer`].
pub fn age_bytes(last: &[u8], total: u64) -> Result<u64, NotSealed> {
    let length = last.last_chunk::<8>().ok_or(NotSealed::Trailer)?;
    let length = u64::from_be_bytes(*length);
    let fits = length.checked_add(PREFIX + TRAILER).is_some_and(|least| least <= total);
    if fits && stored_bytes(length) == total { Ok(length) } else { Err(NotSealed::Trailer) }
}

/// Reads what stands before the age file.
pub(crate) fn pass_prefix(sealed: &mut impl Read) -> Result<(), NotSealed> {
    let mut prefix = [0; PREFIX as usize];
    sealed.read_exact(&mut prefix).map_err(|_| NotSealed::Version)?;
    if prefix == [VERSION, SUITE] { Ok(()) } else { Err(NotSealed::Version) }
}

/// Looks at a sealed file as it comes by, in constant memory. Opens nothing, believes nothing.
///
/// **Not given:** that it can be opened, and by whom. That it is what it says shows when the office opens it.
pub struct Inspector {
    most: u64,
    seen: u64,
    head: Vec<u8>,
    /// The last eight bytes seen.
    tail: Vec<u8>,
    /// Bytes up to and including the last one before the tail that is not zero.
    last_mark: u64,
}

impl Inspector {
    /// `most_bytes`: the largest upload policy allows, before it was sealed.
    pub fn new(most_bytes: u64) -> Self {
        Self {
            most: most_stored_bytes(most_bytes),
            seen: 0,
            head: Vec::new(),
            tail: Vec::new(),
            last_mark: 0,
        }
    }

    /// Takes the next bytes, in order.
    ///
    /// # Errors
    /// As soon as it is certain; the file is to be given up then.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), NotSealed> {
        if self.seen + bytes.len() as u64 > self.most {
            return Err(NotSealed::TooLarge);
        }
        if self.head.len() < HEAD {
            let more = bytes.len().min(HEAD - self.head.len());
            self.head.extend_from_slice(&bytes[..more]);
            self.look_at_head()?;
        }
        self.remember(bytes);
        Ok(())
    }

    /// Call at the end.
    ///
    /// # Errors
    /// What the whole is not.
    pub fn finish(&self) -> Result<(), NotSealed> {
        if self.seen < CHUNK_BYTES as u64 || padme(self.seen) != self.seen {
            return Err(NotSealed::Length);
        }
        let age_bytes = self.tail.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        let fits = age_bytes <= self.seen && stored_bytes(age_bytes) == self.seen;
        if !fits || !self.is_stream(age_bytes) {
            return Err(NotSealed::Trailer);
        }
        if self.last_mark > PREFIX + age_bytes { Err(NotSealed::Padding) } else { Ok(()) }
    }

    fn look_at_head(&self) -> Result<(), NotSealed> {
        if self.head.starts_with(&[VERSION, SUITE]) {
            let known = self.head.len() == HEAD;
            return if known { Ok(age_header::check(&self.head[2..], 1, false)?) } else { Ok(()) };
        }
        if self.head.len() < 2 && self.head.iter().all(|byte| *byte == VERSION) {
            return Ok(());
        }
        Err(NotSealed::Version)
    }

    /// Whether an age file of this length can have this header: nonce, whole chunks, and a last one that is not empty.
    fn is_stream(&self, age_bytes: u64) -> bool {
        let header =
            self.head.windows(5).position(|w| w == b"\n--- ").map(|at| at as u64 + 5 + 43 + 1 - PREFIX);
        let Some(chunks) = header.and_then(|header| age_bytes.checked_sub(header + AGE_NONCE)) else {
            return false;
        };
        // The plain text begins with four bytes of length, so a single chunk is never empty.
        let last = chunks % (AGE_CHUNK + AGE_TAG);
        chunks > 0 && (last == 0 || last > AGE_TAG)
    }

    /// Keeps the last eight bytes, and of those before them where the last one that is not zero stood.
    fn remember(&mut self, bytes: &[u8]) {
        let leaving = (self.tail.len() + bytes.len()).saturating_sub(TRAILER as usize);
        let old = leaving.min(self.tail.len());
        let (passed, rest) = bytes.split_at(leaving - old);
        let start = self.seen - self.tail.len() as u64;
        for (at, bytes) in [(start, &self.tail[..old]), (self.seen, passed)] {
            if let Some(last) = bytes.iter().rposition(|byte| *byte != 0) {
                self.last_mark = at + last as u64 + 1;
            }
        }
        self.tail.drain(..old);
        self.tail.extend_from_slice(rest);
        self.seen += bytes.len() as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write;

    #[test]
    fn padme_is_the_published_one() {
        // From the definition: E = ⌊log2 L⌋, S = ⌊log2 E⌋ + 1, the last E − S bits are zero.
        for (length, padded) in
            [(0, 0), (1, 1), (2, 2), (8, 8), (9, 10), (99, 104), (1000, 1024), (1025, 1088)]
        {
            assert_eq!(padme(length), padded, "{length}");
        }
        assert_eq!(padme(1 << 30), 1 << 30);
        assert_eq!(padme((1 << 30) + 1), (1 << 30) + (1 << 25));
    }

    #[test]
    fn padding_costs_at_most_12_percent_and_is_stable() {
        for length in (1..200_000).chain((1..1000).map(|n| n * 1_234_567)) {
            let padded = padme(length);
            assert!(padded >= length && (padded - length) * 100 <= 12 * length, "{length} → {padded}");
            assert_eq!(padme(padded), padded);
        }
    }

    fn sealed(plain: usize) -> Vec<u8> {
        let key = age::x25519::Identity::generate().to_public();
        let mut out = vec![VERSION, SUITE];
        let to = std::iter::once(&key as &dyn age::Recipient);
        let mut writer = age::Encryptor::with_recipients(to).unwrap().wrap_output(&mut out).unwrap();
        writer.write_all(&vec![7; plain]).unwrap();
        writer.finish().unwrap();
        let age_bytes = out.len() as u64 - PREFIX;
        out.resize((stored_bytes(age_bytes) - TRAILER) as usize, 0);
        out.extend(age_bytes.to_be_bytes());
        out
    }

    fn judge(file: &[u8], part: usize, most: u64) -> Result<(), NotSealed> {
        let mut inspector = Inspector::new(most);
        file.chunks(part).try_for_each(|bytes| inspector.push(bytes))?;
        inspector.finish()
    }

    fn set_length(file: &mut [u8], length: u64) {
        let at = file.len() - 8;
        file[at..].copy_from_slice(&length.to_be_bytes());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_we_seal_is_let_in_however_it_is_cut(
            plain in prop_oneof![4..400usize, 30_000..200_000usize, 65_500..65_600usize], part in 1..70_000usize,
        ) {
            // Parts of a few bytes are slow with large files, and no different.
            let part = if plain > 1000 { part.max(100) } else { part };
            prop_assert_eq!(judge(&sealed(plain), part, plain as u64), Ok(()));
        }

        #[test]
        fn nothing_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), part in 1..50usize) {
            prop_assert!(judge(&bytes, part, 1000).is_err());
            let mut framed = sealed(100);
            let at = bytes.len() % (framed.len() - bytes.len());
            framed[at..at + bytes.len()].copy_from_slice(&bytes);
            let _ = judge(&framed, part * 700, 1000);
        }
    }

    #[test]
    fn every_part_that_is_not_ours_is_named() {
        let good = sealed(70_000);
        let age_bytes = u64::from_be_bytes(good[good.len() - 8..].try_into().unwrap());
        let changed = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut file = good.clone();
            change(&mut file);
            // The same verdict in one piece and in many.
            let verdict = judge(&file, 1 << 20, 100_000);
            assert_eq!(judge(&file, 999, 100_000), verdict);
            assert_eq!(judge(&file, 7, 100_000), verdict);
            verdict
        };
        assert_eq!(changed(&|_| ()), Ok(()));
        assert_eq!(changed(&|file| file[0] = 2), Err(NotSealed::Version));
        assert_eq!(changed(&|file| file[1] = 0), Err(NotSealed::Version));
        assert!(matches!(changed(&|file| file[2] = b'A'), Err(NotSealed::AgeFile(_))));
        assert_eq!(changed(&|file| file[age_bytes as usize + 2] = 1), Err(NotSealed::Padding));
        let end = good.len();
        assert_eq!(changed(&|file| file[end - 9] = 1), Err(NotSealed::Padding));
        assert_eq!(changed(&|file| _ = file.pop()), Err(NotSealed::Length));
        assert_eq!(changed(&|file| file.insert(end - 8, 0)), Err(NotSealed::Length));
        assert_eq!(changed(&|file| set_length(file, age_bytes - 1)), Err(NotSealed::Padding));
        for length in [0, 1, 20, age_bytes * 2, u64::MAX, u64::MAX - 9] {
            assert_eq!(changed(&|file| set_length(file, length)), Err(NotSealed::Trailer), "{length}");
        }
        assert_eq!(judge(&good[..1], 1, 9), Err(NotSealed::Length));
        assert_eq!(judge(b"", 1, 9), Err(NotSealed::Length));
    }

    #[test]
    fn the_largest_file_allowed_fits_and_a_larger_one_is_stopped_on_its_way() {
        for most in [0, 1, 100, 65_536, 1 << 20, 20_971_520] {
            assert!(padme(most_stored_bytes(most)) == most_stored_bytes(most));
        }
        assert_eq!(judge(&sealed(100_000), 4096, 100_000), Ok(()));
        assert_eq!(judge(&sealed(200_000), 4096, 100_000), Err(NotSealed::TooLarge));
    }
}
