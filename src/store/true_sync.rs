//! Makes sled's sync true.
//!
//! After each write to its log sled calls `sync_file_range(2)`, which waits for the data of blocks that were
//! already there, and for nothing that is needed to find new ones; then it takes old segments as free and
//! writes over them. A power cut before the next real sync finds the old segment gone and the new one not
//! there yet: everything lost, once in some hundred cuts of `make torture`. Elsewhere than on Linux sled calls
//! `fsync`. So does this program: the function below stands in for the C library's, for sled is its only caller.
//!
//! [`SledEngine::open`](super::sled::SledEngine::open) refuses to start where the linker has chosen otherwise.

use super::Refused;
use std::{
    ffi::{c_int, c_uint},
    os::fd::BorrowedFd,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

static CALLS: AtomicU64 = AtomicU64::new(0);
static FAILED: AtomicBool = AtomicBool::new(false);
static LEFT_OUT: AtomicBool = AtomicBool::new(false);

/// Whoever asks for part of a file gets all of it synced; 0, or -1 if that failed.
#[unsafe(no_mangle)]
extern "C" fn sync_file_range(fd: c_int, _offset: i64, _bytes: i64, _flags: c_uint) -> c_int {
    CALLS.fetch_add(1, Ordering::SeqCst);
    if LEFT_OUT.load(Ordering::SeqCst) {
        return 0;
    }
    // SAFETY: the caller hands over a descriptor it holds open for the length of this call.
    let file = unsafe { BorrowedFd::borrow_raw(fd) };
    match rustix::fs::fdatasync(file) {
        Ok(()) => 0,
        Err(_) => {
            FAILED.store(true, Ordering::SeqCst);
            -1
        }
    }
}

/// Runs `flush` and tells whether it came by here.
pub fn is_called_by(flush: impl FnOnce()) -> bool {
    let before = CALLS.load(Ordering::SeqCst);
    flush();
    CALLS.load(Ordering::SeqCst) > before
}

/// A sync that failed once proves nothing when it succeeds the next time.
pub fn is_sound() -> Result<(), Refused> {
    if FAILED.load(Ordering::SeqCst) {
        return Err(Refused::Failed("an earlier sync of the database failed".into()));
    }
    Ok(())
}

/// For the rest of this process. For the torture test that shows why it is there.
pub fn leave_out() {
    LEFT_OUT.store(true, Ordering::SeqCst);
}
