//! Whether the bucket is the one this store's files lie in. A store with another bucket would not find its files; and whoever
//! goes through a bucket that belongs to another store would remove that one's.
//!
//! A random word stands in the store, and in the bucket: written once, by whoever is first. The server decides who that is
//! (`If-None-Match: *`), and the word is read back a moment later: some servers look and then write, and tell two yes.

use super::Objects;
use crate::{
    ids::ObjectId,
    store::{OpenRefused, Refused, Store, engine::Tree},
};
use serde::{Deserialize, Serialize};
use std::{sync::atomic::Ordering, thread, time::Duration};

/// Of the record.
pub const KEY: &[u8] = b"objects";
/// Of the object.
const NAME: &str = "store";
/// By then another one's word, sent at the same moment, is there, where the server takes either.
const SETTLES: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Joined {
    word: ObjectId,
    /// The bucket holds it. Before, a bucket without one may still become this store's.
    is_there: bool,
}

impl Store {
    pub(in crate::store) fn join_objects(&self) -> Result<(), OpenRefused> {
        let engine = &*self.core.engine;
        let kept: Option<Joined> = self.core.records.find(engine, Tree::Meta, KEY)?;
        let Some(objects) = engine.objects() else {
            return if kept.is_some() { Err(OpenRefused::NoObjects) } else { Ok(()) };
        };
        let kept = match kept {
            Some(kept) => kept,
            None => {
                self.keep_joined(Joined { word: ObjectId::random(&mut rand::rng()), is_there: false }, false)?
            }
        };
        // The first one stands, as in the store.
        let _ = objects.word.set(kept.word);
        match objects.mark() {
            Ok(Some(found)) if found == kept.word.to_string().as_bytes() => {}
            Ok(None) if !kept.is_there && objects.claim(kept.word)? => {}
            Ok(_) => return Err(OpenRefused::OtherObjects(objects.told().to_owned())),
            // Reports come in without it; a file is refused until it is there again.
            Err(Refused::Objects(cause)) if kept.is_there => {
                tracing::error!(cause, "the object store cannot be used; files are refused until it can");
                return Ok(());
            }
            Err(Refused::Objects(cause)) => {
                return Err(OpenRefused::Objects { at: objects.told().to_owned(), cause });
            }
            Err(refused) => return Err(refused.into()),
        }
        objects.is_ours.store(true, Ordering::SeqCst);
        if !kept.is_there {
            self.keep_joined(Joined { is_there: true, ..kept }, true)?;
        }
        Ok(())
    }

    /// What is kept then: of another process, where `over` says not to write over that.
    fn keep_joined(&self, joined: Joined, over: bool) -> Result<Joined, Refused> {
        let core = self.core.clone();
        let kept = self.committer.commit(move |txn| {
            if !over && let Some(kept) = core.records.find::<Joined>(txn, Tree::Meta, KEY)? {
                return Ok(kept);
            }
            core.records.put(txn, Tree::Meta, KEY, &joined)?;
            Ok::<_, Refused>(joined)
        });
        kept.wait()
    }
}

impl Objects {
    /// What says whose bucket this is, if anything does.
    pub fn mark(&self) -> Result<Option<Vec<u8>>, Refused> {
        self.get_at(NAME.into())
    }

    /// The same, for a copy of all that lies there; refused if it is not this store's, or says nothing though `used`.
    pub fn mark_of(&self, used: bool) -> Result<Option<Vec<u8>>, Refused> {
        let (found, word) = (self.mark()?, self.word.get().map(ObjectId::to_string));
        match (&found, word) {
            (None, _) if used => {}
            (Some(found), Some(word)) if found != word.as_bytes() => {}
            _ => return Ok(found),
        }
        // Nor is anything put there any more, until it is seen to be.
        self.is_ours.store(false, Ordering::SeqCst);
        Err(Refused::Objects("it is not the one this store's files lie in, or was emptied".into()))
    }

    /// Makes a bucket that is nobody's this store's. Whether it is then: of several that begin at once, one is told so.
    fn claim(&self, word: ObjectId) -> Result<bool, Refused> {
        let word = word.to_string().into_bytes();
        let decides = self.creates_once()?;
        let is_first = self.create_at(NAME.into(), word.clone())?;
        if !decides {
            tracing::warn!(
                "the object store takes one object twice though told not to (If-None-Match): begin no other store under the same prefix meanwhile"
            );
        }
        // Once in a store's life.
        if is_first {
            thread::sleep(SETTLES);
        }
        // Also where it was not: another process of this store was, or an answer was lost.
        Ok(self.mark()?.is_some_and(|found| found == word))
    }

    /// Whether the server refuses an object that must not be there and is.
    fn creates_once(&self) -> Result<bool, Refused> {
        let name = ObjectId::random(&mut rand::rng());
        let [first, again] = [(); 2].map(|()| self.create_at(name.to_string(), vec![0]));
        self.remove_unasked(vec![name])?;
        Ok(first? && !again?)
    }

    /// Of a backup, into a bucket that nobody uses yet; `None`: what says whose they are.
    pub fn put_back(&self, name: Option<ObjectId>, bytes: Vec<u8>) -> Result<(), Refused> {
        match name {
            Some(name) => self.put_at(name.to_string(), bytes),
            None if self.create_at(NAME.into(), bytes.clone())? || self.mark()? == Some(bytes) => Ok(()),
            None => Err(Refused::Objects("another store has begun there meanwhile".into())),
        }
    }

    /// Nothing is put into, or taken out of, a bucket that was not seen to be this store's.
    pub(super) fn check_ours(&self) -> Result<(), Refused> {
        if self.is_ours.load(Ordering::SeqCst) {
            return Ok(());
        }
        let word = self.word.get().map(ObjectId::to_string);
        match (self.mark()?, word) {
            (Some(found), Some(word)) if found == word.as_bytes() => {
                self.is_ours.store(true, Ordering::SeqCst);
                Ok(())
            }
            _ => Err(Refused::Objects("it is not the one this store's files lie in".into())),
        }
    }
}
