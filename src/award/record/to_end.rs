//! From the release to the end: shares come in, an outcome is recorded and stands once a second person has confirmed it.

use super::{
    Answer, Award, AwardRefused, AwardState, Ending, Ground, Objection, Past, Release, Step, needed,
};
use crate::{
    award::{
        approval::PayoutApproval,
        claim::NotClaimed,
        release::{Deposit, Purpose, ReleaseRefused, ReleaseTerms},
    },
    clock::Day,
    ids::StaffId,
    recipients::RecipientSet,
};

impl Award {
    /// Records the release whose leaf the store has just appended (`leaf_index`, the report's `leaf_n`th).
    ///
    /// One release is open at a time; an expired one gives way, with the shares given for it.
    pub fn publish_release(
        &self,
        approval: PayoutApproval,
        release: ReleaseTerms,
        envelopes: Vec<String>,
        reason: &str,
        by: &StaffId,
        today: Day,
    ) -> Result<Self, AwardRefused> {
        let open = matches!(self.state, AwardState::ReleasePublished | AwardState::Released);
        if let (true, Some(open)) = (open, &self.release)
            && today <= open.terms.expires
        {
            return Err(AwardRefused::ReleaseStillOpen(open.terms.expires));
        }
        self.is_in(open || matches!(self.state, AwardState::Claimed))?;
        if self.claim.is_none() {
            return Err(NotClaimed.into());
        }
        if *approval.terms() != self.terms
            || release.award != self.terms
            || release.purpose != Purpose::Identity
        {
            return Err(AwardRefused::OtherAward);
        }
        if release.expires <= today {
            return Err(AwardRefused::ReleaseTooShort(today));
        }
        // Trustees and office look at the approvals again, on any day until the last.
        if release.expires > approval.until() {
            return Err(AwardRefused::ApprovalsEnd(approval.until()));
        }
        if envelopes.is_empty() {
            return Err(AwardRefused::NoEnvelope);
        }
        let mut next = self.clone();
        let last = |past: &&Past| matches!(past.step, Step::ReleaseExpired | Step::ReleasePublished { .. });
        let is_noted = self.history.iter().rfind(last).is_some_and(|past| past.step == Step::ReleaseExpired);
        if self.release.is_some() && !is_noted {
            next = next.noting(today, Step::ReleaseExpired, None);
        }
        let step = Step::ReleasePublished { leaf_index: release.leaf_index, reason: needed(reason)? };
        next.release = Some(Release { terms: release, envelopes, deposits: vec![] });
        Ok(next.moved(AwardState::ReleasePublished, today, step, Some(by)))
    }

    /// One trustee's share, handed in by the member of staff who holds the key. With the t-th the package is complete.
    pub fn deposit(
        &self,
        deposit: Deposit,
        by: &StaffId,
        set: &RecipientSet,
        today: Day,
    ) -> Result<Self, AwardRefused> {
        self.is_in(matches!(self.state, AwardState::ReleasePublished))?;
        let mut next = self.clone();
        // Unwrap safety: `publish_release` alone leads to this state and sets the release.
        let release = next.release.as_mut().unwrap();
        // What was given under an earlier set opens nothing any more, and its giver may be gone.
        let Release { terms, deposits, .. } = &mut *release;
        deposits.retain(|other| other.verify(terms, set, today).is_ok());
        if release.deposits.iter().any(|other| other.trustee == deposit.trustee) {
            return Err(ReleaseRefused::Twice(deposit.trustee).into());
        }
        deposit.verify(&release.terms, set, today)?;
        let step = Step::Deposited { trustee: deposit.trustee };
        release.deposits.push(deposit);
        if release.deposits.len() >= set.threshold() {
            next.state = AwardState::Released;
        }
        Ok(next.noting(today, step, Some(by)))
    }

    /// The last day of a release has passed: the shares given for it go. What the officers found until then can still be
    /// recorded; to open anything again takes a new release.
    pub fn let_release_lapse(&self, today: Day) -> Result<Self, AwardRefused> {
        let mut next = self.clone();
        let Some(release) = next.release.as_mut().filter(|release| !release.deposits.is_empty()) else {
            return Err(AwardRefused::State(self.state.name()));
        };
        if today <= release.terms.expires {
            return Err(AwardRefused::ReleaseStillOpen(release.terms.expires));
        }
        release.deposits.clear();
        Ok(next.noting(today, Step::ReleaseExpired, None))
    }

