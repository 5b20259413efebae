//! What may be opened only until a day is not kept beyond it: shares and package leave the store. A request for an original
//! ends with that, and its end stands in its reporter's log; a release for a payment waits for the officers, who may have
//! opened it already. Looked for every minute, and before another original is asked for.

use crate::{
    casework::Case,
    clock::{Clock, Day},
    evidence::FilesEnd,
    ids::CaseNumber,
    store::{Commit, Dossier, Place, Refused, Rewards, Step},
};

/// Ends every request that has run out, and takes the shares of every release that has. Gives how many. A case that cannot be changed is said in the log, and keeps no other
/// from its end. While the day is in doubt, or not yet recorded, none has.
///
/// # Errors
/// If the store takes nothing just now; what was written stands, and the next call goes on.
pub async fn round(rewards: &dyn Rewards, clock: &dyn Clock) -> Result<usize, Refused> {
    let today = clock.today();
    if !clock.is_sure() {
        return Ok(0);
    }
    let requests = rewards.requests().into_iter().filter(|request| request.has_lapsed(today));
    let requests =
        end_all(requests.map(|request| request.case), |case| rewards.change(case, step(today))).await?;
    let awards = rewards.awards().into_iter().filter(|award| award.has_lapsed(today));
    let releases =
        end_all(awards.map(|award| award.case), |case| rewards.change(case, release(today))).await?;
    Ok(requests + releases)
}

async fn end_all(
    cases: impl Iterator<Item = CaseNumber>,
    end: impl Fn(CaseNumber) -> Commit<Case>,
) -> Result<usize, Refused> {
    let mut ended = 0;
    for case in cases {
        match end(case).await {
            Ok(_) => ended += 1,
            // Somebody was quicker.
            Err(Refused::Changed | Refused::NoSuchCase | Refused::Forgotten(_)) => {}
            Err(cause) if cause.is_of_the_store() => return Err(cause),
            Err(cause) => {
                tracing::error!(%case, %cause, "what ran out was not ended; run mifeng check");
            }
        }
    }
    Ok(ended)
}

/// Takes the shares of the last award's release, if it has run out; [`Refused::Changed`] if not. Nothing of the case
/// changes: whoever reads it must not see that there was a release.
fn release(today: Day) -> Step {
    let change = move |dossier: &mut Dossier, _: &Place| {
        let award = dossier.awards.last_mut().ok_or(Refused::Changed)?;
        *award = award.let_release_lapse(today).map_err(|_| Refused::Changed)?;
        Ok(None)
    };
    Step { expected_version: None, sealed: None, change: Box::new(change) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[tokio::test]
    async fn a_case_that_cannot_be_changed_keeps_no_other_from_its_end() {
        let number = |serial| CaseNumber { year: 2026, serial };
        let (cases, tried) = (|| (1..=3).map(number), Mutex::new(Vec::new()));
        let damaged = Refused::Damaged { tree: "cases", key: String::new() };
        let refusing = |why: &Refused| {
            let (tried, why) = (&tried, why.clone());
            move |case: CaseNumber| {
                tried.lock().unwrap().push(case.serial);
                Commit::ready(Err(why.clone()))
            }
        };
        assert_eq!(end_all(cases(), refusing(&damaged)).await.unwrap(), 0);
        assert_eq!(*tried.lock().unwrap(), [1, 2, 3]);
        // Where the store takes nothing at all, the others would fare no better.
        assert!(matches!(end_all(cases(), refusing(&Refused::DiskFull)).await, Err(Refused::DiskFull)));
        assert_eq!(*tried.lock().unwrap(), [1, 2, 3, 1]);
    }
}
