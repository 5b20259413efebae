//! One's own account: the password, and for approvers the signing key that only this password opens.

use super::{ConsoleState, view};
use crate::{
    casework::Permission,
    signing::SigningKey,
    staff::{
        AnyStaff, May, Member, PasswordRefused, SealedSigningKey, Sent, grant, hash_password,
        password_problem,
    },
    store::{Account, Refused},
    web::{Control, Errors, Field, Page, html, see_other},
};
use askama::Template;
use axum::{
    extract::State as Shared,
    http::{StatusCode, Uri},
    response::Response,
};
use zeroize::Zeroizing;

pub(super) async fn show(Shared(state): Shared<ConsoleState>, may: May<AnyStaff>, uri: Uri) -> Response {
    let done = match uri.query() {
        Some("done=password") => may.lang.t("me-done-password"),
        Some("done=passkey-added") => may.lang.t("passkey-added"),
        Some("done=passkey-removed") => may.lang.t("passkey-removed"),
        Some("done=key") => may.lang.t("me-done-key"),
        _ => String::new(),
    };
    me(&state, &may, done, Errors::default())
}

fn me(state: &ConsoleState, may: &Member, done: String, errors: Errors) -> Response {
    let lang = may.lang;
    let entries = state.policy.roles.entries().iter().filter(|entry| may.account.roles.contains(&entry.role));
    let roles: Vec<String> = entries.map(|entry| view::text(&entry.name, lang)).collect();
    let key = may.account.signing_key.as_ref();
    let password = Field::new(lang, "password", lang.t("field-password-now"), Control::Password)
        .filled(&Default::default(), &errors);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = state.page(may, lang.t("nav-me"), "/me");
    page.errors = errors;
    let template = Me {
        done,
        id: may.id().0.clone(),
        name: may.account.name.clone(),
        roles: roles.join(&lang.t("list-comma")),
        approver: may.may(Permission::ApproveAward),
        verify: key.map(|key| key.verify.to_string()).unwrap_or_default(),
        on_roster: key.is_some_and(|key| state.roster.key_of(may.id()) == Some(&key.verify)),
        password,
        has_passkeys: state.ways.passkeys.is_some(),
        passkeys: super::passkeys::rows(&may.account.ways.passkeys),
        page,
    };
    html(status, &template)
}

pub(super) async fn ask_password(Shared(state): Shared<ConsoleState>, may: May<AnyStaff>) -> Response {
    password_form(&state, &may, Errors::default())
}

fn password_form(state: &ConsoleState, may: &Member, errors: Errors) -> Response {
    let lang = may.lang;
    let field = |name: &str| {
        Field::new(lang, name, lang.t(&format!("field-{name}")), Control::Password)
            .filled(&Default::default(), &errors)
    };
    let mut fields = vec![field("password-now"), field("password-new"), field("password-again")];
    fields[1].hint = lang.t("hint-password-new");
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let must = may.account.must_change_password;
    let mut page = state.page(may, lang.t("me-password"), "/me/password");
    if must {
        page.nav.clear();
    } else {
        page.back = page.href("/me");
    }
    page.errors = errors;
    html(status, &PasswordForm { fields, must, page })
}

