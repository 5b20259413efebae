//! A request for an original whose last day has passed ends by itself: shares and package leave the store, the end stands in
//! its reporter's log. Looked for every minute, and before another is asked for.

use crate::{
    clock::Day,
    evidence::FilesEnd,
    store::{Dossier, Place, Refused, Rewards, Step},
};

/// Ends every request that has run out. Gives how many.
///
/// # Errors
/// If the store refused a write; what was written stands, and the next call goes on.
pub async fn round(rewards: &dyn Rewards, today: Day) -> Result<usize, Refused> {
    let mut ended = 0;
    for request in rewards.requests().into_iter().filter(|request| request.has_lapsed(today)) {
        match rewards.change(request.case, step(today)).await {
            Ok(_) => ended += 1,
            // Somebody was quicker.
            Err(Refused::Changed | Refused::NoSuchCase | Refused::Forgotten(_)) => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(ended)
}

/// Ends the last request of a case, if it has run out; [`Refused::Changed`] if not.
pub fn step(today: Day) -> Step {
    let change = move |dossier: &mut Dossier, _: &Place| {
        let last = dossier.case.evidence.last_mut().filter(|last| last.has_lapsed(today));
        let last = last.ok_or(Refused::Changed)?;
        *last = last.end(FilesEnd::Lapsed, "", None, today)?;
        dossier.case.version += 1;
        Ok(None)
    };
    Step { expected_version: None, sealed: None, change: Box::new(change) }
}
