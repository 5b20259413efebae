//! Asking anew who it is, before what weighs most: a vote on an award, a share, a payment, an export, an account.
//! Whatever was typed comes along in the question's own form, and the browser sends it on by itself (307), so that
//! nothing of it is kept here and nothing is lost. Passwords are the exception: they are not sent back to a page.

use super::{
    Door,
    guard::{AnyStaff, DoorRefused, Member, Sent, turn_away},
    over,
    passkey::{self, Answer, PasskeyRefused},
    session,
    sign_in::{NotIn, by_password},
};
use crate::web::{Control, Errors, Field, Page, Script, Typed, html, script, see_other, with_script};
use askama::Template;
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

/// What follows the proof.
pub(super) struct Then {
    /// An address of this face, with language.
    pub to: String,
    /// Sent there; otherwise the page is opened.
    form: Option<Typed>,
}

/// Names of the question's own fields, and of what it carries itself.
const OWN: [&str; 7] =
    ["once", "prove-to", "prove-send", "prove-password", "prove-code", "prove-flow", "prove-answer"];

impl Then {
    pub fn open(to: &str) -> Self {
        Self { to: to.to_owned(), form: None }
    }
    pub fn send(to: &str, typed: &Typed) -> Self {
        Self { to: to.to_owned(), form: Some(typed.clone()) }
    }

    /// As the question's form brings it back. `None`: it leads out of this face.
    pub fn of(typed: &Typed) -> Option<Self> {
        let to = typed.raw("prove-to");
        leads_here(to)
            .then(|| Self { to: to.to_owned(), form: typed.has("prove-send").then(|| typed.clone()) })
    }

    /// What goes along, unseen: nothing of the question's own or the sign-in page's, and no password.
    pub fn kept(&self) -> Vec<(String, String)> {
        let pairs = self.form.iter().flat_map(Typed::pairs);
        pairs
            .filter(|(name, _)| {
                !OWN.contains(name) && !name.starts_with("password") && !name.starts_with(over::PREFIX)
            })
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    /// For waiting here: nothing of the question's own, and no password.
    pub fn without_own(self) -> Self {
        let form = self.form.is_some().then(|| Typed::from_pairs(self.kept()));
        Self { form, ..self }
    }

    /// The form that waits has a field for the same password: typed once, it serves both.
    fn password(&self) -> &'static str {
        let wants = self.form.as_ref().is_some_and(|form| form.has("password"));
        if wants { "password" } else { "prove-password" }
    }

    fn go(&self) -> Response {
        match self.form {
            Some(_) => {
                (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, self.to.as_str())]).into_response()
            }
            None => see_other(&self.to),
        }
    }
}

/// An address of this face, with language, and none that a browser could read as another site's.
pub(super) fn leads_here(to: &str) -> bool {
    (to.starts_with("/zh/") || to.starts_with("/en/"))
        && to.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
        && !to.contains("//")
}

/// The question.
pub(super) fn ask(door: &Door, member: &Member, then: &Then) -> Response {
    page(door, member, then, Errors::default(), StatusCode::OK)
}

