//! Typed records over trees of bytes: what is written under which key, encrypted under what.

use super::{
    Refused, ReportRecord,
    at_rest::{DataKey, Vault},
    committer::Txn,
    engine::{Engine, Tree},
    retention::{Month, RetentionKeys},
};
use crate::{ids::ReportId, receipt::LocatorHash};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

/// Where bytes are read from: the engine, or a change under way.
pub trait Source {
    fn bytes(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, Refused>;
}

impl Source for dyn Engine {
    fn bytes(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, Refused> {
        self.get(tree, key)
    }
}
impl Source for Txn<'_> {
    fn bytes(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, Refused> {
        self.get(tree, key)
    }
}

/// Encrypts, decrypts and names records. Knows no transaction of its own.
pub struct Records {
    pub vault: Vault,
    pub retention: RetentionKeys,
}

impl Records {
    /// A record that belongs to no case.
    pub fn find<T: DeserializeOwned>(
        &self,
        from: &(impl Source + ?Sized),
        tree: Tree,
        key: &[u8],
    ) -> Result<Option<T>, Refused> {
        let Some(value) = from.bytes(tree, key)? else { return Ok(None) };
        parse(tree, key, &self.vault.open(tree, key, &value)?).map(Some)
    }

    pub fn put<T: Serialize>(
        &self,
        txn: &mut Txn,
        tree: Tree,
        key: &[u8],
        record: &T,
    ) -> Result<(), Refused> {
        let value = self.vault.seal(tree, key, &to_json(tree, key, record)?)?;
        txn.put(tree, key, value);
        Ok(())
    }

    /// A record that is forgotten with its case.
    pub fn find_of_case<T: DeserializeOwned>(
        &self,
        from: &(impl Source + ?Sized),
        data: &DataKey,
        tree: Tree,
        key: &[u8],
    ) -> Result<Option<T>, Refused> {
        let Some(value) = from.bytes(tree, key)? else { return Ok(None) };
        parse(tree, key, &Zeroizing::new(self.vault.open_case(data, tree, key, &value)?)).map(Some)
    }

    pub fn put_of_case<T: Serialize>(
        &self,
        txn: &mut Txn,
        data: &DataKey,
        tree: Tree,
        key: &[u8],
        record: &T,
    ) -> Result<(), Refused> {
        txn.put(tree, key, self.seal_of_case(data, tree, key, record)?);
        Ok(())
    }

    /// Its stored form.
    pub fn seal_of_case<T: Serialize>(
        &self,
        data: &DataKey,
        tree: Tree,
        key: &[u8],
        record: &T,
    ) -> Result<Vec<u8>, Refused> {
        self.vault.seal_case(data, tree, key, &Zeroizing::new(to_json(tree, key, record)?))
    }

    pub fn report(
        &self,
        from: &(impl Source + ?Sized),
        report: ReportId,
    ) -> Result<Option<ReportRecord>, Refused> {
        self.find(from, Tree::Reports, report.as_bytes())
    }

    pub fn located(
        &self,
        from: &(impl Source + ?Sized),
        locator: &LocatorHash,
    ) -> Result<Option<ReportId>, Refused> {
        self.find(from, Tree::Locators, &locator.0)
    }

    pub fn data_key(&self, from: &(impl Source + ?Sized), report: ReportId) -> Result<DataKey, Refused> {
        let key = report.as_bytes();
        let wrapped = from.bytes(Tree::DataKeys, key)?.ok_or_else(|| missing(Tree::DataKeys, key))?;
        self.vault.unwrap(key, &wrapped, |month| self.retention.find(month))
    }

    /// The retention key of a month, drawn if the store has never used that month.
    pub fn retention_key(
        &self,
        from: &(impl Source + ?Sized),
        month: Month,
    ) -> Result<Zeroizing<[u8; 32]>, Refused> {
        if from.bytes(Tree::Meta, &month_in_use(month))?.is_some() {
            return self.retention.find(month);
        }
        self.retention.find_or_draw(month, &mut rand::rng())
    }

    /// From now on a missing key file of this month means that it was destroyed, or lost.
    pub fn mark_month(&self, txn: &mut Txn, month: Month) -> Result<(), Refused> {
        let key = month_in_use(month);
        if txn.get(Tree::Meta, &key)?.is_none() {
            self.put(txn, Tree::Meta, &key, &())?;
        }
        Ok(())
    }

    /// The next number of a counter in [`Tree::Meta`], from 1.
    pub fn count(&self, txn: &mut Txn, counter: &str) -> Result<u64, Refused> {
        let next = self.find::<u64>(txn, Tree::Meta, counter.as_bytes())?.unwrap_or(0) + 1;
        self.put(txn, Tree::Meta, counter.as_bytes(), &next)?;
        Ok(next)
    }
}

/// Before the month, in [`Tree::Meta`].
pub const MONTH_IN_USE: &str = "month/";

pub fn month_in_use(month: Month) -> Vec<u8> {
    format!("{MONTH_IN_USE}{month}").into_bytes()
}

pub fn missing(tree: Tree, key: &[u8]) -> Refused {
    Refused::Missing { tree: tree.name(), key: hex::encode(key) }
}

pub fn parse<T: DeserializeOwned>(tree: Tree, key: &[u8], json: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(json).map_err(|_| Refused::Damaged { tree: tree.name(), key: hex::encode(key) })
}

pub fn to_json<T: Serialize>(tree: Tree, key: &[u8], record: &T) -> Result<Vec<u8>, Refused> {
    // Only a map with keys that are no text can fail, which no record has; said all the same.
    serde_json::to_vec(record).map_err(|_| Refused::Damaged { tree: tree.name(), key: hex::encode(key) })
}
