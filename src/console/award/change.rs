//! What is done to an award once it is approved: filed, notified, extended, told in public, lapsed.

use super::{AwardView, last::Last, page, vote::typed_number};
use crate::{
    award::{
        notice::NoticeNumber,
        record::{Award, AwardRefused},
    },
    casework::Permission::{self, NotifyAward},
    console::{ConsoleState, view},
    evidence::FilesRefused,
    ids::CaseNumber,
    log::{Event, Leaf},
    staff::{Grant, May, Member, Sent, grant},
    store::{Dossier, Place, Refused, Step},
    web::{Errors, Typed, see_other},
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
    let least = state.policy.intake.fields.staff_reason;
    if least.check(&reason).is_err() {
        let mut errors = Errors::default();
        errors.add("reason", sent.may.lang.t1("error-short", "least", least.least));
        return page(&state, &sent.may, &number, String::new(), &sent.typed, errors).await;
    }
    let change = move |award: &Award| {
        award.extend_claim(longer.after(award.claim_until().unwrap_or(today)), &reason, &by, today)
    };
    plain(&state, &number, sent, (NotifyAward, "extend"), None, change).await
}

/// Nobody came in time: a notice under a number in the place of a name, on the reporters' website, and longer to claim.
pub(in crate::console) async fn public_notice(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    sent: Sent<grant::NotifyAward>,
) -> Response {
    let (by, today) = (sent.may.id().clone(), state.clock.today());
    let until = state.policy.deadlines.public_notice.after(today);
    let announced = state.cases.awards().into_iter().filter_map(|award| award.notice);
    let taken: Vec<NoticeNumber> = announced.map(|notice| notice.number).collect();
    let drawn = NoticeNumber::draw(&mut rand::rng(), &taken);
    plain(&state, &number, sent, (NotifyAward, "notice"), None, move |award| {
        award.public_notice(drawn, until, &by, today)
    })
    .await
}

/// The page before it: the reporter can never claim it.
pub(in crate::console) async fn ask_lapse(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::Lapse>,
    Path((_, number)): Path<(String, String)>,
) -> Response {
    let here = format!("/{}/cases/{number}/award/lapse", may.lang.path());
    if let Some(question) = may.asked_to_prove(&state.door, &here) {
        return question;
    }
    lapse_page(&state, &may, &number, &Typed::default(), Errors::default()).await
}

async fn lapse_page(
    state: &ConsoleState,
    may: &Member,
    number: &str,
    typed: &Typed,
    errors: Errors,
) -> Response {
    let dossier = match state.open(may, number, "award").await {
        Ok(dossier) => dossier,
        Err(response) => return response,
    };
    let lang = may.lang;
    let award = dossier.award().map(|award| (award, AwardView::of(state, may, &dossier, award)));
    let Some((award, view)) = award.filter(|(_, view)| view.can_lapse) else {
        return state.nothing_to_do(may, number, &errors).await;
    };
    let question = [("amount", view.amount.as_str()), ("number", number)];
    let last = Last {
        title: lang.t_with("lapse-question", &view::values(&question)),
        consequence: lang.t("lapse-consequence"),
        summary: vec![
            (lang.t("award-amount"), view.amount.clone()),
            (lang.t("award-claim-until"), view.claim_until.clone()),
        ],
        act: "lapse",
        kept: ("award", award.terms().award.to_string()),
        button: lang.t("award-lapse"),
    };
    last.ask(state, may, &dossier, typed, errors)
}

/// Waived, once the days of its notice are over, too.
pub(in crate::console) async fn lapse(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    sent: Sent<grant::Lapse>,
) -> Response {
    let errors = match state.peek(&sent.may, &number) {
        Ok(dossier) => typed_number(sent.may.lang, &dossier, &sent.typed),
        Err(response) => return response,
    };
    if !errors.is_empty() {
        return lapse_page(&state, &sent.may, &number, &sent.typed, errors).await;
    }
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
                // The case's version stays: that nobody has come to claim yet is not to be read from it either.
                *award = change(award)?;
                Ok(event.map(|event| Leaf::plain(event, today)))
            }),
        };
        let back = format!("/{}/cases/{number}/award", may.lang.path());
        match self.cases.change(number, step).await {
            Ok(_) => see_other(&format!("{back}?done={done}")),
            Err(Refused::Files(FilesRefused::ActsApart { .. })) => {
                self.award_not_done(may, &number.to_string(), "award-not-done-apart").await
            }
            // The page shows how things stand now, and offers what can be done.
            Err(Refused::Changed | Refused::Award(_) | Refused::Files(_) | Refused::Inconsistent(_)) => {
                self.award_not_done(may, &number.to_string(), "award-not-done").await
            }
            Err(cause) => self.down(may.lang, &cause),
        }
    }
}
