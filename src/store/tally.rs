//! Counts and hashes of what a store holds, table by table: what a copy is compared by. Taken of the bytes as they are
//! stored, so that it takes no key.

use ring::digest::{Context, Digest, SHA256};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Of one table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sum {
    pub count: u64,
    /// SHA-256 over length and bytes of each key and value, in the order of the keys.
    #[serde(with = "hex::serde")]
    pub sha256: [u8; 32],
}

/// By the names of the tables; `slots` are the chunks of files.
pub type Sums = BTreeMap<String, Sum>;

/// The table of file chunks, beside those of the trees.
pub const SLOTS: &str = "slots";
/// The table of objects, where there is an object store.
pub const OBJECTS: &str = "objects";

/// A sum under way.
pub struct Tally {
    count: u64,
    hash: Context,
}

impl Default for Tally {
    fn default() -> Self {
        Self { count: 0, hash: Context::new(&SHA256) }
    }
}

impl Tally {
    pub fn add(&mut self, key: &[u8], value: &[u8]) {
        self.count += 1;
        for part in [key, value] {
            self.hash.update(&(part.len() as u64).to_be_bytes());
            self.hash.update(part);
        }
    }

    pub fn sum(self) -> Sum {
        Sum { count: self.count, sha256: bytes(&self.hash.finish()) }
    }
}

fn bytes(digest: &Digest) -> [u8; 32] {
    // Unwrap safety: SHA-256 has 32 bytes.
    digest.as_ref().try_into().unwrap()
}

/// The tables that differ, or that one side has not.
pub fn differing<'a>(one: &'a Sums, other: &'a Sums) -> Vec<&'a str> {
    let names = one.keys().chain(other.keys().filter(|name| !one.contains_key(*name)));
    names.filter(|name| one.get(*name) != other.get(*name)).map(String::as_str).collect()
}
