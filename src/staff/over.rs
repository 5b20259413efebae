//! A form that comes when its session is over, or from before its sender signed in anew: nothing of it is lost, and nothing
//! of it is kept here. The sign-in page carries it in its own form; once the same person has signed in, a page shows where
//! it goes and sends it by one button, with the new session's token. Passwords and files are not carried.
//!
//! It must bear a token of the session that is over. Else any site could have a form of its own sent by whoever signs in
//! next.

use super::{
    Door,
    guard::{DoorRefused, Member, are_roles_apart, is_from_here, notice, turn_away},
    prove::{Then, leads_here},
    session::{self, Earlier},
    sign_in::{self, Shown},
};
use crate::{
    store::Account,
    web::{Form, Lang, Page, Typed, html, see_other},
};
use askama::Template;
use axum::{
    extract::{FromRef, FromRequest, FromRequestParts, Request},
    http::{StatusCode, Uri, request::Parts},
    response::Response,
};
use tower_sessions::Session;

/// Fields of the sign-in page bear it where a form waits in it, whose own fields may have the same names.
pub(super) const PREFIX: &str = "over-";

/// A form that waits in a page.
pub(super) struct Waiting {
    /// Where it goes: an address of this face, with language.
    pub to: String,
    /// What was filled in, without passwords.
    pub kept: Vec<(String, String)>,
    /// Of the session it was filled in under.
    pub token: String,
}

impl Waiting {
    /// As it was sent. `None`: nothing is lost with it.
    fn of(uri: &Uri, typed: &Typed) -> Option<Self> {
        // What waited behind the question who it is goes on without it: signing in answers it.
        let is_question = uri.path().ends_with("/prove");
        let then = if is_question { Then::of(typed)? } else { Then::send(uri.path(), typed) };
        Self::new(&then, typed)
    }

    /// As the sign-in page brings it back.
    fn brought_back(typed: &Typed) -> Option<Self> {
        Self::new(&Then::send(typed.raw("over-to"), typed), typed)
    }

    fn new(then: &Then, typed: &Typed) -> Option<Self> {
        let (to, kept) = (then.to.clone(), then.kept());
        let has_something = leads_here(&to) && kept.iter().any(|(_, value)| !value.is_empty());
        has_something.then(|| Self { to, kept, token: typed.raw("once").to_owned() })
    }
}

/// The answer to whoever sent `typed` and is turned away: the sign-in page with it, if their session is over and the form
/// is one of its own; else `turned_away`.
pub async fn kept_at_sign_in(
    door: &Door,
    parts: &mut Parts,
    typed: &Typed,
    turned_away: Response,
) -> Response {
    kept(door, parts, typed).await.unwrap_or(turned_away)
}

/// Whether the sender's session is over, and its forms are still known: an upload's words are read then, and no file.
pub async fn is_session_over(door: &Door, parts: &mut Parts) -> bool {
    let Ok(session) = Session::from_request_parts(parts, door).await else { return false };
    session::over(&session, door.clock.unix_seconds()).await.is_some()
}

async fn kept(door: &Door, parts: &mut Parts, typed: &Typed) -> Option<Response> {
    let lang = Lang::of_request(&parts.uri, &parts.headers);
    let session = Session::from_request_parts(parts, door).await.ok()?;
    let earlier = session::over(&session, door.clock.unix_seconds()).await?;
    if !is_from_here(&parts.headers) || !is_its_form(door, &session, &earlier, typed).await {
        return None;
    }
    if parts.uri.path() == format!("/{}/sign-out", lang.path()) {
        // Whoever leaves leaves nothing.
        let _ = session.flush().await;
        return Some(see_other(&format!("/{}/sign-in", lang.path())));
    }
    let waiting = Waiting::of(&parts.uri, typed)?;
    let shown = Shown { waiting: Some(waiting), ..Shown::default() };
    Some(sign_in::page(door, lang, StatusCode::FORBIDDEN, shown))
}

/// Whether the form is of that session, and the account what it was. Where it is not, nothing is left of the session.
async fn is_its_form(door: &Door, session: &Session, earlier: &Earlier, typed: &Typed) -> bool {
    let Ok(account) = door.staff.account(&earlier.id) else { return false };
    if !account.is_some_and(|account| earlier.is_of(&account) && !are_roles_apart(door, &account)) {
        let _ = session.flush().await;
        return false;
    }
    earlier.knows(typed.raw("once"))
}

/// A form from before this member signed in anew, in this browser; for any other, `None`.
pub(super) fn again(door: &Door, member: &Member, uri: &Uri, typed: &Typed) -> Option<Response> {
    let is_theirs = session::is_among(&member.earlier, typed.raw("once"));
    let waiting = is_theirs.then(|| Waiting::of(uri, typed)).flatten()?;
    Some(offer(door, member, waiting))
}

/// The page that sends what waited.
fn offer(door: &Door, member: &Member, waiting: Waiting) -> Response {
    let mut page = Page::new(member.lang, member.lang.t("over-title"));
    page.face = door.face;
    member.sign(&mut page);
    html(StatusCode::OK, &Again { to: waiting.to, kept: waiting.kept, page })
}

