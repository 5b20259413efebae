//! One's own passkeys: made, named, removed. Password and one-time code go on beside them.

use super::ConsoleState;
use crate::{
    staff::{Answer, AnyStaff, KeptPasskey, MOST_PASSKEYS, May, Member, PasskeyRefused, Sent, grant, told},
    store::{Account, Refused},
    web::{Errors, Field, Page, Script, Typed, html, script, see_other, with_script},
};
use askama::Template;
use axum::{
    extract::State as Shared,
    http::StatusCode,
    response::{IntoResponse, Response},
};

/// Characters of a passkey's name.
const NAME: usize = 40;

pub(super) async fn ask(Shared(state): Shared<ConsoleState>, may: May<AnyStaff>) -> Response {
    let here = format!("/{}/me/passkeys", may.lang.path());
    may.asked_to_prove(&state.door, &here)
        .unwrap_or_else(|| form(&state, &may, &Typed::default(), Errors::default()))
}

fn form(state: &ConsoleState, may: &Member, typed: &Typed, errors: Errors) -> Response {
    let lang = may.lang;
    if state.ways.passkeys.is_none() {
        return see_other(&format!("/{}/me", lang.path()));
    }
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let name = Field::line(lang, "name", lang.t("passkey-name")).hint(lang.t("passkey-name-hint"));
    let name = name.filled(typed, &errors);
    let mut page = state.page(may, lang.t("passkey-add"), "/me/passkeys");
    page.back = page.href("/me");
    page.errors = errors;
    with_script(html(status, &Add { name, script: script("staff"), page }))
}

/// For the script of that page.
pub(super) async fn begin(Shared(state): Shared<ConsoleState>, sent: Sent<AnyStaff>) -> Response {
    match state.ways.passkeys.as_deref() {
        Some(passkeys) => told(passkeys.begin_making(&sent.may.account, state.clock.unix_seconds())),
        None => StatusCode::FORBIDDEN.into_response(),
    }
}

pub(super) async fn add(
    Shared(state): Shared<ConsoleState>,
    Sent { may, typed }: Sent<grant::OwnWays>,
) -> Response {
    let lang = may.lang;
    let Some(passkeys) = state.ways.passkeys.as_deref() else {
        return see_other(&format!("/{}/me", lang.path()));
    };
    let mut errors = Errors::default();
    if !(1..=NAME).contains(&typed.length("name")) {
        errors.add("name", lang.t("passkey-name-error"));
        return form(&state, &may, &typed, errors);
    }
    let answer = Answer { flow: typed.plain("flow"), json: typed.raw("answer").to_owned() };
    let (now, today) = (state.clock.unix_seconds(), state.clock.today());
    let made = match passkeys.made(&may.account, &answer, typed.text("name"), now, today) {
        Ok(made) => made,
        Err(refused) => {
            let many = matches!(refused, PasskeyRefused::TooMany);
            errors.add("name", lang.t(if many { "passkey-too-many" } else { "passkey-not-made" }));
            return form(&state, &may, &typed, errors);
        }
    };
    if let Err(response) = state.note_account(&may, "account-passkey-added", may.id(), &*made.name).await {
        return response;
    }
    let change = move |mut now: Account| {
        if now.ways.passkeys.len() >= MOST_PASSKEYS {
            return Err(Refused::Changed);
        }
        now.ways.passkeys.push(made);
        Ok(now)
    };
    changed(&state, &may, change, "passkey-added").await
}

pub(super) async fn remove(
    Shared(state): Shared<ConsoleState>,
    Sent { may, typed }: Sent<grant::OwnWays>,
) -> Response {
    let gone = typed.raw("passkey").to_owned();
    let Some(kept) = may.account.ways.passkeys.iter().find(|kept| kept.id == gone) else {
        return see_other(&format!("/{}/me", may.lang.path()));
    };
    if let Err(response) = state.note_account(&may, "account-passkey-removed", may.id(), &*kept.name).await {
        return response;
    }
    let change = move |mut now: Account| {
        now.ways.passkeys.retain(|kept| kept.id != gone);
        // Sessions that began with it end too.
        Ok(now.without_sessions())
    };
    let mut after = may.account.clone();
    after.ways.passkeys.retain(|other| other.id != kept.id);
    let answer = changed(&state, &may, change, "passkey-removed").await;
    may.keep_session(&after.without_sessions()).await;
    answer
}

async fn changed(
    state: &ConsoleState,
    may: &Member,
    change: impl FnOnce(Account) -> Result<Account, Refused> + Send + 'static,
    done: &str,
) -> Response {
    let seen = may.account.clone();
    let checked =
        move |now: Account| if now.still_admits(&seen) { change(now) } else { Err(Refused::Changed) };
    match state.staff.change_account(may.id(), Box::new(checked)).await {
        Ok(()) => see_other(&format!("/{}/me?done={done}", may.lang.path())),
        Err(Refused::Changed) => see_other(&format!("/{}/me", may.lang.path())),
        Err(cause) => state.down(may.lang, &cause),
    }
}

/// Name, day and id of each, for the account's page.
pub(super) fn rows(kept: &[KeptPasskey]) -> Vec<(String, String, String)> {
    kept.iter().map(|kept| (kept.name.clone(), kept.added.to_string(), kept.id.clone())).collect()
}

#[derive(Template)]
#[template(path = "console/passkey-add.html")]
struct Add {
    page: Page,
    name: Field,
    script: &'static Script,
}
