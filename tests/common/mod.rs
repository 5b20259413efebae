//! A small authority for tests: keys, a recipient set, an approved award and a published release.
#![allow(dead_code, unused_imports, reason = "every story uses its own part")]

#[cfg(feature = "open")]
mod ceremony;
pub mod figures;
#[cfg(feature = "open")]
pub use ceremony::{Ceremony, person_json, share_file};
