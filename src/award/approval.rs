//! Two people agree to an amount. What they sign is the rule, the inputs and the base amount; no share moves.
//!
//! ```text
//! terms hash = SHA-256(transcript("mifeng/v1/award-terms", instance, report id, case number, award number (4 B),
//!              hash of the paper, base amount in fen (8 B), approvals needed (4 B), day computed,
//!              SHA-256(transcript("mifeng/v1/worked-on", each of the staff who worked on the case))))
//! approval   = Ed25519(approver, transcript("mifeng/v1/award-approval", terms hash, approver, day))
//! ```
//! An approval counts from its day for as long as the policy of the award's day says, on the server; in the tools, which are
//! told no policy they could believe, for [`LONGEST_APPROVAL`] days. What it does not give: that days are right. An approver
//! signs the day that the server says.

use crate::{
    clock::Day,
    ids::{CaseNumber, Instance, ReportId, StaffId},
    policy::LONGEST_APPROVAL,
    recipients::Roster,
    signing::{Signature, SigningKey, VerifyKey},
    transcript,
};
use jiff::ToSpan;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const DOMAIN: &str = "mifeng/v1/award-approval";
/// Two people for money (design §4); policy may ask for more, never for fewer.
pub const FEWEST_APPROVERS: usize = 2;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalRefused {
    #[error("{found} of {needed} approvals")]
    TooFew { found: usize, needed: usize },
    #[error("{0} has approved twice")]
    Twice(StaffId),
    #[error("{0} is not on the roster of approvers that the office has signed")]
    NotOnTheRoster(StaffId),
    #[error("{0} has worked on this case and may not approve its award")]
    OwnCase(StaffId),
    #[error("the signature of {0} does not fit this award")]
    Signature(StaffId),
    #[error("the approval of {0} is older than the award or lies in the future")]
    Day(StaffId),
    #[error("the approval of {by} counted until {until}")]
    Expired { by: StaffId, until: Day },
}

/// What is approved, and what every release is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwardTerms {
    pub instance: Instance,
    pub report: ReportId,
    pub case: CaseNumber,
    /// Counted per case: 1 for the first computation, higher after a new one.
    pub award: u32,
    /// SHA-256 over the rule, its version and the inputs; hexadecimal.
    #[serde(with = "hex::serde")]
    pub rule_and_inputs: [u8; 32],
    /// Before any insider uplift, in fen.
    pub base_fen: u64,
    /// How many different people must approve, by the policy of that day. Each of them signs it, so that a
    /// server cannot lower it afterwards; values below 2 count as 2.
    pub approvals_needed: u32,
    /// The day it was computed; approvals before it are void.
    pub computed: Day,
    /// Staff who worked on the case: none of them may approve.
    pub worked_on: Vec<StaffId>,
}

impl AwardTerms {
    /// SHA-256 of all terms; stands for them in approvals and in the release statements.
    pub fn hash(&self) -> [u8; 32] {
        let (case, computed) = (self.case.to_string(), self.computed.to_string());
        let (award, base) = (self.award.to_be_bytes(), self.base_fen.to_be_bytes());
        let needed = self.approvals_needed.to_be_bytes();
        let worked_on = self.worked_on_hash();
        let parts: [&[u8]; 9] = [
            self.instance.0.as_bytes(),
            self.report.as_bytes(),
            case.as_bytes(),
            &award,
            &self.rule_and_inputs,
            &base,
            &needed,
            computed.as_bytes(),
            &worked_on,
        ];
        transcript::hash("mifeng/v1/award-terms", &parts)
    }

    /// Stands for the staff where their log-ins are nobody's business.
    pub fn worked_on_hash(&self) -> [u8; 32] {
        // A part each, so that no two lists of people share bytes.
        let staff: Vec<&[u8]> = self.worked_on.iter().map(|staff| staff.0.as_bytes()).collect();
        transcript::hash("mifeng/v1/worked-on", &staff)
    }

    /// As the reporter's device may have them: everything the claim is signed over, without a log-in.
    pub fn for_reporter(&self) -> serde_json::Value {
        // Unwrap safety: our own plain struct with string keys always serialises, as an object.
        let mut terms = serde_json::to_value(self).unwrap();
        let fields = terms.as_object_mut().unwrap();
        fields.remove("worked_on");
        fields.insert("worked_on_hash".into(), hex::encode(self.worked_on_hash()).into());
        terms
    }

    /// Different people whose yes it takes.
    pub fn approvals_needed(&self) -> usize {
        usize::try_from(self.approvals_needed).unwrap_or(usize::MAX).max(FEWEST_APPROVERS)
    }
}

/// One person's signed yes. Not to be believed before [`verify`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    pub by: StaffId,
    pub day: Day,
    pub signature: Signature,
}

