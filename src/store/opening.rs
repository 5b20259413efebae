//! Opening a store: whose it is, of which version, with which keys; before anything else is read.

use super::{
    Head, OpenRefused, Refused, SCHEMA,
    at_rest::{RootKeys, Vault},
    committer::Committer,
    core::{Core, HEAD_KEY, Sight, Store},
    engine::{Engine, Numbering, Tree, Writes},
    records::{Records, missing},
    retention::RetentionKeys,
};
use crate::{ids::Instance, transcript::sha256};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Checked at every opening, before anything else is read.
#[derive(Serialize, Deserialize)]
struct Mark {
    schema: u32,
    instance: Instance,
}

pub(super) const SCHEMA_KEY: &[u8] = b"schema";
pub(super) const MARK_KEY: &[u8] = b"mark";

/// In the place of the version while a folder's notice is up: programs from before notices refuse it as a version they do not
/// know. Of a database they refuse the functions' version.
const NOT_IN_USE: u32 = u32::MAX;

/// Durable once this returns.
pub(super) fn close_to_older_programs(folder: &dyn Engine) -> Result<(), Refused> {
    let mut writes = Writes::default();
    writes.set(Tree::Meta, SCHEMA_KEY.to_vec(), Some(NOT_IN_USE.to_be_bytes().to_vec()));
    folder.apply(&writes).and_then(|()| folder.sync())
}

/// Names the store without saying anything of it: no two were made with the same bytes. `None`: there is none.
pub(super) fn store_id(engine: &dyn Engine) -> Result<Option<String>, Refused> {
    Ok(engine.get(Tree::Meta, MARK_KEY)?.map(|mark| id_of_mark(&mark)))
}

pub(super) fn id_of_mark(mark: &[u8]) -> String {
    hex::encode(&sha256(mark)[..8])
}

impl Store {
    /// Opens the store over an engine, making it this instance's if it is empty. Reads every case once.
    pub fn open(
        engine: Arc<dyn Engine>,
        instance: &Instance,
        roots: &RootKeys,
        retention: RetentionKeys,
    ) -> Result<Self, OpenRefused> {
        Self::open_with(engine, instance, roots, retention, Sight::All)
    }

    /// As [`Store::open`], with what this process may know. On [`Sight::One`] every list is empty.
    pub fn open_with(
        engine: Arc<dyn Engine>,
        instance: &Instance,
        roots: &RootKeys,
        retention: RetentionKeys,
        sight: Sight,
    ) -> Result<Self, OpenRefused> {
        let records = Records { vault: Vault::new(instance, roots), retention };
        let core = Arc::new(Core::new(engine, records, sight));
        let committer = Committer::start(core.engine.clone(), core.clone())
            .map_err(|e| OpenRefused::Unreadable(Refused::Failed(e.to_string())))?;
        let store = Self { core, committer };
        if let Some(notice) = store.core.engine.notice()? {
            return Err(OpenRefused::NotInUse(notice.text));
        }
        store.check_mark(instance)?;
        let newest = match store.newest_day() {
            // Whoever may write there must not keep the others from starting; they are in doubt of the day (`cli/serve`).
            Err(Refused::Damaged { .. }) => None,
            newest => newest?,
        };
        store.core.records.retention.judge_clock(newest);
        store.check_retention_folder()?;
        store.check_months()?;
        store.join_objects()?;
        store.core.load_shown()?;
        if store.core.engine.numbering() == Numbering::Dense {
            let free = store.core.unused_slots()?;
            store.core.free_slots(|slots| *slots = free);
        }
        Ok(store)
    }

    /// Whether nothing was ever stored under this engine.
    pub fn is_new(engine: &dyn Engine) -> Result<bool, Refused> {
        Ok(engine.get(Tree::Meta, SCHEMA_KEY)?.is_none())
    }

    fn check_mark(&self, instance: &Instance) -> Result<(), OpenRefused> {
        // The version stands in clear, so that a later format is recognised before anything is decrypted.
        let engine = &*self.core.engine;
        let Some(schema) = engine.get(Tree::Meta, SCHEMA_KEY)? else {
            return self.make_mark(instance);
        };
        match <[u8; 4]>::try_from(schema.as_slice()).map(u32::from_be_bytes) {
            Ok(SCHEMA) => {}
            // Whoever took the notice away wants it in use again.
            Ok(NOT_IN_USE) => {
                let again = self.committer.commit(|txn| {
                    txn.put(Tree::Meta, SCHEMA_KEY, SCHEMA.to_be_bytes().to_vec());
                    Ok(())
                });
                again.wait()?;
            }
            Ok(other) => return Err(OpenRefused::UnknownSchema(other)),
            Err(_) => return Err(Refused::Damaged { tree: "meta", key: hex::encode(SCHEMA_KEY) }.into()),
        }
        let mark = match self.core.records.find::<Mark>(engine, Tree::Meta, MARK_KEY) {
            Err(Refused::UnknownRootKey) => return Err(OpenRefused::OtherRootKey),
            // The instance goes into every key, so another instance cannot even read the mark.
            Err(Refused::Damaged { .. }) => return Err(OpenRefused::OtherInstance),
            found => found?.ok_or_else(|| missing(Tree::Meta, MARK_KEY))?,
        };
        if mark.instance != *instance {
            return Err(OpenRefused::OtherInstance);
        }
        Ok(())
    }

    fn make_mark(&self, instance: &Instance) -> Result<(), OpenRefused> {
        let core = self.core.clone();
        let mark = Mark { schema: SCHEMA, instance: instance.clone() };
        let made = self.committer.commit(move |txn| {
            // Another process may have been first.
            if txn.get(Tree::Meta, SCHEMA_KEY)?.is_some() {
                return Ok(None);
            }
            // Or something is being moved in here since it was looked for.
            if let Some(notice) = core.engine.notice()? {
                return Ok(Some(notice.text));
            }
            txn.put(Tree::Meta, SCHEMA_KEY, SCHEMA.to_be_bytes().to_vec());
            txn.put(Tree::Meta, HEAD_KEY, core.head_value(&Head::default())?);
            core.records.put(txn, Tree::Meta, MARK_KEY, &mark)?;
            Ok::<_, Refused>(None)
        });
        made.wait()?.map_or(Ok(()), |notice| Err(OpenRefused::NotInUse(notice)))
    }
}
