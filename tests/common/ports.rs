//! Ports for servers that are started a moment later.

use rand::RngExt;
use std::net::TcpListener;

/// Free at this moment, each another. Below those that the kernel hands out by itself, and beside those of the scripts for
/// PostgreSQL and objects: nobody else takes one meanwhile.
pub fn free<const N: usize>() -> [u16; N] {
    let held = [(); N].map(|()| {
        loop {
            let port = rand::rng().random_range(10_000..20_000);
            if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)) {
                return listener;
            }
        }
    });
    held.map(|listener| listener.local_addr().unwrap().port())
}
