//! Accounts (for administrators): made, given roles, disabled, given a new password and code. An administrator
//! never learns a password that stays in use: a first password must be changed before anything else.

use super::{ConsoleState, person, view};
use crate::{
    ids::StaffId,
    policy::Role,
    staff::{May, Member, Sent, grant, hash_password, new_code_secret, setup_address},
    store::{Account, Commit, Refused},
    web::{Choice, Errors, Field, Lang, Page, Typed, html, see_other},
};
use askama::Template;
use axum::{
    extract::{Path, State as Shared},
    http::StatusCode,
    response::Response,
};
use rand::{CryptoRng, RngExt};
use std::collections::BTreeSet;

pub(super) async fn list(Shared(state): Shared<ConsoleState>, may: May<grant::ManageStaff>) -> Response {
    let lang = may.lang;
    let accounts = match state.staff.accounts() {
        Ok(accounts) => accounts,
        Err(cause) => return state.down(lang, &cause),
    };
    let listed = accounts.iter().filter(|account| is_theirs(&state, &may, account));
    let row = |account: &Account| Row {
        id: account.id.0.clone(),
        href: format!("/{}/people/{}", lang.path(), account.id),
        name: account.name.clone(),
        roles: roles(&state, lang, account),
        body: body(&state, lang, account),
        disabled: account.disabled,
    };
    let page = state.page(&may, lang.t("people-title"), "/people");
    html(StatusCode::OK, &List { rows: listed.map(row).collect(), scarce: scarce(&state, &may), page })
}

pub(super) async fn new(Shared(state): Shared<ConsoleState>, may: May<grant::ManageStaff>) -> Response {
    form(&state, &may, &Typed::default(), Errors::default())
}

pub(super) async fn create(Shared(state): Shared<ConsoleState>, sent: Sent<grant::ManageStaff>) -> Response {
    let (lang, typed) = (sent.may.lang, &sent.typed);
    let mut errors = Errors::default();
    let id = typed.plain("id").to_lowercase();
    let well_formed = (2..=32).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b));
    if !well_formed {
        errors.add("id", lang.t("error-login"));
    } else if state.staff.account(&StaffId(id.clone())).map_or(true, |found| found.is_some()) {
        errors.add("id", lang.t("error-login-taken"));
    }
    let person = read(&state, &sent.may, typed, &mut errors);
    if !errors.is_empty() {
        return form(&state, &sent.may, typed, errors);
    }
    let id = StaffId(id);
    let made = ("people-created", "account-made", codes(&person.roles));
    let account = |password, totp_secret| Account {
        id: id.clone(),
        name: person.name,
        roles: person.roles,
        body: person.body,
        trustee: person.trustee,
        password,
        totp_secret,
        totp_step: 0,
        disabled: false,
        must_change_password: true,
        signing_key: None,
        ways: Default::default(),
    };
    hand_over(&state, &sent.may, &id, made, |password, secret| {
        state.staff.new_account_by(&sent.may.account, account(password, secret))
    })
    .await
}

/// What an administrator says of a person.
pub(super) struct Said {
    pub name: String,
    pub roles: BTreeSet<Role>,
    /// A code of `policy/bodies.toml`.
    pub body: String,
    pub trustee: Option<u8>,
}

/// Reads it; what cannot be is said at its field. Roles that must be different people are refused here.
pub(super) fn read(state: &ConsoleState, may: &Member, typed: &Typed, errors: &mut Errors) -> Said {
    let lang = may.lang;
    let name = typed.text("name").to_owned();
    if !(1..=40).contains(&typed.length("name")) {
        errors.add("name", lang.t("error-name"));
    }
    let held: Vec<Role> =
        Role::ALL.into_iter().filter(|role| typed.all("roles").any(|code| code == code_of(*role))).collect();
    if held.is_empty() {
        errors.add("roles", lang.t("error-roles"));
    } else if let Some((a, b)) = state.policy.roles.conflict(&held) {
        let names =
            [view::text(state.policy.roles.name(a), lang), view::text(state.policy.roles.name(b), lang)];
        errors.add(
            "roles",
            lang.t_with("error-roles-apart", &view::values(&[("one", &names[0]), ("other", &names[1])])),
        );
    }
    let opens = |role: &Role| matches!(role, Role::Trustee | Role::RewardOfficer);
    if (held.iter().any(opens) || !typed.plain("trustee").is_empty()) && !is_of_root(state, may) {
        errors.add("roles", lang.t("error-roles-root"));
    }
    let body = match typed.text("body") {
        "" => may.account.body(&state.policy.bodies),
        text => state.policy.bodies.find(text).filter(|body| state.reaches(may, body)),
    };
    if body.is_none() {
        errors.add("body", lang.t("error-body-below"));
    }
    let body = body.map(|body| body.code.to_string()).unwrap_or_default();
    let trustee = match typed.plain("trustee").as_str() {
        "" => None,
        text => {
            let number = text
                .parse::<u8>()
                .ok()
                .filter(|n| (1..=state.recipients.trustees().len()).contains(&usize::from(*n)));
            if number.is_none() {
                errors.add("trustee", lang.t("error-trustee"));
            }
            number
        }
    };
    if held.contains(&Role::Trustee) && trustee.is_none() && errors.of("trustee").is_none() {
        errors.add("trustee", lang.t("error-trustee"));
    }
    Said { name, roles: held.into_iter().collect(), body, trustee }
}