    /// The officers have opened the package and met somebody who may be paid.
    pub fn verified(&self, by: &StaffId, today: Day) -> Result<Self, AwardRefused> {
        self.is_in(matches!(self.state, AwardState::Released))?;
        Ok(self.moved(AwardState::Verified, today, Step::Verified, Some(by)))
    }

    /// One person records how it ended; it stands once another confirms.
    pub fn record(&self, ending: Ending, by: &StaffId, today: Day) -> Result<Self, AwardRefused> {
        self.is_in(match ending {
            Ending::Paid(_) => matches!(self.state, AwardState::Verified),
            Ending::Refused(_) => matches!(self.state, AwardState::Released | AwardState::Verified),
            Ending::Unreadable => matches!(self.state, AwardState::Released),
            Ending::Unreleased => matches!(self.state, AwardState::ReleasePublished),
        })?;
        // Until then the trustees still have a say.
        if let (Ending::Unreleased, Some(release)) = (&ending, &self.release)
            && today <= release.terms.expires
        {
            return Err(AwardRefused::ReleaseStillOpen(release.terms.expires));
        }
        let ending = match ending {
            Ending::Paid(voucher) => {
                let voucher = voucher.trim();
                if voucher.is_empty() {
                    return Err(AwardRefused::NoVoucher);
                }
                Ending::Paid(voucher.into())
            }
            other => other,
        };
        let state = AwardState::ToConfirm { ending, by: by.clone() };
        Ok(self.moved(state, today, Step::Recorded, Some(by)))
    }

    /// The second person's yes.
    pub fn confirm(&self, by: &StaffId, today: Day) -> Result<Self, AwardRefused> {
        let state = match self.to_confirm()? {
            (_, recorded_by) if recorded_by == by => return Err(AwardRefused::SamePerson(by.clone())),
            (Ending::Refused(ground), _) => AwardState::Refused { ground: *ground },
            (Ending::Unreadable | Ending::Unreleased, _) => AwardState::Unreadable,
            (Ending::Paid(voucher), _) => AwardState::Paid { voucher: voucher.clone() },
        };
        let mut next = self.moved(state, today, Step::Confirmed, Some(by));
        // The shares have done their work: kept, they would leave the office's key as the only lock.
        if let Some(release) = &mut next.release {
            release.deposits.clear();
        }
        Ok(next)
    }

    /// The second person's no, or the first one's own correction.
    pub fn send_back(&self, by: &StaffId, today: Day) -> Result<Self, AwardRefused> {
        let state = match self.to_confirm()? {
            (Ending::Paid(_), _) => AwardState::Verified,
            (Ending::Unreleased, _) => AwardState::ReleasePublished,
            (Ending::Refused(_) | Ending::Unreadable, _) => AwardState::Released,
        };
        Ok(self.moved(state, today, Step::SentBack, Some(by)))
    }

    /// The reporter does not accept how it ended: once for each time it ended so, by a code and no words. It stands as it
    /// did, whether or not [`Award::let_stand`] answers; only [`Award::reopen`] takes it up again.
    pub fn object(&self, objection: Objection, today: Day) -> Result<Self, AwardRefused> {
        self.is_in(self.can_be_objected_to())?;
        if self.objection().is_some() {
            return Err(AwardRefused::ObjectedAlready);
        }
        Ok(self.clone().noting(today, Step::Objected { objection }, None))
    }

    /// What was objected to changes nothing: it stands as it did, and the reporter reads why, by a code and no words. Once
    /// for an objection, to which nothing more can be said then. The office can still take it up again. `come_by`: the last
    /// day that policy gives the reporter to come, or to be reached; before it is over nobody is told that they did not.
    pub fn let_stand(
        &self,
        answer: Answer,
        come_by: Day,
        by: &StaffId,
        today: Day,
    ) -> Result<Self, AwardRefused> {
        self.can_answer(answer, come_by, today)?;
        Ok(self.clone().noting(today, Step::LetStand { answer }, Some(by)))
    }

