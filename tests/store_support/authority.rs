//! Just enough of an authority to bring an award to its release.

use super::{day, instance, receipt, report};
use mifeng::{
    award::{
        approval::Approval,
        claim::Claim,
        notice::Notice,
        record::{About, Award, Ballot},
        release::{Deposit, Purpose, ReleaseTerms, Terms},
    },
    ids::{CaseNumber, StaffId},
    log::{Event, Leaf},
    policy::Policy,
    recipients::{Approver, Office, RecipientSet, Roster, Trustee, UntrustedRoster, UntrustedSet},
    signing::SigningKey,
    store::{Dossier, Place, Refused, Step},
};
use std::sync::Arc;

#[path = "../common/figures.rs"]
#[allow(dead_code, reason = "every story uses its own part")]
mod figures;

pub struct Authority {
    pub set: Arc<RecipientSet>,
    trustees: Vec<SigningKey>,
    approvers: Vec<(StaffId, SigningKey)>,
    roster: Roster,
}

impl Authority {
    pub fn new() -> Arc<Self> {
        let key = |n: u8| SigningKey::from_seed([n; 32]);
        let recipient = || age::x25519::Identity::generate().to_public().to_string();
        let office = Office { working: recipient(), recovery: recipient(), verify: key(1).verify_key() };
        let trustees: Vec<_> = (11..=13).map(key).collect();
        let listed = trustees.iter().zip(1..).map(|(key, n)| Trustee {
            name: format!("trustee {n}"),
            recipient: recipient(),
            verify: key.verify_key(),
        });
        let mut draft = UntrustedSet::draft(&instance(), 1, office, listed.collect(), 2).unwrap();
        draft.sign("office", &key(1));
        for (n, key) in trustees.iter().enumerate() {
            draft.sign(&format!("trustee-{}", n + 1), key);
        }
        let set = draft.pinned(&draft.fingerprint()).unwrap();
        let approvers: Vec<_> =
            [("qian", 21), ("sun", 22)].map(|(id, n)| (StaffId(id.into()), key(n))).into();
        let enrolled =
            approvers.iter().map(|(staff, key)| Approver { staff: staff.clone(), verify: key.verify_key() });
        let roster = UntrustedRoster::signed(&instance(), 1, enrolled.collect(), &key(1));
        let roster = roster.trusted(&set).unwrap();
        Arc::new(Self { set: Arc::new(set), trustees, approvers, roster })
    }

    /// The award of report `n`, told to its reporter, who can claim it today.
    fn notified(&self, n: u64, case: CaseNumber) -> Award {
        let about = About { instance: instance(), report: report(n), case, award: 1, worked_on: vec![] };
        let by = StaffId("zhao".into());
        let rules = Policy::load("policy".as_ref()).unwrap().rewards;
        let paper = figures::paper(&rules, day());
        let ballot = Ballot { needed: 2, until: day(), life: 90 };
        let mut award = Award::computed(about, &paper, &rules, ballot, &by).unwrap();
        let terms = award.terms().clone();
        for (staff, key) in &self.approvers {
            let approval = Approval::sign(&terms, staff, day(), key);
            award = award.approve(approval, &self.roster, day()).unwrap();
        }
        award.file(&by, day()).unwrap().notify(day(), &by, day()).unwrap()
    }

    /// The same, claimed and waiting for its release.
    fn claimed(&self, n: u64, case: CaseNumber) -> Award {
        let award = self.notified(n, case);
        let claim = Claim::sign(award.terms(), &receipt(n).claim_key());
        award.claim(day(), claim, receipt(n).claim_verify_key()).unwrap()
    }

    /// Report `n`'s award, which nobody claimed in time and which is announced so.
    pub fn announce(self: &Arc<Self>, n: u64, notice: Notice) -> Step {
        let authority = self.clone();
        let change = move |dossier: &mut Dossier, _: &Place| -> Result<Option<Leaf>, Refused> {
            let Notice { number, published, until } = notice;
            let award = authority.notified(n, dossier.case.number);
            let award = award.public_notice(number, until, &StaffId("li".into()), published)?;
            dossier.case.conclusion = Some(figures::found_true(day()));
            dossier.awards.push(award);
            Ok(None)
        };
        Step { expected_version: None, sealed: None, change: Box::new(change) }
    }

    /// Report `n`'s award, claimed by its reporter.
    pub fn claim(self: &Arc<Self>, n: u64) -> Step {
        let authority = self.clone();
        let change = move |dossier: &mut Dossier, _: &Place| -> Result<Option<Leaf>, Refused> {
            dossier.case.conclusion = Some(figures::found_true(day()));
            dossier.awards.push(authority.claimed(n, dossier.case.number));
            dossier.case.version += 1;
            Ok(Some(Leaf::plain(Event::Claimed, day())))
        };
        Step { expected_version: None, sealed: None, change: Box::new(change) }
    }

    /// Brings report `n`'s case to a published release; `leaf` is what the move writes into the log.
    pub fn release(
        self: &Arc<Self>,
        n: u64,
        leaf: impl FnOnce(&ReleaseTerms) -> Option<Leaf> + Send + 'static,
    ) -> Step {
        let authority = self.clone();
        let change = move |dossier: &mut Dossier, place: &Place| -> Result<Option<Leaf>, Refused> {
            let award = authority.claimed(n, dossier.case.number);
            let terms = ReleaseTerms {
                award: award.terms().clone(),
                purpose: Purpose::Identity,
                expires: jiff::civil::date(2026, 12, 23),
                leaf_index: place.index,
                leaf_n: place.n,
            };
            let leaf = leaf(&terms);
            let approval = award.approval(&authority.roster, day())?;
            let by = StaffId("office".into());
            let award =
                award.publish_release(approval, terms, place.envelopes.clone(), "申领", &by, day())?;
            dossier.case.conclusion = Some(figures::found_true(day()));
            dossier.awards.push(award);
            dossier.case.version += 1;
            Ok(leaf)
        };
        Step { expected_version: None, sealed: None, change: Box::new(change) }
    }

    pub fn deposit(&self, award: &Award, trustee: u8) -> Deposit {
        let key = &self.trustees[usize::from(trustee) - 1];
        Deposit::sign(&award.release().unwrap().terms, &self.set, trustee, b"resealed", key)
    }
}

/// The leaf that announces a release.
pub fn announcing(terms: &ReleaseTerms) -> Leaf {
    Leaf { purpose: Some(terms.purpose), digest: Some(terms.digest()), ..Leaf::plain(Event::Release, day()) }
}
