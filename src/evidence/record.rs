//! One request as the server keeps it, and its steps. Each step is a function from one record to the next; what is
//! refused leaves the record as it was.

use super::{
    copies::{Checked, EditedCopy},
    past::{FilesStep, Past, ReporterObjection},
    refused::FilesRefused,
    release::FilesRelease,
    state::{FilesEnd, FilesState},
    terms::{FilesTerms, Told},
};
use crate::{
    award::release::{Deposit, ReleaseRefused},
    casework::{Apart, Permission},
    clock::Day,
    ids::{BlobId, StaffId},
    recipients::RecipientSet,
};
use serde::{Deserialize, Serialize};

/// A published opening and what it froze.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    pub terms: FilesRelease,
    /// SHA-256 of the report's envelopes then, hexadecimal, oldest first. One of them is opened.
    pub envelopes: Vec<String>,
    pub deposits: Vec<Deposit>,
}

/// One request. Read by its accessors, changed by its steps alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilesRequest {
    terms: FilesTerms,
    told: Told,
    objection: Option<ReporterObjection>,
    opening: Option<Opening>,
    copies: Vec<EditedCopy>,
    state: FilesState,
    history: Vec<Past>,
}

impl FilesRequest {
    /// `told`: where the store is about to write the leaf by which the reporter is told.
    pub fn ask(terms: FilesTerms, told: Told) -> Self {
        let past = Past { day: terms.asked, step: FilesStep::Asked, by: Some(terms.asked_by.clone()) };
        let (copies, history) = (Vec::new(), vec![past]);
        Self { terms, told, objection: None, opening: None, copies, state: FilesState::Asked, history }
    }

    /// The reporter says no. As long as nothing is published it counts, also after the days they were promised.
    pub fn object(&self, text: &str, today: Day) -> Result<Self, FilesRefused> {
        self.is_in(self.state == FilesState::Asked)?;
        let mut next = self.clone();
        next.objection = Some(ReporterObjection { day: today, text: text.to_owned() });
        next.state = FilesState::Objected;
        Ok(next.noting(today, FilesStep::Objected, None))
    }

    /// Records the opening whose leaf the store is about to append. After the days to object, never over an objection.
    pub fn publish(
        &self,
        (leaf_index, leaf_n): (u64, u8),
        envelopes: Vec<String>,
        by: &Apart,
        today: Day,
    ) -> Result<Self, FilesRefused> {
        let by = by.to(Permission::OpenPackage)?;
        if self.objection.is_some() {
            return Err(FilesRefused::Objected);
        }
        self.is_in(self.state == FilesState::Asked)?;
        self.is_good(today)?;
        if today <= self.terms.object_until {
            return Err(FilesRefused::TooEarly(self.terms.object_until));
        }
        if !envelopes.contains(&hex::encode(self.terms.envelope)) {
            return Err(FilesRefused::NoEnvelope);
        }
        let terms = FilesRelease { files: self.terms.clone(), told: self.told, leaf_index, leaf_n };
        let mut next = self.clone();
        next.opening = Some(Opening { terms, envelopes, deposits: Vec::new() });
        next.state = FilesState::Published;
        Ok(next.noting(today, FilesStep::Published { leaf_index }, Some(by)))
    }

    /// One trustee's share, handed in by the member of staff who holds the key. With the t-th the package is complete.
    pub fn deposit(
        &self,
        deposit: Deposit,
        by: &Apart,
        set: &RecipientSet,
        today: Day,
    ) -> Result<Self, FilesRefused> {
        let by = by.to(Permission::ReleaseShare)?;
        self.is_in(self.state == FilesState::Published)?;
        let mut next = self.clone();
        let opening = next.opening.as_mut().ok_or(FilesRefused::State(self.state.name()))?;
        // What was given under an earlier set opens nothing any more, and its giver may be gone.
        let Opening { terms, deposits, .. } = &mut *opening;
        deposits.retain(|other| other.verify(terms, set, today).is_ok());
        if opening.deposits.iter().any(|other| other.trustee == deposit.trustee) {
            return Err(ReleaseRefused::Twice(deposit.trustee).into());
        }
        deposit.verify(&opening.terms, set, today)?;
        let step = FilesStep::Deposited { trustee: deposit.trustee };
        opening.deposits.push(deposit);
        if opening.deposits.len() >= set.threshold() {
            next.state = FilesState::Released;
        }
        Ok(next.noting(today, step, Some(by)))
    }

