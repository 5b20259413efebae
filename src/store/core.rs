//! What the doors share: opening, dossiers, the log's right edge, and what readers may be shown.

mod change;
mod edge;
mod shown;

pub(super) use change::{envelope_key, package_key, share_key};
pub(super) use edge::{AuditRecord, NodesOf, damaged_log};
pub(super) use shown::{Row, Shown};

use self::{edge::HEAD_KEY, shown::Comparing};
use super::{
    Dossier, Head, OpenRefused, Refused, SCHEMA,
    at_rest::{RootKeys, Vault},
    committer::Committer,
    engine::{Engine, Numbering, Tree},
    records::{Records, missing},
    retention::{Month, RetentionKeys},
    views::KeptViews,
    volume::FreeSlots,
};
use crate::ids::Instance;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, OnceLock, RwLock, atomic::AtomicBool};

/// Envelopes a report can have: the first, 16 additions (design §3.4), and two whose places are kept: the
/// withdrawal's and the claim's.
pub const MOST_ENVELOPES: usize = 19;

/// An open store. Hand faces its traits, not itself.
pub struct Store {
    pub(super) core: Arc<Core>,
    pub(super) committer: Committer,
}

pub(super) struct Core {
    pub engine: Arc<dyn Engine>,
    pub records: Records,
    pub free: Mutex<FreeSlots>,
    /// A backup reads.
    pub frozen: AtomicBool,
    pub views: KeptViews,
    /// When a dossier may be forgotten.
    due: OnceLock<Due>,
    /// By what matters are compared.
    repeats: OnceLock<Comparing>,
    shown: RwLock<Shown>,
    /// Up to which [`Engine::position`] it is shown.
    pub followed: Mutex<u64>,
    pub sight: Sight,
}

/// What a process knows of the cases.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sight {
    /// A row of every case, in memory.
    All,
    /// None but the one in hand: for reporters, whose database role cannot list cases.
    One,
}

type Due = Box<dyn Fn(&Dossier) -> Month + Send + Sync>;

/// Checked at every opening, before anything else is read.
#[derive(Serialize, Deserialize)]
struct Mark {
    schema: u32,
    instance: Instance,
}

pub(super) const SCHEMA_KEY: &[u8] = b"schema";
pub(super) const MARK_KEY: &[u8] = b"mark";

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
        let core = Arc::new(Core {
            engine,
            records,
            free: Mutex::default(),
            frozen: AtomicBool::new(false),
            views: KeptViews::default(),
            due: OnceLock::new(),
            repeats: OnceLock::new(),
            shown: RwLock::default(),
            followed: Mutex::default(),
            sight,
        });
        let committer = Committer::start(core.engine.clone(), core.clone())
            .map_err(|e| OpenRefused::Unreadable(Refused::Failed(e.to_string())))?;
        let store = Self { core, committer };
        if let Some(notice) = store.core.engine.notice()? {
            return Err(OpenRefused::NotInUse(notice.text));
        }
        store.check_mark(instance)?;
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

    /// From now on every change keeps its case at least until the month this rule gives; what a case had before is
    /// never shortened. Without a rule a case is forgotten in the month it was submitted with. The first rule stays.
    pub fn keep_until(&self, due: impl Fn(&Dossier) -> Month + Send + Sync + 'static) {
        let _ = self.core.due.set(Box::new(due));
    }

    fn check_mark(&self, instance: &Instance) -> Result<(), OpenRefused> {
        // The version stands in clear, so that a later format is recognised before anything is decrypted.
        let engine = &*self.core.engine;
        let Some(schema) = engine.get(Tree::Meta, SCHEMA_KEY)? else {
            return self.make_mark(instance);
        };
        match <[u8; 4]>::try_from(schema.as_slice()).map(u32::from_be_bytes) {
            Ok(SCHEMA) => {}
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
            core.records.put(txn, Tree::Meta, HEAD_KEY, &Head::default())?;
            core.records.put(txn, Tree::Meta, MARK_KEY, &mark)?;
            Ok::<_, Refused>(None)
        });
        made.wait()?.map_or(Ok(()), |notice| Err(OpenRefused::NotInUse(notice)))
    }
}
