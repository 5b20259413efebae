//! What both ways of sealing have in common: a draft and its seal become one durable unit. Only sealed bytes, hashes
//! and public halves pass through here.

use super::{PortalState, draft::Draft, mine::Keys};
use crate::{
    casework::{Case, Deadlines, Rules},
    clock::Day,
    envelope::SealedReport,
    receipt::{AuthHash, LocatorHash, Mailbox, Receipt},
    store::{Entry, Month, Refused, Submission},
};

/// What the server keeps of a receipt.
pub(super) struct Public {
    pub locator: LocatorHash,
    pub auth: AuthHash,
    pub keys: Keys,
    pub mailbox: Mailbox,
}

impl Public {
    pub fn of(receipt: &Receipt) -> Self {
        Self {
            locator: receipt.locator(),
            auth: receipt.auth(),
            keys: Keys::of(receipt),
            mailbox: receipt.mailbox(),
        }
    }
}

/// The day after which whoever sends a report now is told to come back.
pub(super) fn return_after(portal: &PortalState) -> Day {
    portal.policy.deadlines.accept.after(portal.clock.today())
}

/// Stores a draft in which nothing is missing.
pub(super) async fn store_draft(
    portal: &PortalState,
    draft: &Draft,
    public: &Public,
    sealed: SealedReport,
) -> Result<(), Refused> {
    let (report, day) = (draft.report, portal.clock.today());
    let content = draft.content();
    let bodies = portal.policy.bodies.clone();
    let deadlines = Deadlines::at_receipt(day, content.imminent_danger, &Rules::of(&portal.policy));
    let submission = Submission {
        report,
        locator: public.locator,
        auth: public.auth,
        audit_key: public.keys.audit.clone(),
        mailbox: public.mailbox.clone(),
        claim_key: public.keys.claim,
        sealed,
        day,
        forget: Month::of(portal.policy.retention.open_case.after(day)),
        open_case: Box::new(move |number| Case::new(number, report, day, content, deadlines).routed(&bodies)),
        entry: draft
            .entry
            .as_ref()
            .map(|desk| Entry { ticket: desk.ticket, at: portal.clock.unix_seconds() }),
    };
    portal.reports.submit(submission).await?;
    Ok(())
}
