//! Shares of an earlier set give way to those of a later one: for `mifeng keys reshare`, which alone has the store open then.

use super::{
    Announced, Commit, Dossier, Refused, Store,
    committer::Txn,
    core::{Core, envelope_key, share_key},
    engine::Tree,
    public_log::{NOTES_KEY, announced_key},
    records::missing,
};
use crate::{
    award::{record::Award, release::Terms},
    clock::Day,
    evidence::FilesRequest,
    ids::ReportId,
    lock::ShareFile,
    log::{LeafEntry, PublicKind},
    reshare::Note,
    transcript::sha256,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// An envelope and whose trustees hold its shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub report: ReportId,
    /// Which of the report's envelopes, from 0.
    pub sequence: u8,
    /// SHA-256.
    pub envelope: [u8; 32],
    pub set: u32,
}

/// A batch that was announced and is not finished.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    pub number: u64,
    /// Exact text; its SHA-256 stands in the log.
    pub batch: String,
    pub leaf_index: u64,
}

/// One envelope's new share files, in the order of the trustees of set `to`.
#[derive(Clone)]
pub struct Swap {
    pub envelope: [u8; 32],
    pub share_files: Vec<ShareFile>,
}

/// Numbers of the set the shares were of, and of the one they are of now.
#[derive(Clone, Copy)]
pub struct FromTo {
    pub from: u32,
    pub to: u32,
}

pub trait Resharing: Send + Sync {
    /// Every envelope there is, forgotten reports left out, in the order of report ids.
    fn held(&self) -> Result<Vec<Held>, Refused>;

    /// The share file of the trustee at `place` (from 1) of the envelope's set.
    fn held_share(&self, held: &Held, place: u8) -> Result<ShareFile, Refused>;

    /// The batch under way.
    fn pending(&self) -> Result<Option<Pending>, Refused>;

    /// Keeps the batch and appends its entry to the log, as one durable unit; gives the place of the entry.
    fn begin_batch(&self, number: u64, batch: String, day: Day) -> Commit<u64>;

    /// New share files in the place of the old, all envelopes of one report at once. What was swapped already stays as it is.
    /// [`Refused::PartOfReport`] if one of them that set `from` holds is left out: nobody should need trustees of two sets.
    /// [`Refused::ReleaseOpen`] while a release of one of them is published, has not ended and has not expired.
    fn swap(&self, report: ReportId, swaps: Vec<Swap>, sets: FromTo, today: Day) -> Commit<()>;

    /// Reports that an earlier batch could not join: they are not offered again unless asked for.
    fn left_out(&self) -> Result<BTreeSet<ReportId>, Refused>;

    /// The batch is done with, or given up ([`PublicKind::Reshared`], [`PublicKind::GivenUp`]), which is appended to the log in the
    /// same durable unit with SHA-256 of `text`; from now on these are the reports that were left out. Gives the place of the
    /// entry; `None` where another batch is under way, or none.
    fn end_batch(
        &self,
        number: u64,
        left_out: BTreeSet<ReportId>,
        how: (PublicKind, String),
        day: Day,
    ) -> Commit<Option<u64>>;

    /// Keeps a text about shares of earlier sets and appends its entry to the log, as one durable unit. One that says the same of
    /// the same number is there once.
    fn note(&self, kind: PublicKind, number: u64, text: String, day: Day) -> Commit<Note>;
}

const PENDING_KEY: &[u8] = b"resharing";
const LEFT_OUT_KEY: &[u8] = b"resharing-left-out";

impl Resharing for Store {
    fn held(&self) -> Result<Vec<Held>, Refused> {
        let core = &self.core;
        let mut held = Vec::new();
        for entry in core.engine.scan(Tree::Reports, &[], &[]) {
            let (key, _) = entry?;
            let Ok(report) = <[u8; 16]>::try_from(key.as_slice()).map(ReportId::from_bytes) else { continue };
            let record = match core.records.report(&*core.engine, report) {
                Err(Refused::Forgotten(_)) => continue,
                found => found?.ok_or(Refused::NoSuchReport)?,
            };
            held.extend((0..).zip(&record.sealed).map(|(sequence, sealed)| Held {
                report,
                sequence,
                envelope: sealed.hash,
                set: sealed.set_number,
            }));
        }
        Ok(held)
    }

    fn held_share(&self, held: &Held, place: u8) -> Result<ShareFile, Refused> {
        let core = &self.core;
        let data = core.records.data_key(&*core.engine, held.report)?;
        let key = share_key(held.report, held.sequence, place);
        let value = core.engine.get(Tree::Shares, &key)?.ok_or_else(|| missing(Tree::Shares, &key))?;
        let bytes = core.records.vault.open_case(&data, Tree::Shares, &key, &value)?;
        ShareFile::parse(&bytes)
            .map_err(|_| Refused::Damaged { tree: Tree::Shares.name(), key: hex::encode(&key) })
    }

    fn pending(&self) -> Result<Option<Pending>, Refused> {
        let found: Option<Option<Pending>> =
            self.core.records.find(&*self.core.engine, Tree::Meta, PENDING_KEY)?;
        Ok(found.flatten())
    }

    fn begin_batch(&self, number: u64, batch: String, day: Day) -> Commit<u64> {
        let core = self.core.clone();
        self.committer.commit(move |txn| {
            if under_way(&core, txn)?.is_some() {
                return Err(Refused::Changed);
            }
            let (kind, digest) = (PublicKind::Resharing, sha256(batch.as_bytes()));
            core.records.put(txn, Tree::Meta, announced_key(kind), &Announced { number, day, digest })?;
            let leaf_index = core.append_entry(txn, &LeafEntry::public(kind, number, day, digest))?;
            core.records.put(txn, Tree::Meta, PENDING_KEY, &Pending { number, batch, leaf_index })?;
            Ok(leaf_index)
        })
    }

