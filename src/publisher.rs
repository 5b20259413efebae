//! Publishes the log: signs what is durable and nothing else, serves its tiles, proves its entries.

use crate::{
    clock::Day,
    log::{
        Hash, LeafEntry, NodeId, Nodes, PublicKind,
        checkpoint::{self, Checkpoint, CheckpointRefused, LogKey, Origin, Signed, WitnessKey},
        closing::{self, Closed},
        proof::{Proof, ProofRefused, Seen},
        scan::{Finder, History},
        tiles::{self, Entries, TileRefused},
        tree,
    },
    receipt::AuditKey,
    recipients::Sets,
    reshare::Note,
    scripts,
    signing::SigningKey,
    store::{self, PublicLog},
};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub enum PublishRefused {
    #[error("the store: {0}")]
    Store(#[from] store::Refused),
    #[error(
        "the log is not what the last checkpoint of {size} entries signed; nothing more is signed until the store was looked at"
    )]
    NotWhatWasSigned { size: u64 },
    #[error("the kept checkpoint cannot be read ({0}); nothing more is signed until the store was looked at")]
    KeptUnreadable(CheckpointRefused),
    #[error(
        "the log has announced recipient set {announced}, and set {found} in the key folder does not follow it: pin the later set with `mifeng keys set pin`, over the key folder that has the earlier one"
    )]
    SetNotAfter { announced: u64, found: u32 },
    #[error(
        "the log's key was changed when the log had {closed} entries, and the log here, of {size}, does not hold those: the data is older than the change, or another log's. Put back a backup that was made after the change (docs/operations.md, \"The log's key\")"
    )]
    NotPastClosed { closed: u64, size: u64 },
    #[error("entry {0} is not in the published log")]
    NotThere(u64),
    #[error(transparent)]
    Proof(#[from] ProofRefused),
    #[error(transparent)]
    Checkpoint(#[from] CheckpointRefused),
    #[error("no known witness has signed this checkpoint")]
    NoWitness,
}

/// The log as outsiders get it.
pub struct Publisher {
    origin: Origin,
    key: SigningKey,
    log: Arc<dyn PublicLog>,
    /// Keys that signed before this one.
    closed: Vec<Closed>,
    /// The latest checkpoint signed or read, so that readers cost no signature and are never shown an older one than before.
    last: Mutex<Option<Signed>>,
    finder: Mutex<Finder>,
    /// One checkpoint is made and kept at a time: the smaller of two must never be stored last.
    turn: tokio::sync::Mutex<()>,
}

impl Publisher {
    pub fn new(origin: Origin, key: SigningKey, log: Arc<dyn PublicLog>) -> Self {
        Self {
            origin,
            key,
            log,
            closed: Vec::new(),
            last: Mutex::default(),
            finder: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// Of a log whose key was changed: the notes by which the keys before named the ones after.
    pub fn after(self, closed: Vec<Closed>) -> Self {
        Self { closed, ..self }
    }

    /// What leads readers who have pinned an earlier key to this one.
    pub fn closed(&self) -> &[Closed] {
        &self.closed
    }

    /// What readers pin.
    pub fn key(&self) -> LogKey {
        LogKey::new(self.origin.clone(), self.key.verify_key())
    }

    /// The checkpoint of what is durable. Signs a new one when the log has grown, but never one that does not
    /// continue the last: a store that was damaged or put back must not turn into a signed lie.
    pub async fn checkpoint(&self) -> Result<Signed, PublishRefused> {
        let _turn = self.turn.lock().await;
        self.current().await
    }

    /// [`Publisher::checkpoint`], for who has the turn.
    async fn current(&self) -> Result<Signed, PublishRefused> {
        let head = self.log.head();
        if let Some(newest) = self.newest()? {
            self.still_holds(&newest)?;
            // Another process may have been further than this head. One that an earlier key signed is signed again by this one.
            if newest.checkpoint().size >= head.size && self.key().open(newest.note()).is_ok() {
                return Ok(newest);
            }
        }
        let next = Checkpoint { origin: self.origin.clone(), size: head.size, root: head.root };
        self.keep(checkpoint::sign(&self.key, &next)).await
    }

    /// The tree that was signed is the beginning of this one.
    fn still_holds(&self, signed: &Signed) -> Result<(), PublishRefused> {
        let &Checkpoint { size, root, .. } = signed.checkpoint();
        let differs = || size > self.log.head().size || tree::root(&self.nodes(), size) != Ok(root);
        if differs() {
            // A node that cannot be read just now looks like one that is not there: no reason to cry out.
            self.log.seen()?;
            if differs() {
                return Err(PublishRefused::NotWhatWasSigned { size });
            }
        }
        Ok(())
    }

    /// The published checkpoint if it covers this many entries, a new one only if not: one made whenever a proof is asked
    /// for would show who asks again and again the second in which a report came. For who has the turn.
    async fn covering(&self, size: u64) -> Result<Signed, PublishRefused> {
        match self.newest()? {
            Some(newest) if newest.checkpoint().size >= size && self.key().open(newest.note()).is_ok() => {
                self.still_holds(&newest)?;
                Ok(newest)
            }
            _ => self.current().await,
        }
    }

    /// Takes a witness's signature on the published checkpoint, if one of `witnesses` made it.
    pub async fn witnessed(&self, note: &[u8], witnesses: &[WitnessKey]) -> Result<Signed, PublishRefused> {
        let theirs = self.key().open(note)?;
        let witness = witnesses.iter().find(|witness| witness.saw(&theirs).is_ok());
        let witness = witness.ok_or(PublishRefused::NoWitness)?;
        self.log.keep_seen(witness.name().to_string(), theirs.checkpoint().size).await?;
        let _turn = self.turn.lock().await;
        self.keep(self.covering(theirs.checkpoint().size).await?.witnessed(&theirs, witness)?).await
    }

    /// Proves entry `index` to every witness known here, and to readers who remember the log at any of `seen_before`.
    pub async fn prove(
        &self,
        index: u64,
        seen_before: impl IntoIterator<Item = u64>,
    ) -> Result<Proof, PublishRefused> {
        let mut proofs = self.prove_all(&[index], seen_before).await?;
        proofs.pop().ok_or(PublishRefused::NotThere(index))
    }

    /// As [`Publisher::prove`], all by one and the same checkpoint: their reader takes them for one history.
    pub async fn prove_all(
        &self,
        indexes: &[u64],
        seen_before: impl IntoIterator<Item = u64>,
    ) -> Result<Vec<Proof>, PublishRefused> {
        let signed = {
            let _turn = self.turn.lock().await;
            self.covering(indexes.iter().max().map_or(0, |last| last + 1)).await?
        };
        // Whoever was led here from an earlier key remembers the tree at which it ended.
        let ends = self.ends()?.into_iter().map(|end| end.size);
        let seen: BTreeSet<u64> = self.log.seen()?.into_values().chain(ends).chain(seen_before).collect();
        let prove = |index: &u64| {
            let entry = self.nodes().entry(*index).ok_or(PublishRefused::NotThere(*index))?;
            Ok(Proof::make(&self.nodes(), &signed, *index, &entry, seen.iter().copied())?)
        };
        indexes.iter().map(prove).collect()
    }

    /// Adds what everybody must be able to see of this server, unless it stands there already: to whom reports are
    /// sealed, and which scripts do it.
    ///
    /// # Errors
    /// [`PublishRefused::SetNotAfter`] where the set announced last does not lie on the way to this one: an older set put
    /// back, or one of other holders under a new pin.
    pub async fn announce(&self, sets: &Sets, today: Day) -> Result<(), PublishRefused> {
        let set = sets.current();
        let fingerprint = *set.fingerprint().as_bytes();
        loop {
            let last = self.log.announced(PublicKind::RecipientSet)?;
            if last.is_some_and(|last| last.digest == fingerprint) {
                break;
            }
            if let Some(last) = last {
                let number = u32::try_from(last.number).ok().filter(|number| *number < set.number());
                let before = number.and_then(|number| sets.numbered(number));
                if before.is_none_or(|before| *before.fingerprint().as_bytes() != last.digest) {
                    return Err(PublishRefused::SetNotAfter { announced: last.number, found: set.number() });
                }
            }
            let next = store::Announced { number: u64::from(set.number()), day: today, digest: fingerprint };
            // Another process that starts at the same moment may have been first.
            if self.log.announce_after(last, PublicKind::RecipientSet, next).await?.is_some() {
                break;
            }
        }
        scripts::announce(&*self.log, today).await?;
        Ok(())
    }

    /// The log holds every tree at which an earlier key ended: readers who have pinned that key are led through them, and
    /// refuse a log that does not.
    pub fn holds_what_was_closed(&self) -> Result<(), PublishRefused> {
        let size = self.log.head().size;
        for closed in self.ends()? {
            if closed.size > size || tree::root(&self.nodes(), closed.size) != Ok(closed.root) {
                return Err(PublishRefused::NotPastClosed { closed: closed.size, size });
            }
        }
        Ok(())
    }

    /// The trees at which earlier keys ended.
    fn ends(&self) -> Result<Vec<Seen>, CheckpointRefused> {
        match self.closed.first() {
            Some(first) => Ok(closing::follow(&first.key.parse()?, &self.closed)?.1),
            None => Ok(Vec::new()),
        }
    }

    /// The list of scripts, as it was announced; `None` if what this program serves was not.
    pub fn scripts(&self) -> Result<Option<String>, PublishRefused> {
        Ok(scripts::announced(&*self.log)?)
    }

    /// What the published log says of shares of earlier sets, in words: how each batch ended, who destroyed what.
    pub fn notes(&self) -> Result<Vec<Note>, PublishRefused> {
        let size = self.published()?.map_or(0, |signed| signed.checkpoint().size);
        let mut notes = self.log.notes()?;
        notes.retain(|note| note.leaf_index < size);
        Ok(notes)
    }

    /// The last checkpoint signed, by whichever process, for readers. Asking does not make a new one.
    pub fn published(&self) -> Result<Option<Signed>, PublishRefused> {
        match self.last() {
            // Nobody else can have signed a later one.
            Some(last) if !self.log.is_shared() => Ok(Some(last)),
            _ => self.newest(),
        }
    }

    /// The checkpoint in the store, or the last one known here if that is of more entries: a store that was put back shows
    /// nobody a shorter log than before.
    fn newest(&self) -> Result<Option<Signed>, PublishRefused> {
        let (note, last) = (self.log.checkpoint()?, self.last());
        match note {
            Some(note) if last.as_ref().is_none_or(|last| last.note() != note) => {
                let kept = self.opened(&note).map_err(PublishRefused::KeptUnreadable)?;
                Ok(Some(self.remember(kept)))
            }
            // The very one that was read before; no signature is checked again.
            _ => Ok(last),
        }
    }

    /// A checkpoint from the store. One that does not open is no reason to begin anew: what it signed is not known then.
    fn opened(&self, note: &[u8]) -> Result<Signed, CheckpointRefused> {
        let earlier = self.closed.iter().filter_map(|closed| closed.key.parse::<LogKey>().ok());
        let found = std::iter::once(self.key()).chain(earlier).find_map(|key| key.open(note).ok());
        found.map_or_else(|| self.key().open(note), Ok)
    }

    /// The log holds the newest checkpoint. Signs nothing: for a process that shows strangers no log.
    pub fn look(&self) -> Result<(), PublishRefused> {
        self.newest()?.map_or(Ok(()), |newest| self.still_holds(&newest))
    }

    /// The tile or bundle at `path`, such as `tile/0/000.p/17`, of the last checkpoint's tree. A tile beyond it
    /// would show the minute in which a report came.
    pub fn tile(&self, path: &str) -> Result<Vec<u8>, TileRefused> {
        // Where the store does not say just now, what was shown before is shown still.
        let published = self.published().unwrap_or_else(|_| self.last());
        let published = published.map_or(0, |signed| signed.checkpoint().size);
        tiles::serve(&self.nodes(), published, path.parse()?)
    }

    /// A report's entries, as its own page shows them. `mifeng verify` reads them without trusting us.
    pub fn history(&self, audit: &AuditKey) -> Result<History, PublishRefused> {
        let mut finder = self.finder.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in self.log.entries(finder.size(), self.log.head().size)? {
            finder.push(&entry);
        }
        Ok(finder.history(audit, |index| self.nodes().entry(index)))
    }

    async fn keep(&self, signed: Signed) -> Result<Signed, PublishRefused> {
        self.log.keep_checkpoint(signed.note().to_vec()).await?;
        self.remember(signed.clone());
        Ok(signed)
    }

    fn last(&self) -> Option<Signed> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gives the later of this one and the last, which readers get from now on. Of one and the same tree it is this one, as
    /// witnesses may have signed it meanwhile; another tree of the same size is none that follows.
    fn remember(&self, signed: Signed) -> Signed {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let now = signed.checkpoint();
        let stays = |last: &Signed| now.size <= last.checkpoint().size && now != last.checkpoint();
        let later = match last.take() {
            Some(last) if stays(&last) => last,
            _ => signed,
        };
        *last = Some(later.clone());
        later
    }

    fn nodes(&self) -> Durable<'_> {
        Durable(&*self.log)
    }
}

/// What is published of the store's log, for the code that knows no store.
struct Durable<'a>(&'a dyn PublicLog);

impl Nodes for Durable<'_> {
    fn node(&self, id: NodeId) -> Option<Hash> {
        self.0.node(id)
    }
}

impl Entries for Durable<'_> {
    fn entry(&self, index: u64) -> Option<LeafEntry> {
        self.0.entries(index, index.checked_add(1)?).ok()?.pop()
    }
}

#[cfg(test)]
mod tests;
