//! Bytes and words that others read, too: frozen vectors, what the browser seals, the two locks.

#[path = "../common/mod.rs"]
mod common;
#[cfg(feature = "open")]
#[path = "../holder_support/mod.rs"]
mod holder_support;

mod format_vectors;
mod holder_vectors;
mod identity_verdicts;
mod later_envelopes;
mod log_vectors;
mod seal;
mod web_vectors;
