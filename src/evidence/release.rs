//! What a trustee signs a files share for, and what travels: the request to a trustee, the package to the office's tool.

use super::terms::{FilesTerms, Told};
use crate::{
    award::{
        handover::Handover,
        release::{Deposit, Terms},
    },
    clock::Day,
    envelope::Envelope,
    lock::ShareFile,
    log::{
        Event, Leaf, Purpose,
        proof::{Proof, Published},
    },
    receipt::AuditKey,
    recipients::UntrustedSet,
};
use serde::{Deserialize, Serialize};

/// One opening of one original: what was asked, where its reporter was told, where the opening stands in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilesRelease {
    pub files: FilesTerms,
    pub told: Told,
    pub leaf_index: u64,
    pub leaf_n: u8,
}

impl FilesRelease {
    /// The leaf that must be published before any share is given.
    pub fn leaf(&self, day: Day) -> Leaf {
        Leaf {
            purpose: Some(self.purpose()),
            award: self.files.name().parse().ok(),
            digest: Some(self.digest()),
            ..Leaf::plain(Event::Release, day)
        }
    }
}

impl Terms for FilesRelease {
    /// Whatever a file says: this kind of release is for files.
    fn purpose(&self) -> Purpose {
        Purpose::Files
    }
    fn matter(&self) -> [u8; 32] {
        self.files.hash()
    }
    fn expires(&self) -> Day {
        self.files.good_until
    }
    fn leaf_index(&self) -> u64 {
        self.leaf_index
    }
    fn leaf_n(&self) -> u8 {
        self.leaf_n
    }
}

/// Why an opening counts as not told, or not unopposed. A trustee's tool gives no share then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotUnopposed {
    #[error("the entry by which the reporter was told is not in the log, or says something else")]
    NotTold,
    #[error("the words of the request are not those in which the reporter was told of it")]
    OtherWords,
    #[error("between the day it was told and the opening entries of this report are left out")]
    LeftOut,
    #[error("the reporter has objected")]
    Objected,
    #[error("the reporter has withdrawn the report")]
    Withdrawn,
    #[error("the request has ended")]
    Ended,
    #[error("the entries are proven by different checkpoints: they need not be of one log")]
    NotOneLog,
    #[error("the reporter could object until {0}: the opening was published too early")]
    TooEarly(Day),
    #[error("the request leaves its reporter no whole day to object")]
    NoWindow,
}

/// Proof that the reporter was told in the log, in these very words, that the days to object had passed before the opening
/// was published, and that no entry of the report since is an objection or an end. Only [`Unopposed::check`] makes one.
pub struct Unopposed {
    release: FilesRelease,
    audit_key: AuditKey,
}

impl Unopposed {
    /// Each `Published` was checked against the pinned log key. `between`: all entries of the report after the one by
    /// which it was told and before the opening, in their order; `since`: those after it.
    ///
    /// What this does not show: that the server wrote an objection down at all (its reporter sees in their own log
    /// whether it did), and that `since` names the last ones, too: no later entry counts them.
    pub fn check(
        release: &FilesRelease,
        audit_key: &AuditKey,
        told: &Published,
        between: &[Published],
        opening: &Published,
        since: &[Published],
    ) -> Result<Self, NotUnopposed> {
        let terms = &release.files;
        if terms.object_until <= terms.asked {
            return Err(NotUnopposed::NoWindow);
        }
        // By themselves each could come from a log of its own that nobody else is shown.
        let one = opening.seen();
        if std::iter::once(told).chain(between).chain(since).any(|entry| entry.seen() != one) {
            return Err(NotUnopposed::NotOneLog);
        }
        let at = |published: &Published, n: u8| published.entry().open(audit_key, n).ok();
        let found = at(told, release.told.leaf_n).filter(|_| told.index() == release.told.leaf_index);
        let (found, asked) = (found.ok_or(NotUnopposed::NotTold)?, terms.asked_leaf());
        if (Leaf { digest: asked.digest, ..found.clone() }) != asked {
            return Err(NotUnopposed::NotTold);
        }
        if found != asked {
            return Err(NotUnopposed::OtherWords);
        }
        let mut last = (release.told.leaf_n, told.index());
        let mut next = |entry: &Published| {
            let n = last.0.checked_add(1).ok_or(NotUnopposed::LeftOut)?;
            let leaf = at(entry, n).filter(|_| entry.index() > last.1).ok_or(NotUnopposed::LeftOut)?;
            last = (n, entry.index());
            Ok((n, leaf))
        };
        between.iter().try_for_each(|entry| goes_on(&next(entry)?.1))?;
        let (n, opened) = next(opening)?;
        if n != release.leaf_n {
            return Err(NotUnopposed::LeftOut);
        }
        if opened.day <= terms.object_until {
            return Err(NotUnopposed::TooEarly(terms.object_until));
        }
        since.iter().try_for_each(|entry| goes_on(&next(entry)?.1))?;
        Ok(Self { release: release.clone(), audit_key: audit_key.clone() })
    }

    pub(crate) fn is_for(&self, release: &FilesRelease, audit_key: &AuditKey) -> bool {
        self.release == *release && self.audit_key == *audit_key
    }
}

/// Whether a request goes on after this entry of its report.
fn goes_on(leaf: &Leaf) -> Result<(), NotUnopposed> {
    match (leaf.event, leaf.purpose) {
        (Event::Objected, Some(Purpose::Files)) => Err(NotUnopposed::Objected),
        (Event::Ended, _) => Err(NotUnopposed::Ended),
        (Event::Withdrawn, _) => Err(NotUnopposed::Withdrawn),
        _ => Ok(()),
    }
}

/// What the console gives a trustee to take to their own machine. Holds nothing that opens without their key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilesReleaseRequest {
    pub format: u16,
    /// Always [`Purpose::Files`]: by it a tool tells this request from a payment's.
    pub purpose: Purpose,
    pub set: UntrustedSet,
    pub terms: FilesRelease,
    /// Of a report that staff entered: how its receipt gave way to the reporter's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handover: Option<Handover>,
    /// Position of the trustee this is for, from 1.
    pub trustee: u8,
    /// SHA-256 of each envelope, hexadecimal, in the order of `share_files`. The share of one of them is given.
    pub envelopes: Vec<String>,
    pub share_files: Vec<ShareFile>,
    /// That the reporter was told, in the log.
    pub told: Proof,
    /// Every entry of the report since, before the opening.
    pub between: Vec<Proof>,
    /// That the opening is in the log.
    pub proof: Proof,
    /// Every entry of the report after the opening.
    pub since: Vec<Proof>,
}

/// What the office's tool opens offline: one envelope's files section, never its identity section.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilesPackage {
    pub format: u16,
    /// Always [`Purpose::Files`].
    pub purpose: Purpose,
    pub set: UntrustedSet,
    pub terms: FilesRelease,
    pub envelope: Envelope,
    pub deposits: Vec<Deposit>,
}