pub(super) async fn disable(
    Shared(state): Shared<ConsoleState>,
    Path((_, id)): Path<(String, String)>,
    sent: Sent<grant::ManageStaff>,
) -> Response {
    switch(&state, &sent.may, &id, true).await
}
pub(super) async fn enable(
    Shared(state): Shared<ConsoleState>,
    Path((_, id)): Path<(String, String)>,
    sent: Sent<grant::ManageStaff>,
) -> Response {
    switch(&state, &sent.may, &id, false).await
}

async fn switch(state: &ConsoleState, may: &Member, id: &str, disabled: bool) -> Response {
    let account = match find(state, may, id) {
        Ok(account) => account,
        Err(response) => return response,
    };
    let back = format!("/{}/people/{id}", may.lang.path());
    // Nobody locks the door behind themselves; nor do two do it to each other, for each change asks who makes it.
    if account.id == *may.id() {
        return see_other(&back);
    }
    let held: Vec<Role> = account.roles.iter().copied().collect();
    if !disabled && state.policy.roles.conflict(&held).is_some() {
        return person::not_done(state, may, &account, "person-not-apart");
    }
    let what = if disabled { "account-disabled" } else { "account-enabled" };
    if let Err(response) = state.note_account(may, what, &account.id, "").await {
        return response;
    }
    let change = move |now: Account| Ok(Account { disabled, ..now.without_sessions() });
    match state.staff.change_account_by(&may.account, &account.id, Box::new(change)).await {
        Ok(()) => see_other(&back),
        Err(Refused::LastAdministrator) => person::not_done(state, may, &account, "person-not-last"),
        Err(cause) => state.down(may.lang, &cause),
    }
}

/// A new password and a new code secret, shown once; the old ones are void, and so is a signing key.
pub(super) async fn reset(
    Shared(state): Shared<ConsoleState>,
    Path((_, id)): Path<(String, String)>,
    sent: Sent<grant::ManageStaff>,
) -> Response {
    let account = match find(&state, &sent.may, &id) {
        Ok(account) => account,
        Err(response) => return response,
    };
    if account.id == *sent.may.id() {
        return see_other(&format!("/{}/people/{id}", sent.may.lang.path()));
    }
    hand_over(
        &state,
        &sent.may,
        &account.id,
        ("people-reset-done", "account-reset", String::new()),
        |password, totp_secret| {
            let change = |mut now: Account| {
                now.ways.passkeys.clear();
                Ok(Account {
                    password,
                    totp_secret,
                    totp_step: 0,
                    must_change_password: true,
                    signing_key: None,
                    ..now.without_sessions()
                })
            };
            state.staff.change_account_by(&sent.may.account, &account.id, Box::new(change))
        },
    )
    .await
}

/// Draws password and code secret, lets `store` keep the password's hash and the secret, and shows both this once.
async fn hand_over(
    state: &ConsoleState,
    may: &Member,
    id: &StaffId,
    (title, trail, change): (&str, &str, String),
    store: impl FnOnce(String, String) -> Commit<()>,
) -> Response {
    let lang = may.lang;
    if let Err(response) = state.note_account(may, trail, id, change).await {
        return response;
    }
    let password = first_password(&mut rand::rng());
    let secret = new_code_secret(&mut rand::rng());
    let hashed = {
        let password = password.clone();
        tokio::task::spawn_blocking(move || hash_password(&password, &mut rand::rng())).await
    };
    let Ok(Ok(hash)) = hashed else {
        return crate::staff::notice(
            crate::web::Face::Console,
            lang,
            StatusCode::SERVICE_UNAVAILABLE,
            "door-down",
        );
    };
    match store(hash, secret.clone()).await {
        Ok(()) => {}
        // Somebody else made it since the form was checked.
        Err(Refused::AccountTaken) => return see_other(&format!("/{}/people/{id}", lang.path())),
        // Whoever asked was put out meanwhile.
        Err(Refused::Changed) => return see_other(&format!("/{}/sign-in", lang.path())),
        Err(cause) => return state.down(lang, &cause),
    }
    let id = id.0.clone();
    let mut page = state.page(may, lang.t(title), "");
    page.back = page.href("/people");
    let address = setup_address("mifeng", &id, &secret);
    html(StatusCode::OK, &HandOver { id, password, secret, address, page })
}

/// Four groups of four: about 80 bits, none of whose letters are taken for one another.
fn first_password(rng: &mut impl CryptoRng) -> String {
    const SYMBOLS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut group =
        || (0..4).map(|_| char::from(SYMBOLS[usize::from(rng.random_range(0..32u8))])).collect::<String>();
    [group(), group(), group(), group()].join("-")
}

