//! What was begun here and is answered once, soon, by whoever was given its name: a challenge to a passkey, a visit to
//! the provider. In memory, bounded: the oldest goes when there are too many.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// Seconds an answer may take.
const WITHIN: i64 = 5 * 60;
const MOST: usize = 1024;

pub(super) struct Begun<T>(Mutex<HashMap<String, (i64, T)>>);

impl<T> Default for Begun<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Begun<T> {
    /// Gives the name it is found by: 128 random bits.
    pub fn keep(&self, now: i64, what: T) -> String {
        let name = hex::encode(rand::random::<[u8; 16]>());
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, (at, _)| now - *at < WITHIN);
        if all.len() >= MOST
            && let Some(oldest) = all.iter().min_by_key(|(_, (at, _))| *at).map(|(name, _)| name.clone())
        {
            all.remove(&oldest);
        }
        all.insert(name.clone(), (now, what));
        name
    }

    /// Once: a second answer finds nothing.
    pub fn take(&self, now: i64, name: &str) -> Option<T> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(name).filter(|(at, _)| now - at < WITHIN).map(|(_, what)| what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_begun_is_answered_once_and_soon() {
        let begun = Begun::default();
        let (one, other) = (begun.keep(0, 1), begun.keep(0, 2));
        assert_eq!((begun.take(WITHIN - 1, &one), begun.take(WITHIN - 1, &one)), (Some(1), None));
        assert_eq!((begun.take(WITHIN, &other), begun.take(0, "")), (None, None));
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let begun = Begun::default();
        let first = begun.keep(0, 0);
        let names: Vec<_> = (1..=MOST).map(|n| begun.keep(1, n)).collect();
        assert_eq!(begun.take(1, &first), None);
        assert_eq!(begun.take(1, &names[0]), Some(1));
    }
}