pub(super) async fn take(State(door): State<Door>, Sent { may, typed }: Sent<AnyStaff>) -> Response {
    let lang = may.lang;
    let Some(then) = Then::of(&typed) else { return see_other(&format!("/{}/", lang.path())) };
    let now = door.clock.unix_seconds();
    let password = then.password();
    let mut errors = Errors::default();
    if !typed.raw("prove-answer").is_empty() {
        let answer = Answer { flow: typed.plain("prove-flow"), json: typed.raw("prove-answer").to_owned() };
        return match passkey::proves(&door, &may.account, &answer, now).await {
            Ok(()) => match session::proved(&may.session, now).await {
                Ok(()) => then.go(),
                Err(refused) => turn_away(&door, lang, refused),
            },
            Err(PasskeyRefused::Store(_)) => turn_away(&door, lang, DoorRefused::Store),
            Err(_) => {
                errors.add(password, lang.t("passkey-refused"));
                page(&door, &may, &then, errors, StatusCode::UNPROCESSABLE_ENTITY)
            }
        };
    }
    let proof = by_password(&door, &may.id().0, typed.raw(password), &typed.plain("prove-code"), now).await;
    let status = match proof {
        Ok(_) => {
            return match session::proved(&may.session, now).await {
                Ok(()) => then.go(),
                Err(refused) => turn_away(&door, lang, refused),
            };
        }
        Err(NotIn::Wait(minutes)) => {
            errors.add(password, lang.t1("sign-in-wait", "minutes", minutes));
            StatusCode::TOO_MANY_REQUESTS
        }
        Err(NotIn::Wrong) => {
            errors.add(password, lang.t("prove-wrong"));
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Err(NotIn::Store) => return turn_away(&door, lang, DoorRefused::Store),
    };
    page(&door, &may, &then, errors, status)
}

fn page(door: &Door, member: &Member, then: &Then, errors: Errors, status: StatusCode) -> Response {
    let lang = member.lang;
    let mut page = Page::new(lang, lang.t("prove-title"));
    page.face = door.face;
    member.sign(&mut page);
    let fields = [
        Field::new(lang, then.password(), lang.t("sign-in-password"), Control::Password),
        Field::digits(lang, "prove-code", lang.t("sign-in-code"), "w-10").hint(lang.t("prove-code-hint")),
    ];
    let nothing = Typed::default();
    let ways = &member.account.ways;
    let has_passkey = door.ways.passkeys.is_some() && !ways.passkeys.is_empty();
    let template = Prove {
        has_passkey,
        has_sso: door.ways.sso.is_some() && ways.subject.is_some(),
        script: script("staff"),
        fields: fields.into_iter().map(|field| field.filled(&nothing, &errors)).collect(),
        minutes: door.policy.roles.sessions.fresh_minutes,
        sends: then.form.is_some(),
        kept: then.kept(),
        to: then.to.clone(),
        page: {
            page.errors = errors;
            page
        },
    };
    let shown = html(status, &template);
    if has_passkey { with_script(shown) } else { shown }
}

/// After the provider's proof, whose answer comes as a page that is opened: what waited is sent by one more button.
pub(super) fn go_on(door: &Door, member: &Member, then: &Then) -> Response {
    if then.form.is_none() {
        return see_other(&then.to);
    }
    let mut page = Page::new(member.lang, member.lang.t("prove-done-title"));
    page.face = door.face;
    member.sign(&mut page);
    html(StatusCode::OK, &Proved { kept: then.kept(), to: then.to.clone(), page })
}

#[derive(Template)]
#[template(path = "console/proved.html")]
struct Proved {
    page: Page,
    kept: Vec<(String, String)>,
    to: String,
}

#[derive(Template)]
#[template(path = "console/prove.html")]
struct Prove {
    page: Page,
    has_passkey: bool,
    has_sso: bool,
    script: &'static Script,
    fields: Vec<Field>,
    minutes: u16,
    /// A form waits, not a page.
    sends: bool,
    kept: Vec<(String, String)>,
    to: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(to: &str) -> Typed {
        Typed::from_pairs([("prove-to".into(), to.into())])
    }

    #[test]
    fn a_proof_leads_nowhere_but_to_this_face() {
        for to in ["/zh/people/new", "/en/figures?year=2026"] {
            assert_eq!(Then::of(&typed(to)).unwrap().to, to);
        }
        for to in [
            "",
            "//evil.example/zh/",
            "/zh//evil",
            "https://evil.example",
            "/zh/\\evil",
            "/zh/a\nb",
            "/sign-out",
        ] {
            assert!(Then::of(&typed(to)).is_none(), "{to:?}");
        }
    }

    #[test]
    fn what_was_typed_goes_along_and_passwords_do_not() {
        let pairs = [
            ("reason", "a\nb"),
            ("password", "secret"),
            ("roles", "clerk"),
            ("roles", "auditor"),
            ("over-password", "secret"),
            ("prove-code", "123456"),
        ];
        let form = Typed::from_pairs(pairs.map(|(n, v)| (n.to_owned(), v.to_owned())));
        let then = Then::send("/zh/x", &form);
        let kept: Vec<_> = then.kept();
        let expected = [("reason", "a\nb"), ("roles", "clerk"), ("roles", "auditor")];
        assert_eq!(kept, expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
        assert_eq!(then.password(), "password");
    }
}
