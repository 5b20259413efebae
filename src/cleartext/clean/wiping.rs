//! A growing buffer that leaves no copies behind, and never outgrows its bound.

use std::io::{Error, ErrorKind, Result, Write};
use zeroize::{Zeroize, Zeroizing};

/// A `Vec` leaves its old contents on the heap each time it grows; this one wipes them. Room is taken as
/// bytes arrive, so that a claimed length costs nothing.
pub struct WipingBuffer {
    bytes: Zeroizing<Vec<u8>>,
    limit: usize,
}

/// There is no room left under the limit; nothing was added.
#[derive(Debug)]
pub struct Full;

impl WipingBuffer {
    pub fn new(limit: usize) -> Self {
        Self { bytes: Zeroizing::new(Vec::new()), limit }
    }

    pub fn push(&mut self, more: &[u8]) -> std::result::Result<(), Full> {
        let needed = self.bytes.len().checked_add(more.len()).filter(|n| *n <= self.limit).ok_or(Full)?;
        if needed > self.bytes.capacity() {
            let room = needed.max(self.bytes.capacity() * 2).max(4096).min(self.limit);
            let mut larger = Zeroizing::new(Vec::with_capacity(room));
            larger.extend_from_slice(&self.bytes);
            // The old buffer is wiped as it is dropped here.
            self.bytes = larger;
        }
        self.bytes.extend_from_slice(more);
        Ok(())
    }

    /// Wipes everything after the first `len` bytes and gives the room back.
    pub fn cut(&mut self, len: usize) {
        let kept = Zeroizing::new(self.bytes[..len.min(self.bytes.len())].to_vec());
        self.bytes.zeroize();
        self.bytes = kept;
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn into_bytes(self) -> Zeroizing<Vec<u8>> {
        self.bytes
    }
}

impl Write for WipingBuffer {
    fn write(&mut self, more: &[u8]) -> Result<usize> {
        self.push(more).map_err(|Full| Error::from(ErrorKind::StorageFull))?;
        Ok(more.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_was_pushed_and_refuses_what_does_not_fit() {
        let mut buffer = WipingBuffer::new(10_000);
        let chunk = [7; 999];
        for _ in 0..10 {
            buffer.push(&chunk).unwrap();
        }
        assert!(buffer.push(&chunk).is_err());
        assert_eq!(buffer.bytes(), [7; 9990]);
        assert!(buffer.bytes.capacity() <= 10_000);
    }

    #[test]
    fn cutting_keeps_the_head_only() {
        let mut buffer = WipingBuffer::new(100);
        buffer.push(b"head and tail").unwrap();
        buffer.cut(4);
        assert_eq!(buffer.bytes(), b"head");
        assert!(buffer.bytes.capacity() < 13);
    }
}