/// Somebody at the sign-in page, with the form that waits in it.
pub(super) struct Arriving {
    pub lang: Lang,
    typed: Typed,
    waiting: Option<Waiting>,
    session: Session,
    parts: Parts,
}

impl<S: Send + Sync> FromRequest<S> for Arriving
where
    Door: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let door = Door::from_ref(state);
        let lang = Lang::of_request(&parts.uri, &parts.headers);
        if !is_from_here(&parts.headers) {
            return Err(turn_away(&door, lang, DoorRefused::ForeignSite));
        }
        let session = Session::from_request_parts(&mut parts, state)
            .await
            .map_err(|_| turn_away(&door, lang, DoorRefused::Session))?;
        let request = Request::from_parts(parts.clone(), body);
        let (typed, waiting) = match session::earlier(&session, door.clock.unix_seconds()).await {
            // As many values as staff send from whoever was one of them, and from nobody else.
            Some(earlier) => {
                let Form(typed) = Form::of_staff(request).await?;
                let is_its = is_its_form(&door, &session, &earlier, &typed).await;
                let waiting = is_its.then(|| Waiting::brought_back(&typed)).flatten();
                (typed, waiting)
            }
            None => {
                let Form(typed) = Form::from_request(request, state).await?;
                (typed, None)
            }
        };
        Ok(Self { lang, typed, waiting, session, parts })
    }
}

impl Arriving {
    /// What was typed into a field of the sign-in page.
    pub fn raw(&self, name: &str) -> &str {
        self.typed.raw(&self.own(name))
    }
    pub fn plain(&self, name: &str) -> String {
        self.typed.plain(&self.own(name))
    }

    fn own(&self, name: &str) -> String {
        if self.typed.has("over-to") { format!("{PREFIX}{name}") } else { name.to_owned() }
    }

    /// The page once more, with everything that stood in it but the password, for what was wrong.
    pub fn shown(self, problem: String) -> Shown {
        let login = self.raw("name").to_owned();
        Shown { login, problem, waiting: self.waiting, ..Shown::default() }
    }

    /// Begins a session for who it has turned out to be. What waits is theirs alone to send.
    pub async fn enter(mut self, door: &Door, account: &Account, now: i64) -> Response {
        if let Err(refused) = session::begin(&self.session, account, now, now, rand::random()).await {
            return turn_away(door, self.lang, refused);
        }
        let Some(waiting) = self.waiting else { return see_other(&format!("/{}/", self.lang.path())) };
        match Member::from_request_parts(&mut self.parts, door).await {
            Ok(member) if session::is_among(&member.earlier, &waiting.token) => offer(door, &member, waiting),
            Ok(member) => notice(door.face, member.lang, StatusCode::CONFLICT, "over-other"),
            Err(answer) => answer,
        }
    }
}

#[derive(Template)]
#[template(path = "console/over.html")]
struct Again {
    page: Page,
    to: String,
    kept: Vec<(String, String)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(pairs: &[(&str, &str)]) -> Typed {
        Typed::from_pairs(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn what_was_typed_waits_and_nothing_else() {
        let uri = Uri::from_static("/zh/cases/2026-1/moves/say");
        let waiting = Waiting::of(&uri, &typed(&[("once", "t"), ("text", "长文"), ("password", "secret")]));
        let waiting = waiting.unwrap();
        assert_eq!((waiting.to.as_str(), waiting.token.as_str()), ("/zh/cases/2026-1/moves/say", "t"));
        assert_eq!(waiting.kept, [("text".to_owned(), "长文".to_owned())]);
        for nothing in [&[("once", "t")][..], &[("once", "t"), ("text", "")], &[("password", "secret")]] {
            assert!(Waiting::of(&uri, &typed(nothing)).is_none(), "{nothing:?}");
        }
    }

    #[test]
    fn what_waited_behind_the_question_goes_on_without_it() {
        let question = Uri::from_static("/zh/prove");
        let fields = [
            ("once", "t"),
            ("prove-to", "/zh/people/new"),
            ("prove-send", "1"),
            ("id", "zhao"),
            ("prove-password", "secret"),
            ("prove-code", "123456"),
        ];
        let waiting = Waiting::of(&question, &typed(&fields)).unwrap();
        assert_eq!(waiting.to, "/zh/people/new");
        assert_eq!(waiting.kept, [("id".to_owned(), "zhao".to_owned())]);
        // A page that was to be opened, and a challenge for a script.
        assert!(Waiting::of(&question, &typed(&fields[..2])).is_none());
        assert!(Waiting::of(&Uri::from_static("/zh/passkey/prove"), &typed(&fields[..1])).is_none());
    }

    #[test]
    fn the_sign_in_page_sends_it_nowhere_else() {
        let page = |to| typed(&[("once", "t"), ("over-to", to), ("name", "a"), ("over-password", "secret")]);
        let waiting = Waiting::brought_back(&page("/en/people/new")).unwrap();
        assert_eq!(waiting.kept, [("name".to_owned(), "a".to_owned())]);
        for to in ["", "//evil.example/zh/", "https://evil.example", "/zh//evil"] {
            assert!(Waiting::brought_back(&page(to)).is_none(), "{to:?}");
        }
    }
}
