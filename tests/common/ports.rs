//! Ports for servers that are started a moment later.

use rand::RngExt;
use std::net::TcpListener;

/// Free at this moment. Below those that the kernel hands out by itself: nobody else's connection takes it meanwhile.
pub fn free() -> u16 {
    loop {
        let port = rand::rng().random_range(10_000..32_000);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
