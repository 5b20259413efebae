//! What readers are shown follows what other processes write. Where this process is the only one that writes there
//! is nothing to follow, and nothing is asked.

use super::{
    Refused,
    committer::{Effect, Follower},
    core::{Core, Row, Sight},
};
use crate::ids::ReportId;
use std::sync::PoisonError;

impl Core {
    /// Takes in what was written since the last time, by whomever. One short question when that is nothing.
    pub fn follow(&self) -> Result<(), Refused> {
        match self.engine.position()? {
            Some(position) => self.follow_to(position),
            None => Ok(()),
        }
    }

    /// As [`Core::follow`], for readers who are better served with what is known than not at all: every page that
    /// shows more than a list reads the store itself, and says so if it cannot.
    pub fn follow_if_possible(&self) {
        if let Err(refused) = self.follow() {
            tracing::warn!(%refused, "lists may be older than the store");
        }
    }

    fn follow_to(&self, position: u64) -> Result<(), Refused> {
        let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        if *followed >= position {
            return Ok(());
        }
        let changed = match self.sight {
            Sight::All => self.engine.changed(*followed)?,
            Sight::One => Vec::new(),
        };
        let mut found = Vec::new();
        for key in changed {
            let Ok(report) = <[u8; 16]>::try_from(key.as_slice()).map(ReportId::from_bytes) else { continue };
            match self.read_dossier(report) {
                Ok(dossier) => found.push(dossier),
                Err(Refused::Forgotten(_)) => {}
                Err(refused @ Refused::Unavailable(_)) => return Err(refused),
                Err(refused) => tracing::error!(%refused, "a case was left out; run mifeng check"),
            }
        }
        // They come as they were written; earlier cases are compared first.
        found.sort_by_key(|dossier| dossier.case.number);
        self.shown_mut(|shown| {
            for dossier in &found {
                self.show(shown, dossier.case.number, Row::of(dossier));
            }
        });
        self.views.forget();
        let head = self.head_of(&*self.engine)?;
        self.shown_mut(|shown| shown.head = head);
        *followed = position;
        Ok(())
    }
}

impl Follower for Core {
    fn before(&self, position: u64) -> Result<(), Refused> {
        // In its turn nobody else gets further. A store behind what was followed was put back, or a copy that lagged answers.
        if *self.followed.lock().unwrap_or_else(PoisonError::into_inner) > position {
            return self.load_shown();
        }
        self.follow_to(position)
    }

    fn after(&self, position: Option<u64>, effects: Vec<Effect>) {
        let Some(position) = position else {
            return effects.into_iter().for_each(|effect| effect());
        };
        let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        effects.into_iter().for_each(|effect| effect());
        // A reader may have been further than this group already; what it had read is read again.
        *followed = if *followed == position { position + 1 } else { position.min(*followed) };
    }
}
