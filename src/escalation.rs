//! What time alone brings about: last days that have passed are told upwards. Once a day; as often as one likes, and
//! after any pause, for what was told is recorded in the case itself.

use crate::{
    clock::{Clock, Day},
    ids::CaseNumber,
    policy::Policy,
    store::{Cases, Dossier, Place, Refused, Step},
};
use std::sync::{Arc, Mutex, PoisonError};

/// Writes under way at once: few enough to leave everybody else a place in the store's queue.
const AT_ONCE: usize = 64;

pub struct Escalation {
    cases: Arc<dyn Cases>,
    policy: Arc<Policy>,
    clock: Arc<dyn Clock>,
    /// The last day that was gone through to its end.
    done: Mutex<Option<Day>>,
}

impl Escalation {
    pub fn new(cases: Arc<dyn Cases>, policy: Arc<Policy>, clock: Arc<dyn Clock>) -> Self {
        Self { cases, policy, clock, done: Mutex::new(None) }
    }

    /// Goes through every case that is late, unless that was done today. Gives how many were told of.
    ///
    /// # Errors
    /// If the store refused a write; what was written stands, and the next call goes on.
    pub async fn round(&self) -> Result<usize, Refused> {
        let today = self.clock.today();
        if *self.done.lock().unwrap_or_else(PoisonError::into_inner) == Some(today) {
            return Ok(0);
        }
        let (cases, policy) = (self.cases.clone(), self.policy.clone());
        // Every late case is opened: not on a thread that answers.
        let due = tokio::task::spawn_blocking(move || due(&*cases, &policy, today));
        let due = due.await.unwrap_or(Err(Refused::Panicked))?;
        let mut told = 0;
        for some in due.chunks(AT_ONCE) {
            let under_way: Vec<_> = some.iter().map(|number| self.tell(*number, today)).collect();
            for commit in under_way {
                match commit.await {
                    Ok(_) => told += 1,
                    // Somebody was quicker: it is not late any more, or was told already.
                    Err(Refused::Changed | Refused::NoSuchCase | Refused::Forgotten(_)) => {}
                    Err(cause) => return Err(cause),
                }
            }
        }
        *self.done.lock().unwrap_or_else(PoisonError::into_inner) = Some(today);
        Ok(told)
    }

    fn tell(&self, number: CaseNumber, today: Day) -> crate::store::Commit<crate::casework::Case> {
        let policy = self.policy.clone();
        let change = move |dossier: &mut Dossier, _: &Place| {
            dossier.case = dossier.case.escalated(today, &policy.deadlines).ok_or(Refused::Changed)?;
            Ok(None)
        };
        self.cases.change(number, Step { expected_version: None, sealed: None, change: Box::new(change) })
    }
}

/// Cases in which somebody is to be told something today.
fn due(cases: &dyn Cases, policy: &Policy, today: Day) -> Result<Vec<CaseNumber>, Refused> {
    let mut late = Vec::new();
    cases.each(&mut |row| {
        // The first of those that run for us; the reporters' come last.
        if row.next.is_some_and(|next| !next.is_the_reporters() && next.by < today) {
            late.push(row.number);
        }
    });
    let mut due = Vec::new();
    for number in late {
        match cases.case(number) {
            Ok(Some(dossier)) if dossier.case.escalated(today, &policy.deadlines).is_some() => {
                due.push(number)
            }
            // A damaged one is told by `mifeng check`, and keeps no other from being told of.
            Ok(_) => {}
            Err(
                Refused::Forgotten(_)
                | Refused::KeyMissing(_)
                | Refused::Damaged { .. }
                | Refused::Missing { .. },
            ) => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(due)
}