impl Approval {
    pub fn sign(terms: &AwardTerms, by: &StaffId, day: Day, key: &SigningKey) -> Self {
        let signature = key.sign(DOMAIN, &[&terms.hash(), by.0.as_bytes(), day.to_string().as_bytes()]);
        Self { by: by.clone(), day, signature }
    }

    /// The last day on which it counts, `life` days after its own.
    pub fn until(&self, life: u32) -> Day {
        self.day.saturating_add(i64::from(life.min(LONGEST_APPROVAL)).days())
    }

    /// Whether it counts on that day, by itself.
    pub(super) fn check(
        &self,
        terms: &AwardTerms,
        roster: &Roster,
        today: Day,
        life: u32,
    ) -> Result<(), ApprovalRefused> {
        let by = || self.by.clone();
        if terms.worked_on.contains(&self.by) {
            return Err(ApprovalRefused::OwnCase(by()));
        }
        let key = roster.key_of(&self.by).ok_or_else(|| ApprovalRefused::NotOnTheRoster(by()))?;
        if self.day < terms.computed || self.day > today {
            return Err(ApprovalRefused::Day(by()));
        }
        if today > self.until(life) {
            return Err(ApprovalRefused::Expired { by: by(), until: self.until(life) });
        }
        if !self.is_signed_by(key, terms) {
            return Err(ApprovalRefused::Signature(by()));
        }
        Ok(())
    }

    fn is_signed_by(&self, key: &VerifyKey, terms: &AwardTerms) -> bool {
        let day = self.day.to_string();
        key.accepts(DOMAIN, &[&terms.hash(), self.by.0.as_bytes(), day.as_bytes()], &self.signature)
    }
}

/// Proof that enough different people approved exactly these terms. Only [`verify`] makes one, and it is
/// spent by value: it can be neither built nor copied.
///
/// ```compile_fail,E0451
/// fn forge(terms: mifeng::award::approval::AwardTerms) -> mifeng::award::approval::PayoutApproval {
///     mifeng::award::approval::PayoutApproval { terms, by: vec![], until: jiff::civil::Date::MAX }
/// }
/// ```
/// ```compile_fail,E0382
/// fn twice(a: mifeng::award::approval::PayoutApproval) { drop(a); drop(a); }
/// ```
/// ```
/// fn once(a: mifeng::award::approval::PayoutApproval) { drop(a); }
/// ```
#[derive(Debug)]
pub struct PayoutApproval {
    terms: AwardTerms,
    by: Vec<StaffId>,
    until: Day,
}

impl PayoutApproval {
    pub fn terms(&self) -> &AwardTerms {
        &self.terms
    }
    pub fn by(&self) -> &[StaffId] {
        &self.by
    }
    /// The last day on which all of these approvals count.
    pub fn until(&self) -> Day {
        self.until
    }
}

/// Checks every approval given; one bad approval refuses the whole, so that nothing is decided by the rest.
/// How many it takes is in the terms; `today` bounds the approvals' days, from which each counts for `life` days. Tools give
/// [`LONGEST_APPROVAL`].
pub fn verify(
    terms: &AwardTerms,
    approvals: &[Approval],
    roster: &Roster,
    today: Day,
    life: u32,
) -> Result<PayoutApproval, ApprovalRefused> {
    let needed = terms.approvals_needed();
    let mut seen = BTreeSet::new();
    for approval in approvals {
        if !seen.insert(&approval.by) {
            return Err(ApprovalRefused::Twice(approval.by.clone()));
        }
        approval.check(terms, roster, today, life)?;
    }
    let until = approvals.iter().map(|approval| approval.until(life)).min();
    match until.filter(|_| approvals.len() >= needed) {
        None => Err(ApprovalRefused::TooFew { found: approvals.len(), needed }),
        Some(until) => {
            let by = approvals.iter().map(|approval| approval.by.clone()).collect();
            Ok(PayoutApproval { terms: terms.clone(), by, until })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn no_two_lists_of_people_are_signed_alike() {
        let with = |people: &[&str]| AwardTerms {
            instance: Instance("test".into()),
            report: ReportId::from_bytes([1; 16]),
            case: CaseNumber { year: 2026, serial: 1 },
            award: 1,
            rule_and_inputs: [2; 32],
            base_fen: 300_000,
            approvals_needed: 2,
            computed: date(2026, 11, 23),
            worked_on: people.iter().map(|p| StaffId((*p).into())).collect(),
        };
        assert_ne!(with(&["a", "b"]).hash(), with(&["a\nb"]).hash());
        assert_ne!(with(&["ab"]).hash(), with(&["a", "b"]).hash());
        assert_ne!(with(&[]).hash(), with(&[""]).hash());
    }
}
