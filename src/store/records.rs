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

    /// What ties a report's records together, and the key of its case, under which that lies: it is forgotten with the case.
    /// `None`: there is no such report.
    pub fn report_and_key(
        &self,
        from: &(impl Source + ?Sized),
        report: ReportId,
    ) -> Result<Option<(ReportRecord, DataKey)>, Refused> {
        let key = report.as_bytes();
        let Some(value) = from.bytes(Tree::Reports, key)? else { return Ok(None) };
        let data = self.data_key(from, report)?;
        let record = parse(Tree::Reports, key, &self.open_report(&data, key, &value)?)?;
        Ok(Some((record, data)))
    }

    pub fn report(
        &self,
        from: &(impl Source + ?Sized),
        report: ReportId,
    ) -> Result<Option<ReportRecord>, Refused> {
        Ok(self.report_and_key(from, report)?.map(|(record, _)| record))
    }

    pub fn put_report(
        &self,
        txn: &mut Txn,
        data: &DataKey,
        report: ReportId,
        record: &ReportRecord,
    ) -> Result<(), Refused> {
        self.put_of_case(txn, data, Tree::Reports, report.as_bytes(), record)
    }

    /// One from before lies under the root key alone.
    pub fn open_report(
        &self,
        data: &DataKey,
        key: &[u8],
        value: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Refused> {
        let opened = self.vault.open_case(data, Tree::Reports, key, value);
        opened.or_else(|_| self.vault.open(Tree::Reports, key, value)).map(Zeroizing::new)
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

    /// As [`Self::data_key`], but only a key that was destroyed is forgotten: for whoever takes away for good what is nobody's.
    pub fn data_key_there(
        &self,
        from: &(impl Source + ?Sized),
        report: ReportId,
    ) -> Result<DataKey, Refused> {
        let key = report.as_bytes();
        let wrapped = from.bytes(Tree::DataKeys, key)?.ok_or_else(|| missing(Tree::DataKeys, key))?;
        self.vault.unwrap(key, &wrapped, |month| self.retention.find_there(month))
    }

    /// A record of no case that is forgotten with a month.
    pub fn find_until<T: DeserializeOwned>(
        &self,
        from: &(impl Source + ?Sized),
        tree: Tree,
        key: &[u8],
    ) -> Result<Option<T>, Refused> {
        let Some(value) = from.bytes(tree, key)? else { return Ok(None) };
        let plain = self.vault.open_until(tree, key, &value, |month| self.retention.find(month))?;
        parse(tree, key, &Zeroizing::new(plain)).map(Some)
    }

    pub fn put_until<T: Serialize>(
        &self,
        txn: &mut Txn,
        month: Month,
        tree: Tree,
        key: &[u8],
        record: &T,
    ) -> Result<(), Refused> {
        let plain = Zeroizing::new(to_json(tree, key, record)?);
        let mark = month_in_use(month);
        let retention = match txn.get(Tree::Meta, &mark)? {
            Some(_) => self.retention.find(month)?,
            None => {
                let drawn = self.retention.find_or_draw(month, &mut rand::rng())?;
                self.put(txn, Tree::Meta, &mark, &())?;
                drawn
            }
        };
        txn.put(tree, key, self.vault.seal_until(month, &retention, tree, key, &plain)?);
        Ok(())
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
