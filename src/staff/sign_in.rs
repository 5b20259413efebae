//! The sign-in page. One sentence for everything that can be wrong; guessing is slowed down by name, never by address.

use super::{
    Door, check_code,
    guard::{AnyStaff, DoorRefused, Sent, turn_away},
    over::{Arriving, PREFIX, Waiting},
    passkey, prove, sso,
};
use crate::{
    ids::StaffId,
    store::{Account, Attempts, Refused},
    transcript,
    web::{Control, Errors, Field, Lang, Page, Script, Typed, html, script, see_other, with_script},
};
use askama::Template;
use axum::{
    Router,
    extract::{FromRef, State},
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
    routing::{get, post},
};
use std::sync::LazyLock;

/// Failures in a row before waiting begins.
const FREE_FAILURES: u32 = 5;
const FIRST_WAIT: i64 = 30;
/// Long enough to make guessing hopeless, short enough that nobody can keep a colleague out for a day.
const LONGEST_WAIT: i64 = 15 * 60;
/// Names that exist and names that do not cost the same: this hash is checked where there is no account.
static NOBODY: LazyLock<String> =
    LazyLock::new(|| super::hash_password("nobody has this password", &mut rand::rng()).unwrap_or_default());

/// In by password, passkey or provider, proving anew, and out.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S>
where
    Door: FromRef<S>,
{
    Router::new()
        .route("/{lang}/sign-in", get(show).post(take))
        .route("/{lang}/sign-out", post(leave))
        .route("/{lang}/prove", post(prove::take))
        .route("/{lang}/passkey/begin", post(passkey::begin))
        .route("/{lang}/passkey/prove", post(passkey::begin_proof))
        .route("/{lang}/passkey/sign-in", post(passkey::sign_in))
        .route("/{lang}/sso", get(sso::arrive))
        .route("/{lang}/sso/prove", post(sso::prove))
        .route("/{lang}/sso/done", get(sso::done))
        .route("/sso/back", get(sso::back))
}

async fn show(State(door): State<Door>, uri: Uri, headers: HeaderMap) -> Response {
    let lang = Lang::of_request(&uri, &headers);
    let note = if uri.query() == Some("over=1") { lang.t("sign-in-over") } else { String::new() };
    page(&door, lang, StatusCode::OK, Shown { note, ..Shown::default() })
}

async fn take(State(door): State<Door>, arriving: Arriving) -> Response {
    // Where a form waits in the page, it stands in one with both ways in.
    if !arriving.raw("answer").is_empty() {
        return passkey::sign_in(State(door), arriving).await;
    }
    let (lang, now) = (arriving.lang, door.clock.unix_seconds());
    let (name, code) = (arriving.plain("name"), arriving.plain("code"));
    let found = by_password(&door, &name, arriving.raw("password"), &code, now).await;
    let (status, problem) = match found {
        Ok(account) => return arriving.enter(&door, &account, now).await,
        Err(NotIn::Wait(minutes)) => {
            (StatusCode::TOO_MANY_REQUESTS, lang.t1("sign-in-wait", "minutes", minutes))
        }
        Err(NotIn::Wrong) => (StatusCode::UNPROCESSABLE_ENTITY, lang.t("sign-in-wrong")),
        Err(NotIn::Store) => return turn_away(&door, lang, DoorRefused::Store),
    };
    page(&door, lang, status, arriving.shown(problem))
}

async fn leave(sent: Sent<AnyStaff>) -> Response {
    let _ = sent.may.session.flush().await;
    see_other(&format!("/{}/sign-in", sent.may.lang.path()))
}

pub(super) enum NotIn {
    /// Minutes.
    Wait(i64),
    Wrong,
    Store,
}

/// Who has this name, password and code; each try is counted. The code is spent.
pub(super) async fn by_password(
    door: &Door,
    name: &str,
    password: &str,
    code: &str,
    now: i64,
) -> Result<Account, NotIn> {
    let name = name.to_lowercase();
    let id = StaffId(name.clone());
    counted(door, &attempts_key(&name), now, async || check(door, &id, password, code, now).await).await
}

/// One try under this key. What fits clears the count.
pub(super) async fn counted<T>(
    door: &Door,
    key: &str,
    now: i64,
    check: impl AsyncFnOnce() -> Result<T, NotIn>,
) -> Result<T, NotIn> {
    let attempts = door.staff.count_attempt(key, now, waiting).await.map_err(|_| NotIn::Store)?;
    let wait = waiting(&attempts, now);
    if wait > 0 {
        return Err(NotIn::Wait((wait + 59) / 60));
    }
    let fits = check().await?;
    let _ = door.staff.clear_failures(key).await;
    Ok(fits)
}

