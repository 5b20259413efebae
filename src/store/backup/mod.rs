//! A backup: everything of one moment, in one stream, as it is stored: records stay sealed under root and retention keys,
//! which are not in it.
//!
//! ```text
//! file    = age(payload), to the operator's backup recipients; the server has none of their keys
//! payload = "mifeng-backup-1\n" ‖ item…
//! item    = kind (1 B) ‖ length of key (4 B) ‖ length of value (4 B) ‖ key ‖ value
//! kind 01 = what it is: value JSON {"schema", "numbering", "made", "store"} and "objects": true where files lie in an object store;
//!           first, once
//!      02 = a table begins: key its name; every tree once, in order, then "slots", then "objects" if the head says so
//!      03 = a record of that table, each key above the last; of slots the key is the number (8 B), of objects the name (16 B; of
//!           the first, which says whose they are, nothing)
//!      04 = the end: value JSON, for every table count and SHA-256 (`tally`); last, once
//! ```
//! Numbers big-endian. `store` is of the record that marks the store as one of its own, and must fit it. Made and read with the memory of one page. What it does not give: age does not say who wrote a
//! file. Whoever has the recipient's public key can make one that looks whole; its records do not open under the root key,
//! which `mifeng check` finds after a restore.

mod read;
mod restore;

pub use read::{NotWhole, Part, read_through, verify};
pub(super) use restore::is_empty;
pub use restore::{RestoreRefused, restore};

use super::{
    Refused, SCHEMA,
    engine::{Engine, Numbering, Tree},
    objects::{self, Objects},
    opening::store_id,
    tally::{OBJECTS, SLOTS, Sums, Tally},
};
use crate::clock::Day;
use age::{Encryptor, x25519::Recipient};
use serde::{Deserialize, Serialize};
use std::io::Write;

const MAGIC: &[u8; 16] = b"mifeng-backup-1\n";
const HEAD: u8 = 1;
const TABLE: u8 = 2;
const RECORD: u8 = 3;
const END: u8 = 4;

/// What a backup says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Head {
    pub schema: u32,
    pub numbering: Numbering,
    pub made: Day,
    /// First half of SHA-256 of the store's mark, hexadecimal: tells backups of different stores apart, and nothing else.
    pub store: String,
    /// What lies in the object store is in it, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub objects: bool,
}

impl Head {
    fn of(engine: &dyn Engine, made: Day) -> Result<Self, NotMade> {
        let store = store_id(engine)?.ok_or(NotMade::Nothing)?;
        let objects = engine.objects().is_some();
        Ok(Self { schema: SCHEMA, numbering: engine.numbering(), made, store, objects })
    }
}

/// Why a backup was not made. What was written of it is worth nothing.
#[derive(Debug, thiserror::Error)]
pub enum NotMade {
    #[error("there is no store here: start the server once, or check MIFENG_DATA or MIFENG_POSTGRES")]
    Nothing,
    #[error(transparent)]
    Store(#[from] Refused),
    #[error("the backup could not be written: {0}")]
    Written(#[from] std::io::Error),
}

/// Writes what the engine keeps frozen, sealed to these. `told` hears how many records are written, now and then.
pub fn seal(
    engine: &dyn Engine,
    to: &[Recipient],
    made: Day,
    out: impl Write,
    told: &mut dyn FnMut(u64),
) -> Result<Sums, NotMade> {
    if engine.objects().is_none() && engine.get(Tree::Meta, objects::KEY)?.is_some() {
        return Err(Refused::Objects("files lie in one: set MIFENG_OBJECTS".into()).into());
    }
    let to = to.iter().map(|recipient| recipient as &dyn age::Recipient);
    let encryptor = Encryptor::with_recipients(to).map_err(std::io::Error::other)?;
    let mut sealed = encryptor.wrap_output(out)?;
    let sums = write(engine, &Head::of(engine, made)?, &mut sealed, told)?;
    sealed.finish()?.flush()?;
    Ok(sums)
}

/// The payload.
fn write(
    engine: &dyn Engine,
    head: &Head,
    out: &mut impl Write,
    told: &mut dyn FnMut(u64),
) -> Result<Sums, NotMade> {
    out.write_all(MAGIC)?;
    item(out, HEAD, &[], &json(head))?;
    let (mut sums, mut written) = (Sums::new(), 0);
    for tree in Tree::ALL {
        item(out, TABLE, tree.name().as_bytes(), &[])?;
        let (mut tally, mut after) = (Tally::default(), None::<Vec<u8>>);
        loop {
            let page = engine.frozen_page(tree, after.as_deref())?;
            let Some((last, _)) = page.last() else { break };
            after = Some(last.clone());
            for (key, value) in &page {
                item(out, RECORD, key, value)?;
                tally.add(key, value);
            }
            written += page.len() as u64;
            told(written);
        }
        sums.insert(tree.name().to_owned(), tally.sum());
    }
    item(out, TABLE, SLOTS.as_bytes(), &[])?;
    let (mut tally, mut from) = (Tally::default(), 0);
    loop {
        let page = engine.frozen_slots(from)?;
        let Some((last, _)) = page.last() else { break };
        from = last + 1;
        // A slot that was given out and not filled yet lies beyond the end.
        for (number, bytes) in page.iter().filter(|(_, bytes)| !bytes.is_empty()) {
            item(out, RECORD, &number.to_be_bytes(), bytes)?;
            tally.add(&number.to_be_bytes(), bytes);
        }
        written += page.len() as u64;
        told(written);
    }
    sums.insert(SLOTS.to_owned(), tally.sum());
    if let Some(bucket) = engine.objects().filter(|_| head.objects) {
        item(out, TABLE, OBJECTS.as_bytes(), &[])?;
        let mut tally = Tally::default();
        let used = engine.get(Tree::Meta, objects::KEY)?.is_some();
        each_object(bucket, used, |key, bytes| {
            item(out, RECORD, key, bytes)?;
            tally.add(key, bytes);
            written += 1;
            told(written);
            Ok(())
        })?;
        sums.insert(OBJECTS.to_owned(), tally.sum());
    }
    item(out, END, &[], &json(&sums))?;
    Ok(sums)
}

/// Whose they are, and then every object. They are no part of the moment: one that came since is in it, and is nobody's; one
/// that was removed since by another process is not.
fn each_object(
    bucket: &Objects,
    used: bool,
    mut each: impl FnMut(&[u8], &[u8]) -> Result<(), NotMade>,
) -> Result<(), NotMade> {
    if let Some(word) = bucket.mark_of(used)? {
        each(&[], &word)?;
    }
    let mut after = None;
    loop {
        let page = bucket.page(after)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.name);
        for listed in page {
            match bucket.get(listed.name) {
                Ok(bytes) => each(listed.name.as_bytes(), &bytes)?,
                Err(Refused::ObjectGone) => {}
                Err(refused) => return Err(refused.into()),
            }
        }
    }
}

fn item(out: &mut impl Write, kind: u8, key: &[u8], value: &[u8]) -> std::io::Result<()> {
    // Unwrap safety: a key or value of 4 GiB does not fit any tree.
    let [k, v] = [key, value].map(|bytes| u32::try_from(bytes.len()).unwrap().to_be_bytes());
    out.write_all(&[&[kind], k.as_slice(), &v].concat())?;
    out.write_all(key)?;
    out.write_all(value)
}

fn json(value: &impl Serialize) -> Vec<u8> {
    // Unwrap safety: our own plain structs always serialise.
    serde_json::to_vec(value).unwrap()
}