    /// A copy that the office made. Nobody but the office sees it before a second person has.
    pub fn put_in(&self, copy: EditedCopy, by: &Apart, most: u8) -> Result<Self, FilesRefused> {
        let by = by.to(Permission::OpenPackage)?;
        self.is_in(self.state == FilesState::Released)?;
        self.is_good(copy.day)?;
        if self.copies.len() >= usize::from(most) {
            return Err(FilesRefused::TooManyCopies(most));
        }
        if !copy.is_said_rightly() {
            return Err(FilesRefused::HidesNothing);
        }
        let mut next = self.clone();
        let day = copy.day;
        next.copies.push(EditedCopy { by: by.clone(), seen_by: Vec::new(), checked: None, ..copy });
        Ok(next.noting(day, FilesStep::CopyPutIn, Some(by)))
    }

    /// Somebody of the office has the copy before their eyes. Needed once of whoever is to say yes to it.
    pub fn see(&self, blob: BlobId, by: &StaffId) -> Result<Self, FilesRefused> {
        let mut next = self.clone();
        let copy = next.copies.iter_mut().find(|copy| copy.blob == blob).ok_or(FilesRefused::NoSuchCopy)?;
        if !copy.seen_by.contains(by) {
            copy.seen_by.push(by.clone());
        }
        Ok(next)
    }

    /// The second person's yes: the copy joins the case. `as_it_was`: they say that they know that nothing is hidden in it.
    pub fn join(&self, blob: BlobId, by: &Apart, as_it_was: bool, today: Day) -> Result<Self, FilesRefused> {
        let by = by.to(Permission::OpenPackage)?;
        self.is_in(self.state == FilesState::Released)?;
        self.is_good(today)?;
        let mut next = self.clone();
        let copy = next.copies.iter_mut().find(|copy| copy.blob == blob && copy.checked.is_none());
        let copy = copy.ok_or(FilesRefused::NoSuchCopy)?;
        if copy.by == *by {
            return Err(FilesRefused::SamePerson(by.clone()));
        }
        if !copy.seen_by.contains(by) {
            return Err(FilesRefused::Unseen);
        }
        if copy.hides_nothing() && !as_it_was {
            return Err(FilesRefused::HidesNothing);
        }
        copy.checked = Some(Checked { day: today, by: by.clone() });
        Ok(next.noting(today, FilesStep::CopyJoined, Some(by)))
    }

    /// The second person's no, or the first one's own: the copy is removed.
    pub fn send_back(
        &self,
        blob: BlobId,
        reason: &str,
        by: &StaffId,
        today: Day,
    ) -> Result<Self, FilesRefused> {
        let mut next = self.clone();
        next.copies.retain(|copy| copy.blob != blob || copy.checked.is_some());
        if next.copies.len() == self.copies.len() {
            return Err(FilesRefused::NoSuchCopy);
        }
        let step = FilesStep::CopySentBack { reason: needed(reason)? };
        Ok(next.noting(today, step, Some(by)))
    }

    /// Staff end it: the office when it is done, whoever asked when it is not needed any more.
    pub fn end(
        &self,
        why: FilesEnd,
        reason: &str,
        by: Option<&StaffId>,
        today: Day,
    ) -> Result<Self, FilesRefused> {
        self.is_in(self.state.is_open())?;
        let reason = if by.is_some() { needed(reason)? } else { reason.to_owned() };
        Ok(self.ended(why, reason, by, today))
    }

    /// The reporter took back what it was about. A copy that has joined goes, too.
    pub fn taken_back(&self, why: FilesEnd, today: Day) -> Self {
        let mut next = match self.state.is_open() {
            true => self.ended(why, String::new(), None, today),
            false => self.clone(),
        };
        next.copies.clear();
        next
    }

    /// What the reporter wrote leaves with the report, and so does what was said about their file.
    pub fn erased(&self, today: Day) -> Self {
        let mut next = self.taken_back(FilesEnd::Deleted, today);
        next.terms.need.clear();
        if let Some(objection) = &mut next.objection {
            objection.text.clear();
        }
        if let Some(opening) = &mut next.opening {
            opening.terms.files.need.clear();
        }
        for past in &mut next.history {
            if let FilesStep::CopySentBack { reason } | FilesStep::Ended { reason } = &mut past.step {
                reason.clear();
            }
        }
        next
    }

    /// The shares have done their work: kept, they would leave the office's key as the only lock.
    fn ended(&self, why: FilesEnd, reason: String, by: Option<&StaffId>, today: Day) -> Self {
        let mut next = self.clone();
        next.copies.retain(|copy| copy.checked.is_some());
        if let Some(opening) = &mut next.opening {
            opening.deposits.clear();
        }
        next.state = FilesState::Ended(why);
        next.noting(today, FilesStep::Ended { reason }, by)
    }

