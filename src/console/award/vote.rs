//! The votes of two different approvers. Approving opens the approver's own signing key with their password, signs, and
//! forgets it.

use super::{AwardView, change::plain};
use crate::{
    award::{
        approval::Approval,
        record::{Award, AwardState},
    },
    casework::Permission,
    console::{ConsoleState, view},
    staff::{May, Member, Sent, grant},
    store::Dossier,
    web::{Control, Errors, Field, Lang, Page, Typed, html},
};
use askama::Template;
use axum::{
    extract::{Path, State as Shared},
    http::StatusCode,
    response::Response,
};
use zeroize::Zeroizing;

pub(in crate::console) async fn ask_approve(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::ApproveAward>,
    Path((_, number)): Path<(String, String)>,
) -> Response {
    let here = format!("/{}/cases/{number}/award/approve", may.lang.path());
    if let Some(question) = may.asked_to_prove(&state.door, &here) {
        return question;
    }
    ask(&state, &may, &number, Vote::Approve, &Typed::default(), Errors::default()).await
}

pub(in crate::console) async fn ask_refuse(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::ApproveAward>,
    Path((_, number)): Path<(String, String)>,
) -> Response {
    let here = format!("/{}/cases/{number}/award/refuse", may.lang.path());
    if let Some(question) = may.asked_to_prove(&state.door, &here) {
        return question;
    }
    ask(&state, &may, &number, Vote::Refuse, &Typed::default(), Errors::default()).await
}

#[derive(Clone, Copy, PartialEq)]
enum Vote {
    Approve,
    Refuse,
}

/// The page of its own before a vote: question, computation, evidence, typed number; the key step comes last.
async fn ask(
    state: &ConsoleState,
    may: &Member,
    number: &str,
    vote: Vote,
    typed: &Typed,
    errors: Errors,
) -> Response {
    let dossier = match state.open(may, number, "award").await {
        Ok(dossier) => dossier,
        Err(response) => return response,
    };
    let lang = may.lang;
    let view = dossier.award().map(|award| AwardView::of(state, may, &dossier, award));
    let is_asked = |view: &AwardView| view.can_vote && !(view.is_again && vote == Vote::Refuse);
    let Some(view) = view.filter(is_asked) else {
        return state.nothing_to_do(may, number, &errors).await;
    };
    let question = [("amount", view.amount.as_str()), ("number", number)];
    let title = match vote {
        Vote::Approve => lang.t_with("vote-question", &view::values(&question)),
        Vote::Refuse => lang.t_with("vote-refuse-question", &view::values(&question)),
    };
    let mut fields =
        vec![Field::line(lang, "typed-number", lang.t1("field-typed-number", "number", number.to_owned()))];
    match vote {
        Vote::Approve => fields.push(
            Field::new(lang, "password", lang.t("field-key-password"), Control::Password)
                .hint(lang.t("hint-key-password")),
        ),
        Vote::Refuse => fields.push(Field::area(lang, "reason", lang.t("field-reason"), 3)),
    }
    let fields = fields.into_iter().map(|field| field.filled(typed, &errors)).collect();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = state.page(may, title, "");
    page.back = page.href(&format!("/cases/{number}/award"));
    page.errors = errors;
    let (button, action, consequence) = match vote {
        Vote::Approve if view.is_again => {
            (lang.t("vote-approve"), "approve", lang.t("vote-again-consequence"))
        }
        Vote::Approve => (lang.t("vote-approve"), "approve", lang.t("vote-approve-consequence")),
        Vote::Refuse => (lang.t("vote-refuse"), "refuse", lang.t("vote-refuse-consequence")),
    };
    let template = VotePage {
        action: page.href(&format!("/cases/{number}/award/{action}")),
        award: dossier.award().map_or(0, |award| award.terms().award).to_string(),
        evidence: dossier.case.conclusion.as_ref().map(|c| c.reason.clone()).unwrap_or_default(),
        view,
        button,
        consequence,
        fields,
        page,
    };
    html(status, &template)
}

