//! A backup put into an empty store, then read back and compared. Until that is done nobody can be served from it.

use super::{
    Head,
    read::{NotWhole, Part, read_through},
};
use crate::{
    clock::Day,
    store::{
        Refused,
        engine::{Engine, Notice, Numbering, Tree, Writes},
        opening::{SCHEMA_KEY, close_to_older_programs},
        tally::{Sums, differing},
    },
};
use age::x25519::Identity as BackupKey;
use std::{io::Read, ops::Range};

/// Bytes written at once.
const GROUP: usize = 1 << 20;
/// Slots written at once.
const SLOTS: usize = 32;

#[derive(Debug, thiserror::Error)]
pub enum RestoreRefused {
    #[error("a backup is put into an empty store only, and there is something in this one")]
    NotEmpty,
    #[error(
        "this is a backup of {made}, and would be put into {into}: {}", way(*.0), made = of(*.0), into = of(*.1)
    )]
    OtherEngine(Numbering, Numbering),
    #[error(
        "this backup holds what lay in an object store: set MIFENG_OBJECTS to an empty one (docs/operations.md, 10)"
    )]
    NoObjects,
    #[error("there is something in {0} already: name an unused bucket or prefix")]
    ObjectsNotEmpty(String),
    #[error(transparent)]
    NotWhole(#[from] NotWhole),
    #[error("what was read back is not what was put in; different: {0}")]
    Differs(String),
    #[error(transparent)]
    Store(#[from] Refused),
}

fn of(numbering: Numbering) -> &'static str {
    match numbering {
        Numbering::Dense => "a data folder",
        Numbering::Scattered => "a PostgreSQL database",
    }
}

/// Where a backup of this goes: a store moves from a folder into a database, and never back.
fn way(made: Numbering) -> &'static str {
    match made {
        Numbering::Dense => {
            "put it into an empty folder (without MIFENG_POSTGRES), and move the store from there (mifeng migrate)"
        }
        Numbering::Scattered => {
            "put it into an empty database (MIFENG_POSTGRES); nothing moves a store from a database into a folder"
        }
    }
}

/// What the backup held, all of it there and on the disk. Nothing is touched before the key has opened the backup's beginning.
pub fn restore(
    from: impl Read,
    key: &BackupKey,
    into: &dyn Engine,
    told: &mut dyn FnMut(u64),
) -> Result<(Day, Sums), RestoreRefused> {
    if into.notice()?.is_some() || !is_empty(into)? {
        return Err(RestoreRefused::NotEmpty);
    }
    let mut filling = Filling::new(into);
    let (mut done, mut unfit) = (0, None);
    let read = read_through(from, key, &mut |part| {
        done += 1;
        if done % 256 == 0 {
            told(done);
        }
        match part {
            Part::Head(head) => match begin(head, into) {
                Ok(()) => Ok(()),
                Err(RestoreRefused::Store(refused)) => Err(refused),
                Err(refused) => {
                    unfit = Some(refused);
                    Err(Refused::Closed)
                }
            },
            Part::Record { tree, key, value } => filling.record(tree, key, value),
            Part::Slot { number, bytes } => filling.slot(number, bytes),
            Part::Object { name, bytes } => match into.objects() {
                Some(objects) => objects.put_back(name, bytes),
                None => Err(Refused::Closed),
            },
        }
    });
    if let Some(unfit) = unfit {
        return Err(unfit);
    }
    if let Some(unfit) = unfit {
        into.set_notice(None)?;
        return Err(unfit);
    }
    let (head, sums) = read?;
    let runs = filling.finish()?;
    into.freeze(runs)?;
    let back = super::write(into, &head, &mut std::io::sink(), &mut |_| ());
    into.thaw();
    let back = back.map_err(|e| Refused::Failed(e.to_string()))?;
    let different = differing(&sums, &back);
    if !different.is_empty() {
        close(into)?;
        return Err(RestoreRefused::Differs(different.join(", ")));
    }
    into.set_notice(None)?;
    Ok((head.made, sums))
}

/// Why the objects of a backup cannot be put there.
fn unusable(into: &dyn Engine) -> Result<(), RestoreRefused> {
    let objects = into.objects().ok_or(RestoreRefused::NoObjects)?;
    if objects.mark()?.is_some() || !objects.page(None)?.is_empty() {
        return Err(RestoreRefused::ObjectsNotEmpty(objects.told().to_owned()));
    }
    Ok(())
}

/// From now on nobody is served from it, by whatever program.
fn begin(head: &Head, into: &dyn Engine) -> Result<(), RestoreRefused> {
    if head.numbering != into.numbering() {
        return Err(RestoreRefused::OtherEngine(head.numbering, into.numbering()));
    }
    if head.objects {
        unusable(into)?;
    }
    let text = "a backup is being put in here, or that broke off: empty it (docs/operations.md, 3), and run mifeng restore again";
    into.set_notice(Some(&Notice { token: "restore".into(), text: text.into() }))?;
    // Once more, for a server may have made its mark a moment before.
    if !is_empty(into)? {
        into.set_notice(None)?;
        return Err(RestoreRefused::NotEmpty);
    }
    Ok(close(into)?)
}

fn close(into: &dyn Engine) -> Result<(), Refused> {
    if is_dense(into) { close_to_older_programs(into) } else { Ok(()) }
}

fn is_dense(engine: &dyn Engine) -> bool {
    engine.numbering() == Numbering::Dense
}

/// Whether no tree holds anything.
pub fn is_empty(engine: &dyn Engine) -> Result<bool, Refused> {
    for tree in Tree::ALL {
        if engine.scan(tree, &[], &[]).next().transpose()?.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

struct Filling<'a> {
    into: &'a dyn Engine,
    writes: Writes,
    slots: Vec<(u64, Vec<u8>)>,
    runs: Vec<Range<u64>>,
    /// The version of a folder, which comes last: until then older programs refuse it.
    version: Option<Vec<u8>>,
}

impl<'a> Filling<'a> {
    fn new(into: &'a dyn Engine) -> Self {
        Self { into, writes: Writes::default(), slots: Vec::new(), runs: Vec::new(), version: None }
    }

    fn record(&mut self, tree: Tree, key: Vec<u8>, value: Vec<u8>) -> Result<(), Refused> {
        if (tree, key.as_slice()) == (Tree::Meta, SCHEMA_KEY) && is_dense(self.into) {
            self.version = Some(value);
            return Ok(());
        }
        self.writes.set(tree, key, Some(value));
        if self.writes.bytes() < GROUP { Ok(()) } else { self.into.apply(&std::mem::take(&mut self.writes)) }
    }

    fn slot(&mut self, number: u64, bytes: Vec<u8>) -> Result<(), Refused> {
        match self.runs.last_mut() {
            Some(run) if run.end == number => run.end += 1,
            _ => self.runs.push(number..number + 1),
        }
        self.slots.push((number, bytes));
        if self.slots.len() < SLOTS {
            Ok(())
        } else {
            self.into.write_slots(&std::mem::take(&mut self.slots))
        }
    }

    /// The rest, and all of it on the disk.
    fn finish(self) -> Result<Vec<Range<u64>>, Refused> {
        if !self.writes.is_empty() {
            self.into.apply(&self.writes)?;
        }
        self.into.write_slots(&self.slots)?;
        self.into.sync_slots()?;
        self.into.sync()?;
        let mut version = Writes::default();
        version.set(Tree::Meta, SCHEMA_KEY.to_vec(), self.version);
        if is_dense(self.into) {
            self.into.apply(&version)?;
            self.into.sync()?;
        }
        Ok(self.runs)
    }
}
