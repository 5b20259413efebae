//! Lists of cases that staff have given a name: filters in codes, never anything that was typed into a search.

use super::{Commit, Refused, Store, committer::Txn, core::Core, engine::Tree};
use crate::{ids::StaffId, policy::Code};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};

/// All views as they were last read.
#[derive(Default)]
pub(super) struct KeptViews(Mutex<(u64, Option<Arc<Vec<View>>>)>);

impl KeptViews {
    /// As read now, unless they were read since the last change. What was read while one became durable is not kept.
    fn read(&self, read: impl FnOnce() -> Result<Vec<View>, Refused>) -> Result<Arc<Vec<View>>, Refused> {
        let changes = match &*self.lock() {
            (_, Some(kept)) => return Ok(kept.clone()),
            (changes, None) => *changes,
        };
        let views = Arc::new(read()?);
        let mut kept = self.lock();
        if kept.0 == changes {
            kept.1 = Some(views.clone());
        }
        Ok(views)
    }

    /// They are read anew when they are asked for next.
    pub fn forget(&self) {
        let mut kept = self.lock();
        *kept = (kept.0 + 1, None);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (u64, Option<Arc<Vec<View>>>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A list under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct View {
    /// 0: not stored yet.
    pub id: u64,
    pub name: String,
    /// As it stands in the list's address: `state=submitted&band=soon`.
    pub query: String,
    /// Who answers for it, and alone changes or removes it.
    pub owner: StaffId,
    /// The body whose staff have it too, a code of `policy/bodies.toml`; `None`: the owner's alone.
    pub team: Option<Code>,
}

/// Views one person can own: a row of names on a page, not a drawer.
pub const MOST_VIEWS: usize = 20;

/// Makes a view from the one that stands. Runs on the committer's thread: must be short.
pub type ViewChange = Box<dyn FnOnce(View) -> Result<View, Refused> + Send>;

pub trait Views {
    /// All of them, in the order they were made. Asked for with every list: they stay in memory.
    fn views(&self) -> Result<Arc<Vec<View>>, Refused>;

    /// Stores a new one and gives its number. One more than [`MOST_VIEWS`] of one owner is [`Refused::TooManyViews`].
    fn keep_view(&self, view: View) -> Commit<u64>;

    /// Changes the view as it stands when the change is made.
    fn change_view(&self, id: u64, change: ViewChange) -> Commit<()>;

    /// Removes it, if it is `by`'s; another's, or one that is gone, is [`Refused::NoSuchView`].
    fn forget_view(&self, id: u64, by: &StaffId) -> Commit<()>;
}

impl Core {
    fn view(&self, txn: &Txn, id: u64) -> Result<View, Refused> {
        self.records.find(txn, Tree::Views, &id.to_be_bytes())?.ok_or(Refused::NoSuchView)
    }

    fn put_view(self: &Arc<Self>, txn: &mut Txn, view: &View) -> Result<(), Refused> {
        self.views_change(txn);
        self.records.put(txn, Tree::Views, &view.id.to_be_bytes(), view)
    }

    fn views_change(self: &Arc<Self>, txn: &mut Txn) {
        let core = self.clone();
        txn.once_durable(move || core.views.forget());
    }

    /// As this change finds them; such as are made in the same moment count from the next one on.
    fn views_of(&self, txn: &Txn, owner: &StaffId) -> Result<usize, Refused> {
        let mut count = 0;
        for entry in self.engine.scan(Tree::Views, &[], &[]) {
            let view: Option<View> = self.records.find(txn, Tree::Views, &entry?.0)?;
            count += usize::from(view.is_some_and(|view| view.owner == *owner));
        }
        Ok(count)
    }
}

impl Views for Store {
    fn views(&self) -> Result<Arc<Vec<View>>, Refused> {
        let engine = &*self.core.engine;
        self.core.follow_if_possible();
        self.core.views.read(|| {
            let mut views = Vec::new();
            for entry in engine.scan(Tree::Views, &[], &[]) {
                views.extend(self.core.records.find::<View>(engine, Tree::Views, &entry?.0)?);
            }
            Ok(views)
        })
    }

    fn keep_view(&self, view: View) -> Commit<u64> {
        let core = self.core.clone();
        self.committer.commit(move |txn| {
            if core.views_of(txn, &view.owner)? >= MOST_VIEWS {
                return Err(Refused::TooManyViews);
            }
            let id = core.records.count(txn, "views")?;
            core.put_view(txn, &View { id, ..view })?;
            Ok(id)
        })
    }

    fn change_view(&self, id: u64, change: ViewChange) -> Commit<()> {
        let core = self.core.clone();
        self.committer.commit(move |txn| {
            let changed = change(core.view(txn, id)?)?;
            core.put_view(txn, &View { id, ..changed })
        })
    }

    fn forget_view(&self, id: u64, by: &StaffId) -> Commit<()> {
        let (core, by) = (self.core.clone(), by.clone());
        self.committer.commit(move |txn| {
            if core.view(txn, id)?.owner != by {
                return Err(Refused::NoSuchView);
            }
            core.views_change(txn);
            txn.remove(Tree::Views, id.to_be_bytes());
            Ok(())
        })
    }
}
