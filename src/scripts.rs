//! Which scripts this server hands out, published so that a changed one leaves a mark.
//!
//! ```text
//! /scripts.json = {"number":n,"day":"2026-11-24","scripts":[{"name","path","sha256","integrity"}, …]}
//! log entry     = public, kind 2 (script), number n, day, digest = SHA-256 of exactly these bytes
//! ```
//! A server whose scripts differ from the last entry adds the next one before it answers anybody. What this does
//! not give: a server that serves one reader other bytes than it published. The browser compares what it got with
//! the page's `integrity`, and anyone the page's with this list; nobody does so for the reader unasked.

use crate::{
    clock::Day,
    log::PublicKind,
    store::{Announced, PublicLog, Refused},
    transcript::sha256,
    web::scripts,
};
use serde::Serialize;

#[derive(Serialize)]
struct List {
    number: u64,
    day: Day,
    scripts: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    name: &'static str,
    path: &'static str,
    sha256: String,
    integrity: &'static str,
}

/// Announces the scripts of this program, unless they are those last announced. Gives whether it had to.
///
/// # Errors
/// What the store says.
pub async fn announce(log: &dyn PublicLog, today: Day) -> Result<bool, Refused> {
    loop {
        let last = log.announced(PublicKind::Script)?;
        if last.is_some_and(|last| last.digest == sha256(list(last.number, last.day).as_bytes())) {
            return Ok(false);
        }
        let number = last.map_or(0, |last| last.number) + 1;
        let next = Announced { number, day: today, digest: sha256(list(number, today).as_bytes()) };
        // Another process that starts at the same moment may have been first: then it has most likely said the same.
        if log.announce_after(last, PublicKind::Script, next).await?.is_some() {
            return Ok(true);
        }
    }
}

/// The list as it was announced; `None` if what this program serves was not.
///
/// # Errors
/// What the store says.
pub fn announced(log: &dyn PublicLog) -> Result<Option<String>, Refused> {
    let last = log.announced(PublicKind::Script)?;
    let text = last.map(|last| (last, list(last.number, last.day)));
    Ok(text.filter(|(last, text)| sha256(text.as_bytes()) == last.digest).map(|(_, text)| text))
}

/// The exact text that is hashed and served.
fn list(number: u64, day: Day) -> String {
    let entry = |script: &'static crate::web::Script| Entry {
        name: script.name,
        path: script.path(),
        sha256: hex::encode(script.sha256),
        integrity: &script.integrity,
    };
    let list = List { number, day, scripts: scripts().iter().map(entry).collect() };
    // Unwrap safety: our own plain structs always serialise.
    serde_json::to_string(&list).unwrap()
}
