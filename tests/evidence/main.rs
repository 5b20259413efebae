//! An original as evidence, from the investigators' wish to the copy they see, over the real pages and a real store, with
//! the clock in hand: told, not objected to, published, two trustees, opened offline, edited, looked at by a second person.
#![cfg(feature = "open")]

#[path = "../story_support/canaries.rs"]
#[allow(dead_code, unused_imports, reason = "pictures and strings alone are used here")]
mod canaries;
#[path = "../console_support/mod.rs"]
mod console_support;
#[path = "../story_support/needles.rs"]
#[allow(dead_code, reason = "every story uses its own part")]
mod needles;
#[path = "../store_support/mod.rs"]
mod store_support;

use needles::Needles;

/// Who may do what to it, and who may not.
mod apart;
/// What is taken of an edited copy.
mod copies;
/// How a request ends, and what is left then.
mod ends;
/// One report with an original; a trustee's and the office's machine.
mod house;
/// Logs as somebody could write them who writes whatever they are told.
mod logs;
/// From the wish to the end.
mod story;
/// What the tools refuse, and the store.
mod tools;
/// Frozen, for the tool and the page.
mod vectors;
