//! What must happen when a month has ended: cases that are forgotten with it leave the lists, and whoever watches reads that
//! its key waits to be destroyed. No key is destroyed here: a clock that is sure may still be wrong.

use crate::store::{Month, Refused, Store};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::{Duration, interval};

pub struct Forgetting {
    store: Arc<Store>,
    /// The month in which it was last seen to.
    seen_to: Mutex<Option<Month>>,
}

impl Forgetting {
    pub fn of(store: Arc<Store>) -> Self {
        Self { store, seen_to: Mutex::new(None) }
    }

    /// Does it, unless that was done in this month. Nothing is, before the clock is sure of the day.
    pub async fn round(&self) {
        let Some(now) = self.store.sure_month() else { return };
        let before = *self.seen_to.lock().unwrap_or_else(PoisonError::into_inner);
        if before == Some(now) {
            return;
        }
        if before.is_some_and(|before| now < before) {
            tracing::error!(
                "the day was set back: restart the server, so that cases of months that were taken for over are listed again"
            );
        }
        let store = self.store.clone();
        // Every case's month is read: not on a thread that answers.
        let dropped = tokio::task::spawn_blocking(move || store.drop_ended()).await;
        match dropped.unwrap_or(Err(Refused::Panicked)) {
            Ok(0) => {}
            Ok(cases) => tracing::info!(cases, "their time is over: they are listed no more"),
            Err(cause) => {
                tracing::warn!(%cause, "cases whose time is over may still be listed");
                return;
            }
        }
        match self.store.overdue() {
            Ok(None) => {}
            Ok(Some(overdue)) => tracing::warn!("{overdue}"),
            Err(cause) => tracing::warn!(%cause, "whether keys wait to be destroyed is not known"),
        }
        *self.seen_to.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    pub async fn keep_up(&self) {
        let mut look = interval(Duration::from_secs(60));
        loop {
            look.tick().await;
            self.round().await;
        }
    }
}