    /// What [`Award::let_stand`] takes on this day, in the order shown.
    pub fn answers(&self, come_by: Day, today: Day) -> Vec<Answer> {
        let all = self.open_objection().map(|(_, objection)| objection.answers()).unwrap_or_default();
        all.iter().copied().filter(|answer| self.can_answer(*answer, come_by, today).is_ok()).collect()
    }

    fn can_answer(&self, answer: Answer, come_by: Day, today: Day) -> Result<(), AwardRefused> {
        self.is_in(self.can_be_objected_to())?;
        let (_, objection) = self.open_objection().ok_or(AwardRefused::NothingToAnswer)?;
        let fits = objection.answers().contains(&answer) && (self.has_contact() || !answer.needs_a_contact());
        if !fits {
            return Err(AwardRefused::OtherAnswer);
        }
        if answer.takes_time() && today <= come_by {
            return Err(AwardRefused::StillTime(come_by));
        }
        Ok(())
    }

    /// Whether a way to reach its reporter can be known: not where no name was given, nor where nothing could be opened.
    fn has_contact(&self) -> bool {
        !matches!(self.state, AwardState::Unreadable | AwardState::Refused { ground: Ground::NoName })
    }

    /// What the reporter has said, and on which day, to the ending that stands; `None`: nothing, or none stands.
    pub fn objection(&self) -> Option<(Day, Objection)> {
        self.said_since().find_map(|past| match past.step {
            Step::Objected { objection } => Some((past.day, objection)),
            _ => None,
        })
    }

    /// What the reward office has answered to that, and on which day; `None`: nothing.
    pub fn answer(&self) -> Option<(Day, Answer)> {
        self.said_since().find_map(|past| match past.step {
            Step::LetStand { answer } => Some((past.day, answer)),
            _ => None,
        })
    }

    /// An objection that the reward office has not answered.
    pub fn open_objection(&self) -> Option<(Day, Objection)> {
        self.objection().filter(|_| self.answer().is_none())
    }

    /// Whether the reporter can object now.
    pub fn awaits_objection(&self) -> bool {
        self.can_be_objected_to() && self.objection().is_none()
    }

    /// Whether nothing has been done since it stood as `before`, but that its reporter may have objected, and the office
    /// answered that it stands. How long the reporter had to come is policy's to say, and not looked at here.
    pub fn stands_as(&self, before: &Self) -> bool {
        let since = self.history.strip_prefix(before.history.as_slice()).unwrap_or_default();
        let said = since.iter().try_fold(before.clone(), |award, past| match (&past.step, &past.by) {
            (Step::Objected { objection }, None) => award.object(*objection, past.day).ok(),
            (Step::LetStand { answer }, Some(by)) => award.let_stand(*answer, Day::MIN, by, past.day).ok(),
            _ => None,
        });
        said.as_ref() == Some(self)
    }

    /// Since when it stands as something that its reporter can object to.
    pub fn refused_on(&self) -> Option<Day> {
        let confirmed = || self.history.iter().rfind(|past| past.step == Step::Confirmed);
        self.can_be_objected_to().then(confirmed).flatten().map(|past| past.day)
    }

    /// What was said since it stands so that its reporter can object to it, the latest first; else nothing.
    fn said_since(&self) -> impl Iterator<Item = &Past> {
        let stands = self.can_be_objected_to();
        self.history.iter().rev().take_while(move |past| stands && past.step != Step::Confirmed)
    }

    fn can_be_objected_to(&self) -> bool {
        matches!(self.state, AwardState::Refused { .. } | AwardState::Unreadable)
    }

    /// After an objection, or with a new envelope: opened again only by a new release.
    pub fn reopen(&self, reason: &str, by: &StaffId, today: Day) -> Result<Self, AwardRefused> {
        self.is_in(self.can_be_objected_to())?;
        let step = Step::Reopened { reason: needed(reason)? };
        let mut next = self.clone();
        next.release = None;
        Ok(next.moved(AwardState::Claimed, today, step, Some(by)))
    }

    fn to_confirm(&self) -> Result<(&Ending, &StaffId), AwardRefused> {
        match &self.state {
            AwardState::ToConfirm { ending, by } => Ok((ending, by)),
            other => Err(AwardRefused::State(other.name())),
        }
    }
}
