//! What is done to an award once it is approved: filed, notified, extended, told in public, lapsed.

use crate::{
    award::record::{Award, AwardRefused},
    casework::Permission::{self, NotifyAward},
    console::ConsoleState,
    ids::CaseNumber,
    log::{Event, Leaf},
    staff::{Grant, Member, Sent, grant},
    store::{Dossier, Place, Refused, Step},
    web::{Typed, see_other},
};
use axum::{
    extract::{Path, State as Shared},
    response::Response,
};

pub(in crate::console) async fn file(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    sent: Sent<grant::NotifyAward>,
) -> Response {
    let (by, today) = (sent.may.id().clone(), state.clock.today());
    plain(&state, &number, sent, (NotifyAward, "file"), Some(Event::Filed), move |award| {
        award.file(&by, today)
    })
    .await
}

pub(in crate::console) async fn notify(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    sent: Sent<grant::NotifyAward>,
) -> Response {
    let (by, today) = (sent.may.id().clone(), state.clock.today());
    let until = state.policy.deadlines.claim.after(today);
    plain(&state, &number, sent, (NotifyAward, "notify"), Some(Event::Notified), move |award| {
        award.notify(until, &by, today)
    })
    .await
}

/// For stated reasons, the reporter has longer.
pub(in crate::console) async fn extend(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    sent: Sent<grant::NotifyAward>,
) -> Response {
    let (by, today, longer) =
        (sent.may.id().clone(), state.clock.today(), state.policy.deadlines.claim_extend);
    let reason = sent.typed.text("reason").to_owned();
    if state.policy.intake.fields.staff_reason.check(&reason).is_err() {
        return see_other(&format!("/{}/cases/{number}/award?done=no-reason", sent.may.lang.path()));
    }
    let change = move |award: &Award| {
        award.extend_claim(longer.after(award.claim_until().unwrap_or(today)), &reason, &by, today)
    };
    plain(&state, &number, sent, (NotifyAward, "extend"), None, change).await
}

/// Nobody came: a notice that names no one, and longer to claim.
pub(in crate::console) async fn public_notice(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    sent: Sent<grant::NotifyAward>,
) -> Response {
    let (by, today) = (sent.may.id().clone(), state.clock.today());
    let until = state.policy.deadlines.public_notice.after(today);
    plain(&state, &number, sent, (NotifyAward, "notice"), None, move |award| {
        award.public_notice(until, &by, today)
    })
    .await
}

/// Waived, once the last day has passed.
pub(in crate::console) async fn lapse(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    sent: Sent<grant::NotifyAward>,
) -> Response {
    let today = state.clock.today();
    plain(&state, &number, sent, (NotifyAward, "lapse"), Some(Event::Lapsed), move |award| award.lapse(today))
        .await
}

pub(super) async fn plain<G: Grant>(
    state: &ConsoleState,
    number: &str,
    sent: Sent<G>,
    (act, done): (Permission, &str),
    event: Option<Event>,
    change: impl FnOnce(&Award) -> Result<Award, AwardRefused> + Send + 'static,
) -> Response {
    match state.peek(&sent.may, number) {
        Ok(dossier) => state.change_award(&sent.may, &dossier, (act, done), &sent.typed, event, change).await,
        Err(response) => response,
    }
}

impl ConsoleState {
    /// Makes one transition on the award the form was about; a newer one in force is left alone.
    pub(super) async fn change_award(
        &self,
        may: &Member,
        dossier: &Dossier,
        (act, done): (Permission, &str),
        typed: &Typed,
        event: Option<Event>,
        change: impl FnOnce(&Award) -> Result<Award, AwardRefused> + Send + 'static,
    ) -> Response {
        let number: CaseNumber = dossier.case.number;
        let today = self.clock.today();
        let about: u32 = typed.plain("award").parse().unwrap_or(0);
        let (by, apart) = (may.id().clone(), self.policy.roles.acts_apart.clone());
        let step = Step {
            expected_version: None,
            sealed: None,
            change: Box::new(move |dossier: &mut Dossier, _: &Place| {
                dossier.apart(&by, act, &apart)?;
                let award = dossier.awards.last_mut().ok_or(Refused::Changed)?;
                if award.terms().award != about {
                    return Err(Refused::Changed);
                }
                *award = change(award)?;
                dossier.case.version += 1;
                Ok(event.map(|event| Leaf::plain(event, today)))
            }),
        };
        let back = format!("/{}/cases/{number}/award", may.lang.path());
        match self.cases.change(number, step).await {
            Ok(_) => see_other(&format!("{back}?done={done}")),
            // The page shows how things stand now, and offers what can be done.
            Err(Refused::Changed | Refused::Award(_) | Refused::Files(_) | Refused::Inconsistent(_)) => {
                see_other(&back)
            }
            Err(cause) => self.down(may.lang, &cause),
        }
    }
}
