//! Awards that nobody claimed in time, as the public reads of them: for each a number in the place of a name, the day it was
//! published, and until when it can be claimed. Nothing of the case, and in an order that says nothing.
//!
//! A notice stands until its last day, whatever becomes of the award meanwhile: whoever works on the case reads this list,
//! too, and must not see from it that its reporter has claimed.

use crate::{
    award::{notice::Notice, summary::AwardSummary},
    clock::Clock,
    store::{Cases, Refused, Shelf},
};
use std::sync::{Arc, Mutex, PoisonError};

/// Looks at most once a minute, and hands out nothing but what everybody may read.
pub struct NoticesDesk {
    source: Source,
    clock: Arc<dyn Clock>,
    kept: Mutex<Option<(i64, Arc<Vec<Notice>>)>>,
}

enum Source {
    Cases(Arc<dyn Cases>),
    /// For a process that sees no list of cases.
    Shelf(Arc<dyn Shelf>),
}

const KEPT_SECONDS: i64 = 60;

impl NoticesDesk {
    pub fn new(cases: Arc<dyn Cases>, clock: Arc<dyn Clock>) -> Self {
        Self { source: Source::Cases(cases), clock, kept: Mutex::new(None) }
    }

    /// Shows what another process has put on the shelf.
    pub fn elsewhere(shelf: Arc<dyn Shelf>, clock: Arc<dyn Clock>) -> Self {
        Self { source: Source::Shelf(shelf), clock, kept: Mutex::new(None) }
    }

    /// The notices that stand today, as they were this minute, by number.
    ///
    /// # Errors
    /// If the store cannot be read: an empty list would say that there is no notice.
    pub fn now(&self) -> Result<Arc<Vec<Notice>>, Refused> {
        let at = self.clock.unix_seconds();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((since, notices)) = &*kept
            && (0..KEPT_SECONDS).contains(&(at - since))
        {
            return Ok(notices.clone());
        }
        let mut notices: Vec<Notice> = match &self.source {
            Source::Cases(cases) => cases.awards().iter().filter_map(of).collect(),
            Source::Shelf(shelf) => read(shelf.notices()?)?,
        };
        let today = self.clock.today();
        notices.retain(|notice| notice.is_open(today));
        notices.sort_by_key(|notice| notice.number);
        let notices = Arc::new(notices);
        *kept = Some((at, notices.clone()));
        Ok(notices)
    }

    /// Puts this minute's notices on the shelf, unless they lie there.
    ///
    /// # Errors
    /// What the store says.
    pub async fn put_on(&self, shelf: &dyn Shelf) -> Result<(), Refused> {
        // Numbers and days: writing them as JSON does not fail.
        let text = serde_json::to_string(&*self.now()?).unwrap_or_default();
        if shelf.notices()?.as_deref() == Some(&text) { Ok(()) } else { shelf.put_notices(text).await }
    }
}

/// How this award is announced. Not once what it rests on is looked into anew: nobody can claim it then.
fn of(award: &AwardSummary) -> Option<Notice> {
    award.notice.filter(|_| award.state != "declined")
}

fn read(shelf: Option<String>) -> Result<Vec<Notice>, Refused> {
    let Some(text) = shelf else { return Ok(Vec::new()) };
    let damaged = |_| Refused::Damaged { tree: "meta", key: "notices/shown".into() };
    serde_json::from_str(&text).map_err(damaged)
}
