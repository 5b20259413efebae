//! What a trustee's tool checks before it gives a share for an original: set, key, last day, that the report's own log told
//! its reporter first, that the days to object had passed, that no entry since is an objection, that the opening is
//! published. No input or output.

use super::check::{NoShare, ShareFiles, answered, own_set};
use crate::{
    award::release::{PublishedRelease, ReleaseAnswer, Terms},
    cleartext::share::OpenedShares,
    cli::{
        keyfile::HolderKey,
        pins::{Memory, State},
    },
    clock::Day,
    evidence::{FilesRelease, FilesReleaseRequest, Unopposed, Use},
    fit::fit,
    log::{Purpose, checkpoint::Signed, proof::Seen},
};

const FORMAT: u16 = 1;

/// All checks passed; only the trustee's own yes is missing.
pub struct CheckedFiles {
    terms: FilesRelease,
    shares: OpenedShares,
    unopposed: Unopposed,
    release: PublishedRelease<FilesRelease>,
    signed: Signed,
    seen: Seen,
    roster: u32,
}

/// Checks a request against what this machine has pinned and remembers.
pub fn check_files(
    request: &FilesReleaseRequest,
    key: &HolderKey,
    state: &State,
    today: Day,
) -> Result<CheckedFiles, NoShare> {
    if request.format != FORMAT {
        return Err(NoShare::Format(request.format));
    }
    if request.purpose != Purpose::Files {
        return Err(NoShare::OtherPurpose);
    }
    let set = own_set(&request.set, request.trustee, key, state)?;
    let terms = &request.terms;
    if today > terms.expires() {
        return Err(NoShare::Expired(terms.expires()));
    }
    if today <= terms.files.object_until {
        return Err(NoShare::StillOpen(terms.files.object_until));
    }
    if terms.files.instance != *set.instance() {
        return Err(NoShare::OtherInstance);
    }
    let files = ShareFiles {
        trustee: request.trustee,
        report: terms.files.report,
        envelopes: &request.envelopes,
        files: &request.share_files,
        handover: request.handover.as_ref(),
    };
    let shares = files.open(&set, key)?;
    let (log, last) = (state.log()?, state.memory.seen.as_ref());
    let told = request.told.verify(log, last)?;
    let between =
        request.between.iter().map(|proof| proof.verify(log, last)).collect::<Result<Vec<_>, _>>()?;
    let opening = request.proof.verify(log, last)?;
    let since = request.since.iter().map(|proof| proof.verify(log, last)).collect::<Result<Vec<_>, _>>()?;
    let unopposed = Unopposed::check(terms, shares.audit_key(), &told, &between, &opening, &since)?;
    let release = PublishedRelease::check(terms, shares.audit_key(), &opening)?;
    Ok(CheckedFiles {
        terms: terms.clone(),
        shares,
        unopposed,
        release,
        signed: opening.signed().clone(),
        seen: opening.seen(),
        roster: state.memory.roster,
    })
}

impl CheckedFiles {
    /// What the trustee reads before saying yes. Nothing about a person: there is nothing to show.
    pub fn summary(&self) -> String {
        let files = &self.terms.files;
        let (zh, en) = match files.needed_for {
            Use::Investigation => ("核查", "the investigation"),
            Use::Court => ("诉讼", "a court"),
        };
        format!(
            "\n是否为打开 {case} 号案件的一个原始文件交出您的份额？打开的是文件，不是身份。\n\
             Give your share, so that one original of case {case} is opened? It opens a file, never an identity.\n\n\
             申请 Request    {name}（{asked}，{by}）\n\
             用途 For        {zh} {en}\n\
             理由 Why        {need}\n\
             可反对 Objection until {until}; none in the log\n\
             有效 Until      {good}\n\
             日志 Log entry  {leaf}（共 of {size}）\n",
            case = files.case,
            name = files.name(),
            asked = files.asked,
            by = fit(&files.asked_by.0),
            need = fit(&files.need),
            until = files.object_until,
            good = files.good_until,
            leaf = self.terms.leaf_index + 1,
            size = self.seen.size,
        )
    }

    /// To be on the disk before a share is given.
    pub fn memory(&self) -> Memory {
        Memory { seen: Some(self.seen), roster: self.roster }
    }

    /// The share of the files lock, sealed to the office and signed; the checkpoint, cosigned.
    pub fn answer(&self, key: &HolderKey, state: &State, seconds: u64) -> Result<ReleaseAnswer, NoShare> {
        let deposit = self.shares.reseal_files(
            &self.terms,
            &self.unopposed,
            &self.release,
            &state.set,
            &key.signing,
        )?;
        answered(deposit, self.terms.files.report, self.terms.leaf_index, &self.signed, (key, state, seconds))
    }
}
