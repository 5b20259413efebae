//! Moving a store from sled's folder into PostgreSQL: copied, compared table by table by reading both sides, and only then
//! is the one closed and the other opened. Never do both serve.
//!
//! ```text
//! 1  notice in the database: a move into it has not finished      nobody is served from it
//! 2  copy; what is there already from an earlier try is compared, not written again
//! 3  compare counts and hashes of every table
//! 4  notice in the folder: this store was moved                   nobody is served from it, by older programs neither
//! 5  the database's notice goes                                   it serves
//! ```
//! Broken off anywhere, the same command goes on. Values are copied as they are stored: each is bound to its tree and key,
//! not to an engine. Only what says in which slots a file lies is written anew, for sled's numbers count up, and in the
//! database a number must not be guessed: whoever has the portal's role may read and clear a slot whose number it knows.

mod compare;
mod copy;

use super::{
    Refused, Store,
    engine::{Engine, Notice, Tree},
    opening::{MARK_KEY, close_to_older_programs, store_id},
    tally::{Sums, differing},
};

/// Why a store was not moved. The folder is what it was, and still serves, unless said otherwise.
#[derive(Debug, thiserror::Error)]
pub enum MoveRefused {
    #[error("there is no store in the data folder; set MIFENG_DATA to the one that is to be moved")]
    NoSource,
    #[error("the data folder is not in use: {0}")]
    SourceNotInUse(String),
    #[error(
        "the database holds something that is not from this folder. A store is moved into an empty one only: make another database, or empty this one (docs/operations.md, 3)"
    )]
    ForeignTarget,
    #[error("the database waits for something else: {0}")]
    OtherNotice(String),
    #[error(
        "{table}/{key} in the database is not what it is in the folder: the folder was served after the move broke off, or the database has changed it. The folder serves on. Empty the database (docs/operations.md, 3) and move again"
    )]
    OtherValue { table: &'static str, key: String },
    #[error(
        "the two sides differ after copying, and nothing was changed over: {0}. Empty the database (docs/operations.md, 3) and move again"
    )]
    Differs(String),
    #[error(transparent)]
    Store(#[from] Refused),
}

/// How far a move has come.
pub enum Step<'a> {
    /// Of the records (of files: their chunks) of a table so many of so many.
    Copied {
        table: &'a str,
        done: u64,
        of: u64,
    },
    Comparing {
        table: &'a str,
    },
}

const MOVED: &str = "moved-";
const MOVING: &str = "moving-";

/// Whether an earlier try has come so far that only the last step was left; that is done then. `folder` is not opened as a
/// store: it may say that it was moved.
pub fn finish_earlier(folder: &dyn Engine, to: &dyn Engine) -> Result<bool, MoveRefused> {
    let source = source(folder)?;
    let Some(notice) = folder.notice()? else { return Ok(false) };
    if notice.token != format!("{MOVED}{source}") {
        return Err(MoveRefused::SourceNotInUse(notice.text));
    }
    match to.notice()? {
        Some(there) if there.token == format!("{MOVING}{source}") => to.set_notice(None)?,
        // Another database than the one it was moved to.
        None if to.get(Tree::Meta, MARK_KEY)? != folder.get(Tree::Meta, MARK_KEY)? => {
            return Err(MoveRefused::SourceNotInUse(notice.text));
        }
        None => {}
        Some(_) => return Err(MoveRefused::SourceNotInUse(notice.text)),
    }
    Ok(true)
}

/// Moves a store into an empty database, or goes on with what was begun. `target` names the database for people.
pub fn move_store(
    from: &Store,
    to: &dyn Engine,
    target: &str,
    told: &mut dyn FnMut(Step),
) -> Result<Sums, MoveRefused> {
    let folder = &*from.core.engine;
    let source = source(folder)?;
    let token = format!("{MOVING}{source}");
    match to.notice()? {
        Some(notice) if notice.token == token => {}
        Some(notice) => return Err(MoveRefused::OtherNotice(notice.text)),
        None if !super::backup::is_empty(to)? => return Err(MoveRefused::ForeignTarget),
        None => {
            let text = "a data folder is being moved into this database, or that broke off: run mifeng migrate again";
            to.set_notice(Some(&Notice { token, text: text.into() }))?;
            // Once more, for a server may have made its mark a moment before.
            if !super::backup::is_empty(to)? {
                to.set_notice(None)?;
                return Err(MoveRefused::ForeignTarget);
            }
        }
    }
    copy::copy(from, to, told)?;
    let (here, there) = compare::both(from, to, told)?;
    let different = differing(&here, &there);
    if !different.is_empty() {
        return Err(MoveRefused::Differs(different.join(", ")));
    }
    let text = format!(
        "this store was moved to {target}: set MIFENG_POSTGRES and start again. What is in this folder is as old as the move; keep it until the database has been backed up, then destroy it"
    );
    close_to_older_programs(folder)?;
    folder.set_notice(Some(&Notice { token: format!("{MOVED}{source}"), text }))?;
    to.set_notice(None)?;
    Ok(here)
}

fn source(folder: &dyn Engine) -> Result<String, MoveRefused> {
    store_id(folder)?.ok_or(MoveRefused::NoSource)
}
