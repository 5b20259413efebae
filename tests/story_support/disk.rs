//! What whoever has the disk *and* the server's keys can see of a report.

use super::World;
use mifeng::{
    clock::SystemClock,
    ids::{Instance, ReportId},
    lock::ShareFile,
    receipt::Receipt,
    store::{
        at_rest::{DataKey, RootKeys, Vault},
        engine::{Engine, Tree},
        retention::RetentionKeys,
        sled::SledEngine,
    },
};
use serde_json::Value;
use std::{collections::BTreeMap, path::Path, sync::Arc};

/// The stopped server's store, opened with its own keys.
pub struct Disk {
    engine: Arc<dyn Engine>,
    vault: Vault,
    retention: RetentionKeys,
}

/// One record, as it is stored and what it says.
pub struct Record {
    pub tree: Tree,
    pub key: Vec<u8>,
    pub stored: Vec<u8>,
    /// Decrypted with the server's keys; nothing for a data key.
    pub plain: Vec<u8>,
}

/// One record as such a person may compare it with another report's: length of key and value, and what it says
/// once decrypted, with every text replaced by its length and every number by its sign.
pub type Look = (usize, usize, String);

impl Disk {
    pub fn of(world: &World) -> Self {
        Self::at(&world.path("demo"))
    }

    /// Of a stopped demo in this folder.
    pub fn at(demo: &Path) -> Self {
        Self::on(Arc::new(SledEngine::open(&demo.join("data")).unwrap()), demo)
    }

    /// Of a demo whose store lies elsewhere, with the keys in its folder.
    pub fn on(engine: Arc<dyn Engine>, demo: &Path) -> Self {
        let keys = demo.join("keys");
        let roots = RootKeys::parse(&std::fs::read_to_string(keys.join("root.key")).unwrap()).unwrap();
        Self {
            engine,
            vault: Vault::new(&Instance("demo".into()), &roots),
            retention: RetentionKeys::open(&keys.join("retention"), Arc::new(SystemClock)).unwrap(),
        }
    }

    pub fn report(&self, receipt: &str) -> ReportId {
        let locator = Receipt::parse(receipt).unwrap().locator();
        let value = self.engine.get(Tree::Locators, &locator.0).unwrap().expect("the receipt is known");
        serde_json::from_slice(&self.vault.open(Tree::Locators, &locator.0, &value).unwrap()).unwrap()
    }

    /// Envelope hashes and share files of one report, as one trustee gets them.
    pub fn shares(&self, report: ReportId, trustee: u8) -> Vec<(String, ShareFile)> {
        let data = self.data_key(report);
        let open = |tree, key: &[u8]| {
            let value = self.engine.get(tree, key).unwrap()?;
            Some(self.vault.open_case(&data, tree, key, &value).unwrap())
        };
        let mut found = Vec::new();
        for sequence in 0u8.. {
            let key = [report.as_bytes().as_slice(), &[sequence]].concat();
            let Some(envelope) = open(Tree::Envelopes, &key) else { break };
            let share = open(Tree::Shares, &[&key[..], &[trustee]].concat()).unwrap();
            let hash = hex::encode(mifeng::transcript::sha256(&envelope));
            found.push((hash, ShareFile::parse(&share).unwrap()));
        }
        found
    }

    fn data_key(&self, report: ReportId) -> DataKey {
        let id = report.as_bytes();
        let wrapped = self.engine.get(Tree::DataKeys, id).unwrap().unwrap();
        self.vault.unwrap(id, &wrapped, |month| self.retention.find(month)).unwrap()
    }

    /// The decrypted case of one report.
    pub fn case(&self, report: ReportId) -> Vec<u8> {
        let id = report.as_bytes();
        let value = self.engine.get(Tree::Cases, id).unwrap().unwrap();
        self.vault.open_case(&self.data_key(report), Tree::Cases, id, &value).unwrap()
    }