    /// What this member of staff has done about it.
    pub(crate) fn acts_of(&self, by: &StaffId) -> impl Iterator<Item = Permission> {
        let own = self.history.iter().filter(move |past| past.by.as_ref() == Some(by));
        own.filter_map(|past| past.step.act())
    }

    /// Whether something can be done about it still: it has not ended, and its last day has not passed.
    pub fn is_under_way(&self, today: Day) -> bool {
        self.state.is_open() && today <= self.terms.good_until
    }
    /// Whether the office can open it.
    pub fn is_released(&self, today: Day) -> bool {
        self.state == FilesState::Released && self.is_under_way(today)
    }
    /// Nothing of it is to be opened any more.
    pub fn has_ended(&self) -> bool {
        !self.state.is_open()
    }
    /// Open, but past its last day.
    pub fn has_lapsed(&self, today: Day) -> bool {
        self.state.is_open() && today > self.terms.good_until
    }
    /// Whether the reporter can still stop it.
    pub fn can_be_objected_to(&self) -> bool {
        self.state == FilesState::Asked
    }
    /// Whether the opening can be published.
    pub fn can_be_published(&self, today: Day) -> bool {
        self.state == FilesState::Asked && today > self.terms.object_until && today <= self.terms.good_until
    }
    pub fn terms(&self) -> &FilesTerms {
        &self.terms
    }
    pub fn told(&self) -> Told {
        self.told
    }
    pub fn objection(&self) -> Option<&ReporterObjection> {
        self.objection.as_ref()
    }
    pub fn opening(&self) -> Option<&Opening> {
        self.opening.as_ref()
    }
    pub fn state(&self) -> FilesState {
        self.state
    }
    pub fn history(&self) -> &[Past] {
        &self.history
    }
    pub fn copies(&self) -> &[EditedCopy] {
        &self.copies
    }
    /// The copies that investigators see.
    pub fn joined(&self) -> impl Iterator<Item = &EditedCopy> {
        self.copies.iter().filter(|copy| copy.checked.is_some())
    }
    /// What is stored of it beside the case.
    pub fn blobs(&self) -> impl Iterator<Item = BlobId> {
        self.copies.iter().map(|copy| copy.blob)
    }

    /// Whether `self` may come from `before` by somebody's step: nothing that was asked or frozen is altered, and an
    /// opening comes only from a request that nobody has objected to.
    pub fn follows(&self, before: &Self) -> Result<(), FilesRefused> {
        // Deleted with the report: the same, with the words taken out.
        let last_day = self.history.last().map_or(self.terms.asked, |past| past.day);
        let wiped = |request: &Self| {
            let mut wiped = request.erased(last_day);
            wiped.history.truncate(request.history.len());
            wiped
        };
        let (old, new) = match self.terms.need.is_empty() {
            true => (wiped(before), wiped(self)),
            false => (before.clone(), self.clone()),
        };
        let opened = |request: &Self| {
            let opening = request.opening.as_ref();
            opening.map(|opening| (opening.terms.clone(), opening.envelopes.clone()))
        };
        let is_kept = new.terms == old.terms
            && new.told == old.told
            && new.history.starts_with(&old.history)
            && (old.objection.is_none() || new.objection == old.objection)
            && (old.opening.is_none() || opened(&new) == opened(&old))
            && new.state.rank() >= old.state.rank();
        if !is_kept {
            return Err(FilesRefused::Altered);
        }
        match &self.opening {
            Some(_) if before.opening.is_some() => Ok(()),
            Some(_) if self.objection.is_some() || before.state != FilesState::Asked => {
                Err(FilesRefused::Objected)
            }
            Some(opening) if opening.terms.files != self.terms || opening.terms.told != self.told => {
                Err(FilesRefused::Altered)
            }
            _ => Ok(()),
        }
    }

    fn is_good(&self, today: Day) -> Result<(), FilesRefused> {
        let until = self.terms.good_until;
        if today > until { Err(FilesRefused::TooLate(until)) } else { Ok(()) }
    }

    fn is_in(&self, wanted: bool) -> Result<(), FilesRefused> {
        if wanted { Ok(()) } else { Err(FilesRefused::State(self.state.name())) }
    }

    fn noting(mut self, day: Day, step: FilesStep, by: Option<&StaffId>) -> Self {
        self.history.push(Past { day, step, by: by.cloned() });
        self
    }
}

fn needed(reason: &str) -> Result<String, FilesRefused> {
    let reason = reason.trim();
    if reason.is_empty() { Err(FilesRefused::NoReason) } else { Ok(reason.into()) }
}
