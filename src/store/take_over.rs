//! The reporter's own receipt takes the place of the one that staff issued: one durable unit, or nothing.

use super::{Commit, Refused, Store, core::AuditRecord, engine::Tree};
use crate::{
    award::handover::{Handover, Heir},
    casework::{Actor, Move, Rules, apply},
    clock::Day,
    envelope::SealedReport,
    ids::Instance,
    log::{Event, Leaf},
    receipt::{AuditKey, AuthHash, LocatorHash, Mailbox},
    signing::VerifyKey,
};

/// What the server keeps of the new receipt, proved by the old one.
pub struct TakeOver {
    pub instance: Instance,
    /// Of the receipt that staff issued.
    pub old: (LocatorHash, AuthHash),
    pub handover: Handover,
    pub locator: LocatorHash,
    pub auth: AuthHash,
    pub audit_key: AuditKey,
    pub mailbox: Mailbox,
    pub claim_key: VerifyKey,
    /// Under the new keys, so that every trustee has them from the reporter and not from the server.
    pub sealed: SealedReport,
    pub day: Day,
    pub rules: Rules,
}

impl Store {
    pub(super) fn hand_over(&self, taking: TakeOver) -> Commit<()> {
        let core = self.core.clone();
        self.committer.commit(move |txn| {
            let (locator, auth) = taking.old;
            let report = core.records.located(txn, &locator)?.ok_or(Refused::NoSuchReport)?;
            let found = core.records.report_and_key(txn, report)?;
            let (mut record, data) = found.ok_or(Refused::NoSuchReport)?;
            if record.auth != auth {
                return Err(Refused::NoSuchReport);
            }
            if core.records.located(txn, &taking.locator)?.is_some() {
                return Err(Refused::LocatorTaken);
            }
            let (claim_key, audit_key) = (taking.claim_key, &taking.audit_key);
            let heir = Heir { instance: &taking.instance, report, claim_key, audit_key };
            if !taking.handover.fits(record.claim_key, &heir) {
                return Err(Refused::NotHandedOver);
            }
            let mut dossier = core.dossier(txn, &data, report)?;
            let earlier = dossier.clone();
            dossier.case =
                apply(&dossier.case, Move::DrawReceipt, &Actor::Reporter, taking.day, &taking.rules)?;
            dossier.follows(&earlier)?;

            // The last entry that the old receipt finds, and the first that the new one does.
            match core.append_leaf_of(txn, &data, report, &Leaf::plain(Event::TakenOver, taking.day)) {
                // Nobody is kept from a report because its log is full.
                Ok(()) | Err(Refused::LogFull) => {}
                Err(refused) => return Err(refused),
            }
            let old = core.audit(txn, &data, report)?;
            let audit = AuditRecord {
                key: taking.audit_key,
                places: Vec::new(),
                before: Some((old.key, old.places)),
            };
            core.records.put_of_case(txn, &data, Tree::Audit, report.as_bytes(), &audit)?;
            core.append_leaf_of(txn, &data, report, &Leaf::plain(Event::TakenOver, taking.day))?;

            txn.remove(Tree::Locators, locator.0);
            core.records.put(txn, Tree::Locators, &taking.locator.0, &report)?;
            (record.locator, record.auth) = (taking.locator, taking.auth);
            (record.mailbox, record.claim_key) = (taking.mailbox, taking.claim_key);
            record.handover = Some(taking.handover);
            core.put_sealed(txn, &data, report, &mut record, &taking.sealed)?;
            core.records.put_report(txn, &data, report, &record)?;
            core.put_dossier(txn, &data, &dossier)
        })
    }
}
