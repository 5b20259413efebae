//! A request for an original whose last day has passed ends by itself: shares and package leave the store, the end stands in
//! its reporter's log. Looked for every minute, and before another is asked for.

use crate::{
    casework::Case,
    clock::{Clock, Day},
    evidence::{FilesEnd, FilesSummary},
    ids::CaseNumber,
    store::{Commit, Dossier, Place, Refused, Rewards, Step},
};

/// Ends every request that has run out. Gives how many. A case that cannot be changed is said in the log, and keeps no other
/// from its end. While the day is in doubt, or not yet recorded, none has.
///
/// # Errors
/// If the store takes nothing just now; what was written stands, and the next call goes on.
pub async fn round(rewards: &dyn Rewards, clock: &dyn Clock) -> Result<usize, Refused> {
    let today = clock.today();
    if !clock.is_sure() {
        return Ok(0);
    }
    end_all(rewards.requests(), |case| rewards.change(case, step(today)), today).await
}

async fn end_all(
    requests: Vec<FilesSummary>,
    end: impl Fn(CaseNumber) -> Commit<Case>,
    today: Day,
) -> Result<usize, Refused> {
    let mut ended = 0;
    for request in requests.into_iter().filter(|request| request.has_lapsed(today)) {
        match end(request.case).await {
            Ok(_) => ended += 1,
            // Somebody was quicker.
            Err(Refused::Changed | Refused::NoSuchCase | Refused::Forgotten(_)) => {}
            Err(cause) if cause.is_of_the_store() => return Err(cause),
            Err(cause) => {
                tracing::error!(case = %request.case, %cause, "a request that ran out was not ended; run mifeng check");
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::FilesState;
    use jiff::civil::date;
    use std::sync::Mutex;

    #[tokio::test]
    async fn a_case_that_cannot_be_changed_keeps_no_other_from_its_end() {
        let number = |serial| CaseNumber { year: 2026, serial };
        let request = |serial| FilesSummary {
            case: number(serial),
            request: 1,
            state: FilesState::Asked,
            object_until: date(2026, 11, 1),
            good_until: date(2026, 11, 20),
            deposits: 0,
            to_check: 0,
        };
        let (requests, tried) = (|| (1..=3).map(request).collect(), Mutex::new(Vec::new()));
        let damaged = Refused::Damaged { tree: "cases", key: String::new() };
        let refusing = |why: &Refused| {
            let (tried, why) = (&tried, why.clone());
            move |case: CaseNumber| {
                tried.lock().unwrap().push(case.serial);
                Commit::ready(Err(why.clone()))
            }
        };
        let today = date(2026, 11, 28);
        assert_eq!(end_all(requests(), refusing(&damaged), today).await.unwrap(), 0);
        assert_eq!(*tried.lock().unwrap(), [1, 2, 3]);
        // Where the store takes nothing at all, the others would fare no better.
        assert!(matches!(
            end_all(requests(), refusing(&Refused::DiskFull), today).await,
            Err(Refused::DiskFull)
        ));
        assert_eq!(*tried.lock().unwrap(), [1, 2, 3, 1]);
    }
}
