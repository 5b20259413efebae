//! A caller that takes a byte now and then would keep the moment, and with it the next backup, for ever.

use crate::{attach, sled, store_support::*};
use age::x25519::Identity as BackupKey;
use mifeng::{
    cli::backup::ask::{self, Pace},
    store::{Reports, Store, Sums},
};
use std::{
    io::Read,
    os::unix::net::UnixStream,
    sync::atomic::{AtomicBool, Ordering},
    thread::{sleep, spawn},
    time::Duration,
};

/// Set once the server has given up whom it answers. One story uses it.
static GIVEN_UP: AtomicBool = AtomicBool::new(false);

/// Takes a byte at a time, so often; then everything, as whoever means it does.
struct Drips {
    server: UnixStream,
    left: usize,
}

impl Read for Drips {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        if self.left > 0 && !bytes.is_empty() && !GIVEN_UP.load(Ordering::SeqCst) {
            self.left -= 1;
            sleep(Duration::from_millis(2));
            return self.server.read(&mut bytes[..1]);
        }
        self.server.read(bytes)
    }
}

/// What a caller has in the end.
fn asked(
    store: &Store,
    within: u64,
    take: impl FnOnce(UnixStream) -> Result<Sums, String> + Send + 'static,
) -> Result<Sums, String> {
    GIVEN_UP.store(false, Ordering::SeqCst);
    let (here, there) = UnixStream::pair().unwrap();
    let caller = spawn(move || take(there));
    let pace = Pace { portion: 1 << 20, within: Duration::from_millis(within) };
    ask::answer(store, &[BackupKey::generate().to_public()], day(), &here, pace);
    drop(here);
    GIVEN_UP.store(true, Ordering::SeqCst);
    caller.join().unwrap()
}

fn received(from: impl Read) -> Result<Sums, String> {
    ask::receive(from, std::io::sink(), &mut |_| ()).map_err(|e| e.to_string())
}

#[test]
fn whoever_takes_a_backup_too_slowly_is_given_up_and_the_next_one_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(sled(&folder.path().join("data")), &folder.path().join("keys")).unwrap();
    for n in 1..=20 {
        store.submit(submission(n)).wait().unwrap();
    }
    // More than the kernel keeps for a caller that does not read.
    attach(&store, 1, &[1; 2_000_000]);
    let why = asked(&store, 100, |server| received(Drips { server, left: 3_000 })).unwrap_err();
    assert!(why.contains("broke off") && why.contains("16 MiB"), "{why}");
    let nothing = asked(&store, 100, |server| {
        for _ in 0..600 {
            if !GIVEN_UP.load(Ordering::SeqCst) {
                sleep(Duration::from_millis(10));
            }
        }
        received(server)
    });
    assert!(nothing.is_err(), "{nothing:?}");
    // One that is only slow gets its backup: it takes enough at a time.
    let some = asked(&store, 20_000, |server| received(Drips { server, left: 50 })).unwrap();
    assert_eq!(some["cases"].count, 20);
}