pub(in crate::console) async fn approve(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    Sent { may, typed }: Sent<grant::Vote>,
) -> Response {
    let dossier = match state.peek(&may, &number) {
        Ok(dossier) => dossier,
        Err(response) => return response,
    };
    let lang = may.lang;
    let mut errors = typed_number(lang, &dossier, &typed);
    let (Some(award), Some(sealed)) = (dossier.award(), may.account.signing_key.clone()) else {
        return state.award_not_done(&may, &number, "award-not-done").await;
    };
    if !state.may_vote(&may, &dossier) {
        return state.award_not_done(&may, &number, "vote-apart").await;
    }
    if errors.is_empty()
        && let Err(why) = state.door.own_password(&may, typed.raw("password"), "error-key-password").await
    {
        errors.add("password", why);
    }
    let (by, today) = (may.id().clone(), state.clock.today());
    let password = Zeroizing::new(typed.raw("password").to_owned());
    let terms = award.terms().clone();
    let holder = by.clone();
    // Opening the key takes a tenth of a second of hard work: not on a thread that serves others.
    let signed = if errors.is_empty() {
        let opened = tokio::task::spawn_blocking(move || {
            sealed.open(&holder, &password).map(|key| Approval::sign(&terms, &holder, today, &key))
        });
        opened.await.ok().and_then(Result::ok)
    } else {
        None
    };
    let Some(approval) = signed else {
        if errors.is_empty() {
            errors.add("password", lang.t("error-key-password"));
        }
        return ask(&state, &may, &number, Vote::Approve, &typed, errors).await;
    };
    let (roster, first) = (state.roster.clone(), matches!(award.state(), AwardState::Computed));
    let change = move |award: &Award| match first {
        true => award.approve(approval, &roster, today),
        false => award.approve_again(approval, &roster, today),
    };
    let done = (Permission::ApproveAward, if first { "approve" } else { "again" });
    state.change_award(&may, &dossier, done, &typed, None, change).await
}

pub(in crate::console) async fn refuse(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    Sent { may, typed }: Sent<grant::Vote>,
) -> Response {
    let dossier = match state.peek(&may, &number) {
        Ok(dossier) => dossier,
        Err(response) => return response,
    };
    let mut errors = typed_number(may.lang, &dossier, &typed);
    let least = state.policy.intake.fields.staff_reason;
    if least.check(typed.text("reason")).is_err() {
        errors.add("reason", may.lang.t1("error-short", "least", least.least));
    }
    if !errors.is_empty() {
        return ask(&state, &may, &number, Vote::Refuse, &typed, errors).await;
    }
    if !state.may_vote(&may, &dossier) {
        return state.award_not_done(&may, &number, "vote-apart").await;
    }
    let (by, today, roster) = (may.id().clone(), state.clock.today(), state.roster.clone());
    let reason = typed.text("reason").to_owned();
    let change = move |award: &Award| award.decline(&by, &reason, &roster, today);
    state.change_award(&may, &dossier, (Permission::ApproveAward, "refuse"), &typed, None, change).await
}

pub(in crate::console) async fn withdraw(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    sent: Sent<grant::ApproveAward>,
) -> Response {
    let (by, today) = (sent.may.id().clone(), state.clock.today());
    plain(&state, &number, sent, (Permission::ApproveAward, "withdraw"), None, move |award| {
        award.withdraw_approval(&by, today)
    })
    .await
}

/// The case number by hand, before what nothing takes back.
pub(in crate::console) fn typed_number(lang: Lang, dossier: &Dossier, typed: &Typed) -> Errors {
    let mut errors = Errors::default();
    let number = dossier.case.number.to_string();
    if typed.plain("typed-number") != number {
        errors.add("typed-number", lang.t1("error-typed-number", "number", number));
    }
    errors
}

#[derive(Template)]
#[template(path = "console/vote.html")]
struct VotePage {
    page: Page,
    action: String,
    award: String,
    evidence: String,
    view: AwardView,
    button: String,
    consequence: String,
    fields: Vec<Field>,
}
