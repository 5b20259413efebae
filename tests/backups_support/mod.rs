//! A backup's payload taken apart and put together again, sealed like a real one: whoever has the recipient can do as much.

mod forged;
mod slow;

use age::{Decryptor, Encryptor, x25519::Identity as BackupKey};
use std::{
    collections::BTreeMap,
    io::{Read, Write},
};

const MAGIC: &[u8] = b"mifeng-backup-1\n";
pub const TABLE: u8 = 2;
pub const RECORD: u8 = 3;
pub const END: u8 = 4;

/// Kind, key, value.
pub type Item = (u8, Vec<u8>, Vec<u8>);

pub fn items(backup: &[u8], key: &BackupKey) -> Vec<Item> {
    let opened = Decryptor::new_buffered(backup).unwrap();
    let mut opened = opened.decrypt(std::iter::once(key as &dyn age::Identity)).unwrap();
    let mut payload = Vec::new();
    opened.read_to_end(&mut payload).unwrap();
    let mut rest = payload.strip_prefix(MAGIC).unwrap();
    let mut take = |len: usize| {
        let (taken, left) = rest.split_at_checked(len)?;
        rest = left;
        Some(taken.to_vec())
    };
    let mut items = Vec::new();
    while let Some(kind) = take(1) {
        let [key, value] =
            [(); 2].map(|()| u32::from_be_bytes(take(4).unwrap().try_into().unwrap()) as usize);
        items.push((kind[0], take(key).unwrap(), take(value).unwrap()));
    }
    items
}

pub fn bytes(items: &[Item]) -> Vec<u8> {
    let mut payload = MAGIC.to_vec();
    for (kind, key, value) in items {
        payload.push(*kind);
        for part in [key, value] {
            payload.extend(u32::try_from(part.len()).unwrap().to_be_bytes());
        }
        payload.extend([key.as_slice(), value].concat());
    }
    payload
}

pub fn sealed(payload: &[u8], key: &BackupKey) -> Vec<u8> {
    let to = key.to_public();
    let encryptor = Encryptor::with_recipients(std::iter::once(&to as &dyn age::Recipient)).unwrap();
    let mut out = Vec::new();
    let mut sealing = encryptor.wrap_output(&mut out).unwrap();
    sealing.write_all(payload).unwrap();
    sealing.finish().unwrap();
    out
}

/// The place of a table's first record.
pub fn first_of(items: &[Item], table: &str) -> usize {
    1 + items.iter().position(|(kind, key, _)| *kind == TABLE && key == table.as_bytes()).unwrap()
}

/// An end that fits these items, whatever they are: the forger counts and hashes, too.
pub fn fitting_end(items: &mut Vec<Item>) {
    let mut sums: BTreeMap<String, mifeng::store::Sum> = BTreeMap::new();
    let mut current: Option<(String, mifeng::store::Tally)> = None;
    items.retain(|(kind, ..)| *kind != END);
    for (kind, key, value) in items.iter() {
        match *kind {
            TABLE => {
                let next = (String::from_utf8(key.clone()).unwrap(), mifeng::store::Tally::default());
                sums.extend(current.replace(next).map(|(name, tally)| (name, tally.sum())));
            }
            RECORD => {
                if let Some((_, tally)) = &mut current {
                    tally.add(key, value);
                }
            }
            _ => {}
        }
    }
    sums.extend(current.map(|(name, tally)| (name, tally.sum())));
    items.push((END, Vec::new(), serde_json::to_vec(&sums).unwrap()));
}
