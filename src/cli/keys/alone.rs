//! What must hold before anything is written over, or put back. A data folder has one process; a database is asked.

use super::super::{Outcome, serve};
use crate::{
    config::{Config, Mode},
    store::{
        Refused,
        engine::Engine,
        postgres::{PostgresEngine, schema::Role},
    },
};
use std::time::{Duration, Instant};

/// How long the session of the command before this one may take to end.
const ENDING: Duration = Duration::from_secs(2);

/// The database's role may write over what is otherwise written once, and nobody else is connected: a process that goes on with
/// keys from before would write what later is read with others.
pub fn may_write_over() -> Outcome {
    let config = Config::read(Mode::Demo, |name| std::env::var(name).ok())?;
    let Some(address) = serve::database(&config)? else { return Ok(()) };
    let engine = PostgresEngine::open(address)?;
    match engine.may_write_over() {
        Err(Refused::Failed(why)) => {
            return Err(format!(
                "the role in the file of MIFENG_POSTGRES may not write over shares, or what lies under the root key: name mifeng_keys in it, which no server connects as (docs/operations.md, section 7): {why}"
            )
            .into());
        }
        asked => asked?,
    }
    nobody_else(&engine, Role::Keys)
}

/// Nobody else is connected. The session of a command before this one, which was connected as `own`, too, has a moment to end.
pub fn nobody_else(engine: &dyn Engine, own: Role) -> Outcome {
    let begun = Instant::now();
    let mut others = engine.others()?;
    while others.iter().any(|other| other == own.name()) && begun.elapsed() < ENDING {
        std::thread::sleep(Duration::from_millis(50));
        others = engine.others()?;
    }
    match &others[..] {
        [] => Ok(()),
        [one] => {
            Err(format!("stop every process of the server first: {one} is connected to the database").into())
        }
        [before @ .., last] => Err(format!(
            "stop every process of the server first: {} and {last} are connected to the database",
            before.join(", ")
        )
        .into()),
    }
}
