//! Values that lie under an older root key, written again under the one that writes. For `mifeng keys root`, with the server
//! stopped. What was forgotten stays as it lies: no key opens it any more.

use super::{
    Refused, Store,
    at_rest::{RootKeyId, month_before},
    committer::Txn,
    core::{Core, HEAD_KEY, clear_len},
    days::NEWEST,
    engine::Tree,
    records::missing,
};
use crate::ids::ReportId;
use zeroize::Zeroizing;

/// So many values are one durable unit: a break leaves what was done, and the next run goes on.
const AT_ONCE: usize = 256;
/// Stored in clear, under no key.
const IN_CLEAR: &[u8] = b"schema";

/// What a run has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rewrapped {
    /// Values written again.
    pub written: usize,
    /// Values of forgotten reports, and of the staff record's months that are over, which lie under the old key for good.
    pub forgotten: usize,
}

impl Store {
    /// Writes every value again that lies under another root key than `writing`; `progress` is told how many were.
    pub fn rewrap(&self, writing: RootKeyId, mut progress: impl FnMut(usize)) -> Result<Rewrapped, Refused> {
        let mut done = Rewrapped::default();
        for tree in Tree::ALL {
            let stale = self.stale(tree, writing)?;
            for keys in stale.chunks(AT_ONCE) {
                let (core, keys) = (self.core.clone(), keys.to_vec());
                let one = self.committer.commit(move |txn| {
                    let mut one = Rewrapped::default();
                    for key in keys {
                        match core.written_again(txn, tree, &key) {
                            Ok(value) => {
                                txn.put_over(tree, key, value);
                                one.written += 1;
                            }
                            Err(Refused::Forgotten(_)) => one.forgotten += 1,
                            Err(refused) => return Err(refused),
                        }
                    }
                    Ok(one)
                });
                let one = one.wait()?;
                done.written += one.written;
                done.forgotten += one.forgotten;
                progress(done.written);
            }
        }
        Ok(done)
    }

    /// Keys of the values of a tree that lie under another root key.
    fn stale(&self, tree: Tree, writing: RootKeyId) -> Result<Vec<Vec<u8>>, Refused> {
        let mut stale = Vec::new();
        for entry in self.core.engine.scan(tree, &[], &[]) {
            let (key, value) = entry?;
            if !(tree == Tree::Meta && key == IN_CLEAR) && root_of(tree, &key, &value) != Some(writing) {
                stale.push(key);
            }
        }
        Ok(stale)
    }
}

impl Core {
    /// The same content under the root key that writes.
    fn written_again(&self, txn: &Txn, tree: Tree, key: &[u8]) -> Result<Vec<u8>, Refused> {
        let vault = &self.records.vault;
        let value = txn.get(tree, key)?.ok_or_else(|| missing(tree, key))?;
        if tree == Tree::DataKeys {
            let month = vault.month_of(key, &value)?;
            let data = vault.unwrap(key, &value, |month| self.records.retention.find(month))?;
            return vault.wrap(&data, key, month, &*self.records.retention.find(month)?);
        }
        if tree == Tree::Meta && key == HEAD_KEY {
            return self.head_value(&self.head_of(txn)?);
        }
        if tree == Tree::Meta && key == NEWEST {
            let day = self.newest(txn)?.ok_or_else(|| missing(tree, key))?;
            return self.newest_value(day);
        }
        if tree == Tree::Trail
            && let Some((month, _)) = month_before(&value)
        {
            let find = |month| self.records.retention.find(month);
            let plain = Zeroizing::new(vault.open_until(tree, key, &value, find)?);
            return vault.seal_until(month, &*self.records.retention.find(month)?, tree, key, &plain);
        }
        if !is_of_case(tree) {
            return vault.seal(tree, key, &vault.open(tree, key, &value)?);
        }
        let report = key.first_chunk().copied().map(ReportId::from_bytes);
        let report = report.ok_or_else(|| missing(Tree::DataKeys, key))?;
        let data = self.records.data_key(txn, report)?;
        let plain = match tree {
            Tree::Reports => self.records.open_report(&data, key, &value)?,
            _ => Zeroizing::new(vault.open_case(&data, tree, key, &value)?),
        };
        vault.seal_case(&data, tree, key, &plain)
    }
}

/// Whether a tree's values are forgotten with their case; their keys begin with the report id.
fn is_of_case(tree: Tree) -> bool {
    use Tree::*;
    matches!(tree, Cases | Reports | Audit | Envelopes | Shares | Files | Awards | Packages)
}

/// Which root key a value says it lies under (docs/format.md, "At rest").
fn root_of(tree: Tree, key: &[u8], value: &[u8]) -> Option<RootKeyId> {
    let clear = match tree {
        Tree::DataKeys => 3,
        Tree::Trail if month_before(value).is_some() => 3,
        Tree::Meta if key == HEAD_KEY || key == NEWEST => clear_len(value),
        _ => 0,
    };
    value.get(clear + 2..)?.first_chunk().copied().map(RootKeyId)
}
