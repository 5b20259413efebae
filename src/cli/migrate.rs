//! `mifeng migrate`: moves a store from the data folder into PostgreSQL. The server must be stopped.

use super::{Outcome, progress::Progress, serve};
use crate::{
    clock::SystemClock,
    config::{Config, Mode, ServerKeys, file},
    store::{
        Store, Sums,
        moving::{self, Step},
        postgres::{PostgresEngine, PostgresFile},
        retention::RetentionKeys,
    },
};
use std::sync::Arc;

pub fn run() -> Outcome {
    // Demo keys are no reason not to move: nobody is served here.
    let config = Config::read(Mode::Demo, |name| std::env::var(name).ok())?;
    let (Some(path), Some(address)) = (&config.postgres, serve::database(&config)?) else {
        return Err("MIFENG_POSTGRES must name the database that the store is moved into".into());
    };
    serve::holds_a_store(&config.data)?;
    let keys = ServerKeys::load(&config.keys, config.mode)?;
    let folder = serve::open_engine(&config, None, serve::objects(&config)?)?;
    let to = PostgresEngine::open(address)?;
    if moving::finish_earlier(&*folder, &to)? {
        println!("This store was moved before. Start the server with MIFENG_POSTGRES set.");
        return Ok(());
    }
    let retention = RetentionKeys::open(&config.keys.join(file::RETENTION), Arc::new(SystemClock))?;
    let store = Store::open(folder, keys.set.instance(), &keys.root, retention)?;
    let mut progress = Progress::new();
    let target = PostgresFile::load(path)?.to_string();
    let sums = moving::move_store(&store, &to, &target, &mut |step| match step {
        Step::Copied { table, done, of } => progress.step(table, done, of),
        Step::Comparing { table } => progress.say(&format!("comparing {table}")),
    })?;
    progress.end();
    print(&sums);
    println!(
        "Moved, and the same on both sides. The folder {} serves no more.\n\
         Start the server with MIFENG_POSTGRES set; run mifeng check and mifeng backup first.",
        config.data.display()
    );
    Ok(())
}

/// A line a table: how many, and the hash.
pub fn print(sums: &Sums) {
    for (table, sum) in sums {
        println!("{table:<12} {:>9}  {}", sum.count, hex::encode(sum.sha256));
    }
}
