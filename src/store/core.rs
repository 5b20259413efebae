//! What the doors share: opening, dossiers, the log's right edge, and what readers may be shown.

mod change;
mod edge;
mod shown;

pub(super) use change::{envelope_key, package_key, share_key};
pub(super) use edge::{AuditRecord, HEAD_KEY, NodesOf, clear_len, damaged_log};
pub(super) use shown::{Row, Shown};

use self::shown::Comparing;
use super::{
    Dossier, committer::Committer, engine::Engine, records::Records, retention::Month, views::KeptViews,
    volume::FreeSlots,
};
use crate::clock::Day;
use std::sync::{Arc, Mutex, OnceLock, RwLock, atomic::AtomicBool};

/// Envelopes a report can have: the first, 16 additions (design §3.4), and those whose places are kept: for what its
/// reporter asks for (`KEPT_FOR_ASKING`), the withdrawal's and the claim's.
pub const MOST_ENVELOPES: usize = 24;
/// Of those, for a review, a deletion and word of retaliation: they are heard after everything else is full.
pub const KEPT_FOR_ASKING: usize = 5;

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
    /// When an entry of the staff record may be.
    pub entries_due: OnceLock<EntriesDue>,
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
type EntriesDue = Box<dyn Fn(Day) -> Month + Send + Sync>;

impl Core {
    /// Nothing is shown yet.
    pub fn new(engine: Arc<dyn Engine>, records: Records, sight: Sight) -> Self {
        Self {
            engine,
            records,
            free: Mutex::default(),
            frozen: AtomicBool::new(false),
            views: KeptViews::default(),
            due: OnceLock::new(),
            entries_due: OnceLock::new(),
            repeats: OnceLock::new(),
            shown: RwLock::default(),
            followed: Mutex::default(),
            sight,
        }
    }
}

impl Store {
    /// From now on every change keeps its case at least until the month this rule gives; what a case had before is
    /// never shortened. Without a rule a case is forgotten in the month it was submitted with. The first rule stays.
    pub fn keep_until(&self, due: impl Fn(&Dossier) -> Month + Send + Sync + 'static) {
        let _ = self.core.due.set(Box::new(due));
    }

    /// From now on an entry of the staff record is forgotten with the month this rule gives for its day. Without a rule, and
    /// what was written before, it is kept for good. The first rule stays.
    pub fn keep_entries_until(&self, due: impl Fn(Day) -> Month + Send + Sync + 'static) {
        let _ = self.core.entries_due.set(Box::new(due));
    }
}
