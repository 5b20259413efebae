//! What case and award must be to each other. Checked at every change, whoever makes it.

use super::{Place, Refused};
use crate::{
    award::{
        record::{Award, AwardState},
        release::Terms,
        summary::ReporterView,
    },
    casework::{Apart, Case, MoveKind, Permission, Sheet, State},
    clock::Day,
    evidence::{FilesRefused, FilesRequest, FilesState},
    ids::{CaseNumber, StaffId},
    log::Leaf,
    policy::ActsApart,
};

/// Everything about a matter that staff may decide on: the case and its awards.
#[derive(Clone, Debug)]
pub struct Dossier {
    pub case: Case,
    /// In the order they were computed; the last one is in force.
    pub awards: Vec<Award>,
}

impl Dossier {
    /// The award in force.
    pub fn award(&self) -> Option<&Award> {
        self.awards.last()
    }

    /// What its reporter is shown of the award in force: while their objection is reviewed, it cannot be claimed.
    pub fn for_reporter(&self) -> Option<ReporterView> {
        Some(match self.award()?.for_reporter() {
            ReporterView::CanBeClaimed { base_fen, .. } if self.case.state == State::Objected => {
                ReporterView::StandsStill { base_fen }
            }
            view => view,
        })
    }

    /// What a move has done to the award in force, where it ends a review: computed anew if the decision was overturned,
    /// longer to claim if it was upheld. One that has ended, or never was to be paid, stays as it is.
    pub fn after_review(&mut self, mv: MoveKind, by: &StaffId, today: Day) {
        let objected = self.case.objections.last().map(|objection| objection.day);
        let Some(award) = self.awards.last_mut() else { return };
        let changed = match (mv, objected) {
            (MoveKind::Overturn, _) => award.overturn(by, today),
            (MoveKind::Uphold, Some(day)) => award.resume_claim(day, by, today),
            _ => return,
        };
        if let Ok(changed) = changed {
            *award = changed;
        }
    }

    /// Nothing of an award is paid or on its way here, so that another reporter of the matter may be offered it: it ended
    /// unpaid, or this case answers for the matter and somebody else was accepted before.
    pub fn may_pass_on(&self) -> bool {
        let answers = !self.case.merged.is_empty();
        let Some(award) = self.award() else { return answers };
        award.is_unpaid() || (answers && !is_under_way(award) && !award.is_ended())
    }

    /// Nothing in it is open any more: what policy says of such an end counts, even where it was to be kept longer.
    pub fn is_at_rest(&self) -> bool {
        let case = &self.case;
        let is_deleted = case.state == State::Replied && case.erased.is_some();
        (case.state.is_final() || is_deleted)
            && case.open_retaliation().is_none()
            && case.open_deletion().is_none()
            && !self.award().is_some_and(is_under_way)
    }

    /// As [`Case::apart`], with what was done about its awards.
    ///
    /// # Errors
    /// [`FilesRefused::ActsApart`] if this person has done in this case what policy keeps apart from `act`.
    pub fn apart(&self, by: &StaffId, act: Permission, rules: &ActsApart) -> Result<Apart, FilesRefused> {
        let mut done = self.awards.iter().flat_map(|award| award.acts_of(by));
        match done.find(|did| rules.must_differ(*did, act)) {
            Some(did) => Err(FilesRefused::ActsApart { by: by.clone(), did }),
            None => self.case.apart(by, act, rules),
        }
    }

    /// Leaves of openings that nothing may be opened by any more: what the office's key alone would open is not kept for
    /// them, once an outcome stands, a release has lapsed or given way to another, or a request for an original has ended.
    pub fn spent_leaves(&self) -> impl Iterator<Item = u64> {
        let ended = self.case.evidence.iter().filter(|request| request.has_ended());
        let originals = ended.filter_map(|request| Some(request.opening()?.terms.leaf_index));
        self.awards.iter().flat_map(Award::spent_leaves).chain(originals)
    }

    /// Whether these moves may lead from `before` to here.
    pub fn follows(&self, before: &Dossier) -> Result<(), Inconsistent> {
        let is_verified = self.case.conclusion.as_ref().is_some_and(|c| c.finding.is_verified());
        if self.award().is_some_and(is_under_way) && !is_verified {
            return Err(Inconsistent::NotVerified);
        }
        // The second deletion of a day leaves the same day.
        let new = self.case.history.get(before.case.history.len()..).unwrap_or_default();
        let is_deleted = self.case.erased != before.case.erased
            || new.iter().any(|event| event.what == MoveKind::GrantDeletion);
        if is_deleted && self.award().is_some_and(is_under_way) {
            return Err(Inconsistent::AwardUnderWay);
        }
        // A sheet that went out says for good what it said; only a deletion empties it.
        let is_kept = |(old, new): (&Sheet, &Sheet)| old == new || is_deleted;
        let (old, new) = (&before.case.sheets, &self.case.sheets);
        if new.len() < old.len() || !old.iter().zip(new).all(is_kept) {
            return Err(Inconsistent::SheetAltered);
        }
        let (old, new) = (&before.case.evidence, &self.case.evidence);
        if new.len() < old.len() {
            return Err(Inconsistent::Evidence(FilesRefused::Altered));
        }
        old.iter().zip(new).try_for_each(|(old, new)| new.follows(old).map_err(Inconsistent::Evidence))?;
        if new[old.len()..].iter().any(|request| request.opening().is_some()) {
            return Err(Inconsistent::Evidence(FilesRefused::Altered));
        }
        if self.case.state == State::Objected {
            // What a reporter says to an award that has ended moves nothing, nor does an answer to it.
            let stands = self.awards.len() == before.awards.len()
                && self.awards.iter().zip(&before.awards).all(|(award, before)| award.stands_as(before));
            if !stands {
                return Err(Inconsistent::UnderReview);
            }
            if before.case.state != State::Objected && self.award().is_some_and(is_with_the_reporter) {
                return Err(Inconsistent::AlreadyClaimed);
            }
        }
        if let Some(to) = self.case.passed_to
            && !self.may_pass_on()
        {
            return Err(Inconsistent::PassedOn(to));
        }
        if self.case.awaits_reporter() && self.award().is_some_and(is_with_the_reporter) {
            return Err(Inconsistent::AwaitsReporter);
        }
        if self.award().is_some_and(is_new) && self.awards.iter().rev().skip(1).any(Award::is_ended) {
            return Err(Inconsistent::SecondAward);
        }
        Ok(())
    }
}