/// Password and code are both checked whatever the other says, for an account or for nobody.
async fn check(door: &Door, name: &StaffId, password: &str, code: &str, now: i64) -> Result<Account, NotIn> {
    let account = door.staff.account(name).map_err(|_| NotIn::Store)?;
    let hash = account.as_ref().map_or(NOBODY.as_str(), |account| account.password.as_str());
    let password_fits = door.password_fits(password, hash).await;
    let step =
        account.as_ref().and_then(|account| check_code(&account.totp_secret, code, now, account.totp_step));
    match (account, step) {
        (Some(account), Some(step)) if password_fits && !account.disabled => {
            match door.staff.spend_totp(&account.id, step).await {
                Ok(()) => Ok(account),
                Err(Refused::CodeSpent) => Err(NotIn::Wrong),
                Err(_) => Err(NotIn::Store),
            }
        }
        _ => Err(NotIn::Wrong),
    }
}

/// Names are folded into 2^20 keys, so that inventing names cannot fill the store.
pub fn attempts_key(name: &str) -> String {
    hex::encode(transcript::hash("mifeng/v1/sign-in-name", &[name.as_bytes()]))[..5].to_owned()
}

/// Of the password alone, from inside a session: a right one must not clear the count of wrong codes, nor wrong ones of
/// somebody at the door keep its owner from working.
pub fn own_attempts_key(id: &StaffId) -> String {
    attempts_key(&format!("own/{}", id.0))
}

/// Seconds still to wait.
pub(super) fn waiting(attempts: &Attempts, now: i64) -> i64 {
    let Some(over) = attempts.count.checked_sub(FREE_FAILURES) else { return 0 };
    let wait = FIRST_WAIT.saturating_mul(1 << over.min(10)).min(LONGEST_WAIT);
    (attempts.last + wait - now).clamp(0, LONGEST_WAIT)
}

/// What the sign-in page shows beside its questions.
#[derive(Default)]
pub(super) struct Shown {
    /// The log-in name as it was typed.
    pub login: String,
    /// What was wrong; empty: nothing.
    pub problem: String,
    pub note: String,
    pub waiting: Option<Waiting>,
}

pub(super) fn page(door: &Door, lang: Lang, status: StatusCode, shown: Shown) -> Response {
    let Shown { login, problem, mut note, waiting } = shown;
    let mut page = Page::new(lang, lang.t("sign-in-title"));
    page.face = door.face;
    if waiting.is_some() {
        // No switch of language: it would lose what waits.
        let rules = door.policy.roles.sessions;
        let (minutes, hours) = (rules.idle_minutes.into(), rules.longest_hours.into());
        note = lang.t_with("over-ended", &[("minutes", minutes), ("hours", hours)]);
    } else {
        page.here = "/sign-in".into();
    }
    let prefix = if waiting.is_some() { PREFIX } else { "" };
    let own = |name: &str| format!("{prefix}{name}");
    let mut errors = Errors::default();
    if !problem.is_empty() {
        errors.add(&own("name"), problem);
    }
    let typed = Typed::from_pairs([(own("name"), login)]);
    let fields = vec![
        Field::line(lang, &own("name"), lang.t("sign-in-name")).filled(&typed, &errors),
        Field::new(lang, &own("password"), lang.t("sign-in-password"), Control::Password),
        Field::digits(lang, &own("code"), lang.t("sign-in-code"), "w-10").hint(lang.t("sign-in-code-hint")),
    ];
    page.errors = errors;
    let has_passkeys = door.ways.passkeys.is_some();
    let has_sso = door.ways.sso.is_some();
    let filled_in = waiting.as_ref().map(|waiting| waiting.filled_in(lang)).unwrap_or_default();
    let script = script("staff");
    let template = SignIn { page, fields, note, waiting, filled_in, has_passkeys, has_sso, script };
    let shown = html(status, &template);
    if has_passkeys { with_script(shown) } else { shown }
}

/// One sentence, whatever was wrong with the passkey.
pub(super) fn passkey_refused(door: &Door, arriving: Arriving) -> Response {
    let lang = arriving.lang;
    page(door, lang, StatusCode::UNPROCESSABLE_ENTITY, arriving.shown(lang.t("passkey-refused")))
}

#[derive(Template)]
#[template(path = "console/sign-in.html")]
struct SignIn {
    page: Page,
    fields: Vec<Field>,
    note: String,
    waiting: Option<Waiting>,
    /// What waits, to be read.
    filled_in: Vec<(String, String)>,
    has_passkeys: bool,
    has_sso: bool,
    script: &'static Script,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_from_half_a_minute_to_a_quarter_of_an_hour() {
        let after = |count| waiting(&Attempts { count, last: 1_000 }, 1_000);
        assert_eq!([4, 5, 6, 7, 9, 10, 99].map(after), [0, 30, 60, 120, 480, 900, 900]);
        assert_eq!(waiting(&Attempts { count: 5, last: 1_000 }, 1_030), 0);
        assert_eq!(
            waiting(&Attempts { count: 5, last: 9_000 }, 1_000),
            900,
            "a clock set back locks nobody out"
        );
    }

    #[test]
    fn names_fold_into_few_keys() {
        assert_eq!(attempts_key("clerk1").len(), 5);
        assert_ne!(attempts_key("clerk1"), attempts_key("clerk2"));
    }
}
