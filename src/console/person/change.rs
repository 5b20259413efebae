//! Somebody moves to other work: the form, and what it changes.

use super::{At, or_dash};
use crate::{
    casework::Role,
    console::{ConsoleState, people},
    staff::{May, Member, Sent, grant},
    store::{Account, Refused},
    web::{Errors, Field, Page, Typed, html, see_other},
};
use askama::Template;
use axum::{
    extract::{Path, State as Shared},
    http::StatusCode,
    response::Response,
};

pub(in crate::console) async fn ask_change(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::ManageStaff>,
    Path((_, id)): At,
) -> Response {
    let account = match people::find(&state, &may, &id) {
        Ok(account) => account,
        Err(response) => return response,
    };
    let body = body_code(&state, &account);
    let pairs = [("name", account.name.as_str()), ("body", body.as_str())];
    let trustee = account.trustee.map(|n| n.to_string()).unwrap_or_default();
    let roles = account.roles.iter().map(|role| ("roles", people::code_of(*role)));
    let pairs = pairs.into_iter().chain([("trustee", trustee.as_str())]).chain(roles);
    let typed = Typed::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
    change_form(&state, &may, &account, &typed, Errors::default())
}

fn change_form(
    state: &ConsoleState,
    may: &Member,
    account: &Account,
    typed: &Typed,
    errors: Errors,
) -> Response {
    let lang = may.lang;
    if account.id == *may.id() {
        return see_other(&format!("/{}/people/{}", lang.path(), account.id));
    }
    let fields = people::fields(state, lang).map(|field| field.filled(typed, &errors)).into();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = state.page(may, lang.t1("person-change-title", "name", account.id.0.as_str()), "");
    page.back = page.href(&format!("/people/{}", account.id));
    page.errors = errors;
    let action = page.href(&format!("/people/{}/change", account.id));
    html(status, &ChangeForm { fields, action, page })
}

/// Somebody moves to other work: their sessions end, so that nothing of the old roles goes on.
pub(in crate::console) async fn change(
    Shared(state): Shared<ConsoleState>,
    Path((_, id)): At,
    Sent { may, typed }: Sent<grant::ManageStaff>,
) -> Response {
    let account = match people::find(&state, &may, &id) {
        Ok(account) => account,
        Err(response) => return response,
    };
    let mut errors = Errors::default();
    let said = people::read(&state, &may, &typed, &mut errors);
    if !errors.is_empty() || account.id == *may.id() {
        return change_form(&state, &may, &account, &typed, errors);
    }
    let back = format!("/{}/people/{id}", may.lang.path());
    let trustee = said.trustee.filter(|_| said.roles.contains(&Role::Trustee));
    let changed = [
        (people::codes(&account.roles), people::codes(&said.roles)),
        (body_code(&state, &account), said.body.clone()),
        (number(account.trustee), number(trustee)),
        (account.name.clone(), said.name.clone()),
    ];
    let changed: Vec<String> = changed
        .iter()
        .filter(|(before, after)| before != after)
        .map(|(before, after)| format!("{} → {}", or_dash(before), or_dash(after)))
        .collect();
    if changed.is_empty() {
        return see_other(&back);
    }
    if let Err(response) = state.note_account(&may, "account-changed", &account.id, changed.join("; ")).await
    {
        return response;
    }
    let seen = account.clone();
    let change = move |now: Account| {
        if !(now.roles == seen.roles && now.body == seen.body && now.trustee == seen.trustee) {
            return Err(Refused::Changed);
        }
        // A signing key is an approver's.
        let signing_key = now.signing_key.clone().filter(|_| said.roles.contains(&Role::Approver));
        let people::Said { name, roles, body, .. } = said;
        Ok(Account { name, roles, body, trustee, signing_key, ..now.without_sessions() })
    };
    match state.staff.change_account_by(&may.account, &account.id, Box::new(change)).await {
        Ok(()) => see_other(&format!("{back}?done=changed")),
        Err(Refused::LastAdministrator) => {
            errors.add("roles", may.lang.t("person-not-last"));
            change_form(&state, &may, &account, &typed, errors)
        }
        Err(Refused::Changed) => {
            errors.add("name", may.lang.t("person-changed-meanwhile"));
            change_form(&state, &may, &account, &typed, errors)
        }
        Err(cause) => state.down(may.lang, &cause),
    }
}

/// As policy has it; of a body that policy does not know, what the account says.
fn body_code(state: &ConsoleState, account: &Account) -> String {
    let body = account.body(&state.policy.bodies);
    body.map_or_else(|| account.body.clone(), |body| body.code.to_string())
}

fn number(trustee: Option<u8>) -> String {
    trustee.map(|n| n.to_string()).unwrap_or_default()
}

#[derive(Template)]
#[template(path = "console/person-change.html")]
struct ChangeForm {
    page: Page,
    fields: Vec<Field>,
    action: String,
}
