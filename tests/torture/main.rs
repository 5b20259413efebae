//! Kill it at any moment, cut the power at any moment, damage what it wrote, take its database away: every acknowledged
//! report is found, whole, or what is missing is said.
//!
//! A short form by default; `make torture` for the long one, or `MIFENG_TORTURE_ROUNDS=20`. `kill -9` cannot see
//! what a power cut loses (the kernel still holds the writes), so one story freezes the writer, copies
//! the *disk* under a mounted file system, and opens the copy. It needs the right to mount and says so where
//! it has none.

#[path = "../store_support/mod.rs"]
mod store_support;

/// The child that writes until it is stopped, and what must be there afterwards.
mod writing;

/// Changed bytes, truncated and missing files.
mod damage;
/// PostgreSQL killed, cut off, silent, full, under several processes that write.
mod database;
/// A disk of its own: power cuts, full, read-only, slow.
mod disk;
/// `kill -9`.
mod kills;
/// For hours, with a table at the end.
mod soak;

/// How often a story does the same; `make torture` often.
fn rounds(short: u64) -> u64 {
    match std::env::var("MIFENG_TORTURE") {
        Ok(how) if how == "full" => 100,
        _ => std::env::var("MIFENG_TORTURE_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(short),
    }
}