/// Leaves that requests for originals leave room for: the reporter's objection, and the end, must always find some.
const LEAVES_KEPT: u8 = 24;

fn room_left(place: &Place) -> Result<(), Refused> {
    if place.n > u8::MAX - LEAVES_KEPT { Err(Refused::LogFull) } else { Ok(()) }
}

impl Dossier {
    /// Whether this leaf, at this place, announces what is opened now and was not before, and tells the reporter what is
    /// asked now, or that their objection is taken down. Checked at every change, whoever makes it.
    pub fn is_announced(&self, before: &Dossier, leaf: Option<&Leaf>, place: &Place) -> Result<(), Refused> {
        let release = |dossier: &Dossier| Some(dossier.award()?.release()?.terms.clone());
        if let Some(terms) = release(self).filter(|terms| release(before).as_ref() != Some(terms)) {
            announced(leaf, &terms, place)?;
        }
        for (i, request) in self.case.evidence.iter().enumerate() {
            let earlier = before.case.evidence.get(i);
            let told = request.told();
            if earlier.is_none() {
                let is_told = leaf == Some(&request.terms().asked_leaf());
                if !is_told || (told.leaf_index, told.leaf_n) != (place.index, place.n) {
                    return Err(Refused::AskedWithoutLeaf);
                }
                room_left(place)?;
            }
            if let Some(opening) = request.opening()
                && earlier.is_none_or(|earlier| earlier.opening().is_none())
            {
                announced(leaf, &opening.terms, place)?;
                if leaf.is_none_or(|leaf| leaf.day <= request.terms().object_until) {
                    return Err(FilesRefused::TooEarly(request.terms().object_until).into());
                }
            }
            let joined = |request: &FilesRequest, blob| request.joined().any(|copy| copy.blob == blob);
            for copy in request.joined() {
                let is_new = earlier.is_none_or(|earlier| !joined(earlier, copy.blob));
                let day = copy.checked.as_ref().map(|checked| checked.day);
                let told = day.map(|day| request.terms().joined_leaf(copy.blob, day));
                if is_new && leaf != told.as_ref() {
                    return Err(Refused::AskedWithoutLeaf);
                }
                if is_new {
                    room_left(place)?;
                }
            }
            if let Some(objection) = request.objection()
                && earlier.is_none_or(|earlier| earlier.objection().is_none())
                && leaf != Some(&request.terms().objected_leaf(objection.day))
            {
                return Err(Refused::AskedWithoutLeaf);
            }
        }
        Ok(())
    }
}

impl Dossier {
    /// The leaves by which requests for originals end that had not ended before, but by their reporter's objection.
    pub fn ended_requests(&self, before: &Dossier) -> Vec<Leaf> {
        let both = before.case.evidence.iter().zip(&self.case.evidence);
        let ended = both.filter(|(old, new)| !old.has_ended() && new.has_ended());
        let ended = ended.filter(|(_, new)| new.state() != FilesState::Objected);
        // The words of what was asked may be gone by now; the day is that of the end.
        ended.filter_map(|(old, new)| Some(old.terms().ended_leaf(new.history().last()?.day))).collect()
    }
}

fn announced(leaf: Option<&Leaf>, terms: &impl Terms, place: &Place) -> Result<(), Refused> {
    let is_announced = leaf.is_some_and(|leaf| terms.is_announced_by(leaf))
        && (terms.leaf_index(), terms.leaf_n()) == (place.index, place.n);
    if is_announced { Ok(()) } else { Err(Refused::ReleaseWithoutLeaf) }
}

/// Why a change was refused that case and award would each have allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Inconsistent {
    #[error("without a matter found true, or partly so, there is no award")]
    NotVerified,
    #[error("a sheet that was made is never altered")]
    SheetAltered,
    #[error("while an objection is open, the award stands still")]
    UnderReview,
    #[error("an award is on its way: what it rests on is not deleted")]
    AwardUnderWay,
    #[error("the award was claimed: what was found is accepted")]
    AlreadyClaimed,
    #[error("the award of this matter is passed on, to {0}, only while none is on its way here, or paid")]
    PassedOn(CaseNumber),
    #[error("staff know the only receipt of this report: nobody claims with it")]
    AwaitsReporter,
    #[error("a matter has one award, and it has ended")]
    SecondAward,
    #[error("the request for an original: {0}")]
    Evidence(FilesRefused),
}

/// On its way to an opening, or open.
fn is_under_way(award: &Award) -> bool {
    use AwardState::*;
    !matches!(award.state(), NotEligible { .. } | Declined | Lapsed) && !award.is_ended()
}

/// Claimed, and so accepted.
fn is_with_the_reporter(award: &Award) -> bool {
    use AwardState::*;
    matches!(award.state(), Claimed | ReleasePublished | Released | Verified | ToConfirm { .. } | Paid { .. })
}

fn is_new(award: &Award) -> bool {
    matches!(award.state(), AwardState::Computed)
}