pub(super) fn find(state: &ConsoleState, may: &Member, id: &str) -> Result<Account, Response> {
    match state.staff.account(&StaffId(id.to_owned())) {
        Ok(Some(account)) if is_theirs(state, may, &account) => Ok(account),
        Ok(_) => Err(crate::staff::notice(
            crate::web::Face::Console,
            may.lang,
            StatusCode::NOT_FOUND,
            "console-not-found",
        )),
        Err(cause) => Err(state.down(may.lang, &cause)),
    }
}

/// Those who open identities serve every body: their accounts are the root's.
/// That the set in force has hardly enough trustees, for those who look after everybody. `mifeng check` counts earlier sets, too.
fn scarce(state: &ConsoleState, may: &Member) -> String {
    let left = state.sets.left(&[state.sets.current().number()].into()).filter(|left| left.is_scarce());
    let Some(left) = left.filter(|_| is_of_root(state, may)) else { return String::new() };
    let counts = [("left", left.usable.to_string()), ("needed", left.needed.to_string())];
    let counts: Vec<_> = counts.iter().map(|(name, value)| (*name, value.as_str())).collect();
    may.lang.t_with("people-holders-scarce", &view::values(&counts))
}

fn is_of_root(state: &ConsoleState, may: &Member) -> bool {
    let bodies = &state.policy.bodies;
    may.account.body(bodies).is_some_and(|own| own.code == bodies.root().code)
}

/// Administrators keep the accounts of their own body and of those below it.
pub(super) fn is_theirs(state: &ConsoleState, may: &Member, account: &Account) -> bool {
    let bodies = &state.policy.bodies;
    let opens = |role: &Role| matches!(role, Role::Trustee | Role::RewardOfficer);
    if account.roles.iter().any(opens) && !is_of_root(state, may) {
        return false;
    }
    let own = may.account.body(bodies);
    // Of a body that policy no longer knows: for whoever is above all of them.
    account.body(bodies).or(Some(bodies.root())).zip(own).is_some_and(|(body, own)| bodies.covers(own, body))
}

/// The name of the account's body; of one that policy does not know, what the account says.
pub(super) fn body(state: &ConsoleState, lang: Lang, account: &Account) -> String {
    let body = account.body(&state.policy.bodies);
    body.map_or_else(|| account.body.clone(), |body| view::text(&body.name, lang))
}

pub(super) fn roles(state: &ConsoleState, lang: Lang, account: &Account) -> String {
    let names: Vec<String> =
        account.roles.iter().map(|role| view::text(state.policy.roles.name(*role), lang)).collect();
    names.join(&lang.t("list-comma"))
}

/// For the staff record.
pub(super) fn codes(roles: &BTreeSet<Role>) -> String {
    roles.iter().map(|role| code_of(*role)).collect::<Vec<_>>().join(", ")
}

/// As in `policy/roles.toml`.
pub(super) fn code_of(role: Role) -> &'static str {
    match role {
        Role::Clerk => "clerk",
        Role::Investigator => "investigator",
        Role::Approver => "approver",
        Role::Trustee => "trustee",
        Role::RewardOfficer => "reward_officer",
        Role::Auditor => "auditor",
        Role::Leader => "leader",
        Role::Administrator => "administrator",
    }
}

/// The questions about a person, as [`read`] takes their answers.
pub(super) fn fields(state: &ConsoleState, lang: Lang) -> [Field; 4] {
    let entries = state.policy.roles.entries().iter();
    let choices =
        entries.map(|entry| Choice::new(code_of(entry.role), view::text(&entry.name, lang))).collect();
    [
        Field::line(lang, "name", lang.t("field-name")),
        Field::checks(lang, "roles", lang.t("field-roles"), choices),
        Field::line(lang, "body", lang.t("field-person-body")).hint(lang.t("hint-person-body")).optional(),
        Field::digits(lang, "trustee", lang.t("field-trustee"), "w-5")
            .hint(lang.t("hint-trustee"))
            .optional(),
    ]
}

fn form(state: &ConsoleState, may: &Member, typed: &Typed, errors: Errors) -> Response {
    let lang = may.lang;
    let login = Field::line(lang, "id", lang.t("field-login")).hint(lang.t("hint-login"));
    let fields = std::iter::once(login).chain(fields(state, lang));
    let fields = fields.map(|field| field.filled(typed, &errors)).collect();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = state.page(may, lang.t("people-new"), "");
    page.back = page.href("/people");
    page.errors = errors;
    html(status, &NewForm { fields, page })
}

struct Row {
    id: String,
    href: String,
    name: String,
    roles: String,
    body: String,
    disabled: bool,
}

#[derive(Template)]
#[template(path = "console/people.html")]
struct List {
    page: Page,
    rows: Vec<Row>,
    /// Empty: there are trustees to spare.
    scarce: String,
}

#[derive(Template)]
#[template(path = "console/person-new.html")]
struct NewForm {
    page: Page,
    fields: Vec<Field>,
}

#[derive(Template)]
#[template(path = "console/hand-over.html")]
struct HandOver {
    page: Page,
    id: String,
    password: String,
    secret: String,
    address: String,
}