    fn swap(&self, report: ReportId, swaps: Vec<Swap>, sets: FromTo, today: Day) -> Commit<()> {
        let core = self.core.clone();
        self.committer.commit(move |txn| {
            let found = core.records.report_and_key(txn, report)?;
            let (mut record, data) = found.ok_or(Refused::NoSuchReport)?;
            let swaps: BTreeMap<_, _> =
                swaps.into_iter().map(|swap| (swap.envelope, swap.share_files)).collect();
            if !swaps.keys().all(|envelope| record.sealed.iter().any(|sealed| sealed.hash == *envelope)) {
                return Err(Refused::Missing {
                    tree: Tree::Envelopes.name(),
                    key: hex::encode(report.as_bytes()),
                });
            }
            let of_from = || record.sealed.iter().filter(|sealed| sealed.set_number == sets.from);
            if !of_from().all(|sealed| swaps.contains_key(&sealed.hash)) {
                return Err(Refused::PartOfReport);
            }
            let open = is_release_open(&core.dossier(txn, &data, report)?, today);
            for (sequence, sealed) in (0..).zip(&mut record.sealed) {
                let Some(files) = swaps.get(&sealed.hash).filter(|_| sealed.set_number == sets.from) else {
                    continue;
                };
                if open {
                    return Err(Refused::ReleaseOpen);
                }
                // The envelope they open must be there, or old and new are worth the same: nothing.
                let key = envelope_key(report, sequence);
                txn.get(Tree::Envelopes, &key)?.ok_or_else(|| missing(Tree::Envelopes, &key))?;
                let trustees = u8::try_from(files.len()).unwrap_or(u8::MAX);
                for (place, file) in (1..).zip(files) {
                    let key = share_key(report, sequence, place);
                    let value = core.records.vault.seal_case(&data, Tree::Shares, &key, file.as_bytes())?;
                    match place <= sealed.trustees {
                        true => txn.put_over(Tree::Shares, key, value),
                        false => txn.put(Tree::Shares, key, value),
                    }
                }
                for place in trustees.saturating_add(1)..=sealed.trustees {
                    txn.remove(Tree::Shares, share_key(report, sequence, place));
                }
                (sealed.set_number, sealed.trustees) = (sets.to, trustees);
            }
            core.records.put_report(txn, &data, report, &record)
        })
    }

    fn left_out(&self) -> Result<BTreeSet<ReportId>, Refused> {
        Ok(self.core.records.find(&*self.core.engine, Tree::Meta, LEFT_OUT_KEY)?.unwrap_or_default())
    }

    fn end_batch(
        &self,
        number: u64,
        left_out: BTreeSet<ReportId>,
        (kind, text): (PublicKind, String),
        day: Day,
    ) -> Commit<Option<u64>> {
        let core = self.core.clone();
        self.committer.commit(move |txn| {
            if under_way(&core, txn)?.is_none_or(|pending| pending.number != number) {
                return Ok(None);
            }
            // Not taken out: of the log's own tree a database's role takes nothing out.
            core.records.put(txn, Tree::Meta, PENDING_KEY, &None::<Pending>)?;
            core.records.put(txn, Tree::Meta, LEFT_OUT_KEY, &left_out)?;
            append_note(&core, txn, (kind, number), text, day).map(|note| Some(note.leaf_index))
        })
    }

    fn note(&self, kind: PublicKind, number: u64, text: String, day: Day) -> Commit<Note> {
        let core = self.core.clone();
        self.committer.commit(move |txn| append_note(&core, txn, (kind, number), text, day))
    }
}

fn under_way(core: &Core, txn: &Txn) -> Result<Option<Pending>, Refused> {
    let found: Option<Option<Pending>> = core.records.find(txn, Tree::Meta, PENDING_KEY)?;
    Ok(found.flatten())
}

fn append_note(
    core: &Arc<Core>,
    txn: &mut Txn,
    (kind, number): (PublicKind, u64),
    text: String,
    day: Day,
) -> Result<Note, Refused> {
    let mut notes: Vec<Note> = core.records.find(txn, Tree::Meta, NOTES_KEY)?.unwrap_or_default();
    if let Some(there) = notes.iter().find(|note| (note.kind, note.number) == (kind, number)) {
        return if there.text == text { Ok(there.clone()) } else { Err(Refused::Changed) };
    }
    let digest = sha256(text.as_bytes());
    core.records.put(txn, Tree::Meta, announced_key(kind), &Announced { number, day, digest })?;
    let leaf_index = core.append_entry(txn, &LeafEntry::public(kind, number, day, digest))?;
    let note = Note { kind, number, leaf_index, text };
    notes.push(note.clone());
    core.records.put(txn, Tree::Meta, NOTES_KEY, &notes)?;
    Ok(note)
}

/// Requests with share files of the old sharing may be with trustees: what they give would not go with shares of the new
/// one. After the last day neither a share nor a package is taken any more.
fn is_release_open(dossier: &Dossier, today: Day) -> bool {
    let award = dossier.award().filter(|award| !award.is_ended()).and_then(Award::release);
    let request = dossier.case.evidence.last().filter(|request| !request.has_ended());
    award.is_some_and(|release| today <= release.terms.expires)
        || request.and_then(FilesRequest::opening).is_some_and(|opening| today <= opening.terms.expires())
}
