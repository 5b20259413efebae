//! A report of which nobody knows whether it is stored: the database or the disk was lost while it was storing. What was sent is
//! remembered by what the server keeps of its receipt, until the store takes it, or says that it has it. A report that is
//! stored stays as it was, whatever comes after it; so until then nothing in it is changed, and nothing that was not
//! stored is answered as if it were.

use super::{PortalState, draft::Draft, mine::Own, refused_by_store, visit::Visit};
use crate::store::Refused;

/// Why a draft was not taken. It is where it was, but for the first.
pub(super) enum NotTaken {
    /// It was stored before, under another receipt: the visit goes on with that one, at `/seal`.
    Before,
    /// The code to enter it with is of no use.
    NoTicket,
    /// By the words of this key, which name the telephone line.
    Store(&'static str),
}

/// Puts a draft back that the store has not taken. `own`: as it would be open now, had it been answered.
pub(super) fn put_back(
    portal: &PortalState,
    visit: &mut Visit,
    mut draft: Draft,
    own: Own,
    refused: &Refused,
) -> NotTaken {
    refused_by_store(refused);
    if matches!(refused, Refused::OutcomeUnknown(_) | Refused::Stopped(_) | Refused::Closed) {
        draft.unsure.retain(|before| before.locator != own.locator);
        draft.unsure.push(own);
    }
    let is_unsure = !draft.unsure.is_empty();
    visit.draft = Some(draft);
    match refused {
        Refused::NoTicket => NotTaken::NoTicket,
        Refused::ReportIdTaken if settle(portal, visit) => NotTaken::Before,
        // Whatever the store says of this try, an earlier one may have been stored.
        _ if is_unsure => NotTaken::Store("unsure"),
        Refused::Busy => NotTaken::Store("busy"),
        _ => NotTaken::Store("store"),
    }
}

/// Whether the store has something that was sent of this draft. If so, the visit goes on as if that had been answered: with
/// its receipt where it was drawn here; else only the page that drew it has it.
pub(super) fn settle(portal: &PortalState, visit: &mut Visit) -> bool {
    let Some(mut draft) = visit.draft.take_if(|draft| !draft.unsure.is_empty()) else { return false };
    let is_stored = |own: &Own| {
        let found = portal.reports.find(&own.locator, &own.auth);
        matches!(found, Ok(Some(found)) if found.report == own.report)
    };
    let Some(at) = draft.unsure.iter().position(is_stored) else {
        visit.draft = Some(draft);
        return false;
    };
    let own = draft.unsure.swap_remove(at);
    visit.sent = own.receipt.is_none().then(|| draft.sent());
    visit.own = Some(own);
    true
}
