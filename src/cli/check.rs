//! `mifeng check`: opens every record, follows every link, compares the log with its root. The server must be
//! stopped. Nothing is changed.

use super::{Outcome, serve};
use crate::{
    config::{Config, Mode, ServerKeys},
    store::{Checked, Store},
};

/// Checks the store that the environment names, as `mifeng serve` would open it.
pub fn run() -> Outcome {
    // Demo keys are no reason not to check: nobody is served here.
    let config = Config::read(Mode::Demo, |name| std::env::var(name).ok())?;
    let keys = ServerKeys::load(&config.keys, config.mode)?;
    if config.postgres.is_none() && !config.data.is_dir() {
        return Err(format!("there is no data folder {}; set MIFENG_DATA", config.data.display()).into());
    }
    let store = Store::open(
        serve::open_engine(&config, serve::database(&config)?)?,
        keys.set.instance(),
        &keys.root,
        keys.retention,
    )?;
    let checked = store.check()?;
    print(&checked);
    match checked.problems.len() {
        0 => Ok(()),
        problems => {
            Err(format!("{problems} problems; restore from a backup what is damaged or missing").into())
        }
    }
}

fn print(checked: &Checked) {
    for (tree, count) in &checked.counts {
        println!("{tree:<12} {count}");
    }
    println!("log size     {}", checked.log_size);
    println!("forgotten    {}", checked.forgotten);
    for problem in &checked.problems {
        println!("PROBLEM      {problem}");
    }
}