pub(super) async fn change_password(
    Shared(state): Shared<ConsoleState>,
    Sent { may, typed }: Sent<AnyStaff>,
) -> Response {
    let lang = may.lang;
    let mut errors = Errors::default();
    if let Err(why) = state.door.own_password(&may, typed.raw("password-now"), "error-password-now").await {
        errors.add("password-now", why);
    }
    let new = typed.raw("password-new");
    match password_problem(new) {
        Some(PasswordRefused::Long) => errors.add("password-new", lang.t("error-password-long")),
        Some(_) => errors.add("password-new", lang.t("error-password-short")),
        None if new == typed.raw("password-now") => errors.add("password-new", lang.t("error-password-same")),
        None => {}
    }
    if new != typed.raw("password-again") {
        errors.add("password-again", lang.t("error-password-again"));
    }
    if !errors.is_empty() {
        return password_form(&state, &may, errors);
    }
    let (id, sealed) = (may.id().clone(), may.account.signing_key.clone());
    let now = Zeroizing::new(typed.raw("password-now").to_owned());
    let new = Zeroizing::new(new.to_owned());
    // The signing key moves under the new password; one that the old one does not open is given up.
    let made = tokio::task::spawn_blocking(move || {
        let key = sealed.and_then(|sealed| sealed.open(&id, &now).ok());
        let sealed = key.and_then(|key| SealedSigningKey::seal(&key, &id, &new, &mut rand::rng()).ok());
        hash_password(&new, &mut rand::rng()).map(|hash| (hash, sealed))
    });
    let Ok(Ok((password, signing_key))) = made.await else {
        return crate::staff::notice(
            crate::web::Face::Console,
            lang,
            StatusCode::SERVICE_UNAVAILABLE,
            "door-down",
        );
    };
    if let Err(response) = state.note_account(&may, "account-password", may.id(), "").await {
        return response;
    }
    let after = Account { password: password.clone(), ..may.account.clone() };
    let change = move |now| Account { password, signing_key, must_change_password: false, ..now };
    match change_own(&state, &may, change).await {
        Ok(()) => {
            may.keep_session(&after).await;
            see_other(&format!("/{}/me?done=password", lang.path()))
        }
        Err(Refused::Changed) => see_other(&format!("/{}/me", lang.path())),
        Err(cause) => state.down(lang, &cause),
    }
}

/// Draws a signing key and seals it under the password. It counts once the office has put it on the roster.
pub(super) async fn make_key(
    Shared(state): Shared<ConsoleState>,
    Sent { may, typed }: Sent<grant::ApproveAward>,
) -> Response {
    let lang = may.lang;
    if let Err(why) = state.door.own_password(&may, typed.raw("password"), "error-password-now").await {
        let mut errors = Errors::default();
        errors.add("password", why);
        return me(&state, &may, String::new(), errors);
    }
    let (id, password) = (may.id().clone(), Zeroizing::new(typed.raw("password").to_owned()));
    let sealed = tokio::task::spawn_blocking(move || {
        let key = SigningKey::generate(&mut rand::rng());
        SealedSigningKey::seal(&key, &id, &password, &mut rand::rng())
    });
    let Ok(Ok(sealed)) = sealed.await else {
        return crate::staff::notice(
            crate::web::Face::Console,
            lang,
            StatusCode::SERVICE_UNAVAILABLE,
            "door-down",
        );
    };
    if let Err(response) = state.note_account(&may, "account-key", may.id(), sealed.verify.to_string()).await
    {
        return response;
    }
    match change_own(&state, &may, |now| Account { signing_key: Some(sealed), ..now }).await {
        Ok(()) => see_other(&format!("/{}/me?done=key", lang.path())),
        Err(Refused::Changed) => see_other(&format!("/{}/me", lang.path())),
        Err(cause) => state.down(lang, &cause),
    }
}

/// Out of every browser, this one too.
pub(super) async fn leave_everywhere(Shared(state): Shared<ConsoleState>, sent: Sent<AnyStaff>) -> Response {
    let may = &sent.may;
    if let Err(response) = state.note_account(may, "account-signed-out", may.id(), "").await {
        return response;
    }
    match change_own(&state, may, Account::without_sessions).await {
        Ok(()) | Err(Refused::Changed) => see_other(&format!("/{}/sign-in", may.lang.path())),
        Err(cause) => state.down(may.lang, &cause),
    }
}

/// Changes the member's own account, unless it was disabled, reset or given other roles in the meantime.
pub(super) async fn change_own(
    state: &ConsoleState,
    may: &Member,
    change: impl FnOnce(Account) -> Account + Send + 'static,
) -> Result<(), Refused> {
    let seen = may.account.clone();
    let checked = move |now: Account| match now.still_admits(&seen) {
        true => Ok(change(now)),
        false => Err(Refused::Changed),
    };
    state.staff.change_account(may.id(), Box::new(checked)).await
}

#[derive(Template)]
#[template(path = "console/me.html")]
struct Me {
    page: Page,
    done: String,
    id: String,
    name: String,
    roles: String,
    approver: bool,
    verify: String,
    on_roster: bool,
    password: Field,
    has_passkeys: bool,
    /// Name, day and id.
    passkeys: Vec<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "console/password.html")]
struct PasswordForm {
    page: Page,
    fields: Vec<Field>,
    must: bool,
}