    /// Every record of every tree, decrypted.
    pub fn everything(&self) -> Vec<u8> {
        let mut all = Vec::new();
        for tree in Tree::ALL.into_iter().filter(|tree| *tree != Tree::DataKeys) {
            for entry in self.engine.scan(tree, &[], &[]) {
                let (key, value) = entry.unwrap();
                // The version of the schema alone stands in clear, and the size of the log before its head.
                let clear = if matches!(&key[..], b"log/head" | b"day/newest") { 8 } else { 0 };
                if tree == Tree::Trail {
                    all.extend(self.entry(&key, &value));
                    all.push(b'\n');
                    continue;
                }
                let plain = self.vault.open(tree, &key, &value[clear..]).unwrap_or_else(|_| {
                    if key == b"schema" {
                        return value.clone();
                    }
                    let report = ReportId::from_bytes(key[..16].try_into().unwrap());
                    self.vault.open_case(&self.data_key(report), tree, &key, &value).unwrap()
                });
                all.extend(plain);
                all.push(b'\n');
            }
        }
        all
    }

    /// One of the staff record.
    fn entry(&self, key: &[u8], value: &[u8]) -> Vec<u8> {
        self.vault.open_until(Tree::Trail, key, value, |month| self.retention.find(month)).unwrap()
    }

    /// How all records of one report look, by tree.
    pub fn looks(&self, report: ReportId) -> BTreeMap<Tree, Vec<Look>> {
        let mut looks: BTreeMap<Tree, Vec<Look>> = BTreeMap::new();
        for Record { tree, key, stored, plain } in self.records(report) {
            let look = match tree {
                Tree::DataKeys => format!("{:?}", &stored[..3]),
                // Opaque from here on: version, suite, and how much there is of it.
                Tree::Envelopes | Tree::Shares => format!("{:?} {}", &plain[..2], plain.len()),
                Tree::LogLeaves => plain.len().to_string(),
                _ => shape(&serde_json::from_slice(&plain).unwrap()).to_string(),
            };
            looks.entry(tree).or_default().push((key.len(), stored.len(), look));
        }
        looks
    }

    /// All records of one report, and its leaves in the log.
    pub fn records(&self, report: ReportId) -> Vec<Record> {
        let id = report.as_bytes();
        let data = self.data_key(report);
        let mut records = Vec::new();
        for tree in Tree::ALL {
            for entry in self.engine.scan(tree, id, &[]) {
                let (key, stored) = entry.unwrap();
                let plain = self.read(&data, tree, &key, &stored);
                records.push(Record { tree, key, stored, plain });
            }
        }
        for place in self.places(&data, report) {
            let key = place.to_be_bytes().to_vec();
            let stored = self.engine.get(Tree::LogLeaves, &key).unwrap().unwrap();
            let plain = self.vault.open(Tree::LogLeaves, &key, &stored).unwrap();
            records.push(Record { tree: Tree::LogLeaves, key, stored, plain });
        }
        records
    }

    fn places(&self, data: &DataKey, report: ReportId) -> Vec<u64> {
        let id = report.as_bytes();
        let value = self.engine.get(Tree::Audit, id).unwrap().unwrap();
        let audit: Value =
            serde_json::from_slice(&self.vault.open_case(data, Tree::Audit, id, &value).unwrap()).unwrap();
        audit["places"].as_array().unwrap().iter().map(|place| place.as_u64().unwrap()).collect()
    }

    fn read(&self, data: &DataKey, tree: Tree, key: &[u8], stored: &[u8]) -> Vec<u8> {
        let plain = match tree {
            // What it wraps is known: it opens all the others.
            Tree::DataKeys => return Vec::new(),
            _ => self.vault.open_case(data, tree, key, stored),
        };
        plain.unwrap_or_else(|refused| panic!("{}: {refused}", tree.name()))
    }
}

fn shape(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::from(format!("{} bytes", text.len())),
        Value::Number(number) => Value::from(if number.is_f64() { "float" } else { "number" }),
        Value::Array(all) => all.iter().map(shape).collect(),
        Value::Object(all) => all.iter().map(|(key, value)| (key.clone(), shape(value))).collect(),
        other => other.clone(),
    }
}
