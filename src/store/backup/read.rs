//! Reading a backup, with the backup's own key and no other: every table is counted and hashed as it comes, and compared
//! with what the end says.

use super::{END, HEAD, Head, MAGIC, RECORD, TABLE};
use crate::{
    ids::ObjectId,
    store::{
        Refused, SCHEMA,
        engine::Tree,
        opening::{MARK_KEY, id_of_mark},
        tally::{OBJECTS, SLOTS, Sums, Tally, differing},
    },
};
use age::{Decryptor, x25519::Identity as BackupKey};
use std::io::{BufReader, Read};

/// No key of ours is longer.
const LONGEST_KEY: u32 = 1 << 10;
/// No value is: a package of many envelopes is the longest.
const LONGEST_VALUE: u32 = 64 << 20;

/// Why a file is not a whole backup.
#[derive(Debug, thiserror::Error)]
pub enum NotWhole {
    #[error("this key does not open it, or it is no age file: {0}")]
    Sealed(String),
    #[error("it is sealed to this key, but it is no backup of mifeng")]
    NoBackup,
    #[error("it is a backup of schema version {0}; this program knows {SCHEMA} only")]
    OtherSchema(u32),
    #[error("it is cut short or damaged: {0}")]
    Damaged(String),
    #[error("what it holds is not what its end says it holds; different: {0}")]
    Differs(String),
    #[error("it says at its beginning that it is of another store than what it holds is")]
    OtherStore,
    #[error(transparent)]
    Store(#[from] Refused),
}

/// One record, one slot, one object (`None`: what says whose they are).
pub enum Part<'a> {
    Record { tree: Tree, key: Vec<u8>, value: Vec<u8> },
    Slot { number: u64, bytes: Vec<u8> },
    Object { name: Option<ObjectId>, bytes: Vec<u8> },
    Head(&'a Head),
}

/// Reads all of it and says whether it is whole. Takes no key to content.
pub fn verify(from: impl Read, key: &BackupKey) -> Result<(Head, Sums), NotWhole> {
    read_through(from, key, &mut |_| Ok(()))
}

/// The same, handing over each part as it comes: the head first. What was handed over counts only if the whole is whole.
pub fn read_through(
    from: impl Read,
    key: &BackupKey,
    each: &mut dyn FnMut(Part) -> Result<(), Refused>,
) -> Result<(Head, Sums), NotWhole> {
    let sealed = |cause: age::DecryptError| NotWhole::Sealed(cause.to_string());
    let opened = Decryptor::new_buffered(BufReader::new(from)).map_err(sealed)?;
    let mut from = opened.decrypt(std::iter::once(key as &dyn age::Identity)).map_err(sealed)?;
    let mut magic = [0; MAGIC.len()];
    from.read_exact(&mut magic).map_err(damaged)?;
    if magic != *MAGIC {
        return Err(NotWhole::NoBackup);
    }
    let first = next(&mut from)?;
    if first.kind != HEAD {
        return Err(NotWhole::NoBackup);
    }
    let head: Head = serde_json::from_slice(&first.value).map_err(|_| NotWhole::NoBackup)?;
    if head.schema != SCHEMA {
        return Err(NotWhole::OtherSchema(head.schema));
    }
    each(Part::Head(&head))?;

    let objects = head.objects.then_some((OBJECTS, None));
    let trees = Tree::ALL.map(|tree| (tree.name(), Some(tree)));
    let mut tables = trees.into_iter().chain([(SLOTS, None)]).chain(objects);
    let mut current: Option<((&str, Option<Tree>), Tally)> = None;
    let (mut sums, mut last, mut store) = (Sums::new(), None, None);
    loop {
        let item = next(&mut from)?;
        if item.kind == RECORD {
            let Some(((table, tree), tally)) = &mut current else { return Err(out_of_order()) };
            if last.as_ref().is_some_and(|last| *last >= item.key) {
                return Err(out_of_order());
            }
            last = Some(item.key.clone());
            tally.add(&item.key, &item.value);
            if *tree == Some(Tree::Meta) && item.key == MARK_KEY {
                store = Some(id_of_mark(&item.value));
            }
            each(match tree {
                Some(tree) => Part::Record { tree: *tree, key: item.key, value: item.value },
                None if *table == OBJECTS => {
                    let name = match item.key.as_slice() {
                        [] => None,
                        key => {
                            let name = key.try_into().map(ObjectId::from_bytes);
                            Some(name.map_err(|_| out_of_order())?)
                        }
                    };
                    Part::Object { name, bytes: item.value }
                }
                None => {
                    let number = item.key.try_into().map(u64::from_be_bytes).map_err(|_| out_of_order())?;
                    Part::Slot { number, bytes: item.value }
                }
            })?;
            continue;
        }
        if let Some(((name, _), tally)) = current.take() {
            sums.insert(name.to_owned(), tally.sum());
        }
        match item.kind {
            TABLE => {
                let table = tables.next().filter(|(name, _)| name.as_bytes() == item.key);
                (current, last) = (Some((table.ok_or_else(out_of_order)?, Tally::default())), None);
            }
            END => {
                let said: Sums = serde_json::from_slice(&item.value).map_err(|_| out_of_order())?;
                let different = differing(&said, &sums);
                if !different.is_empty() || tables.next().is_some() {
                    return Err(NotWhole::Differs(different.join(", ")));
                }
                if store.as_ref() != Some(&head.store) {
                    return Err(NotWhole::OtherStore);
                }
                // The last piece of the stream says that it is the last.
                return match from.read(&mut [0]).map_err(damaged)? {
                    0 => Ok((head, sums)),
                    _ => Err(out_of_order()),
                };
            }
            _ => return Err(out_of_order()),
        }
    }
}

struct Item {
    kind: u8,
    key: Vec<u8>,
    value: Vec<u8>,
}

fn next(from: &mut impl Read) -> Result<Item, NotWhole> {
    let (mut kind, mut lengths) = ([0], [[0; 4]; 2]);
    from.read_exact(&mut kind).map_err(damaged)?;
    for length in &mut lengths {
        from.read_exact(length).map_err(damaged)?;
    }
    let [k, v] = lengths.map(u32::from_be_bytes);
    if k > LONGEST_KEY || v > LONGEST_VALUE {
        return Err(out_of_order());
    }
    let [mut key, mut value] = [k, v].map(|len| vec![0; len as usize]);
    from.read_exact(&mut key).and_then(|()| from.read_exact(&mut value)).map_err(damaged)?;
    Ok(Item { kind: kind[0], key, value })
}

fn damaged(cause: std::io::Error) -> NotWhole {
    NotWhole::Damaged(cause.to_string())
}

fn out_of_order() -> NotWhole {
    NotWhole::Damaged("its parts are not those a backup has".into())
}
